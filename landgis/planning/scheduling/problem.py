"""What a schedule is made for and what it is: sites × modes × quarters as arrays, and the limits that bind them.

Index order everywhere: site i, mode m, kind of floor k, crew r, period t. A period is a quarter; period 0 is the first
that is planned. A limit of +inf binds nothing. Figures "at the start" stand for all that happened before period 0.
The model in formulas: `docs/plan.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from landgis.errors import InputRefused
from landgis.planning.scheduling.faults import faults

UNSTARTED = -1  # the mode of a site that a plan leaves as it is
VACATE, DEMOLISH, REBUILD = range(3)  # the phases of a site's work, one after the other
PHASES = 3


@dataclass(frozen=True)
class Plan:
    """Which mode and which first quarter each site gets; arrays of n sites."""

    mode: np.ndarray  # int64; UNSTARTED where the site is left as it is
    start: np.ndarray  # int64; below 0 = begun before period 0; 0 and without meaning where mode is UNSTARTED

    @staticmethod
    def nothing(sites: int) -> Plan:
        """The plan that starts no site."""
        return Plan(np.full(sites, UNSTARTED), np.zeros(sites, dtype=np.int64))

    @property
    def started(self) -> np.ndarray:
        """Which sites the plan touches, bool[n]."""
        on: np.ndarray = self.mode != UNSTARTED
        return on


@dataclass(frozen=True)
class Money:
    """Spending and income of a site by quarters after its start, and what may be spent, all in 万元."""

    cost_wan: np.ndarray  # float64[n, modes, any]: entry o falls o quarters after the start
    income_wan: np.ndarray  # float64[n, modes, any]
    budget_wan: np.ndarray  # float64[periods]: new money; what is left over stays, and income adds to it


@dataclass(frozen=True)
class Space:
    """Swing space (腾挪周转) by kind of floor: a site takes it when it starts and gives floor back when rebuilt."""

    kinds: tuple[str, ...]
    needs_m2: np.ndarray  # float64[n, modes, kinds], taken in the quarter of the start
    returns_m2: np.ndarray  # float64[n, modes, kinds]
    returns_after_quarters: np.ndarray  # int64[n, modes]: from the start until that floor can be moved into
    vacant_m2: np.ndarray  # float64[kinds, periods]: what stands vacant in each quarter if nothing more were started


@dataclass(frozen=True)
class Crews:
    """Renewable resources: so many at work in a phase, and no more than so many at a time."""

    names: tuple[str, ...]
    use: np.ndarray  # float64[n, modes, PHASES, crews], in every quarter of the phase
    limit: np.ndarray  # float64[crews, periods]


@dataclass(frozen=True)
class Industry:
    """Land that counts as industrial, and the area below which it may never fall (改一补一)."""

    leaves_m2: np.ndarray  # float64[n, modes], in the quarter of the start
    enters_m2: np.ndarray  # float64[n, modes], when the work is finished
    now_m2: float
    floor_m2: np.ndarray  # float64[periods]; -inf where there is none


@dataclass(frozen=True)
class Precedence:
    """`after` starts no earlier than `lag_quarters` after `before` is finished; without `before` not at all."""

    before: int
    after: int
    lag_quarters: int = 0


@dataclass(frozen=True)
class Lane:
    """A way that must stay open: of these sites at most so many may be demolished or rebuilt at the same time."""

    name: str
    sites: tuple[int, ...]
    closed_at_most: int


@dataclass(frozen=True)
class Group:
    """Sites of which all are started within the periods, or none."""

    name: str
    sites: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """All that a schedule is made from. A family of limits that is None or empty does not bind.

    `value[i, m, t]` is what starting i in mode m in period t is worth against never starting it
    (`value.start_values`). A site in `begun` keeps its mode and its start; its `value` is not counted.

    Raises `InputRefused` with every fault found: a shape that does not fit, a figure that is not known (NaN), a site
    that does not exist, a circle in the precedence.
    """

    sites: tuple[str, ...]
    modes: tuple[str, ...]
    value: np.ndarray  # float64[n, modes, periods]
    allowed: np.ndarray  # bool[n, modes, periods]: which starts there are
    phase_quarters: np.ndarray  # int64[n, modes, PHASES] ≥ 0
    money: Money | None = None
    space: Space | None = None
    crews: Crews | None = None
    industry: Industry | None = None
    precedence: tuple[Precedence, ...] = ()
    lanes: tuple[Lane, ...] = ()
    groups: tuple[Group, ...] = ()
    required: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))  # bool[n]; empty = no site is
    begun: Plan | None = None

    def __post_init__(self) -> None:
        if not self.required.size:
            object.__setattr__(self, "required", np.zeros(len(self.sites), dtype=bool))
        if self.begun is None:
            object.__setattr__(self, "begun", Plan.nothing(len(self.sites)))
        if found := [*faults(self)]:
            raise InputRefused(found)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sites, modes, periods."""
        return self.value.shape[0], self.value.shape[1], self.value.shape[2]

    @property
    def quarters(self) -> np.ndarray:
        """How long each site is at work in each mode, int64[n, modes]."""
        total: np.ndarray = self.phase_quarters.sum(axis=2)
        return total

    @property
    def frozen(self) -> Plan:
        """What has begun and is not planned again; the plan that starts nothing more."""
        assert self.begun is not None  # set in __post_init__
        return self.begun

    @property
    def open_starts(self) -> np.ndarray:
        """The starts that are still to be chosen among, bool[n, modes, periods]."""
        choice: np.ndarray = self.allowed & ~self.frozen.started[:, None, None]
        return choice


def worth(problem: Problem, plan: Plan) -> float:
    """The objective of a plan: the value of every start that was chosen; what had begun counts nothing."""
    chosen = np.flatnonzero(plan.started & ~problem.frozen.started)
    return float(problem.value[chosen, plan.mode[chosen], plan.start[chosen]].sum())
