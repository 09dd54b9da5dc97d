"""What every writer does first: plain columns, each of one kind, under names that differ in any case.

Whatever the user's own columns hold becomes text, number, integer, flag (yes/no) or time: lists and records
become JSON text, bytes hexadecimal, a time with a zone ISO 8601 text, categories the text of their category;
infinite numbers become empty. Nothing else changes a value.
"""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import orjson
import pyarrow as pa

from landgis.errors import Place, Problem
from landgis.results import ResultColumn
from landgis.text import N_, Message

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "integer", "flag", "time"]
_INT64 = 2**63
_ARROW_TYPES = {"text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "flag": pa.bool_()}


def plain_columns(
    frame: pd.DataFrame, columns: Sequence[ResultColumn], *, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """The columns of `frame` without geometry, in their order, index from 0; remarks about new names.

    Kinds are pandas dtypes afterwards: text object (str or None), number float64, integer Int64, flag boolean,
    time datetime64[ms].
    """
    import pandas as pd

    wanted = {column.name: column.kind for column in columns}
    places = [i for i, dtype in enumerate(frame.dtypes) if not _is_geometry(dtype)]
    old = [str(frame.columns[i]) for i in places]
    new = unique_names(old)
    plain = {
        name: _plain(frame.iloc[:, i], wanted.get(name)).reset_index(drop=True)
        for i, name in zip(places, new, strict=True)
    }
    remarks = [renamed(file, was, name) for was, name in zip(old, new, strict=True) if was != name]
    return pd.DataFrame(plain, index=pd.RangeIndex(len(frame))), remarks


def kind_of(column: pd.Series) -> Kind:
    """The kind of a plain column."""
    import pandas as pd

    if _is_object(column.dtype):
        return "text"
    if isinstance(column.dtype, pd.BooleanDtype):
        return "flag"
    if isinstance(column.dtype, pd.Int64Dtype):
        return "integer"
    return "time" if column.dtype.kind == "M" else "number"


def unique_names(names: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """Names that differ from each other and from `taken` in any case; a later one gets a number.

    >>> unique_names(["score", "Score", "面积"], taken=["fid"])
    ['score', 'Score_2', '面积']
    """
    seen = {name.casefold() for name in taken}
    unique = []
    for name in names:
        candidate, number = name or "column", 1
        while candidate.casefold() in seen:
            number += 1
            candidate = f"{name or 'column'}_{number}"
        seen.add(candidate.casefold())
        unique.append(candidate)
    return unique


def is_date_only(column: pd.Series) -> bool:
    """Whether a column of times holds days only: no value has a time of day."""
    known = column.dropna()
    return bool((known == known.dt.normalize()).all())


def arrow_cells(column: pd.Series) -> pa.Array:
    """A plain column as Arrow has it: days alone as date32, other times in ms."""
    kind = kind_of(column)
    if kind == "time":
        return pa.array(column, pa.date32() if is_date_only(column) else pa.timestamp("ms"), from_pandas=True)
    return pa.array(column, _ARROW_TYPES[kind], from_pandas=True)


def time_text(column: pd.Series) -> pd.Series:
    """ISO 8601 text of a column of times: days alone where it holds days only."""
    text = column.dt.strftime("%Y-%m-%d" if is_date_only(column) else "%Y-%m-%dT%H:%M:%S")
    return text.astype(object).where(column.notna(), None)


def renamed(file: str, old: str, new: str) -> Problem:
    """The remark that a column has another name in the file."""
    message = Message(N_("this column is named {name} in the output"), {"name": new})
    return Problem("W-OUT-RENAMED", message, Place(file=file, field=old))


def cut(file: str, field: str, count: int, limit: Message) -> Problem:
    """The remark that texts of a column were cut."""
    values = {"count": count, "limit": limit}
    message = Message(N_("{count} texts are longer than {limit} and were cut"), values)
    return Problem("W-OUT-CUT", message, Place(file=file, field=field))


def _is_object(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind == "O"


def _is_geometry(dtype: Any) -> bool:
    return getattr(dtype, "name", "") == "geometry"


def _plain(column: pd.Series, wanted: str | None) -> pd.Series:
    import pandas as pd

    if wanted in ("key", "text"):
        return _text(column)
    if wanted in ("number", "integer"):
        column = pd.to_numeric(column)
    plain = _typed(column)
    return plain.astype("Int64") if wanted == "integer" and kind_of(plain) == "number" else plain


def _typed(column: pd.Series) -> pd.Series:
    """By dtype where pandas says what it is, else by what the cells are."""
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _typed(column.astype(dtype.categories.dtype))
    if pd.api.types.is_bool_dtype(dtype):
        return column.astype("boolean")
    if pd.api.types.is_integer_dtype(dtype):
        return column.astype("Int64") if _fits(column) else _text(column)
    if pd.api.types.is_float_dtype(dtype):
        number = pd.Series(column.to_numpy(float, na_value=np.nan), column.index)
        return number.where(np.isfinite(number))
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        return column.astype("datetime64[ms]")
    return _by_cells(column) if _is_object(dtype) else _text(column)


def _by_cells(column: pd.Series) -> pd.Series:
    import pandas as pd

    known = [cell for cell in column if not _is_missing(cell)]
    if known and all(isinstance(cell, (bool, np.bool_)) for cell in known):
        return _rebuilt(column, "boolean")
    if known and all(isinstance(cell, numbers.Integral) and not isinstance(cell, bool) for cell in known):
        return _rebuilt(column, "Int64") if all(-_INT64 <= cell < _INT64 for cell in known) else _text(column)
    if known and all(isinstance(cell, numbers.Real) and not isinstance(cell, bool) for cell in known):
        return _typed(pd.Series([np.nan if _is_missing(c) else float(c) for c in column], column.index))
    if known and all(isinstance(cell, datetime.date) and not getattr(cell, "tzinfo", None) for cell in known):
        return pd.to_datetime(column).astype("datetime64[ms]")
    return _text(column)


def _rebuilt(column: pd.Series, dtype: str) -> pd.Series:
    import pandas as pd

    cells = [pd.NA if _is_missing(cell) else cell for cell in column]
    return pd.Series(cells, column.index, dtype=dtype)


def _fits(column: pd.Series) -> bool:
    known = column.dropna()
    return known.empty or (int(known.max()) < _INT64 and int(known.min()) >= -_INT64)


def _text(column: pd.Series) -> pd.Series:
    """Text or None; an empty text stays an empty text."""
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype):
        return column.astype(object).where(column.notna(), None)
    cells = [None if _is_missing(cell) else _cell_text(cell) for cell in column]
    return pd.Series(cells, column.index, dtype=object)


def _cell_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, (bytes, bytearray)):
        return cell.hex()
    if isinstance(cell, np.ndarray):
        cell = cell.tolist()
    if isinstance(cell, (list, tuple, dict)):
        return orjson.dumps(cell, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    return str(cell)


def _is_missing(cell: Any) -> bool:
    import pandas as pd

    return cell is None or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))
