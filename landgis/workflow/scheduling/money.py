"""Public money of each site by quarters after its start: what goes out with the work, what comes back of it.

    out   compensation over the vacating, demolition and site works over the demolishing, construction over the
          rebuilding, each evenly and with its share of management
    in    land income and subsidy in the first quarter of rebuilding, floor sold in the quarter after the work, rent and
          the local gain in tax from when the floor can be moved into for as long as the plan lasts

Each times the public share of the mode. No interest: what is later is worth less already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from landgis.phases.curve import NEVER
from landgis.planning.feasibility import acquisition
from landgis.planning.scheduling.problem import DEMOLISH, REBUILD, VACATE
from landgis.rules.prices import Prices
from landgis.workflow.scheduling.begun import Begun
from landgis.workflow.scheduling.modes import Assessed
from landgis.workflow.scheduling.parcels import PlanLand

QUARTERS_A_YEAR = 4
Parts = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Course:
    """How the work on s sites runs in each mode."""

    phase_quarters: np.ndarray  # int64[s, modes, PHASES]
    letting_quarters: np.ndarray  # int64[modes]
    begun: Begun

    @property
    def since(self) -> np.ndarray:
        """int64[s]: the quarters of the work that are over in quarter 0."""
        over: np.ndarray = -self.begun.start
        return over

    @property
    def ends(self) -> np.ndarray:
        """int64[s, modes, PHASES]: the quarters after the start in front of which each phase ends."""
        total: np.ndarray = np.cumsum(self.phase_quarters, axis=2)
        return total

    @property
    def usable_after(self) -> np.ndarray:
        """int64[s, modes]: the quarters after the start until the floor can be moved into."""
        after: np.ndarray = self.ends[:, :, -1] + self.letting_quarters
        return after


@dataclass(frozen=True, eq=False)
class Shares:
    """The public's shares of each mode, float64[modes]."""

    cost: np.ndarray
    income: np.ndarray
    tax: np.ndarray


def flows(full: Parts, undone: Parts, course: Course, shares: Shares, *, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Spending and income by quarters after the start, float64[s, modes, length] each, 万元.

    `full` is what the sites cost and bring in all (`parts_of`, summed up), `undone` what of it is of land that is not
    through with the phase. What an even pace has spent already stands before quarter 0, where no limit counts it.
    """
    ends, since = course.ends, course.since[:, None]
    begins = ends - course.phase_quarters
    cost = np.zeros((*ends.shape[:2], length))
    for phase, name in ((VACATE, "compensation"), (DEMOLISH, "works"), (REBUILD, "construction")):
        begin, end = begins[:, :, phase], ends[:, :, phase]
        ahead = undone[name] * course.begun.ahead[:, None, phase]
        cost += _even(ahead * shares.cost, np.maximum(begin, since), end, length)
        cost += _even((full[name] - ahead) * shares.cost, np.minimum(begin, since - 1), np.minimum(end, since), length)
    rebuilding, late = begins[:, :, REBUILD], course.begun.late[:, None, REBUILD]
    owed = np.where((rebuilding >= since) | late, undone["land"], 0)
    sold = _at(owed, np.maximum(rebuilding, since), length)
    sold += _at(full["land"] - owed, np.minimum(rebuilding, since - 1), length)
    sold += _at(full["floor"], ends[:, :, -1], length)
    a_quarter = (full["rent"] * shares.income + full["tax"] * shares.tax) / QUARTERS_A_YEAR
    lasting = a_quarter[:, :, None] * (np.arange(length) >= course.usable_after[:, :, None])
    return cost, sold * shares.income[:, None] + lasting


def parts_of(land: PlanLand, found: Assessed, prices: Prices, done: np.ndarray) -> tuple[Parts, Parts]:
    """What each parcel costs and brings in each mode, float64[n, modes], 万元 (a year: rent, tax); the undone of it.

    `done` is the share of each phase that the parcel has behind it, float64[n, PHASES]. A gain in tax that is not known
    counts nothing.
    """
    amounts, managed = found.amounts, 1 + prices.management_share
    full = {
        "compensation": acquisition(amounts) * managed,
        "works": (amounts["demolition_wan"] + amounts["site_works_wan"]) * managed,
        "construction": amounts["construction_wan"] * managed,
        "land": amounts["land_income_wan"] + amounts["subsidy_wan"],
        "floor": amounts["floor_income_wan"],
        "rent": amounts["rent_wan_year"],
        "tax": np.nan_to_num(amounts["tax_gain_wan_year"]),
    }
    left = dict(zip(("compensation", "works", "construction"), (1 - done).T, strict=True))
    left["land"] = np.where(land.in_effect("GRANTED") < NEVER, 0.0, 1.0)
    return full, {name: full[name] * share[:, None] for name, share in left.items()}


def _at(amount: np.ndarray, quarter: np.ndarray, length: int) -> np.ndarray:
    """An amount in one quarter, float64[s, modes, length]."""
    return _even(amount, quarter, quarter + 1, length)


def _even(amount: np.ndarray, begin: np.ndarray, end: np.ndarray, length: int) -> np.ndarray:
    """An amount in equal parts over begin ≤ quarter < end, in the first quarter at least, float64[s, modes, length]."""
    end = np.maximum(end, begin + 1)
    offset = np.arange(length)
    inside = (offset >= begin[:, :, None]) & (offset < end[:, :, None])
    spread: np.ndarray = (amount / (end - begin))[:, :, None] * inside
    return spread
