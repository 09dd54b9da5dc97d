"""Other weights on kept parts are the same as scoring anew with them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.columns import texts
from landgis.errors import InputRefused
from landgis.frames import column_from, columns_of, frame_of
from landgis.rules import load_rules
from landgis.scoring.score import populations, score
from landgis.scoring.weighing import reweighed, with_weights
from tests.made import masked, zones

KEPT = settings(deadline=None, max_examples=25)
RULE_SETS = ("yongkang-draft", "huangyan-2022", "cn-2008")
WEIGHT = st.sampled_from([0.0, 0.1, 1 / 3, 1, 20, 55.5])
WEIGHTS = st.fixed_dictionaries(dict.fromkeys(("intensity", "tenancy", "output"), WEIGHT)).filter(
    lambda w: any(w.values())
)


@pytest.mark.parametrize("rules", RULE_SETS)
@given(data=st.data(), weights=WEIGHTS)
@KEPT
def test_the_same_as_scoring_anew(rules, data, weights):
    within = data.draw(st.sampled_from(["zone", "block"]))
    zone = data.draw(st.one_of(zones(rules), zones(rules).flatmap(masked)))
    block = pd.Series(
        data.draw(st.lists(st.sampled_from(["N", "S", None]), min_size=len(zone.parcels), max_size=len(zone.parcels))),
        dtype="str",
    )
    parcels = zone.parcels.assign(exempt_reason=np.where(np.arange(len(zone.parcels)) == 1, "公用设施", None))
    own = load_rules(rules)
    own = replace(own, score=replace(own.score, classes=replace(own.score.classes, within=within)))
    measures = zone.measure()
    official = score(measures, columns_of(parcels), own, texts(column_from(block)))
    other = with_weights(own, weights)
    anew = frame_of(score(measures, columns_of(parcels), other, texts(column_from(block))).columns)
    found = reweighed(official, other, population=populations(own, texts(column_from(block)), len(parcels)))
    pd.testing.assert_frame_equal(found, anew[list(found)], check_exact=True)


@pytest.mark.parametrize("rules", RULE_SETS)
@given(data=st.data())
@KEPT
def test_the_official_weights_change_nothing(rules, data):
    zone = data.draw(masked(data.draw(zones(rules))))
    own = load_rules(rules)
    _measures, scores = zone.score()
    found = reweighed(scores, with_weights(own, own.score.weights), population=np.zeros(len(zone.parcels), int))
    pd.testing.assert_frame_equal(found, frame_of(scores.columns)[list(found)], check_exact=True)


def test_weights_sum_to_one_and_the_rule_set_itself_stays_as_it_is():
    own = load_rules("yongkang-draft")
    other = with_weights(own, {"intensity": 30, "tenancy": 50, "output": 20})
    assert dict(other.score.weights) == pytest.approx({"intensity": 0.3, "tenancy": 0.5, "output": 0.2})
    assert dict(own.score.weights) == {"intensity": 0.4, "tenancy": 0.2, "output": 0.4}


@pytest.mark.parametrize("weights", [
    {}, {"intensity": 0, "tenancy": 0, "output": 0}, {"intensity": -1, "tenancy": 2, "output": 0},
    {"intensity": float("nan"), "tenancy": 1, "output": 1}, {"intensity": float("inf"), "tenancy": 1, "output": 1},
])  # fmt: skip
def test_what_is_no_weight_is_refused(weights):
    with pytest.raises(InputRefused, match="weights are numbers from 0 up"):
        with_weights(load_rules("yongkang-draft"), weights)
