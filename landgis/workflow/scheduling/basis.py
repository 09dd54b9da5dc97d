"""What a schedule is made from, ready for the solver: sites, terms, the problem, and what had to be assumed.

`plan_land.basis_of` makes it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from landgis.planning.scheduling.beyond import carried_on
from landgis.planning.scheduling.montecarlo import Spread
from landgis.planning.scheduling.problem import Problem
from landgis.planning.scheduling.value import Effects, Weights
from landgis.rules.prices import Prices
from landgis.rules.scheduling import ScheduleTerms
from landgis.workflow.scheduling.document import LeftOut
from landgis.workflow.scheduling.scenario import Scenario


@dataclass(frozen=True)
class SiteFacts:
    """Land that falls and rises together, as it stands today."""

    site_id: str  # that of a begun site ends in *
    name: str  # of its block where it has one
    block_id: str | None  # the block of most of its land
    parcel_ids: tuple[str, ...]  # in the order of the layer
    area_mu: float
    old_floor_m2: float  # legal floor that stands
    firms: int
    red_hazards: int
    begun: bool


@dataclass(frozen=True, eq=False)
class Basis:
    """A scenario on the land of a project. Sites i, modes m and quarters t in the order of `problem`."""

    scenario: Scenario
    terms: ScheduleTerms
    prices: Prices
    first: datetime.date  # the first day of quarter 0
    quarters: tuple[str, ...]
    sites: tuple[SiteFacts, ...]
    problem: Problem
    effects: Effects
    weights: Weights  # the rules', and the scenario's in their place
    spread: Spread  # of the durations, the rules'
    new_floor_m2: np.ndarray  # float64[n, modes]; NaN where the site cannot be renovated in the mode
    left_out: tuple[LeftOut, ...]  # `problem` is a text of the catalogues, without values
    assumptions: tuple[Mapping[str, Any], ...]  # name, value, source: each unverified figure, each gap of the data
    # begun site → milestone that all its land has reached → ISO day: `milestone_days(…, reached=…, today=basis.today)`
    begun_steps: Mapping[str, Mapping[str, str]]
    ledger_line: int  # the register's last line that is in it
    today: datetime.date | None = None

    @cached_property
    def whole(self) -> Problem:
        """The problem with the quarters behind the plan in which its work is finished: what is solved."""
        return carried_on(self.problem)

    @property
    def due(self) -> Problem:
        """The problem with new floor counted on as soon as it is due: what is drawn from, the buffer lies behind it."""
        space = self.problem.space
        if space is None:
            return self.problem
        after = space.returns_after_quarters - buffer_of(self.scenario, self.terms)
        return replace(self.problem, space=replace(space, returns_after_quarters=after))


def buffer_of(scenario: Scenario, terms: ScheduleTerms) -> int:
    """So many quarters later than it is due new floor is counted on."""
    return terms.buffer_quarters if scenario.buffer_quarters is None else scenario.buffer_quarters
