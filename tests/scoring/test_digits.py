"""Numbers as Python writes them one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.scoring.digits import written

near = st.floats(-50, 50)
any_number = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize("decimals", [2, 4])
@given(numbers=st.one_of(st.lists(near, max_size=30), st.lists(any_number, max_size=10)))
def test_each_number_is_written_as_python_does(decimals, numbers):
    found = written(np.array(numbers, dtype=float), decimals)
    assert found.to_pylist() == [f"{np.round(number, decimals):.{decimals}f}" for number in numbers]
    words = found.dictionary.to_pylist()
    assert len(words) == len(set(words)) or any(np.isnan(number) for number in numbers)


def test_halves_and_what_is_just_below_nought():
    assert written(np.array([0.125, 0.375, 2.675, -0.004, 0.0, -0.0, 1e15 + 0.5]), 2).to_pylist() == [
        "0.12", "0.38", "2.68", "-0.00", "0.00", "-0.00", "1000000000000000.50",
    ]  # fmt: skip
