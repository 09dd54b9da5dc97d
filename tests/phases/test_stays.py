"""Stays in phases against a parcel, a day and a firm at a time, in plain Python."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from landgis.phases.course import course
from landgis.phases.curve import NEVER
from landgis.phases.stays import stacked, stacked_firms, stays, unknown_in

AT = np.array([2, 5, 6, 11, 15], np.int32)
DAY = st.one_of(st.integers(1, 16), st.just(NEVER))
PARCEL = st.fixed_dictionaries({
    "days": st.lists(DAY, min_size=3, max_size=3),
    "since": st.sampled_from([0, 4, 6]),
    "until": st.sampled_from([6, 12, NEVER]),
    "weight": st.sampled_from([0.0, 0.1, 7.3, 1e6, float("nan")]),
    "firms": st.sets(st.integers(0, 3)),
})  # fmt: skip


def phase_on(parcel: dict, day: int) -> int | None:
    """The phase of a parcel on a day; None where it is not there."""
    if not parcel["since"] <= day < parcel["until"]:
        return None
    reached = [(on, step) for step, on in enumerate(parcel["days"], 1) if on <= day]
    return max(reached)[1] if reached else 0


@given(st.lists(PARCEL, min_size=1, max_size=6))
def test_stacks_count_what_one_by_one_is_counted(parcels):
    days = np.array([parcel["days"] for parcel in parcels], np.int32)
    weights = np.array([parcel["weight"] for parcel in parcels])
    since, until = (np.array([parcel[name] for parcel in parcels], np.int64) for name in ("since", "until"))
    pairs = [(at, firm) for at, parcel in enumerate(parcels) for firm in sorted(parcel["firms"])][::-1]
    land = SimpleNamespace(
        occupied=np.array([at for at, _ in pairs], int), firm=np.array([firm for _, firm in pairs], int)
    )
    found = stays(course(days, np.array([1, 2, 3])), AT, since=since, until=until)
    amount = stacked(found, weights, days=len(AT), phases=4)
    firms = stacked_firms(found, land, days=len(AT), phases=4)
    unknown = unknown_in(found, weights, days=len(AT))
    for row, day in enumerate(AT.tolist()):
        there = [parcel for parcel in parcels if phase_on(parcel, day) is not None]
        assert unknown[row] == sum(parcel["weight"] != parcel["weight"] for parcel in there)
        for phase in range(4):
            mine = [parcel for parcel in there if phase_on(parcel, day) == phase]
            known = [parcel["weight"] for parcel in mine if parcel["weight"] == parcel["weight"]]
            assert abs(amount[row, phase] - sum(known)) < 1e-6
            assert known or amount[row, phase] == 0  # what has left leaves nothing, not even a last digit
            assert firms[row, phase] == len(set().union(*(parcel["firms"] for parcel in mine)))


def test_a_firm_that_moves_from_parcel_to_parcel_of_one_phase_is_one():
    days = np.array([[2, 6], [6, 11]], np.int32)  # in phase 1: the first from day 2, the second from day 6
    land = SimpleNamespace(occupied=np.array([0, 1]), firm=np.array([5, 5]))
    found = stays(course(days, np.array([1, 2])), AT, since=np.zeros(2), until=np.full(2, NEVER))
    assert stacked_firms(found, land, days=5, phases=3).tolist() == [
        [1, 1, 0],
        [1, 1, 0],
        [0, 1, 1],
        [0, 0, 1],
        [0, 0, 1],
    ]


def test_no_parcels_no_stays():
    found = stays(course(np.empty((0, 2), np.int32), np.array([1, 2])), AT, since=np.empty(0), until=np.empty(0))
    land = SimpleNamespace(occupied=np.empty(0, int), firm=np.empty(0, int))
    assert (
        stacked(found, np.empty(0), days=5, phases=3).sum() == stacked_firms(found, land, days=5, phases=3).sum() == 0
    )
