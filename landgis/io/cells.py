"""A column as it stands in a file, taken apart; and what was found wrong with it, by position."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd  # and late below: who streams Parquet need not wait for it

VALUE_LENGTH = 60  # characters of a wrong value that a message shows
EXACT_DIGITS = 15  # decimal digits that a float, and so a spreadsheet cell, keeps
UNKNOWN_WORDS = frozenset(
    {"", "-", "--", "---", "–", "—", "——", "/", "\\", "无", "n/a", "na", "null", "none", "<null>", "(null)"}
)
# C0 without tab and line ends, C1, soft hyphen, zero-width, bidi overrides and isolates, byte order mark.
CONTROLS = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{ad}\x{61c}\x{200b}-\x{200f}\x{202a}-\x{202e}"
    r"\x{2060}-\x{2064}\x{2066}-\x{2069}\x{feff}]"
)
# What a layer loses before anything else looks at it: no tab and line ends, zero-width, and what turns the direction.
UNSEEN = r"[\x{00}-\x{08}\x{0b}\x{0c}\x{0e}-\x{1f}\x{7f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
_BLANKS = " \u00a0\u3000"
# Bytes without which a UTF-8 text has nothing to strip: blanks and controls, or the lead byte of one.
_SUSPECT = np.zeros(256, dtype=bool)
_SUSPECT[[*range(0x21), 0x7F, 0xC2, 0xD8, 0xE2, 0xE3, 0xEF]] = True


@dataclass(frozen=True)
class Finding:
    """What is wrong (E-…) or worth saying (W-…) at some positions of one column.

    `template` is marked for translation; an E- template is said once a position with {value}, a W- template
    once in all with {count} and {rows}. `extra` are further values.
    """

    code: str
    template: str
    positions: np.ndarray
    shown: Sequence[Any] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Parsed:
    """A column in canonical form, what was found on the way, and columns that belong beside it."""

    values: pd.Series
    findings: list[Finding] = field(default_factory=list)
    beside: dict[str, pd.Series] = field(default_factory=dict)


@dataclass(frozen=True)
class Cells:
    """A column by what its cells are in the file; None where there are none of a kind."""

    length: int
    numbers: np.ndarray | None = None  # float64, NaN where the cell is something else
    texts: pa.Array | None = None  # string, null where the cell is something else
    times: np.ndarray | None = None  # datetime64[us], NaT where the cell is something else


def shown(value: Any) -> str:
    """A value as a message shows it: one line, at most 60 characters."""
    text = " ".join(str(cell_text(value)).split())
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


def folded(text: str) -> str:
    """A word as it is compared: half width, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def is_unknown(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return folded(text) in UNKNOWN_WORDS


def arrow_text(series: pd.Series) -> pa.Array:
    """A text column as one Arrow array, NaN as null."""
    array = pa.array(series, type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def text_series(array: pa.Array, index: pd.Index | None = None) -> pd.Series:
    """An Arrow array of texts as a pandas column of `str`."""
    import pandas as pd

    return pd.Series(pd.array(array, dtype="str"), index=index)


def take_apart(series: pd.Series) -> Cells:
    """The cells of a column by kind; truth values become the texts `true` and `false`."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    size, dtype = len(series), series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return Cells(size, texts=arrow_text(text_of(series)))
    if pd.api.types.is_numeric_dtype(dtype):
        return Cells(size, numbers=series.to_numpy(np.float64, na_value=np.nan))
    if isinstance(dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(series.dtype):
        return Cells(size, times=series.to_numpy("datetime64[us]"))
    if isinstance(dtype, pd.StringDtype):
        return Cells(size, texts=arrow_text(series))
    return _take_apart_objects(series.to_numpy(object))


def _take_apart_objects(cells: np.ndarray) -> Cells:
    size = len(cells)
    numbers, times = np.full(size, np.nan), np.full(size, np.datetime64("NaT"), dtype="datetime64[us]")
    texts: list[str | None] = [None] * size
    for i, cell in enumerate(cells):
        if isinstance(cell, str):
            texts[i] = cell
        elif is_number(cell):
            numbers[i] = float(cell)
        elif is_missing(cell):
            continue
        elif isinstance(cell, datetime.datetime):
            times[i] = np.datetime64(cell.replace(tzinfo=None))
        elif isinstance(cell, datetime.date):
            times[i] = np.datetime64(cell)
        else:
            texts[i] = cell_text(cell)
    return Cells(
        size,
        numbers=None if np.isnan(numbers).all() else numbers,
        texts=None if all(text is None for text in texts) else pa.array(texts, pa.large_string()),
        times=None if np.isnat(times).all() else times,
    )


def is_number(cell: Any) -> bool:
    """Whether a cell is a number, and neither NaN nor a truth value."""
    if isinstance(cell, bool | np.bool_):
        return False
    return isinstance(cell, int | float | Decimal | np.number) and bool(cell == cell)


def is_missing(cell: Any) -> bool:
    """Whether a cell is empty: None, NaN, NaT."""
    nothing = cell is None or type(cell).__name__ in ("NAType", "NaTType")  # pandas's own
    return nothing or (isinstance(cell, float | Decimal) and cell != cell)


def cell_text(cell: Any) -> str | None:
    """One cell as text: whole numbers without `.0`, dates as 2026-03-01.

    >>> cell_text(3.0), cell_text(0.5), cell_text("007"), cell_text(True), cell_text(None)
    ('3', '0.5', '007', 'true', None)
    """
    if isinstance(cell, str):
        return cell
    if is_missing(cell):
        return None
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell)).lower()
    if isinstance(cell, float | np.floating):
        number = float(cell)
        return str(int(number)) if number.is_integer() and abs(number) < 1e21 else repr(number)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


def text_of(series: pd.Series) -> pd.Series:
    """A column of any kind as `str`: whole numbers without `.0`, dates as 2026-03-01, NaN where empty."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.StringDtype):
        return series.astype("str")
    if pd.api.types.is_integer_dtype(dtype) and not pd.api.types.is_extension_array_dtype(dtype):
        return series.astype("str")
    texts = [cell_text(cell) for cell in series.to_numpy(object)]
    return pd.Series(pd.array(texts, dtype="str"), index=series.index)


def clean(series: pd.Series, *, trim: str = "blanks") -> tuple[pd.Series, np.ndarray]:
    """A text column without control, zero-width and bidi characters or blanks around; and where they were.

    `trim="all"` takes tabs and line ends from the ends too; an empty text becomes NaN.
    """
    array = arrow_text(series)
    kept, positions = cleaned(array, trim=trim)
    return (series if kept is array else text_series(kept, series.index)), positions


def cleaned(array: pa.Array, *, trim: str = "blanks") -> tuple[pa.Array, np.ndarray]:
    """The same of an Arrow array of large_string, which comes back as it is where nothing is to be done."""
    if not _suspect(array):
        return (_no_empty(array) if _has_empty(array) else array), NOWHERE
    found = pc.fill_null(pc.match_substring_regex(array, CONTROLS), False)
    positions = np.flatnonzero(found.to_numpy(zero_copy_only=False))
    if len(positions):
        array = pc.replace_substring_regex(array, CONTROLS, "")
    array = pc.utf8_trim_whitespace(array) if trim == "all" else pc.utf8_trim(array, _BLANKS)
    return _no_empty(array), positions


NOWHERE = np.array([], dtype=int)


def text_bytes(array: pa.Array) -> np.ndarray:
    """The bytes of the texts of a large_string array, one after the other; what nulls hide may be among them."""
    _, starts, texts = array.buffers()
    if texts is None or not len(array):
        return np.array([], dtype=np.uint8)
    first, last = np.frombuffer(starts, np.int64)[[array.offset, array.offset + len(array)]]
    return np.frombuffer(texts, np.uint8)[first:last]


def is_plain_ascii(letters: np.ndarray) -> bool:
    """Whether there is nothing but visible ASCII without blanks, as in most keys; far quicker than looking each up."""
    return not len(letters) or bool(letters.min() > 0x20 and letters.max() < 0x7F)


def _suspect(array: pa.Array) -> bool:
    letters = text_bytes(array)
    return not is_plain_ascii(letters) and bool(_SUSPECT[letters].any())


def _has_empty(array: pa.Array) -> bool:
    return bool(pc.any(pc.equal(pc.binary_length(array), 0)).as_py())


def _no_empty(array: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(pc.binary_length(array), 0), None, array)
