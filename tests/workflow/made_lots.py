"""A small project to schedule: six lots of 6 000 m² (9 mu) in a row, with prices and durations that a head can add up.

lot   block   tenure   stands                                 firms (m² they use)
P1    B1      granted  4 000 m², 4 storeys                    E1 (1 000), E2 (2 000)
P2    B1      granted  1 000 m², 1 storey                     E2 (not known)
P3    B1      granted  nothing                                -
P4    B2      granted  2 000 m², storeys not known            E3 (500)
P5    B2      granted  600 m², 2 storeys                      -
P6    -       granted  nothing                                -
"""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from landgis.workflow.importing import Layers, create_project
from landgis.workflow.project import Project, open_project
from tests.made_project import TODAY, Clock, lot

HEAD = """
extends = "yongkang-draft"
id = "tiny"
title = { zh = "小", en = "tiny" }
place = "x"
year = 2026
status = "unverified"
note = { zh = "小", en = "tiny" }
"""
SAID = 'source = "a test"\nstatus = "verified"\n'
GRANTED = ("state_granted",) * 6
PRICES = {
    "compensation": "land_cny_per_m2 = 100\nterm_years = 50\nterm_share = 1\ncondition = 1\nfittings_cny_per_m2 = 0\n"
    "moving_cny_per_m2 = 0\ntransition_cny_per_m2 = 0\nstoppage_share = 0\nunlicensed_cny_per_m2 = 0\n"
    "signing_wan_per_mu = 0\ntenure_factors = { state_granted = 1 }\nbuilding_cny_per_m2 = { unknown = 1000 }\n",
    "works": "demolition_cny_per_m2 = 100\nsite_works_cny_per_m2 = 100\nconstruction_cny_per_m2 = 2000\n"
    "management_share = 0.1\n",
    "income": "land_wan_per_mu = 30\nfloor_cny_per_m2 = 5000\nrent_cny_per_m2_year = 100\nvacancy_share = 0\n"
    "tax_wan_per_mu_year = 30\nlocal_tax_share = 0.5\ntax_before_wan_per_mu_year = 10\n",
    "plan": "floor_area_ratio = 2\nmax_floor_area_ratio = 6\nbuildable_share = 1\n",
}
MODE = (
    "land_share = {0}\nbuilding_share = {0}\nmoving_share = 1\nreward_share = 1\nconstruction_share = {1}\n"
    "resold_share = {0}\ntaxed_share = 1\nsold_share = {2}\nlet_share = {2}\nforegone_share = 0\ntax_counts = 1\n"
    "subsidy_wan_per_mu = 0\n"
)
RULES = {
    "plan": 'quarters = 12\nwhich = "all"\nmodes = ["GOV_ACQ", "SELF"]\nbegun_mode = "GOV_ACQ"\ndropped_share = 0.15\n',
    "money": "budget_wan = 1000\n",
    "floor": "ground_share = 0.4\nnew_ground_share = 0.25\nvacant_share = 0.5\nbuffer_quarters = 0\n"
    'kinds = { ground = { zh = "底", en = "ground" }, upper = { zh = "楼", en = "upper" } }\n',
    "crews": "",
    "industry": 'codes = ["06"]\nshare = 0.5\n',
    "weights": "per_area_m2 = 1\nper_tax_wan = 2\nper_value_added_wan = 3\nper_firm_month = 4\nper_hazard_quarter = 5\n"
    "discount_a_year = 0\nvalue_added_wan_per_mu_year = 100\n",
}
CREW = 'title = { zh = "队", en = "crews" }\nlimit = 1\nvacate = 0\ndemolish = 1\nrebuild = 0\n'
TIMES = (
    "vacate_quarters = {0}\ndemolish_quarters = 1\nrebuild_quarters = {1}\nletting_quarters = {2}\n"
    "public_cost_share = {3}\npublic_income_share = {4}\npublic_tax_share = {5}\n"
    "needed_share = {6}\nreturn_share = {7}\nmoved_share = {8}\nindustrial_share = {9}\n"
)


def write_prices(folder, **changed) -> str:
    """A price file; `changed` are pairs of texts, old and new, by section."""
    modes = {"GOV_ACQ": MODE.format(1, 0, 0), "SELF": MODE.format(0, 1, 0.5)}
    return _write(folder / "tiny-prices.toml", PRICES, modes, changed, [])


def write_rules(folder, **changed) -> str:
    """Schedule rules; `changed` as above."""
    modes = {
        "GOV_ACQ": TIMES.format(2, 3, 1, 1, 1, 1, 0.5, 0.4, 1, 0.5),
        "SELF": TIMES.format(1, 4, 2, 0.1, 0.2, 0.5, 1, 0.2, 0.5, 1),
    }
    return _write(folder / "tiny-rules.toml", RULES, modes, changed, [f"[crews.demolition]\n{CREW}"])


def _write(file, sections, modes, changed, more) -> str:
    parts = [HEAD]
    for name, text in sections.items():
        old, new = changed.get(name, ("", ""))
        assert old in text, (old, text)
        parts.append(f"[{name}]\n{SAID}{text.replace(old, new) if old else text}")
    parts += more
    parts.append(f"[modes]\n{SAID}")
    parts += [f"[modes.{name}]\n{text}" for name, text in modes.items()]
    file.write_text("\n".join(parts), encoding="utf-8")
    return str(file)


@functools.cache
def template(more: tuple) -> Path:
    """A project made once for each set of columns, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="landgis-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    columns = {"tenure": GRANTED} | dict(more)
    parcels = gpd.GeoDataFrame(
        {"parcel_id": [f"P{n}" for n in range(1, 7)], "block_id": ["B1", "B1", "B1", "B2", "B2", None]}
        | {name: list(values) for name, values in columns.items()},
        geometry=[lot(n) for n in range(6)],
        crs=4549,
    )
    buildings = gpd.GeoDataFrame(
        {
            "building_id": ["F1", "F2", "F4", "F5"], "parcel_id": ["P1", "P2", "P4", "P5"],
            "floor_area_m2": [4000.0, 1000.0, 2000.0, 600.0], "storeys": [4, 1, None, 2], "legality": ["legal"] * 4,
        },
        geometry=[lot(n, wide=20, tall=20) for n in (0, 1, 3, 4)],
        crs=4549,
    )  # fmt: skip
    for name, layer in (("parcels", parcels), ("buildings", buildings)):
        layer.to_file(folder / f"{name}.gpkg")
    pd.DataFrame(
        {
            "enterprise_id": ["E1", "E2", "E2", "E3"],
            "parcel_id": ["P1", "P1", "P2", "P4"],
            "floor_area_m2": [1000, 2000, None, 500],
        }
    ).to_csv(folder / "occupancies.csv", index=False)
    files = {name: str(folder / f"{name}.gpkg") for name in ("parcels", "buildings")}
    layers = Layers(**files, occupancies=str(folder / "occupancies.csv"))
    project, _ = create_project(str(folder / "project"), layers, by="li", clock=Clock())
    project.store.close()
    return folder / "project"


def make_land(folder, *, today=TODAY, **columns) -> Project:
    """The project; `columns` are of the parcels."""
    made = template(tuple((name, tuple(values)) for name, values in columns.items()))
    shutil.copytree(made, folder / "project")
    return open_project(str(folder / "project"), nobody="li", today=lambda: today)
