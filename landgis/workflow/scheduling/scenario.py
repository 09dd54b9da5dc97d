"""What an officer asks of a schedule, by name: the limits, the land, and how long to search.

As a file (TOML) or as JSON it has the same keys; `before`, `lanes` and `groups` are lists of tables. `first` is a
quarter, 2027-Q1, or a day.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, Place, Problem
from landgis.rules.extending import Source, read_toml
from landgis.rules.reading import Reading
from landgis.text import N_, Message
from landgis.workflow.scheduling.quarters import later
from landgis.workflow.scheduling.scenario_faults import faults
from landgis.workflow.scheduling.scenario_reading import values_of

FILES = (".toml", ".csv", ".tsv", ".xlsx", ".xlsm")  # names with such an end are files, not names of rules


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
    vacant_m2: Mapping[str, float] = field(default_factory=dict)  # kind of floor → empty at the start, held for nobody
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
    buffer_quarters: int | None = None  # so much later than it is due is new floor counted on

    @staticmethod
    def from_file(path: str) -> Scenario:
        """The scenario of a TOML file; InputRefused with every mistake. Files that it names lie beside it."""
        file = Path(path)
        if not file.is_file():
            raise InputRefused([Problem("E-FILE", Message(N_("there is no such file; check the path")), Place(path))])
        source = read_toml(file)
        if isinstance(source, Problem):
            raise InputRefused([_renamed(source)])
        asked = _read(source)
        return replace(
            asked, rules=_beside(file, asked.rules), prices=_beside(file, asked.prices),
            sites=None if asked.sites is None else _beside(file, asked.sites),
        )  # fmt: skip

    @staticmethod
    def from_json(document: Mapping[str, Any], *, where: str = "scenario") -> Scenario:
        """The scenario that `as_json` gave; InputRefused with every mistake."""
        return _read(Source(document, Reading(where)))

    def as_json(self) -> dict[str, Any]:
        """The scenario as JSON has it, so that it can be solved again."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain | {"first": self.first.isoformat() if self.first else None}


def first_quarter(scenario: Scenario, today: datetime.date) -> datetime.date:
    """The first day of the first quarter that is planned: that of the day asked for, else the next after today's."""
    return later(scenario.first, 0) if scenario.first else later(today, 1)


def _read(source: Source) -> Scenario:
    """Types first; then what the values mean."""
    given = values_of(source)
    problems = [_renamed(problem) for problem in source.reading.problems]
    if problems:
        raise InputRefused(problems)
    given["before"] = tuple(Before(**one) for one in given["before"])
    for name in ("lanes", "groups"):
        given[name] = tuple(Together(**one) for one in given[name])
    scenario = Scenario(**given)
    if found := faults(scenario):
        raise InputRefused([replace(one, place=replace(one.place, file=source.reading.file)) for one in found])
    return scenario


def _renamed(problem: Problem) -> Problem:
    return replace(problem, code=problem.code.replace("E-RULES", "E-SCENARIO"))


def _beside(file: Path, name: str) -> str:
    """A file that a scenario names, looked for beside it; what is no file's name stays as it is."""
    return str((file.parent / name).absolute()) if name.split(":")[0].lower().endswith(FILES) else name


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value
