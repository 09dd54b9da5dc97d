"""Numbers by industry: from a firm's GB/T 4754-2017 code to the row of a table that is keyed by another edition.

The same digits mean different industries in different editions: 33 is smelting of non-ferrous metals (有色金属冶炼) in
2002 and metal products (金属制品业) in 2017. So a code never meets a table but through its crosswalk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar
from unicodedata import normalize

from landgis.rules.model import IndustryTable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

CODE = re.compile(r"[A-T]?\s*(\d{2,4})(?:\.0)?")  # a sheet that held numbers gives 3312.0
Value = TypeVar("Value")


def look_up(table: IndustryTable, codes: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest number that each 2017 code can have in the table; NaN where the table has none.

    The code is looked for in the crosswalk with four digits, then three, then two. Lowest and highest are equal where
    the answer is certain; they differ where a coarse code covers several rows of the table.

    >>> import pyarrow as pa
    >>> table = IndustryTable("GB/T 4754-2002", {"29": 0.8, "30": 1.0, "34": 0.7}, {},
    ...                       {"33": ("34",), "29": ("29", "30"), "292": ("30",)})
    >>> [side.tolist() for side in look_up(table, pa.array(["C3312", "29", "2927", "99", None]))]
    [[0.7, 0.8, 1.0, nan, nan], [0.7, 1.0, 1.0, nan, nan]]
    """
    import numpy as np  # here, because recording an event reads rules and needs no table

    from landgis.columns import encode

    encoded = encode(codes)
    answers = [*(_answer(table, code) for code in encoded.dictionary.to_pylist()), (np.nan, np.nan)]
    at = encoded.indices.fill_null(len(answers) - 1).to_numpy()
    low, high = np.array(answers, dtype=float).T
    return low[at], high[at]


def by_digits(numbers: Mapping[str, Value], code: str) -> Value | None:
    """The entry for a code with its four digits, else its first three, else its first two."""
    return next((numbers[code[:digits]] for digits in (4, 3, 2) if code[:digits] in numbers), None)


def _answer(table: IndustryTable, code: object) -> tuple[float, float]:
    match = CODE.fullmatch(normalize("NFKC", str(code)).strip().upper())
    targets = by_digits(table.crosswalk, match[1]) if match else None
    values = [value for target in targets or () if (value := by_digits(table.values, target)) is not None]
    return (min(values), max(values)) if values else (float("nan"), float("nan"))
