"""What pages show of a project at one version: read once, shared by all who look at it, never changed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame

from landgis.io.write_geojson import lon_lat
from landgis.phases.course import Course, overdue_course, phase_course
from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES
from landgis.phases.lines import NOBODY
from landgis.phases.reached import Reached
from landgis.workflow.export import SCORED, phases_table
from landgis.workflow.progress import STEPS
from landgis.workflow.project import Project
from landgis.workflow.register import Blocks, Register, blocks_on
from landgis.workflow.themes import LIMITS_D, THEMES, static_codes, step_classes

KEPT_DAYS = 4  # tables of days that are kept at a time: each holds a row of some sixty columns a parcel


@dataclass(frozen=True, eq=False)
class Zone:
    """A project at one version. `parcels`, `scores` and `outlines` (lon/lat) have the order of the register's land."""

    version: str
    today: datetime.date
    register: Register
    layers: Mapping[str, DataFrame]
    parcels: DataFrame  # index parcel_id: the parcel table's own columns
    scores: DataFrame | None  # index parcel_id: RESULT_COLUMNS as saved last
    scored: str  # the line behind which the parcels were scored last, and when; "" for never
    outlines: np.ndarray  # shapely, None where there is none
    _kept: dict[int, Blocks] = field(default_factory=dict)

    @cached_property
    def parcel_ids(self) -> pd.Index:
        """The parcels of the register, those that are no more among them."""
        return self.register.land_known()[0].parcel_ids

    @property
    def scored_at(self) -> int:
        """The line of the ledger behind which the parcels were scored last; 0: never."""
        return int(self.scored.split()[0]) if self.scored else 0

    def place(self, parcel_id: str | None) -> int:
        """The position of a parcel; NOBODY where there is none of that number."""
        return int(self.parcel_ids.get_indexer(pd.Index([parcel_id], dtype=object))[0])

    def on(self, day: datetime.date) -> DataFrame:
        """PHASE_COLUMNS and the results of the scoring by parcel_id, for the parcels that exist on a day."""
        return self._table(day)

    @cached_property
    def _table(self) -> Any:
        return lru_cache(KEPT_DAYS)(self._make_table)

    def _make_table(self, day: datetime.date) -> DataFrame:
        status = self.register.status(as_of=day)
        plan, _ = self.register.planned(as_of=day.toordinal())
        table = phases_table(status, plan.day)
        if self.scores is None:
            return table
        more = [name for name in self.scores.columns if name not in table.columns or name in SCORED]
        return table.drop(columns=list(SCORED)).join(self.scores[more])

    @cached_property
    def reached(self) -> tuple[Reached, Reached]:
        """What had been reached by today, and the plan that it is measured by."""
        today = self.today.toordinal()
        state, _ = self.register.reached(as_of=today)
        plan, _ = self.register.planned(as_of=today)
        return state, plan

    @cached_property
    def coming(self) -> Reached:
        """The plan as it is now, whatever was frozen of it: what the days to come are expected to bring."""
        return self.register.reached(as_of=self.today.toordinal(), kind="planned")[0]

    @cached_property
    def courses(self) -> Mapping[str, Course]:
        """The themes that days change: their classes as step functions."""
        state, plan = self.reached
        codes = [CODES[step] for step in STEPS]
        left = (state.side == CODES["WITHDRAWN"])[:, None]  # who has left owes nothing, and nothing is to come
        actual = state.day[:, codes]
        coming, owed = (np.where(left, NEVER, one.day[:, codes]) for one in (self.coming, plan))
        phase = phase_course(actual, coming, today=self.today.toordinal())
        late = overdue_course(actual, owed, limits_d=LIMITS_D)
        return {"phase": Course(phase.day, step_classes(STEPS)[phase.code]), "overdue": late}

    @cached_property
    def lives(self) -> tuple[np.ndarray, np.ndarray]:
        """int32[parcels] each: the day from which a parcel is there, and the day from which it is no more."""
        born, gone = np.zeros(len(self.parcel_ids), np.int32), np.full(len(self.parcel_ids), NEVER, np.int32)
        for _, action, parcel, day, _ in self.register.lines.lineage:
            at = self.place(parcel)
            if at >= 0:
                (born if action == "create" else gone)[at] = day
        return born, gone

    @cached_property
    def static(self) -> Mapping[str, np.ndarray]:
        """The themes that no day changes: int8[parcels] class codes."""
        scores = DataFrame(index=self.parcel_ids)
        if self.scores is not None:
            scores = self.scores.reindex(self.parcel_ids)
        return {key: static_codes(theme, scores) for key, theme in THEMES.items() if key not in self.courses}

    def codes(self, theme: str, day: datetime.date) -> np.ndarray:
        """int8[parcels]: the class of each parcel in a theme on a day."""
        return self.courses[theme].on(day.toordinal()) if theme in self.courses else self.static[theme]

    def exists(self, day: datetime.date) -> np.ndarray:
        """bool[parcels]: which parcels are there on a day."""
        born, gone = self.lives
        return (born <= day.toordinal()) & (day.toordinal() < gone)

    def blocks(self, day: datetime.date) -> Blocks:
        """The block outlines that hold on a day, and in which of them each parcel lies; once for each set."""
        turn = self.turn(day)
        if turn not in self._kept:
            land, tables = self.register.land_known()
            self._kept[turn] = blocks_on(tables, land, day)
        return self._kept[turn]

    def turn(self, day: datetime.date) -> int:
        """How many times outlines had begun or ended to hold by a day: between two turns all blocks stay the same."""
        return int(np.searchsorted(self._turns, day.toordinal(), side="right"))

    def day_of_turn(self, turn: int) -> datetime.date:
        """A day on which the outlines of a turn hold; IndexError where there is no such turn."""
        return datetime.date.fromordinal(int(self._turns[turn - 1])) if turn else datetime.date(1, 1, 1)

    @cached_property
    def _turns(self) -> np.ndarray:
        """The days on which some outline begins or ends to hold."""
        outlines = self.register.land_known()[1]["land_blocks"]
        texts = {text for name in ("valid_from", "valid_to") for text in outlines[name].dropna()}
        return np.array(sorted(datetime.date.fromisoformat(text).toordinal() for text in texts), dtype=np.int64)

    @cached_property
    def months(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day that the register speaks of, today among them."""
        days = np.concatenate([one.day.ravel() for one in self.reached])
        days = days[days < NEVER]
        today = self.today.toordinal()
        first, last = int(days.min(initial=today)), int(days.max(initial=today))
        return datetime.date.fromordinal(first), datetime.date.fromordinal(last)

    @cached_property
    def block_outlines(self) -> gpd.GeoDataFrame:
        """Blocks as drawn, in lon/lat: block_id, name, name_en, valid_from as ISO text."""
        drawn = self.layers.get("blocks")
        if drawn is None:
            return gpd.GeoDataFrame(
                {"block_id": [], "name": [], "name_en": [], "valid_from": []}, geometry=[], crs=4326
            )
        since = drawn["valid_from"].dt.strftime("%Y-%m-%d") if "valid_from" in drawn else None
        names = {name: drawn.get(name) for name in ("block_id", "name", "name_en")}
        return gpd.GeoDataFrame({**names, "valid_from": since}, geometry=_flat(drawn), crs=4326)


def version_of(project: Project) -> str:
    """What changes whenever something is recorded, imported or scored, and at midnight."""
    scored = project.store.settings().get("scored", "")
    return f"{project.store.head().seq}-{scored.replace(' ', '-').replace(':', '')}-{project.today():%y%m%d}"


def read_zone(project: Project, before: Zone | None = None) -> Zone:
    """A project as it is now; of `before`, an older version of it, what still holds is taken over."""
    version, today = version_of(project), project.today()
    register = before.register.renewed(project) if before else Register(project)
    if before and register.imports == before.register.imports:
        layers, outlines, parcels = before.layers, before.outlines, before.parcels
    else:
        layers = project.store.layers()
        drawn = layers["parcels"].set_index("parcel_id", drop=False)
        ids = register.land_known()[0].parcel_ids
        outlines = _flat(drawn.reindex(ids) if isinstance(drawn, gpd.GeoDataFrame) else drawn)
        parcels = DataFrame(drawn.drop(columns=drawn.geometry.name)).reindex(ids)
    scored = project.store.settings().get("scored", "")
    if before and before.scored == scored:
        scores = before.scores
    else:
        found = project.store.scores()
        scores = None if found is None else found.set_index("parcel_id", drop=False)
    return Zone(version, today, register, layers, parcels, scores, scored, outlines)


def _flat(drawn: gpd.GeoDataFrame) -> np.ndarray:
    """Outlines in lon/lat, mended where they are invalid; None where there is none."""
    geometry, _ = lon_lat(drawn.geometry)
    invalid = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    geometry[invalid] = shapely.make_valid(geometry[invalid])
    return geometry


__all__ = ["NOBODY", "Zone", "read_zone", "version_of"]
