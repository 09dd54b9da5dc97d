"""The pieces of a scheduling problem for themselves: phases of begun land, money kept whole, modes that are open."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.phases.lines import NOBODY
from landgis.workflow.scheduling.begun import Begun, _ends, _median
from landgis.workflow.scheduling.groups import not_known
from landgis.workflow.scheduling.modes import Assessed, admit
from landgis.workflow.scheduling.money import Course, Shares, flows
from landgis.workflow.scheduling.sites import Allotment

phases = st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(1, 6))
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])


@st.composite
def standing(draw):
    """Parcels of a begun site: how far each is (a phase is never ahead of the one before it), and since when."""
    now = draw(st.integers(-3, 0))
    start = draw(st.integers(-12, min(now, -1)))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        far = draw(st.integers(0, 2)) + draw(shares)
        rows.append([min(max(far - phase, 0.0), 1.0) for phase in range(3)])
    done = np.array(rows)
    over = np.sort(np.array([[draw(st.integers(start, now)) for _ in range(3)] for _ in rows]), axis=1)
    area = np.array([draw(st.integers(1, 5)) for _ in rows], dtype=float)
    return start, now, done, over, area


@given(standing(), phases)
def test_phases_of_begun_land(state, planned):
    """They follow each other; what is not through ends ahead, or at the end of this quarter; what is on time, as planned."""
    start, now, done, over, area = state
    ends, ahead, late = _ends(start, planned, done=done, over=over, area=area, now=now)
    begins = [start, *ends[:-1]]
    assert all(end >= begin for begin, end in zip(begins, ends, strict=True))
    for phase, length in enumerate(planned):
        through = (done[:, phase] >= 1).all()
        assert 0 <= ahead[phase] <= 1 and not (through and (ahead[phase] or late[phase]))
        if through:
            assert ends[phase] <= max(begins[phase], now + 1)
        elif length:
            left = 1 - float(area @ done[:, phase]) / area.sum()
            assert ends[phase] >= now + 1 and late[phase] == (begins[phase] + length <= now)
            expected = now + 1 + max(1, math.ceil(left * length - 1e-9)) if late[phase] else begins[phase] + length
            assert ends[phase] == expected
            if begins[phase] >= 0:
                assert ahead[phase] == 1


@given(standing(), phases, st.integers(0, 2))
def test_no_money_is_lost_or_found(state, planned, letting):
    """Whatever is over and whatever is ahead, all of it is in the flows once; none of what is not done is in the past
    beyond an even pace."""
    start, now, done, over, area = state
    ends, ahead, late = _ends(start, planned, done=done, over=over, area=area, now=now)
    lengths = np.diff([start, *ends])[None, None, :]
    begun = Begun(np.array([start]), lengths[0], np.array([ahead]), np.array([late]), {})
    course = Course(lengths, np.array([letting]), begun)
    amount = area * 10
    names = ("compensation", "works", "construction")
    full = {name: np.array([[amount.sum()]]) for name in (*names, "land", "floor")} | {
        name: np.zeros((1, 1)) for name in ("rent", "tax")
    }
    undone = {name: np.array([[float(amount @ (1 - done[:, phase]))]]) for phase, name in enumerate(names)}
    undone["land"] = np.array([[float(amount[done[:, 2] == 0].sum())]])
    whole = Shares(np.ones(1), np.ones(1), np.ones(1))
    cost, income = flows(full, undone, course, whole, length=80)
    assert cost.sum() == pytest.approx(3 * amount.sum()) and income.sum() == pytest.approx(2 * amount.sum())
    assert (cost >= -1e-9).all() and (income >= -1e-9).all()
    to_come = cost[0, 0, -start:].sum()
    assert to_come == pytest.approx(sum(float(undone[name][0, 0]) * ahead[at] for at, name in enumerate(names)))


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 4)), min_size=1, max_size=6))
def test_the_median_of_land(pairs):
    """That of the values, each as often as its weight; the lower one of two."""
    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    one_by_one = sorted(np.repeat(values, weights).tolist())
    assert _median(values, weights.astype(float)) == one_by_one[(len(one_by_one) - 1) // 2]


@st.composite
def lots(draw):
    size, modes, sites = draw(st.integers(1, 8)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    refused = np.array([[draw(st.sampled_from(["", "", "tenure", "area"])) for _ in range(modes)] for _ in range(size)])
    site = np.array([draw(st.integers(NOBODY, sites - 1)) for _ in range(size)])
    area = np.array([draw(st.integers(1, 4)) for _ in range(size)], dtype=float)
    return refused.astype(object), site, area, sites, draw(st.sampled_from([0.0, 0.25, 0.6]))


@given(lots())
def test_modes_that_are_open_and_land_that_is_left_out(made):
    refused, site, area, sites, most = made
    modes = refused.shape[1]
    names = tuple(f"S{number}" for number in range(sites))
    allotment = Allotment(names, np.zeros(sites, bool), site, np.full(len(site), "", dtype=object), ())
    admitted, why = admit(
        Assessed({}, refused, {}), allotment, np.ones((sites, modes), bool), area=area, dropped_share=most
    )
    for at in range(sites):
        rows = np.flatnonzero(site == at)
        possible = [row for row in rows if (refused[row] == "").any()]
        assert all(why[row] in refused[row] and why[row] for row in rows if row not in possible)
        if not possible:
            continue
        whole = area[possible].sum()
        lost = [sum(area[row] for row in possible if refused[row, mode]) / whole for mode in range(modes)]
        wanted = [share <= most + 1e-9 for share in lost]
        if not any(wanted):
            wanted = [mode == lost.index(min(lost)) for mode in range(modes)]
        assert admitted[at].tolist() == wanted
        for row in possible:
            reasons = {refused[row, mode] for mode in range(modes) if wanted[mode]} - {""}
            assert why[row] in reasons if reasons else why[row] == ""
    assert not why[site == NOBODY].any()


def test_a_site_that_is_not_there_is_named_once():
    found = not_known({"required": ["LCD", "LCD", "LCC"], "lanes": ["Zoo"]}, ["LCC", "XYSB"])
    assert [(one.place.field, one.id, one.message.render()) for one in found] == [
        ("required", "LCD", "there is no site LCD; do you mean LCC?"),
        ("lanes", "Zoo", "there is no site Zoo; there are: LCC, XYSB"),
    ]
