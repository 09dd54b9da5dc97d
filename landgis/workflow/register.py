"""What the register says: read once, kept as arrays, and asked for any day."""

from __future__ import annotations

import copy
import datetime
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from landgis.errors import InputRefused, Place, Problem
from landgis.phases.history import day_text
from landgis.phases.lifecycle import NAMES
from landgis.phases.lines import COLUMNS, NOBODY, Lines, extended, known_lines, lines_of
from landgis.phases.reached import Land, Reached, coded, land_arrays, places, reached
from landgis.phases.status import Overdue, Tally, overdue, partial_shares, tally
from landgis.text import N_, Message
from landgis.workflow.project import Project


@dataclass(frozen=True)
class Blocks:
    """The outlines that were valid on a day, in the order of their ids, and in which of them each parcel lies."""

    table: DataFrame  # a row a block: block_id, name, name_en, valid_from, valid_to, area_m2, planned_area_ha
    of_parcel: np.ndarray  # positions in `table`, NOBODY for none


@dataclass(frozen=True)
class Status:
    """What had been reached by a day, as known at a moment."""

    as_of: datetime.date
    known_on: str
    state: Reached
    land: Land
    zone: Tally
    by_block: Tally
    by_mode: Tally
    blocks: Blocks
    modes: tuple[str, ...]
    overdue: Overdue
    baseline: str | None  # the name of the frozen plan that it is measured against; None: the plan as it is now
    shares: dict[str, list[tuple[int, float]]]  # step → parcels of which some buildings have it

    def as_json(self) -> dict[str, Any]:
        """The document of contract §2."""
        outlines = self.blocks.table
        late = [self.blocks.of_parcel[self.overdue.parcel] == at for at in range(len(outlines))]
        return {
            "as_of": self.as_of.isoformat(),
            "known_on": self.known_on,
            "baseline": self.baseline,
            "zone": self._figures(self.zone, 0, np.ones(len(self.overdue.parcel), dtype=bool)),
            "blocks": [
                {**_outline(row), **self._figures(self.by_block, at, late[at])}
                for at, row in enumerate(outlines.itertuples(index=False))
            ],
            "modes": [
                {"renovation_mode": mode, **self.by_mode.figures(at)} for at, mode in enumerate(self.modes)
            ],
        }  # fmt: skip

    def _figures(self, counted: Tally, group: int, late: np.ndarray) -> dict[str, Any]:
        rows = np.flatnonzero(late)
        found = self.overdue
        return {
            **counted.figures(group),
            "floor_area_unknown_parcels": counted.unknown(group),
            "overdue": [
                {"parcel_id": parcel, "milestone": NAMES[code], "planned": day_text(day), "days": days}
                for parcel, code, day, days in zip(
                    self.land.parcel_ids[found.parcel[rows]].tolist(), found.milestone[rows].tolist(),
                    found.planned[rows].tolist(), found.days[rows].tolist(), strict=True,
                )
            ],
        }  # fmt: skip


def _outline(row: Any) -> dict[str, Any]:
    """A block, and which version of its outline the figures are about."""
    return {
        "block_id": row.block_id,
        "name": _known(row.name),
        "name_en": _known(row.name_en),
        "outline": {
            "valid_from": _known(row.valid_from),
            "valid_to": _known(row.valid_to),
            "area_ha": None if np.isnan(row.area_m2) else round(row.area_m2 / 10_000, 4),
            "planned_area_ha": None if np.isnan(row.planned_area_ha) else row.planned_area_ha,
        },
    }


def _known(text: Any) -> str | None:
    return text if isinstance(text, str) else None


class Register:
    """The ledger and the land of a project in memory; `refresh` reads what is new."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lands: dict[int, tuple[Land, dict[str, DataFrame]]] = {}
        self._places: dict[int, np.ndarray] = {}
        self._imports: list[int] = []
        self._baselines: list[tuple[int, str]] = []
        self.lines: Lines = lines_of([])
        self.refresh()

    def refresh(self) -> bool:
        """Read the lines that were added; whether there were any."""
        new = self.project.store.columns(COLUMNS, after=int(self.lines.seq[-1]) if len(self.lines.seq) else 0)
        if not new:
            return False
        self._imports += [int(str(row[0])) for row in new if row[1] in ("import", "create")]
        self._baselines += [(int(str(r[0])), json.loads(str(r[10]))["name"]) for r in new if r[1] == "baseline"]
        self.lines = extended(self.lines, lines_of(new))
        self._places.clear()
        return True

    def renewed(self, project: Project) -> Register:
        """The same register with the lines that were added since, read by `project`; this one stays as it is."""
        other = copy.copy(self)
        other.project = project
        other._places, other._imports, other._baselines = {}, list(self._imports), list(self._baselines)
        other.refresh()
        return other

    @property
    def imports(self) -> list[int]:
        """The lines at which layers were taken over."""
        return self._imports

    def land(self, size: int) -> tuple[Land, dict[str, DataFrame]]:
        """The land as it was when the ledger had `size` lines; read once for each import."""
        since = max((line for line in self._imports if line <= size), default=0)
        if since not in self._lands:
            tables = self.project.store.land(since)
            self._lands[since] = (land_arrays(tables), tables)
        return self._lands[since]

    def land_known(self, known_on: np.datetime64 | None = None) -> tuple[Land, dict[str, DataFrame]]:
        """The land as the register knew it at a moment, as arrays and as tables."""
        return self.land(known_lines(self.lines, known_on))

    def reached(
        self, *, as_of: int, known_on: np.datetime64 | None = None, kind: str = "actual"
    ) -> tuple[Reached, Land]:
        """When each parcel reached each milestone, and the land that this is about."""
        land, _ = self.land_known(known_on)
        place = self._place(land)
        found = reached(self.lines, land, self.project.life, kind=kind, as_of=as_of, known_on=known_on, place=place)
        return found, land

    def _place(self, land: Land) -> np.ndarray:
        """Where each parcel of the ledger stands in a land; looked up once."""
        if id(land) not in self._places:
            self._places[id(land)] = places(self.lines, land)
        return self._places[id(land)]

    def baselines(self, size: int) -> list[tuple[int, str]]:
        """The plans that were frozen in the first `size` lines: line and name."""
        return [one for one in self._baselines if one[0] <= size]

    def planned(
        self, *, as_of: int, known_on: np.datetime64 | None = None, baseline: str | None = None
    ) -> tuple[Reached, str | None]:
        """The plan to measure by: a frozen one if there is any, the last or the one named, else the plan as it is."""
        size = known_lines(self.lines, known_on)
        frozen = [one for one in self.baselines(size) if baseline in (None, one[1])]
        if baseline is not None and not frozen:
            known = ", ".join(name for _, name in self.baselines(size)) or "-"
            message = Message(N_("there is no baseline {name}; there are: {known}"), {"name": baseline, "known": known})
            raise InputRefused([Problem("E-BASELINE", message, Place(self.project.store.where))])
        land, _ = self.land(size)
        lines = self.lines
        if frozen:
            lines = first_lines(lines, frozen[-1][0])
        plan = reached(
            lines, land, self.project.life, kind="planned", as_of=as_of, known_on=known_on, place=self._place(land)
        )
        return plan, frozen[-1][1] if frozen else None

    def status(
        self,
        *,
        as_of: datetime.date,
        known_on: np.datetime64 | None = None,
        known_text: str = "",
        baseline: str | None = None,
    ) -> Status:
        """What had been reached by a day, by zone, block and mode."""
        day = as_of.toordinal()
        size = known_lines(self.lines, known_on)
        state, land = self.reached(as_of=day, known_on=known_on)
        plan, frozen = self.planned(as_of=day, known_on=known_on, baseline=baseline)
        blocks = blocks_on(self.land(size)[1], land, as_of)
        life = self.project.life
        modes = tuple(life.modes)
        mode_of = coded(land.mode, {mode: at for at, mode in enumerate(modes)}, NOBODY)
        return Status(
            as_of, known_text, state, land,
            zone=tally(state, land, as_of=day),
            by_block=tally(state, land, as_of=day, group=blocks.of_parcel, groups=len(blocks.table)),
            by_mode=tally(state, land, as_of=day, group=mode_of, groups=len(modes)),
            blocks=blocks, modes=modes,
            overdue=overdue(plan.day, state, as_of=day), baseline=frozen,
            shares={step: list(partial_shares(state, land, step, as_of=day)) for step in ("VACATED", "DEMOLISHED")},
        )  # fmt: skip


def first_lines(lines: Lines, line: int) -> Lines:
    """A ledger up to a line."""
    import dataclasses

    size = int(np.searchsorted(lines.seq, line, side="right"))
    cut = {
        name: getattr(lines, name)[:size]
        for name in ("seq", "root", "parcel", "building", "milestone", "kind", "first", "day", "recorded")
    }
    return dataclasses.replace(
        lines, **cut, corrections=lines.corrections[lines.corrections < size],
        lineage=tuple(one for one in lines.lineage if one[0] <= line),
    )  # fmt: skip


def blocks_on(tables: dict[str, DataFrame], land: Land, day: datetime.date) -> Blocks:
    """The outlines valid on a day; a parcel that names no block lies in the one that covers most of it."""
    outlines, parcels, coverage = (tables[name] for name in ("land_blocks", "land_parcels", "land_coverage"))
    text = day.isoformat()
    since, until = outlines["valid_from"].fillna(""), outlines["valid_to"].fillna("9999-12-31")
    valid = outlines[(since <= text) & (text < until)].sort_values(["block_id", "valid_from"], na_position="first")
    valid = valid.drop_duplicates("block_id", keep="last")
    named = parcels["block_id"].astype(object).where(parcels["block_id"].notna(), None).to_numpy(object)
    if len(coverage):
        keys = set(zip(valid["block_id"], valid["valid_from"].fillna(""), strict=True))
        pairs = list(zip(coverage["block_id"], coverage["valid_from"].fillna(""), strict=True))
        usable = coverage[[pair in keys for pair in pairs]].sort_values("covered_m2", kind="stable")
        most = dict(zip(usable["parcel_id"], usable["block_id"], strict=True))
        named = np.array([own or most.get(key) for own, key in zip(named, land.parcel_ids, strict=True)], dtype=object)
    drawn = set(valid["block_id"])
    undrawn = sorted(set(pd.unique(named)) - drawn - {None})
    table = valid.reset_index(drop=True)
    if undrawn:  # blocks that parcels name and nobody drew
        table = table.reindex(range(len(valid) + len(undrawn)))
        table.loc[len(valid) :, "block_id"] = undrawn
    place = {name: at for at, name in enumerate(table["block_id"])}
    return Blocks(table, coded(named, place, NOBODY))
