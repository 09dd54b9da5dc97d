"""Sentences of all parcels at once are those that a loop over parcels and rules would write."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.columns import texts
from landgis.frames import columns_of
from landgis.rules import load_rules
from landgis.scoring.low_efficiency import judge
from landgis.scoring.parts import level
from landgis.scoring.reasons import STOPS, sentences
from tests.made import masked, zones
from tests.scoring.test_stretches import columns, with_own_columns

KEPT = settings(deadline=None, max_examples=40)


def plainly(zone, measures, rules, language):
    """One parcel after the other, one rule after the other, with Python's own formatting."""
    parcels = columns_of(zone.parcels)
    found = []
    for row in range(parcels.size):
        said = []
        for fired in judge(measures, parcels, rules).fired:
            if fired.sure[row]:
                value, limit = first_that_holds(fired.rule, row, measures, zone.parcels, rules)
                template = getattr(fired.rule.sentence, language)
                said.append(template.replace("{value}", value).replace("{limit}", limit))
        found.append(STOPS[language].join(said))
    return found


def first_that_holds(rule, row, measures, frame, rules):
    for condition in rule.conditions:
        if condition.is_column:
            if condition.subject not in frame:
                continue
            cell = frame[condition.subject].iloc[row]
            value = "" if pd.isna(cell) else f"{cell:g}" if isinstance(cell, float) else str(cell)
            words = ", ".join(condition.words) if condition.limit is None else f"{condition.limit.value:g}"
            return value, words
        low, high = (np.broadcast_to(side, len(frame))[row] for side in level(condition.limit, measures, rules))
        number = measures.bounded[condition.subject]
        shown = number.low[row] if np.isnan(number.value[row]) else number.value[row]
        if np.isnan(shown) or (shown < high if condition.test.startswith("<") else shown >= low):
            value, limit = (f"{np.round(one, 2):.2f}" for one in (shown, high))
            return (f"{np.round(shown, 4):.4f}" if value == limit else value), limit
    return "", ""


@given(data=st.data())
@KEPT
def test_as_a_loop_would_write_them(data):
    name = data.draw(st.sampled_from(["yongkang-draft", "huangyan-2022", "cn-2008"]))
    zone, rules = data.draw(st.one_of(zones(name), zones(name).flatmap(masked))), with_own_columns(load_rules(name))
    size = len(zone.parcels)
    zone.parcels = zone.parcels.assign(
        registered_area_m2=columns(data.draw, size, st.sampled_from([60.0, 3000.0, 1e6])),
        idle_months=columns(data.draw, size, st.sampled_from([0.0, 6.25, 14.0, np.nan])),
        remark=pd.Series(columns(data.draw, size, st.sampled_from(["停产", "2", "", None])), dtype="str"),
        class_d_years=pd.Series(columns(data.draw, size, st.sampled_from([0, 2, 3]))),
        industry_code=pd.Series(columns(data.draw, size, st.sampled_from(["33", "2927", None])), dtype="str"),
    )
    measures = zone.measure()
    found = sentences(judge(measures, columns_of(zone.parcels), rules).fired, measures, columns_of(zone.parcels), rules)
    for language in STOPS:
        assert texts(found[language]).to_pylist() == plainly(zone, measures, rules, language)
