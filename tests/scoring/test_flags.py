"""An office's own columns as numbers: as pandas reads them, and yes and no beside."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.frames import column_from
from landgis.scoring.flags import as_numbers, join_flags

cells = st.one_of(
    st.none(), st.sampled_from(["", " 14 ", "1e3", "-2.5", "+7", ".5", "5.", "1_000", "１４", "nan", "x", "0x10", "1,5"]),
    st.floats(-1e6, 1e6).map(str),
)  # fmt: skip


@given(st.lists(cells, max_size=12))
def test_texts_are_read_as_pandas_reads_them(words):
    series = pd.Series(words, dtype="str")
    expected = pd.to_numeric(series, errors="coerce").to_numpy(float, na_value=np.nan)
    assert as_numbers(column_from(series)) == pytest.approx(expected, rel=1e-15, nan_ok=True)


def test_yes_and_no_in_both_languages_and_any_case():
    words = ["是", "否", " Yes", "no", "TRUE", "false", "maybe", None]
    assert as_numbers(pa.array(words)).tolist() == pytest.approx([1, 0, 1, 0, 1, 0, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([True, False, None]), [1, 0, np.nan]),
        (pa.array([3, None], pa.int64()), [3, np.nan]),
        (np.array([2.5, np.nan]), [2.5, np.nan]),
        (pa.array(["7", None]).dictionary_encode(), [7, np.nan]),
        (pa.array([datetime.date(2025, 1, 1), None]), [np.nan, np.nan]),
        (pa.nulls(2), [np.nan, np.nan]),
    ],
)
def test_other_kinds_of_columns(column, expected):
    assert as_numbers(column) == pytest.approx(expected, nan_ok=True)


@given(
    st.integers(0, 30).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.lists(st.booleans(), min_size=n, max_size=n), max_size=40))
    )
)
def test_flags_of_each_row_are_joined(made):
    size, rows = made
    flags = {f"f{number}": np.array(flag, dtype=bool) for number, flag in enumerate(rows)}
    found = join_flags(flags, size).to_pylist()
    assert found == [";".join(name for name, flag in flags.items() if flag[row]) for row in range(size)]
