"""Blocks of a summary, added up by hand, however the parcels are cut."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from landgis.columns import Columns
from landgis.workflow.summary import BlockLine, Overview

WORDS = ["area_source", "floor_area_source", "grade", "reasons_zh", "reasons_en"]
NUMBERS = ["score", "score_low", "score_high"]


def result(low):
    """Four parcels: two of block N, one of S, one of none."""
    numbers = {
        "area_mu": [3.0, 6.0, 9.0, 1.0], "area_m2": [2000.0, 4000.0, 6000.0, 700.0],
        "counted_floor_area_m2": [1000.0, np.nan, 3000.0, 0.0], "output_per_mu": [10.0, 20.0, np.nan, 5.0],
        "renovation_rank": [1.0, 2.0, 3.0, 4.0], **{name: [1.0, 2.0, 3.0, 4.0] for name in NUMBERS},
    }  # fmt: skip
    texts = {"parcel_id": list("PQRS"), "block_id": ["N", "N", "S", None], "low_efficiency": low}
    texts |= {name: ["x"] * 4 for name in WORDS}
    made = {name: pa.array(one, pa.large_string()) for name, one in texts.items()}
    return Columns(made | {name: np.array(one) for name, one in numbers.items()})


@pytest.mark.parametrize("cuts", [(0, 4), (0, 1, 4), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize(("low", "counted"), [
    (["yes", "no", "unknown", "yes"], (1, 0, 1)), (["no", "no", None, "no"], (0, 0, 0)), ([None] * 4, (0, 0, 0)),
])  # fmt: skip
def test_blocks_by_hand(cuts, low, counted):
    overview = Overview()
    for first, last in pairwise(cuts):
        overview.add(result(low).stretch(first, last))
    of_n, of_s, of_none = counted
    assert overview.summary().blocks == (
        BlockLine("N", 2, 9.0, 0.5, (30 + 120) / 9, of_n),
        BlockLine("S", 1, 9.0, 0.5, pytest.approx(np.nan, nan_ok=True), of_s),
        BlockLine("—", 1, 1.0, 0.0, 5.0, of_none),
    )
