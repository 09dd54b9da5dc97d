"""What buildings and firms add to their parcels, against additions one by one in Python's own floats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.compiled import sums
from landgis.compiled.sums import SUMS, Floors, add_floors, sum_figure
from tests.ways import WAYS

areas = st.one_of(st.sampled_from([0.0, 0.1, 0.2, 0.3, 1e16]), st.floats(0, 1e6))
buildings = st.tuples(areas, *(st.floats(1, 2),) * 3, st.sampled_from(["legal", "unlicensed", ""]), st.integers(0, 127))


def added(kernel, parcels, pairs, standing):
    """The sums and flags after two batches of the same pairs, cut in the middle."""
    *numbers, words, flags = (np.array(column) for column in zip(*standing, strict=True))
    words = words.astype(object)
    floors = Floors(*numbers, words == "legal", words == "unlicensed", flags.astype(np.uint8))
    found, flagged = np.zeros((parcels, len(SUMS))), np.zeros(parcels, np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        if not kernel:
            patch.setattr(sums, "kernels", lambda: None)
        for part in (pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]):
            at, parcel, share, footprint = (np.array([pair[side] for pair in part]) for side in range(4))
            add_floors(found, flagged, (at.astype(int), parcel.astype(int), share, footprint), floors)
    return found, flagged


@pytest.mark.parametrize("kernel", WAYS)
def test_sums_by_hand(kernel):
    """A legal building of 100 m² lies half on each of two parcels; an unlicensed one of 10 and one of 8 on the second."""
    standing = [
        (100.0, 1.5, 1.25, 2.0, "legal", 1),
        (10.0, 1.0, 1.0, 1.0, "unlicensed", 2),
        (8.0, 1.0, 1.0, 2.0, "", 4),
    ]
    pairs = [(0, 0, 0.5, 30.0), (0, 1, 0.5, 20.0), (1, 1, 1.0, 5.0), (2, 1, 1.0, 4.0)]
    found, flags = added(kernel, 3, pairs, standing)
    assert dict(zip(SUMS, found.T.tolist(), strict=True)) == {
        "footprint": [30, 29, 0], "plain": [50, 68, 0], "value": [75, 93, 0], "low": [62.5, 80.5, 0],
        "high": [100, 126, 0], "legal": [75, 83, 0], "legal_low": [62.5, 62.5, 0], "legal_high": [100, 116, 0],
        "unlicensed": [0, 10, 0], "unclear": [0, 8, 0],
    }  # fmt: skip
    assert flags.tolist() == [1, 7, 0]


@pytest.mark.parametrize("kernel", WAYS)
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_bit_is_that_of_one_addition_after_the_other(kernel, data):
    standing = data.draw(st.lists(buildings, min_size=1, max_size=6))
    pair = st.tuples(st.integers(0, len(standing) - 1), st.integers(0, 2), st.floats(0, 1), areas)
    pairs = data.draw(st.lists(pair, max_size=60))
    wanted, flags = [dict.fromkeys(SUMS, 0.0) for _ in range(3)], [0, 0, 0]
    for at, parcel, share, footprint in pairs:
        area, factor, low, high, word, flag = standing[at]
        by = {"plain": share * area, "value": share * (area * factor), "low": share * (area * low),
              "high": share * (area * high), "footprint": footprint}  # fmt: skip
        parts = {"legal": ["value", "legal"], "legal_low": ["low", "legal"], "legal_high": ["high", "legal"],
                 "unlicensed": ["plain", "unlicensed"], "unclear": ["plain", ""]}  # fmt: skip
        for name, (source, words) in parts.items():
            counts = word == words or (word == "" and name in ("legal", "legal_high"))
            if counts:
                by[name] = by[source]
        for name, value in by.items():
            wanted[parcel][name] += value
        flags[parcel] |= flag
    found, flagged = added(kernel, 3, pairs, standing)
    assert found.tolist() == [[row[name] for name in SUMS] for row in wanted]
    assert flagged.tolist() == flags


@pytest.mark.parametrize("kernel", WAYS)
@pytest.mark.parametrize("kind", [np.int32, np.int64])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_figure_is_added_firm_after_firm(kernel, kind, data):
    figure = np.array(data.draw(st.lists(st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)), min_size=1, max_size=5)))
    if data.draw(st.booleans()):  # nobody has it: one number, however many firms
        figure = np.broadcast_to(np.nan, len(figure))
    row = st.tuples(st.integers(0, 3), st.integers(0, len(figure) - 1), st.floats(0, 1))
    rows = sorted(data.draw(st.lists(row, max_size=60)))
    wanted, blank = [0.0] * 4, [0] * 4
    for parcel, firm, share in rows:
        if np.isnan(figure[firm]):
            blank[parcel] += 1
        else:
            wanted[parcel] += float(figure[firm]) * share
    with pytest.MonkeyPatch.context() as patch:
        if not kernel:
            patch.setattr(sums, "kernels", lambda: None)
        parcel, firm, share = (np.array([one[side] for one in rows]) for side in range(3))
        found = sum_figure(figure, (parcel.astype(kind), firm.astype(kind), share.astype(float)), 4)
    assert [column.tolist() for column in found] == [wanted, blank]
