"""What a gap is worth: by hand on one parcel, and by filling the gap in the tables and scoring again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from landgis.rules import load_rules
from landgis.scoring.unknowns import BEHIND, rank_range, unknown_points
from tests.made import Zone, masked, zones

KEPT = settings(deadline=None, max_examples=25)
TINY = 1e-9


def points_of(zone):
    measures, scores = zone.score()
    return unknown_points(measures, scores.parts, load_rules(zone.rules)), scores


def one_parcel(**firm) -> Zone:
    """9 mu, a hall of one storey that covers half of it, 4 m high; one firm, which owns it."""
    parcels = pd.DataFrame({"parcel_id": ["P"], "registered_area_m2": [6000.0]})
    buildings = pd.DataFrame({"parcel_id": ["P"], "storeys": [1.0], "storey_heights_m": ["4"], "footprint_m2": [3000.0],
                              "legality": ["legal"]})  # fmt: skip
    firms = pd.DataFrame(
        {"enterprise_id": ["E"], "above_scale": [0.0], "output_wan": [900.0], "tax_wan": [90.0]} | firm
    )
    held = pd.DataFrame({"enterprise_id": ["E"], "parcel_id": ["P"], "floor_area_m2": [3000.0], "relation": ["owner"]})
    return Zone(parcels, buildings, firms, held)


def test_what_is_known_moves_nothing():
    points, scores = points_of(one_parcel())
    assert scores.columns["score_low"].tolist() == scores.columns["score_high"].tolist()
    assert all(moved.tolist() == [0] for moved in points.values())


def test_a_missing_tax_is_worth_its_weight():
    """Tax has 60 of the 100 points of output, which has 0.4 of the score: 24 points; nothing else is open."""
    points, _ = points_of(one_parcel(tax_wan=[np.nan]))
    assert {name: moved.tolist() for name, moved in points.items() if moved.any()} == {"tax_wan": pytest.approx([24])}


def test_a_firm_of_unknown_scale():
    """90 万元 on 9 mu are 10 万元/亩: 10/37 or 10/15 of 60 points, of which 0.4 count."""
    points, _ = points_of(one_parcel(above_scale=[np.nan]))
    worth = 0.4 * 60 * (10 / 15 - 10 / 37)
    moved = {name: moved.tolist() for name, moved in points.items() if moved.any()}
    assert moved == {"above_scale": pytest.approx([worth])}


def test_nobody_recorded_opens_tenants_tax_and_output_together():
    """Tenancy 0.2 and output 0.4 of the score: 60 points for one gap, not three unknowns of 20, 24 and 16."""
    zone = one_parcel()
    zone.occupancies = zone.occupancies.iloc[:0]
    points, scores = points_of(zone)
    assert {name: moved.tolist() for name, moved in points.items() if moved.any()} == {
        "no_occupancy": pytest.approx([60])
    }
    assert (scores.columns["score_high"] - scores.columns["score_low"]).tolist() == pytest.approx([60])


def test_heights_that_nobody_says():
    """The hall counts once (0.5) or twice (1.0): a quarter of the benchmark 2.0, 70 points, 0.4 of the score."""
    zone = one_parcel()
    zone.buildings = zone.buildings.assign(storey_heights_m=pd.Series([None], dtype="str"))
    points, _ = points_of(zone)
    assert {name: moved.tolist() for name, moved in points.items() if moved.any()} == {
        "storey_heights": pytest.approx([0.25 * 70 * 0.4])
    }


FILLED = {  # column of a table → the gaps that it fills
    ("enterprises", "tax_wan"): ("tax_wan",),
    ("enterprises", "output_wan"): ("output_wan",),
    ("enterprises", "above_scale"): ("above_scale",),
    ("occupancies", "floor_area_m2"): ("occupied_floor_area", "allocation"),
    ("buildings", "storey_heights_m"): ("storey_heights", "storeys", "floor_area"),
}


@pytest.mark.parametrize(("place", "gaps"), FILLED.items())
@given(data=st.data())
@KEPT
def test_filling_a_gap_closes_the_bounds_by_no_more_than_was_said(place, gaps, data):
    table, column = place
    zone = data.draw(zones())
    guess = data.draw(masked(zone))
    assume(getattr(guess, table) is not None)
    points, before = points_of(guess)
    setattr(guess, table, getattr(guess, table).assign(**{column: getattr(zone, table)[column]}))
    _measures, after = guess.score()
    width, left = (one.parts.score.high - one.parts.score.low for one in (before, after))
    said = sum(points.get(gap, np.zeros(len(width))) for gap in gaps)
    assert (left >= width - said - TINY).all()


@pytest.mark.parametrize("rules", ["yongkang-draft", "huangyan-2022", "cn-2008"])
@given(data=st.data())
@KEPT
def test_whatever_leaves_a_score_open_has_a_name(rules, data):
    zone = data.draw(masked(data.draw(zones(rules))))
    points, scores = points_of(zone)
    width = scores.parts.score.high - scores.parts.score.low
    most = np.max(list(points.values()), axis=0)
    assert ((most > TINY) == (width > TINY)).all()
    assert (most <= width + TINY).all()


@given(data=st.data())
@KEPT
def test_a_gap_has_points_only_where_it_is_one(data):
    zone = data.draw(masked(data.draw(zones())))
    measures, scores = zone.score()
    for name, moved in unknown_points(measures, scores.parts, load_rules(zone.rules)).items():
        if name in measures.gaps:
            assert not moved[~measures.gaps[name]].any()
        else:
            assert name in BEHIND


@given(data=st.data())
@KEPT
def test_every_rank_that_bounds_allow_lies_in_the_range_and_its_ends_are_reached(data):
    size = data.draw(st.integers(1, 7))
    ends = np.sort(
        np.array(data.draw(st.lists(st.tuples(*[st.integers(0, 9)] * 2), min_size=size, max_size=size))), axis=1
    )
    low, high = ends[:, 0].astype(float), ends[:, 1].astype(float)
    found = rank_range(low, high, np.ones(size, dtype=bool))
    for at in range(size):
        others = [one for one in range(size) if one != at]
        assert found.first[at] == 1 + sum(high[one] < low[at] for one in others)
        assert found.last[at] == 1 + sum(low[one] < high[at] for one in others)


def test_what_is_not_rated_has_no_rank_and_takes_none():
    found = rank_range(np.array([5.0, 1.0]), np.array([5.0, 1.0]), np.array([True, False]))
    assert (found.first[0], found.last[0]) == (1, 1)
    assert np.isnan([found.first[1], found.last[1]]).all()
