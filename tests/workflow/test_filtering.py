"""Legend = table = export: one filter, counted three ways; and the zone's step functions against the register's own."""

import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landgis.workflow.filtering import Filter, chosen_parcels, left, legend
from landgis.workflow.finding import find
from landgis.workflow.project import open_project
from landgis.workflow.themes import LIMITS_D, PHASES, THEMES
from landgis.workflow.zone import read_zone
from tests.made_project import make_project, walk

TODAY = datetime.date(2026, 11, 21)
DAYS = st.dates(datetime.date(2017, 1, 1), datetime.date(2030, 12, 31))
CHOSEN = st.dictionaries(
    st.sampled_from(sorted(THEMES)), st.integers(1, 255), max_size=3
).map(lambda picks: {theme: frozenset(k for at, k in enumerate(THEMES[theme].keys) if bits >> at & 1) for theme, bits in picks.items()})  # fmt: skip


@pytest.fixture(scope="module")
def zone(sample_copy):
    project = open_project(str(sample_copy), nobody="t", today=lambda: TODAY)
    yield read_zone(project)
    project.store.close()


@given(DAYS, CHOSEN, st.sampled_from([None, "LCC", "XYSB", "no such block"]), st.sampled_from(sorted(THEMES)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_legend_equals_table_equals_export(zone, day, chosen, block, theme):
    asked = Filter(day, block, chosen)
    counts, ids = legend(zone, asked, theme), chosen_parcels(zone, asked)
    wanted = chosen.get(theme) or set(THEMES[theme].keys)
    assert sum(counts[key] for key in wanted) == len(ids) == int(left(zone, asked).sum())
    table = zone.on(day)
    assert table.index.isin(ids).sum() == len(ids)  # every one of them is a row of the day's table, once
    if block and len(ids):
        assert set(table.loc[ids, "block_id"]) == {block}


@pytest.mark.parametrize("day", ["2018-01-08", "2021-07-31", "2022-07-31", "2024-06-30", "2026-11-21"])
def test_classes_are_those_of_the_days_own_table(zone, day):
    day = datetime.date.fromisoformat(day)
    table = zone.on(day)
    there = zone.exists(day)
    of_step = {step: key for key, steps in PHASES.items() for step in steps}
    expected = [of_step.get(step, "none") for step in table["phase"]]
    found = np.array(THEMES["phase"].keys)[zone.codes("phase", day)[there]]
    assert found.tolist() == expected
    days = table["overdue_days"].fillna(0).to_numpy(int)
    assert zone.codes("overdue", day)[there].tolist() == [sum(late > limit for limit in LIMITS_D) for late in days]


def test_the_zone_takes_over_what_still_holds_and_sees_what_is_new(tmp_path):
    project = make_project(tmp_path, today=TODAY)
    before = read_zone(project)
    walk(project, "P1", "IDENTIFIED")
    after = read_zone(project, before)
    assert after.layers is before.layers
    assert after.version != before.version
    assert legend(before, Filter(TODAY), "phase")["prepared"] == 0
    assert legend(after, Filter(TODAY), "phase")["prepared"] == 1


def test_numbers_firms_holders_and_addresses_are_found(zone):
    assert find(zone, "gb00002", most=1)[0].parcel_id == "330784001001GB00002"
    firm = next(hit for hit in find(zone, "91330784MAYDTFGA3G") if hit.field == "firm")
    assert (firm.text, firm.parcel_id) == (
        "样区锘铖门业有限公司",
        "330784001001GB00002",
    )  # the first row of occupancies.csv
    assert find(zone, "  ") == []
