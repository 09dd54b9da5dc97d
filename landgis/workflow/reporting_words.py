"""What the sections of a report are made from, and the words that they are made in."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
from pandas import DataFrame

from landgis.documents.content import Column, Paragraph, Part, Table
from landgis.phases.status import RENOVATED
from landgis.text import N_, Message
from landgis.units import m2_to_mu
from landgis.workflow.project import Project
from landgis.workflow.trend import Picture, reached_figures
from landgis.workflow.zone import Zone

LISTED = 40  # rows of a list in a report of the whole zone; that of a block has all


class Wording(Protocol):
    """One language: `landgis.ui.words.Words`."""

    @property
    def language(self) -> str:
        """zh_CN or en."""

    def __call__(self, template: str, **values: Any) -> str:
        """A marked template with its values."""

    def message(self, message: Message) -> str:
        """A message."""

    def number(self, value: Any, decimals: int = 0) -> str:
        """A number; a dash where it is not known."""

    def percent(self, share: Any, decimals: int = 0) -> str:
        """A share (0…1) in per cent."""

    def day(self, day: Any) -> str:
        """A day: a date, ISO text or an ordinal."""

    def month(self, day: datetime.date) -> str:
        """The month of a day."""

    def moment(self, text: str | None) -> str:
        """A moment of the ledger."""

    def milestone(self, code: Any) -> str:
        """A milestone."""

    def name(self, name: Any, name_en: Any, key: str = "") -> str:
        """A name, as far as it is known in this language."""


@dataclass(frozen=True)
class Material:
    """A project on a day, the parcels that a report is about, and the words to say it in."""

    project: Project
    zone: Zone
    found: Picture
    chosen: np.ndarray  # bool[parcels]: those of the block that exist on the day
    block: str | None
    words: Wording
    kinds: Mapping[str, tuple[str, str]]  # phase class → colour and hatch
    codes: Mapping[str, Mapping[str, str]]  # column → code → template

    @property
    def as_of(self) -> datetime.date:
        """The day."""
        return self.found.status.as_of

    @cached_property
    def table(self) -> DataFrame:
        """A row a parcel of the report: what `Zone.on` says of it."""
        there = self.zone.on(self.as_of)
        return there.loc[there.index.isin(self.parcel_ids)]

    @cached_property
    def parcel_ids(self) -> pd.Index:
        """The parcels of the report, in the order of the register."""
        return self.found.status.land.parcel_ids[self.chosen]

    @cached_property
    def land_mu(self) -> float:
        """The land of these parcels as far as it is known."""
        return float(m2_to_mu(np.nansum(self.found.status.land.area_m2[self.chosen])))

    def knows_block(self, found: Picture) -> bool:
        """Whether the block was there already in a picture."""
        return self.block is None or bool((found.status.blocks.table["block_id"] == self.block).any())

    def figures(self, found: Picture) -> dict[str, dict[str, float | int | None]]:
        """What had been reached in a picture: milestone or renovated → four measures; {} before there was the block."""
        return reached_figures(found, block=self.block) if self.knows_block(found) else {}

    @cached_property
    def floor_unknown(self) -> dict[str, int]:
        """Milestone → parcels that count, but whose floor area is not known."""
        status = self.found.status
        if self.block is None:
            return status.zone.unknown(0)
        return status.by_block.unknown(int(np.flatnonzero(status.blocks.table["block_id"] == self.block)[0]))

    @cached_property
    def place_name(self) -> str:
        """The block, or the zone, by name."""
        return self.words(N_("the whole zone")) if self.block is None else self.block_name(self.block)

    def block_name(self, block: object) -> str:
        """A block by its name, else by its id; a dash for none."""
        row = self._names.get(block)
        return self.words.name(*row, key=str(block)) if row else "—"

    @cached_property
    def _names(self) -> dict[object, tuple[object, object]]:
        table = self.found.status.blocks.table
        return {row.block_id: (row.name, row.name_en) for row in table.itertuples(index=False)}

    @cached_property
    def last_line(self) -> tuple[int, str, str]:
        """The last line of the ledger that was read: its number, its hash, and when it was recorded."""
        seq = int(self.zone.register.lines.seq[-1]) if len(self.zone.register.lines.seq) else 0
        rows = self.project.store.columns(("hash", "recorded_at"), after=seq - 1) if seq else []
        return (seq, str(rows[0][0]), str(rows[0][1])) if rows else (0, "-", "")

    def step(self, code: str) -> str:
        """A milestone, or renovated, in words."""
        return self.words(N_("renovated")) if code == RENOVATED else self.words.milestone(code)

    def coded(self, column: str, code: str) -> str:
        """A code of a column in words; as it stands where it has none."""
        title = self.codes[column].get(code)
        return self.words(title) if title else code

    def listed(self, columns: Sequence[Column], rows: Sequence[tuple[str, ...]], none: str) -> tuple[Part, ...]:
        """A list: all rows of a block, of the zone the first and how many more; a sentence where there is none."""
        if not rows:
            return (Paragraph(none),)
        if self.block is not None or len(rows) <= LISTED:
            return (Table(tuple(columns), tuple(rows)),)
        more = self.words(N_("{count} more; the reports of the blocks list them all"),
                          count=self.words.number(len(rows) - LISTED))  # fmt: skip
        return (Table(tuple(columns), tuple(rows[:LISTED])), Paragraph(more, style="note"))

    def with_block(self, columns: Sequence[Column], at: int = 1) -> list[Column]:
        """The columns of a list, in a report of the zone with the block among them."""
        block = [Column(self.words(N_("block")), 1.6)] if self.block is None else []
        return [*columns[:at], *block, *columns[at:]]

    def block_cell(self, block: object) -> list[str]:
        """The cell under that column."""
        return [self.block_name(block)] if self.block is None else []
