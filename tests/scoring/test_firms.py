"""The evaluation of firms, worked by hand; Huangyan's figures are those of the domain brief."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.errors import RulesError
from landgis.metrics.firms import attribute, sites
from landgis.rules import load_rules
from landgis.rules.model import Condition, Level, Rule, Words
from landgis.scoring.firms import evaluate_firms
from landgis.scoring.populations import parcel_total
from landgis.units import mu_to_m2

WAYS = ("owner_merge", "lessee_includes_rented", "tenant_separate")
Y2021, Y2022 = load_rules("huangyan-2021"), load_rules("huangyan-2022")
FIGURES = (
    "tax_wan",
    "value_added_wan",
    "energy_tce",
    "emissions_t",
    "employees",
    "rnd_wan",
    "revenue_wan",
    "electricity_kwh",
)


def rules_with(base=Y2022, **firms):
    return replace(base, firms=replace(base.firms, **firms))


def capped(rules, cap):
    populations = tuple(
        replace(p, indicators=tuple(replace(i, cap=cap) for i in p.indicators)) for p in rules.firms.populations
    )
    return rules_with(rules, populations=populations)


def firm(name, *, above=True, **figures):
    return {"enterprise_id": name, "name": name, "year": 2022, "above_scale": above} | figures


def six(tax, added, tce, emission, employee, rnd, mu=10.0):
    """Figures of a firm on `mu` of land with these six ratios."""
    total = added * mu
    return {
        "tax_wan": tax * mu, "value_added_wan": total, "energy_tce": total / tce, "emissions_t": total / emission,
        "employees": total / employee, "rnd_wan": rnd * 1000, "revenue_wan": 1000.0,
    }  # fmt: skip


def places(*rows):
    columns = ("enterprise_id", "parcel_id", "floor_area_m2", "relation")
    return pd.DataFrame(rows, columns=columns).astype({"floor_area_m2": float})


def mu(**parcels):
    return pd.Series({name: mu_to_m2(area) for name, area in parcels.items()})


def evaluate(firms, occupancies, parcels, rules=Y2022):
    return evaluate_firms(pd.DataFrame(firms), occupancies, parcels, rules)


OWNS = places(("a", "p", 100, "owner"))


@pytest.mark.parametrize(
    ("rules", "ratios", "expected"),
    [
        (Y2022, (12, 70, 1.5, 9859.62, 15, 0.02), 71.249),
        (capped(Y2022, 1.5), (12, 70, 1.5, 9859.62, 15, 0.02), 66.249),
        (Y2022, (24.097, 136.16, 2.694, 4929.81, 18.14, 0.0302), 100.0),
        (Y2021, (26.01, 132.27, 2.54, 4861.08, 17.45, 0.0305), 100.0),
        (Y2022, (12, 80, 2.0, 3000, 15, 0.02), 62.5153),
        (Y2021, (12, 80, 2.0, 3000, 15, 0.02), 63.0102),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_above_scale(way, rules, ratios, expected):
    row = evaluate([firm("a", **six(*ratios))], OWNS, mu(p=10), rules_with(rules, attribution=way)).iloc[0]
    assert row["score"] == pytest.approx(expected, abs=0.0005 if expected in (71.249, 66.249) else 0.00005)
    assert (row["population"], row["attribution"], row["data_gaps"]) == ("above_scale", way, "")
    assert row["land_mu"] == pytest.approx(10)


@pytest.mark.parametrize(("rules", "expected"), [(Y2022, 42.8229), (Y2021, 36.1951)])
def test_below_scale(rules, expected):
    row = evaluate([firm("a", above=False, tax_wan=50.0, electricity_kwh=500.0)], OWNS, mu(p=10), rules).iloc[0]
    assert row["score"] == pytest.approx(expected, abs=0.00005)
    assert (row["population"], row["tax_per_kwh"]) == ("below_scale", 0.1)


def test_parts_are_printed_with_two_decimals():
    row = evaluate([firm("a", **six(12, 70, 1.5, 9859.62, 15, 0.02))], OWNS, mu(p=10)).iloc[0]
    assert row["parts"] == (
        "tax_per_mu=14.94;value_added_per_mu=10.28;value_added_per_tce=11.14;"
        "value_added_per_emission_t=20.00;value_added_per_employee=8.27;rnd_share=6.62"
    )


def test_without_emissions_the_mean_of_the_population_counts():
    # emission points of a and b: 20 and 10, so c gets 15
    firms = [
        firm("a", **six(12, 70, 1.5, 9859.62, 15, 0.02)),
        firm("b", **six(12, 70, 1.5, 4929.81, 15, 0.02)),
        firm("c", **(six(12, 70, 1.5, 1, 15, 0.02) | {"emissions_t": np.nan})),
        firm("d", above=False, tax_wan=1.0, electricity_kwh=1.0),
    ]
    rows = evaluate(firms, places(*((n, n, 1, "owner") for n in "abcd")), mu(a=10, b=10, c=10, d=10))
    assert (rows["score"] - 51.249).round(3).tolist()[:3] == [20, 10, 15]
    assert rows["data_gaps"].tolist() == ["", "", "emissions_t", ""]


def test_columns_and_order_are_those_of_the_contract():
    rows = evaluate([firm("b"), firm("a")], None, mu())
    assert list(rows.columns) == [
        "enterprise_id", "name", "year", "population", "attribution", "land_mu", "tax_per_mu", "value_added_per_mu",
        "value_added_per_tce", "value_added_per_emission_t", "value_added_per_employee", "rnd_share", "tax_per_kwh",
        "score", "grade", "parts", "data_gaps",
    ]  # fmt: skip
    assert rows["enterprise_id"].tolist() == ["b", "a"]
    assert rows["grade"].tolist() == ["T", "T"] and rows["score"].isna().all()
    assert rows["data_gaps"].str.split(";").map(set).ge({"land", "tax_wan"}).all()


def test_a_table_of_keys_alone_does():
    rows = evaluate_firms(pd.DataFrame({"enterprise_id": ["a"]}), None, mu(), Y2022)
    assert rows.iloc[0]["population"] == "below_scale" and "above_scale" in rows.iloc[0]["data_gaps"].split(";")
    assert len(evaluate_firms(pd.DataFrame({"enterprise_id": pd.Series([], dtype="str")}), None, mu(), Y2022)) == 0


# -- land and merging: owner a on p (10 mu) and q (20 mu), t rents a quarter of p, u rents on p and on r (40 mu) of b --
TOWN = places(
    ("a", "p", 500, "owner"), ("a", "q", 100, "owner"), ("t", "p", 250, "tenant"),
    ("u", "p", 250, "tenant"), ("u", "r", 750, "subtenant"), ("b", "r", 250, "owner"), ("x", "s", 40, "tenant"),
)  # fmt: skip
LAND = mu(p=10, q=20, r=40, s=5)
TAXES = {"a": 60.0, "t": 30.0, "u": 40.0, "b": 10.0, "x": 5.0}
PEOPLE = [firm(name, above=False, tax_wan=tax) for name, tax in TAXES.items()]


def test_owner_merge_shares_the_result_of_the_unit():
    rows = evaluate(PEOPLE, TOWN, LAND).set_index("enterprise_id")
    # unit a: 30 mu, tax 60 + 30 + 40 · 250/1000 = 100; unit b: 40 mu, tax 10 + 40 · 750/1000 = 40; s has no owner
    assert rows["land_mu"].to_dict() == pytest.approx({"a": 30, "t": 30, "u": 40, "b": 40, "x": 5})
    assert rows["tax_per_mu"].to_dict() == pytest.approx({"a": 100 / 30, "t": 100 / 30, "u": 1, "b": 1, "x": 1})
    assert rows.loc["a", "score"] == rows.loc["t", "score"]


def test_lessee_includes_rented_land():
    rows = evaluate(PEOPLE, TOWN, LAND, rules_with(attribution="lessee_includes_rented")).set_index("enterprise_id")
    assert rows["land_mu"].to_dict() == pytest.approx({"a": 25, "t": 2.5, "u": 2.5 + 30, "b": 10, "x": 5})
    assert rows["tax_per_mu"].to_dict() == pytest.approx({"a": 60 / 25, "t": 12, "u": 40 / 32.5, "b": 1, "x": 1})


def test_tenants_apart():
    rows = evaluate(PEOPLE, TOWN, LAND, rules_with(attribution="tenant_separate")).set_index("enterprise_id")
    assert rows["land_mu"].to_dict() == pytest.approx({"a": 30, "t": 2.5, "u": 32.5, "b": 40, "x": 5})
    assert rows["population"].to_dict() == {
        "a": "below_scale",
        "b": "below_scale",
        "t": "tenant",
        "u": "tenant",
        "x": "tenant",
    }
    # tenants: t 12, u 1.23, x 1 per mu; owners: a 2, b 0.25
    assert rows["grade"].to_dict() == {"t": "A", "u": "B", "x": "C", "a": "A", "b": "B"}


def test_a_unit_is_above_scale_if_any_of_its_firms_is():
    rows = evaluate([firm("a", above=False, tax_wan=1.0), firm("t", above=True, tax_wan=1.0)], TOWN, LAND)
    assert rows["population"].tolist() == ["above_scale", "above_scale"]


def test_scale_not_known_is_below_scale_and_a_gap():
    rows = evaluate([firm("a", above=None, tax_wan=1.0), firm("b", above=False, tax_wan=1.0)], TOWN, LAND)
    assert rows["population"].tolist() == ["below_scale"] * 2
    assert ["above_scale" in gaps.split(";") for gaps in rows["data_gaps"]] == [True, False]


def test_unknown_floor_area_counts_as_the_mean_of_the_parcel():
    occupied = places(("a", "p", 300, "owner"), ("t", "p", 100, "tenant"), ("u", "p", np.nan, "tenant"))
    rows = evaluate(PEOPLE[:3], occupied, mu(p=12), rules_with(attribution="lessee_includes_rented"))
    assert rows["land_mu"].tolist() == pytest.approx([6, 2, 4])
    assert all("occupied_floor_area" in gaps.split(";") for gaps in rows["data_gaps"])
    nothing = occupied.assign(floor_area_m2=np.nan)
    rows = evaluate(PEOPLE[:3], nothing, mu(p=12), rules_with(attribution="lessee_includes_rented"))
    assert rows["land_mu"].tolist() == pytest.approx([4, 4, 4])


def test_unknown_floor_area_that_decides_nothing_is_no_gap():
    rows = evaluate(PEOPLE[:2], places(("a", "p", np.nan, "owner"), ("t", "p", np.nan, "tenant")), mu(p=12))
    assert rows["land_mu"].tolist() == pytest.approx([12, 12])
    assert not any("occupied_floor_area" in gaps.split(";") for gaps in rows["data_gaps"])


def test_an_owner_without_floor_of_its_own_keeps_its_parcel_under_tenant_separate():
    occupied = places(("a", "p", 0, "owner"), ("t", "p", 100, "tenant"))
    rows = evaluate(PEOPLE[:2], occupied, mu(p=12), rules_with(attribution="tenant_separate"))
    assert rows["land_mu"].tolist() == pytest.approx([12, 12])


def test_a_parcel_of_unknown_area_is_a_gap():
    row = evaluate(PEOPLE[:1], places(("a", "p", 1, "owner"), ("a", "lost", 1, "owner")), mu(p=12)).iloc[0]
    assert row["land_mu"] == pytest.approx(12) and "parcel_area" in row["data_gaps"].split(";")


def test_a_firm_without_land_is_scored_by_what_is_left():
    row = evaluate([firm("z", above=False, tax_wan=5.0, electricity_kwh=50.0)], TOWN, LAND).iloc[0]
    assert np.isnan(row["land_mu"]) and row["score"] == pytest.approx(100 * 0.1 / 0.2352)
    assert row["parts"] == "tax_per_kwh=42.52" and row["data_gaps"] == "land"


def test_years_are_evaluated_apart():
    firms = [firm("a", above=False, tax_wan=30.0) | {"year": 2021}, firm("a", above=False, tax_wan=60.0)]
    rows = evaluate(firms, TOWN, LAND)
    assert rows["tax_per_mu"].tolist() == pytest.approx([1, 2]) and rows["grade"].tolist() == ["A", "A"]


SAID = Words("x", "x")


def test_not_rated_vetoed_and_too_little_land():
    utilities = Rule("N", (Condition("kind", "in", words=("utilities",), is_column=True),), SAID)
    absent = Rule("M", (Condition("nowhere", ">=", Level(1), is_column=True),), SAID)
    veto = Rule(
        "V", (Condition("accident", ">=", Level(1), is_column=True), Condition("tax_per_mu", "<", Level(0.5))), SAID
    )
    rules = rules_with(not_rated=(utilities, absent), vetoes=(veto,), min_land_mu={"below_scale": 6.0})
    occupied = places(*((name, name, 1, "owner") for name in "abcde"))
    firms = [
        firm(name, above=False, tax_wan=tax, kind=kind, accident=accident)
        for name, tax, kind, accident in [
            ("a", 90.0, "utilities", "否"),
            ("b", 80.0, None, "是"),
            ("c", 70.0, None, "否"),
            ("d", 1.0, None, None),
            ("e", 50.0, None, "no"),
        ]
    ]
    rows = evaluate(firms, occupied, mu(a=10, b=10, c=10, d=10, e=5.9), rules).set_index("enterprise_id")
    assert rows["grade"].to_dict() == {"a": "T", "b": "D", "c": "B", "d": "D", "e": "T"}
    assert rows["population"].to_dict() == {
        "a": "not_rated",
        "b": "below_scale",
        "c": "below_scale",
        "d": "below_scale",
        "e": "not_rated",
    }
    assert rows["score"].isna().to_dict() == {"a": True, "b": False, "c": False, "d": False, "e": True}


def test_parcel_total_is_the_evaluation_of_all_its_firms_as_one():
    totals = pd.DataFrame(
        [
            six(12, 70, 1.5, 9859.62, 15, 0.02),
            {"tax_wan": 50.0, "electricity_kwh": 500.0},
            six(60, 300, 9, 9e4, 60, 0.1),
            {},
        ]
    )
    totals = {name: totals[name].to_numpy(float) for name in totals}
    score = parcel_total(totals, np.full(4, 10.0), np.array([1.0, 0.0, 1.0, np.nan]), Y2022)
    assert score[:3].tolist() == pytest.approx([71.249, 42.8229, 100], abs=0.0005) and np.isnan(score[3])
    assert parcel_total({"tax_wan": totals["tax_wan"]}, np.full(4, 10.0), np.full(4, np.nan), Y2022)[
        1
    ] == pytest.approx(100 * 5 / 11.5932)


def test_a_rule_set_without_firms_is_refused():
    with pytest.raises(RulesError, match="cn-2008 does not say how firms are evaluated"):
        evaluate(PEOPLE, TOWN, LAND, load_rules("cn-2008"))


# -- properties --
number = st.one_of(st.none(), st.integers(0, 1000).map(float))
ids = st.sampled_from("abcdef")
occupancy = st.tuples(ids, st.sampled_from("pqrs"), number, st.sampled_from(["owner", "tenant", "subtenant", None]))
towns = st.lists(occupancy, max_size=12).map(lambda rows: places(*rows))
firm_rows = st.lists(st.tuples(*[number] * len(FIGURES), st.sampled_from([True, False, None])), min_size=6, max_size=6)
ways = st.sampled_from(WAYS)


def people(rows):
    table = pd.DataFrame(rows, columns=[*FIGURES, "above_scale"]).astype(dict.fromkeys(FIGURES, float))
    return table.assign(enterprise_id=list("abcdef"), year=2022)


def same(left, right):
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True), rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(firm_rows, towns, ways, st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(rows, town, way, seed):
    table, rules = people(rows), rules_with(attribution=way)
    shuffled = table.sample(frac=1, random_state=seed)
    before = evaluate_firms(table, town, LAND, rules)
    after = evaluate_firms(shuffled, town.sample(frac=1, random_state=seed), LAND.iloc[::-1], rules)
    same(before.drop(columns="name"), after.sort_values("enterprise_id").drop(columns="name"))


@settings(max_examples=60, deadline=None)
@given(firm_rows, towns, ways, st.integers(0, 11))
def test_splitting_a_lease_row_in_two_changes_nothing(rows, town, way, place):
    if not len(town):
        return
    row = town.iloc[[place % len(town)]].copy()
    row["floor_area_m2"] /= 2
    split = pd.concat([town.drop(index=row.index), row, row], ignore_index=True)
    rules = rules_with(attribution=way)
    same(evaluate_firms(people(rows), town, LAND, rules), evaluate_firms(people(rows), split, LAND, rules))


@settings(max_examples=60, deadline=None)
@given(firm_rows, towns, ways)
def test_parts_add_up_to_the_score(rows, town, way):
    for _, row in evaluate_firms(people(rows), town, LAND, rules_with(attribution=way)).iterrows():
        parts = [float(part.split("=")[1]) for part in row["parts"].split(";") if part]
        if np.isnan(row["score"]):
            assert not parts and row["grade"] == "T"
        else:
            assert sum(parts) == pytest.approx(row["score"], abs=0.005 * len(parts) + 1e-6)


@settings(max_examples=60, deadline=None)
@given(firm_rows, towns)
def test_land_is_conserved_where_lessees_include_what_they_rent(rows, town):
    found = evaluate_firms(people(rows), town, LAND, rules_with(attribution="lessee_includes_rented"))
    occupied = LAND[sorted(set(town["parcel_id"]))]
    assert found["land_mu"].sum() == pytest.approx(occupied.sum() * 3 / 2000)


@settings(max_examples=60, deadline=None)
@given(towns, ways)
def test_every_firm_is_counted_once(town, way):
    where, _ = sites(pd.Series(list("abcdef")), town, LAND)
    units = attribute(where, way)
    assert np.bincount(units.firm, units.share, minlength=6) == pytest.approx(np.ones(where.firms))
    if way == "owner_merge":
        occupied = LAND[sorted(set(town["parcel_id"]))]
        assert np.nansum(units.land_mu) == pytest.approx(occupied.sum() * 3 / 2000)


@settings(max_examples=60, deadline=None)
@given(firm_rows, towns)
def test_firms_of_one_unit_share_its_result(rows, town):
    """Whoever is on one parcel only has the result of that parcel's owner, if the owner is evaluated there too."""
    found = evaluate_firms(people(rows), town, LAND, Y2022).set_index("enterprise_id")
    parcels = town.groupby("enterprise_id")["parcel_id"].nunique()
    owners = town[town["relation"] == "owner"].groupby("parcel_id")["enterprise_id"].unique()
    for name in parcels.index[parcels == 1]:
        parcel = town.loc[town["enterprise_id"] == name, "parcel_id"].iloc[0]
        if parcel in owners and len(owners[parcel]) == 1 and parcels[owners[parcel][0]] == 1:
            left, right = found.loc[name], found.loc[owners[parcel][0]]
            pd.testing.assert_series_equal(
                left[["score", "grade", "land_mu"]], right[["score", "grade", "land_mu"]], check_names=False
            )
