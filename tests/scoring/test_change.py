"""The smallest change is held against brute force: make it, score the zone again, look at the grade."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.frames import columns_of
from landgis.rules import load_rules
from landgis.rules.model import Classes
from landgis.scoring.change import smallest_changes, threshold
from tests.made import zones

KEPT = settings(deadline=None, max_examples=40)


def changed(zone, parcel, lever, amount):
    """The zone after the change, worked out on the tables and not on the measures."""
    held, firms, houses = zone.occupancies, zone.enterprises, zone.buildings
    if lever == "floor_area_m2":
        new = {"parcel_id": parcel, "storeys": 1.0, "storey_heights_m": "4", "footprint_m2": 0.0, "floor_area_m2": amount,
               "legality": "legal"}  # fmt: skip
        houses = houses.assign(floor_area_m2=houses.get("floor_area_m2", np.nan)).astype(object)
        houses.loc[len(houses)] = new
        houses = houses.astype(dict.fromkeys(("storeys", "footprint_m2", "floor_area_m2"), float))
        houses["storey_heights_m"] = houses["storey_heights_m"].astype("str")
    elif lever == "tax_wan":
        firms = firms.assign(tax_wan=firms["tax_wan"].astype(float))
        there = held.loc[held["parcel_id"] == parcel].groupby("enterprise_id")["floor_area_m2"].sum()
        everywhere = held.groupby("enterprise_id")["floor_area_m2"].sum()
        share = (there / everywhere).dropna()
        firms.loc[firms["enterprise_id"] == share.index[0], "tax_wan"] += amount / share.iloc[0]
    else:
        areas = (
            held[held["parcel_id"] == parcel].groupby("enterprise_id")["floor_area_m2"].sum().sort_values(kind="stable")
        )
        gone = areas.index[: int(amount)]
        held = held[~((held["parcel_id"] == parcel) & held["enterprise_id"].isin(gone))].reset_index(drop=True)
    zone.occupancies, zone.enterprises, zone.buildings = held, firms, houses
    return zone


def grade_after(zone, parcel, lever, amount):
    before = zone.occupancies, zone.enterprises, zone.buildings
    _measures, scores = changed(zone, parcel, lever, amount).score()
    zone.occupancies, zone.enterprises, zone.buildings = before
    return scores.grades[list(zone.parcels["parcel_id"]).index(parcel)]


@given(data=st.data())
@KEPT
def test_more_floor_lifts_the_grade_and_less_does_not(data):
    zone = data.draw(zones())
    measures, scores = zone.score()
    rules = load_rules(zone.rules)
    population = np.zeros(len(zone.parcels))
    for position, parcel in enumerate(zone.parcels["parcel_id"]):
        for change in smallest_changes(position, measures, scores, rules, population=population):
            if change.lever != "floor_area_m2" or change.amount is None:
                continue
            assert grade_after(zone, parcel, change.lever, change.amount * (1 + 1e-7) + 1e-3) <= change.grade
            if change.amount > 1:
                assert grade_after(zone, parcel, change.lever, change.amount * 0.999) > change.grade


def zone_of_two():
    """P0 is well used; P1 has three tenants, little tax and little floor. Quantile classes: A and C (1 of 2 is better)."""
    import pandas as pd

    from tests.made import Zone

    parcels = pd.DataFrame({"parcel_id": ["P0", "P1"], "registered_area_m2": [6000.0, 6000.0]})
    buildings = pd.DataFrame({"parcel_id": ["P0", "P1"], "storeys": [4.0, 1.0], "storey_heights_m": ["4;4;4;4", "4"],
                              "footprint_m2": [3000.0, 3000.0], "legality": ["legal", "legal"]})  # fmt: skip
    firms = pd.DataFrame({"enterprise_id": ["A", "B", "C", "D"], "above_scale": [1.0, 0, 0, 0],
                          "output_wan": [5400.0, 90, 45, 45], "tax_wan": [333.0, 9, 9, 9]})  # fmt: skip
    held = pd.DataFrame({"enterprise_id": ["A", "B", "C", "D"], "parcel_id": ["P0", "P1", "P1", "P1"],
                         "floor_area_m2": [12_000.0, 2000, 500, 500], "relation": ["owner", "owner", "tenant", "tenant"]})  # fmt: skip
    return Zone(parcels, buildings, firms, held)


def test_by_hand():
    """P1: FAR 0.5 of 2 and coverage 0.5 → (70·0.25 + 30)/100 = 47.5; N = 9/4.5 = 2 → (10 − 2)/9 = 88.89;
    tax 27/9 = 3 of 15 and output 20 of 600 → (60·0.2 + 40/30)/100 = 13.33; score 0.4·47.5 + 0.2·88.89 + 0.4·13.33 = 42.11."""
    zone = zone_of_two()
    measures, scores = zone.score()
    assert scores.columns["score"].tolist() == pytest.approx([100, 42.111], abs=5e-4)
    assert scores.columns["grade"].tolist() == ["A", "B"]
    found = {
        c.lever: c for c in smallest_changes(1, measures, scores, load_rules("yongkang-draft"), population=np.zeros(2))
    }
    assert {change.grade for change in found.values()} == {"A"}  # A needs the 100 points of P0
    assert {lever: change.amount for lever, change in found.items()} == {
        "floor_area_m2": None,
        "occupants": None,
        "tax_wan": None,
    }
    assert smallest_changes(0, measures, scores, load_rules("yongkang-draft"), population=np.zeros(2)) == []


def test_occupants_and_tax_by_hand():
    from dataclasses import replace

    zone, rules = zone_of_two(), load_rules("yongkang-draft")
    rules = replace(rules, score=replace(rules.score, classes=Classes("cutscore", ("A", "B", "C", "D"), (80, 44, 20))))
    measures = zone.measure()
    from landgis.scoring.score import score

    scores = score(measures, columns_of(zone.parcels), rules)
    assert scores.columns["grade"].tolist() == ["A", "C"]
    found = {c.lever: c.amount for c in smallest_changes(1, measures, scores, rules, population=np.zeros(2))}
    # B needs 44 points, 1.889 more. Two leave: N = 1, 100 points, 2.222 more; one leaves: N = 2500²/4.25e6 = 1.47, 1.176 more.
    assert found["occupants"] == 2
    # 0.4 · 60/100 · 100 · Δ/15 = 1.889 with Δ in 万元/亩 → Δ = 1.1806, on 9 mu 10.625 万元
    assert found["tax_wan"] == pytest.approx(10.625, abs=1e-3)
    # 0.4 · 70/100 · 100 · Δ/2 = 1.889 → Δ = 0.13492, on 6 000 m² 809.5 m²
    assert found["floor_area_m2"] == pytest.approx(809.52, abs=0.01)


def test_threshold_of_a_quantile_is_the_score_of_the_last_one_in_it():
    classes = Classes("quantile", ("A", "B", "C", "D"), (0.2, 0.6, 0.95))
    others = np.array([90.0, 80, 70, 60])  # five in all: one A, two B, two C
    assert threshold(classes, 0, others) == 90
    assert threshold(classes, 1, others) == 70
