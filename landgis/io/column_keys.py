"""Keys that are missing or stand twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landgis.io.cells import Finding, cell_text, is_missing
from landgis.io.findings import MOST_LISTED, Work
from landgis.tables import Column
from landgis.text import N_, Message

MISSING = N_("{name} is empty; fill it in")


def check_keys(work: Work) -> None:
    """Where a needed cell is empty the row is set aside; where a key has to be unique the file is refused."""
    for column in work.table.columns:
        values = work.columns.get(column.name)
        if values is None or not (column.needed or column.unique):
            continue
        _note_missing(work, column, np.flatnonzero(values.isna()))
        if column.unique:
            _note_duplicates(work, values[values.notna()], work.called(column.name))
    if work.table.name == "enterprises" and "enterprise_id" in work.columns:
        keys = pd.DataFrame({name: work.columns[name] for name in ("enterprise_id", "year") if name in work.columns})
        _note_duplicates(work, keys[keys["enterprise_id"].notna()], work.called("enterprise_id"))


def _note_missing(work: Work, column: Column, positions: np.ndarray) -> None:
    name = work.called(column.name)
    if column.unique and len(positions):
        work.log.add(Finding("E-ID-MISSING", MISSING, positions, extra={"name": column.name}), name)
        return
    code = "W-ID-MISSING" if column.kind == "key" else "W-VALUE-MISSING"
    message = Message(MISSING, {"name": column.name})
    for position in positions.tolist():
        work.aside.setdefault(position, work.log.problem(code, message, position, name, work.ids))


def _note_duplicates(work: Work, keys: pd.Series | pd.DataFrame, name: str) -> None:
    """One fault a key that stands in several rows, with all of them."""
    repeated = pd.DataFrame(keys[keys.duplicated(keep=False)])
    if not len(repeated):
        return
    groups = list(repeated.groupby(list(repeated.columns), sort=False, dropna=False).indices.items())
    places = repeated.index.to_numpy()
    for key, inside in groups[:MOST_LISTED]:
        at = places[np.sort(inside)]
        parts = key if isinstance(key, tuple) else (key,)
        said = " ".join(str(cell_text(part)) for part in parts if not is_missing(part))
        message = Message(
            N_("{key} stands in more than one row ({rows}); keep one, or correct the number"),
            {"key": said, "rows": work.log.listed(at, most=MOST_LISTED)},
        )
        work.log.faults.append(work.log.problem("E-ID-DUP", message, int(at[0]), name))
    if (more := len(groups) - MOST_LISTED) > 0:
        work.log.fault("E-ID-DUP", Message(N_("{count} more numbers are repeated"), {"count": more}), name)
