"""The evaluation of firms through files; values of the issue, worked out by hand from the notices' tables."""

import geopandas as gpd
import pandas as pd
import pytest

from landgis.workflow.firms import evaluate_files
from landgis.workflow.inputs import Inputs
from landgis.workflow.score import score_files
from tests.workflow.test_score import square

MU = 22.5  # 15 000 m²
ABOVE_2022 = {
    "tax": 24.097,
    "added": 136.16,
    "energy": 2.694,
    "emissions": 4929.81,
    "labour": 18.14,
    "research": 0.0302,
}
ABOVE_2021 = {"tax": 26.01, "added": 132.27, "energy": 2.54, "emissions": 4861.08, "labour": 17.45, "research": 0.0305}
CASE = {"tax": 12, "added": 80, "energy": 2.0, "emissions": 3000, "labour": 15, "research": 0.02}


def firm(**ratios):
    """Figures of a firm on 22.5 mu that come to these ratios."""
    added = ratios["added"] * MU
    return {"above_scale": 1, "tax_wan": ratios["tax"] * MU, "value_added_wan": added, "energy_tce": added / ratios["energy"],
            "emissions_t": added / ratios["emissions"], "employees": added / ratios["labour"], "revenue_wan": 1000,
            "rnd_wan": 1000 * ratios["research"]}  # fmt: skip


def small(tax_per_mu, tax_per_kwh):
    return {"above_scale": 0, "tax_wan": tax_per_mu * MU, "electricity_kwh": tax_per_mu * MU / tax_per_kwh}


def files(folder, figures):
    gpd.GeoDataFrame({"parcel_id": ["P1"], "registered_area_m2": [15_000]}, geometry=[square(0, 0, 150, 100)],
                     crs=4549).to_file(folder / "parcels.gpkg")  # fmt: skip
    pd.DataFrame([{"enterprise_id": "E1", "name": "甲", "year": 2022, **figures}]).to_csv(
        folder / "firms.csv", index=False
    )
    held = {"enterprise_id": ["E1"], "parcel_id": ["P1"], "floor_area_m2": [9000], "relation": ["owner"]}
    pd.DataFrame(held).to_csv(folder / "leases.csv", index=False)
    return {"parcels": str(folder / "parcels.gpkg"), "enterprises": str(folder / "firms.csv"),
            "occupancies": str(folder / "leases.csv")}  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "figures", "score"),
    [
        ("huangyan-2022", firm(**ABOVE_2022), 100.0),
        ("huangyan-2021", firm(**ABOVE_2021), 100.0),
        ("huangyan-2022", firm(**CASE), 62.5153),
        ("huangyan-2021", firm(**CASE), 63.0102),
        ("huangyan-2022", small(5, 0.1), 42.8229),
        ("huangyan-2021", small(5, 0.1), 36.1951),
    ],
)
def test_the_total_of_a_firm_and_the_output_score_of_its_parcel(tmp_path, rules, figures, score):
    given = files(tmp_path, figures)
    run = evaluate_files(Inputs(**given, rules=rules))
    assert run.frame["score"].tolist() == pytest.approx([score], abs=5e-5)
    assert run.frame["land_mu"].tolist() == [MU]
    assert run.frame["population"].tolist() == ["above_scale" if figures["above_scale"] else "below_scale"]
    parcels = score_files(Inputs(**given, rules=rules)).frame
    assert parcels["output_score"].tolist() == pytest.approx([score], abs=5e-5)


def test_parts_are_told(tmp_path):
    run = evaluate_files(Inputs(**files(tmp_path, firm(**CASE)), rules="huangyan-2022"))
    assert run.frame["parts"].iloc[0].startswith("tax_per_mu=14.94;")


def test_rows_come_out_in_order_one_per_firm_and_year(landgis, tmp_path):
    given = files(tmp_path, firm(**CASE))
    rows = [{"enterprise_id": key, "name": key, "year": year, "above_scale": 1, "tax_wan": tax}
            for key, year, tax in (("E2", 2023, 5), ("E1", 2022, 50), ("E1", 2023, 70), ("E2", 2022, 9))]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "firms.csv", index=False)
    options = [part for name, path in given.items() for part in (f"--{name}", path)]
    ran = landgis("firms", *options, "--out", tmp_path / "out.csv")
    assert ran.code == 0, ran.err
    out = pd.read_csv(tmp_path / "out.csv")
    assert out[["enterprise_id", "year"]].to_numpy().tolist() == [
        ["E2", 2023],
        ["E1", 2022],
        ["E1", 2023],
        ["E2", 2022],
    ]
    assert out["tax_per_mu"].tolist()[1:3] == pytest.approx([50 / MU, 70 / MU])
    assert out["grade"].iloc[0] == "T"  # no land is known of it


def test_a_rule_set_without_firms_says_so(landgis, tmp_path):
    given = files(tmp_path, firm(**CASE))
    options = [part for name, path in given.items() for part in (f"--{name}", path)]
    ran = landgis("firms", *options, "--rules", "cn-2008", "--out", tmp_path / "out.csv")
    assert (ran.code, "cn-2008" in ran.err) == (3, True)
