"""A ledger with a row a parcel and a date column a milestone → one row an event."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landgis.io.cells import Parsed
from landgis.io.findings import Work, set_aside_of, source_of
from landgis.io.mapping import ColumnMapping
from landgis.io.raw import Read
from landgis.tables import EVENTS, MILESTONES
from landgis.text import N_, Message


def melt(
    work: Work,
    unknown: dict[str, pd.Series],
    dates: Mapping[str, Parsed],
    how: Mapping[str, ColumnMapping],
) -> Read:
    """One row an event, in the order of the file and, within a parcel, of the milestones."""
    usable = np.setdiff1d(np.arange(len(work.raw.frame)), list(work.aside))
    order = [name for name in MILESTONES if name in dates]
    parts = [usable[dates[name].values.notna().to_numpy()[usable]] for name in order]
    position = np.concatenate([*parts, np.array([], dtype=int)]).astype(int)
    milestone = np.repeat(np.arange(len(order)), [len(part) for part in parts])
    sorting = np.lexsort((milestone, position))
    position, milestone = position[sorting], milestone[sorting]
    frame = pd.DataFrame({**work.columns, **work.beside, **unknown}).iloc[position].reset_index(drop=True)
    frame["milestone"] = pd.Series([order[number] for number in milestone], dtype="str")
    frame["occurred_on"] = _days(dates, order, position, milestone)
    kinds = pd.Series([how[order[number]].kind for number in milestone], dtype="str")
    frame["kind"] = kinds.fillna(frame["kind"]) if "kind" in frame else kinds
    if any(dates[name].beside for name in order):
        frame["occurred_on_precision"] = _precisions(dates, order, position, milestone)
    first = [column.name for column in EVENTS.columns if column.name in frame]
    frame = frame[[*first, *(name for name in frame if name not in first)]]
    _note_rows_without_dates(work, usable, position)
    remarks = [*work.raw.problems, *work.log.remarks]
    return Read(frame, work.raw.rows[position], source_of(work, len(frame)), remarks, set_aside_of(work))


def _days(dates: Mapping[str, Parsed], order: list[str], position: np.ndarray, milestone: np.ndarray) -> pd.Series:
    if not len(position):
        return pd.Series([], dtype="datetime64[us]")
    table = np.stack([dates[name].values.to_numpy("datetime64[us]") for name in order])
    return pd.Series(table[milestone, position])


def _precisions(
    dates: Mapping[str, Parsed], order: list[str], position: np.ndarray, milestone: np.ndarray
) -> pd.Series:
    precisions = np.full(len(position), "day", dtype=object)
    for number, name in enumerate(order):
        if (column := dates[name].beside.get(f"{name}_precision")) is not None:
            here = milestone == number
            precisions[here] = column.to_numpy(object)[position[here]]
    return pd.Series(precisions, dtype="str")


def _note_rows_without_dates(work: Work, usable: np.ndarray, position: np.ndarray) -> None:
    without = np.setdiff1d(usable, position)
    if len(without):
        template = N_("{count} rows have no date in any milestone's column, so they make no event (rows {rows})")
        values = {"count": len(without), "rows": work.log.listed(without)}
        work.log.remark("W-EVENTS-NONE", Message(template, values))
