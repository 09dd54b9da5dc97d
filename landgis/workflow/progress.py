"""Plan against actual: S-curve, earned schedule, dwell times, throughput; for the zone, a block or a mode."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from landgis.errors import InputRefused, Place, Problem
from landgis.phases.curve import SCurve, s_curve
from landgis.phases.earned import DatedSchedule, dated_schedule
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.pace import Dwell, Throughput, dwell_days, throughput
from landgis.phases.reached import Land, Reached
from landgis.phases.status import RENOVATED
from landgis.tables import SIDE_MILESTONES
from landgis.text import N_, Message
from landgis.units import m2_to_mu
from landgis.workflow.register import Register, blocks_on

STEPS = tuple(name for name in NAMES if name not in SIDE_MILESTONES)
MEASURES = ("parcels", "mu", "floor_area_m2", "occupants")


@dataclass(frozen=True)
class Question:
    """What progress is asked for."""

    as_of: datetime.date
    known_on: np.datetime64 | None = None
    milestone: str = RENOVATED
    measure: str = "mu"
    block: str | None = None
    mode: str | None = None
    baseline: str | None = None


@dataclass(frozen=True)
class Progress:
    """How a part of the zone gets on with one milestone, in one measure."""

    question: Question
    baseline: str | None
    curve: SCurve
    schedule: DatedSchedule
    dwell: Dwell
    throughput: Throughput

    def as_json(self) -> dict[str, Any]:
        """As `landgis progress --json` prints it; days as ISO, unknown as null."""
        plan, found = self.schedule, self.schedule.schedule
        asked = self.question
        return {
            "as_of": asked.as_of.isoformat(), "milestone": asked.milestone, "measure": asked.measure,
            "block_id": asked.block, "renovation_mode": asked.mode, "baseline": self.baseline,
            "s_curve": [
                {"on": day_text(day), "planned": _number(planned), "actual": _number(actual)}
                for day, planned, actual in zip(self.curve.at, self.curve.planned, self.curve.actual, strict=True)
            ],
            "earned_schedule": {
                "months_passed": _number(found.actual_time), "months_earned": _number(found.earned_schedule),
                "spi_t": _number(found.spi_t), "spi": _number(found.spi),
                "months_planned": _number(found.planned_duration),
                "months_forecast": _number(found.forecast_finish),
                "months_low": _number(found.low), "months_high": _number(found.high),
                "finish": _day(plan.finish_day), "finish_low": _day(plan.low_day), "finish_high": _day(plan.high_day),
                "unplanned": _number(plan.unplanned_weight), "of_unknown_size": plan.unknown_weights,
            },
            "dwell": [
                {"from": start, "to": end, "parcels": int(self.dwell.parcels[at]),
                 "median_days": _number(self.dwell.median_days[at]),
                 "p90_days": _number(self.dwell.p90_days[at]), "max_days": _number(self.dwell.max_days[at]),
                 "without_start": int(self.dwell.without_start[at])}
                for at, (start, end) in enumerate(pairwise(STEPS))
            ],
            "throughput": [
                {"week": day_text(day), asked.measure: _number(weight)}
                for day, weight in zip(self.throughput.week_start, self.throughput.weight, strict=True)
            ],
            "last_week_days": self.throughput.last_week_days,
        }  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _day(day: int | None) -> str | None:
    return None if day is None else day_text(day)


def progress(register: Register, asked: Question) -> Progress:
    """How far, how fast and until when; measured against the frozen baseline, if there is one."""
    _require_known(asked, register)
    day = asked.as_of.toordinal()
    state, land = register.reached(as_of=day, known_on=asked.known_on)
    plan, baseline = register.planned(as_of=day, known_on=asked.known_on, baseline=asked.baseline)
    chosen = np.flatnonzero(state.exists & _chosen(register, land, asked))
    weights = weights_of(land, asked.measure)[chosen]
    planned, actual = (_days(reached, asked.milestone)[chosen] for reached in (plan, state))
    known = np.where(actual <= day, actual, np.iinfo(np.int32).max).astype(np.int32)
    return Progress(
        asked,
        baseline,
        s_curve(planned, known, weights, as_of=day),
        dated_schedule(planned, known, weights, as_of=day),
        dwell_days(np.where(state.day <= day, state.day, np.iinfo(np.int32).max)[chosen][:, [CODES[s] for s in STEPS]]),
        throughput(known, weights, as_of=day),
    )


def _require_known(asked: Question, register: Register) -> None:
    for field, value, known in (
        ("milestone", asked.milestone, (*STEPS, RENOVATED)),
        ("by", asked.measure, MEASURES),
        ("mode", asked.mode, (None, *register.project.life.modes)),
    ):
        if value not in known:
            listed = ", ".join(str(name) for name in known if name)
            message = Message(N_("{value} is not known; use one of: {known}"), {"value": value, "known": listed})
            raise InputRefused([Problem("E-CHOICE", message, Place(field=field))])


def _chosen(register: Register, land: Land, asked: Question) -> np.ndarray:
    chosen = np.ones(len(land.parcel_ids), dtype=bool)
    if asked.mode is not None:
        chosen &= land.mode == asked.mode
    if asked.block is not None:
        _, tables = register.land_known(asked.known_on)
        blocks = blocks_on(tables, land, asked.as_of)
        found = np.flatnonzero(blocks.table["block_id"] == asked.block)
        if not len(found):
            known = ", ".join(blocks.table["block_id"]) or "-"
            message = Message(
                N_("there is no block {block}; there are: {known}"), {"block": asked.block, "known": known}
            )
            raise InputRefused([Problem("E-BLOCK", message, Place(field="block"))])
        chosen &= blocks.of_parcel == found[0]
    return chosen


def weights_of(land: Land, measure: str) -> np.ndarray:
    """What each parcel counts for: 1, its mu, the floor area that has to fall (NaN unknown), or its firms."""
    size = len(land.parcel_ids)
    if measure == "mu":
        return m2_to_mu(land.area_m2)
    if measure == "floor_area_m2":
        old = land.building_old
        return np.bincount(land.building_parcel[old], land.building_floor_m2[old], minlength=size)
    if measure == "occupants":
        return np.bincount(land.occupied, minlength=size).astype(float)
    return np.ones(size)


def _days(reached: Reached, milestone: str) -> np.ndarray:
    return reached.renovated if milestone == RENOVATED else reached.day[:, CODES[milestone]]
