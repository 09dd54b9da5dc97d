"""Which class each parcel is in from which day on: the register as step functions, to be looked up for any day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landgis.phases.curve import NEVER

BEFORE = 0  # the class before the first change


@dataclass(frozen=True)
class Course:
    """A step function a parcel. Changes of a row rise; NEVER fills rows that have fewer.

    `day` is int32[parcels, changes], `code` int8[parcels, changes + 1]: the class before the first change, and from
    each change on.
    """

    day: np.ndarray
    code: np.ndarray

    def on(self, day: int) -> np.ndarray:
        """int8[parcels]: the class of each parcel on a day (ordinal)."""
        found: np.ndarray = self.code[np.arange(len(self.code)), (self.day <= day).sum(axis=1)]
        return found


def course(day: np.ndarray, code: np.ndarray) -> Course:
    """A course from changes in any order: int32[parcels, changes] with NEVER for none, int[parcels, changes].

    Of two changes on one day the one farther to the right counts.
    """
    order = np.argsort(day, axis=1, kind="stable")
    sorted_day = np.take_along_axis(day, order, axis=1)
    after = np.take_along_axis(np.broadcast_to(code, day.shape), order, axis=1)
    first = np.full((len(day), 1), BEFORE)
    most = int((sorted_day < NEVER).sum(axis=1).max(initial=0))
    return Course(sorted_day[:, :most], np.hstack([first, after[:, :most]]).astype(np.int8))


def phase_course(actual: np.ndarray, planned: np.ndarray, *, today: int) -> Course:
    """Codes are 1 + the position of the step that was reached last; after today the plan goes on from there.

    Both int32[parcels, steps] in the order of the steps. Of what was planned only days to come count, and only steps
    beyond those that were reached.
    """
    steps = np.arange(actual.shape[1])
    known = np.where(actual <= today, actual, NEVER)
    furthest = np.where(known < NEVER, steps, -1).max(axis=1, initial=-1)
    ahead = (planned > today) & (planned < NEVER) & (known == NEVER) & (steps > furthest[:, None])
    to_come = np.where(ahead, planned, NEVER)
    beyond = np.minimum.accumulate(to_come[:, ::-1], axis=1)[:, ::-1]  # a step planned after a later one is passed over
    to_come = np.where(to_come <= beyond, to_come, NEVER)
    both = np.hstack([known, to_come]).astype(np.int32)
    return course(both, np.hstack([steps + 1, steps + 1]))


def overdue_course(actual: np.ndarray, planned: np.ndarray, *, limits_d: Sequence[int]) -> Course:
    """Code 0: nothing is overdue; 1 + k: the oldest open step is overdue by more than limits_d[k] days.

    Both int32[parcels, steps]; `limits_d` rises and begins with 0. A step is overdue from the day after it was planned
    until it is reached.
    """
    changes = [np.where(planned < NEVER - limit - 1, planned + limit + 1, NEVER) for limit in limits_d]
    days = np.sort(np.concatenate([*changes, actual], axis=1).astype(np.int32), axis=1)
    days = days[:, : int((days < NEVER).sum(axis=1).max(initial=0))]
    late = np.zeros(days.shape, dtype=np.int32)
    for step in range(planned.shape[1]):  # steps are few; a day is late by the oldest step that is open on it
        plan, done = planned[:, [step]], actual[:, [step]]
        open_days = np.where(
            (plan < days) & (days < done), days - plan, 0
        )  # a step without a plan is NEVER before a day
        late = np.maximum(late, open_days)
    code = np.where(days < NEVER, np.searchsorted(np.asarray(limits_d), late, side="left"), BEFORE)
    before = np.hstack([np.full((len(code), 1), BEFORE), code[:, :-1]])
    return course(np.where(code != before, days, NEVER).astype(np.int32), code)  # what changes nothing is no change
