"""What must hold whatever the tables say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.columns import texts
from landgis.frames import frame_of
from tests.made import masked, zones

RULE_SETS = ("yongkang-draft", "huangyan-2021", "huangyan-2022", "cn-2008")
KEPT = settings(deadline=None, max_examples=60)
TINY = 1e-9


@pytest.mark.parametrize("rules", RULE_SETS)
@given(data=st.data())
@KEPT
def test_parts_add_up_to_the_score(rules, data):
    _measures, scores = data.draw(zones(rules)).score()
    total = np.nansum(list(scores.parts.contributions.values()), axis=0)
    value = scores.columns["score"]
    weighed = list(scores.parts.contributions)
    known = ~np.all([np.isnan(scores.columns[f"{name}_score"]) for name in weighed], axis=0)
    assert (~np.isnan(value) == known).all()
    assert np.abs(total - value)[known].max(initial=0) <= TINY


@pytest.mark.parametrize("rules", RULE_SETS)
@given(data=st.data())
@KEPT
def test_masking_any_values_keeps_the_true_score_within_its_bounds(rules, data):
    zone = data.draw(zones(rules))
    _measures, truth = zone.score()
    _measures, guess = data.draw(masked(zone)).score()
    value = truth.columns["score"]
    known = ~np.isnan(value)
    assert (guess.columns["score_low"][known] <= value[known] + TINY).all()
    assert (value[known] <= guess.columns["score_high"][known] + TINY).all()


@pytest.mark.parametrize("rules", RULE_SETS)
@given(data=st.data())
@KEPT
def test_a_verdict_is_never_turned_by_a_value_that_was_missing(rules, data):
    zone = data.draw(zones(rules))
    _measures, truth = zone.score()
    _measures, guess = data.draw(masked(zone)).score()
    said, true = (np.array(one.columns["low_efficiency"].to_pylist()) for one in (guess, truth))
    assert ((said == true) | (said == "unknown") | (true == "unknown")).all()


@given(data=st.data())
@KEPT
def test_the_order_of_rows_changes_nothing(data):
    zone = data.draw(zones())
    _measures, plain = zone.score()
    order = np.array(data.draw(st.permutations(range(len(zone.parcels)))))
    for name in ("buildings", "enterprises", "occupancies"):
        frame = getattr(zone, name)
        setattr(zone, name, frame.iloc[data.draw(st.permutations(range(len(frame))))].reset_index(drop=True))
    zone.parcels = zone.parcels.iloc[order].reset_index(drop=True)
    _measures, mixed = zone.score()
    for name in ("score", "score_low", "score_high"):
        assert mixed.columns[name] == pytest.approx(plain.columns[name][order], nan_ok=True)
    for name in ("grade", "renovation_rank", "low_efficiency", "reasons", "data_gaps"):
        assert texts(mixed.columns[name]).to_pylist() == texts(plain.columns.take_column(name, order)).to_pylist()


@given(data=st.data())
@KEPT
def test_the_order_of_columns_changes_nothing(data):
    zone = data.draw(zones())
    _measures, plain = zone.score()
    for name in ("parcels", "buildings", "enterprises", "occupancies"):
        frame = getattr(zone, name)
        setattr(zone, name, frame[data.draw(st.permutations(list(frame.columns)))])
    _measures, mixed = zone.score()
    assert frame_of(mixed.columns).equals(frame_of(plain.columns))


@given(data=st.data())
@KEPT
def test_nothing_is_lost_between_firms_and_parcels(data):
    zone = data.draw(zones())
    measures = data.draw(masked(zone)).measure()
    for sums in measures.conservation.values():
        assert sums["placed"] + sums["set_aside"] == pytest.approx(sums["in"], rel=1e-9, abs=1e-9)


@given(data=st.data())
@KEPT
def test_what_stands_in_the_columns_is_what_was_placed(data):
    measures, _scores = data.draw(zones()).score()
    for ratio, figure in (
        ("output_per_mu", "output_wan"),
        ("tax_per_mu", "tax_wan"),
        ("value_added_per_mu", "value_added_wan"),
    ):
        placed = (measures.columns[ratio] * measures.columns["area_m2"] * 3 / 2000).sum()
        assert placed == pytest.approx(measures.conservation[figure]["placed"], rel=1e-9, abs=1e-6)


@given(data=st.data())
@KEPT
def test_values_lie_within_their_own_bounds(data):
    measures = data.draw(masked(data.draw(zones()))).measure()
    for name, number in measures.bounded.items():
        known = ~np.isnan(number.value)
        assert (number.low[known] <= number.value[known] + 1e-6).all(), name
        assert (number.value[known] <= number.high[known] + 1e-6).all(), name
