"""What an officer asks of a schedule, by name: the limits, the land, and how long to search."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Before:
    """`after` starts no earlier than `lag_quarters` after `before` is finished (a road, a substation)."""

    before: str
    after: str
    lag_quarters: int = 0


@dataclass(frozen=True)
class Together:
    """Sites of a lane, of which only so many may be closed at a time; or of a group, all or none."""

    name: str
    sites: tuple[str, ...]
    closed_at_most: int | None = None  # of a lane


@dataclass(frozen=True)
class Scenario:
    """A schedule as it is asked for. None, and what is empty: as the rule file has it."""

    name: str
    rules: str = "yongkang-draft"  # name or file of the schedule rules
    prices: str = "yongkang-draft"
    group: str = "block_id"  # what makes a site: block_id, street_block, or a column of the parcels
    sites: str | None = None  # a table of parcel_id and site_id, instead of `group`
    first: datetime.date | None = None  # a day of the first quarter; None: the quarter after today's
    quarters: int | None = None
    modes: tuple[str, ...] = ()
    budget_wan: tuple[float, ...] | None = None  # new public money: one figure for every quarter, or one for each
    vacant_m2: Mapping[str, float] = field(default_factory=dict)  # kind of floor → what stands vacant at the start
    crews: Mapping[str, float] = field(default_factory=dict)  # crew → how many there are
    required: tuple[str, ...] = ()  # sites
    excluded: tuple[str, ...] = ()
    before: tuple[Before, ...] = ()
    lanes: tuple[Together, ...] = ()
    groups: tuple[Together, ...] = ()
    industry_floor_m2: float | None = None  # land that must stay industrial at any time
    weights: Mapping[str, float] = field(default_factory=dict)  # name in `Weights` → points, instead of the rules'
    seconds: float | None = None
    gap: float | None = None
    seed: int = 0
    horizon: int | None = None  # quarters that a window sees; None: all at once
    step: int | None = None  # quarters of a window that are kept
    draws: int | None = None  # of uncertain durations; 0 for none
