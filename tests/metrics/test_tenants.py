"""Who holds what, and who is largest: against dictionaries filled row by row."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.columns import Columns
from landgis.compiled.held import held_rows
from landgis.compiled.library import kernels
from landgis.metrics import chunks, sorting, tenancy
from landgis.metrics.chunks import stands, sum_by
from landgis.metrics.sorting import order_of
from landgis.metrics.tenancy import hold
from landgis.metrics.tenants import NOBODY, Firms, largest_occupants

WAYS = [
    pytest.param(True, id="kernels", marks=pytest.mark.skipif(kernels() is None, reason="not compiled here")),
    pytest.param(False, id="numpy alone"),
]
areas = st.one_of(st.sampled_from([0.0, 5.0, 10.0, float("nan")]), st.floats(0, 1e4))
rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), areas), max_size=25)


def arrays(rows):
    kinds = zip(range(3), (int, int, float), strict=True)
    return tuple(np.array([row[place] for row in rows], dtype=kind) for place, kind in kinds)


@pytest.mark.parametrize("bits", [63, 8])  # in one sweep; one key after the other
@given(rows=rows)
def test_rows_in_the_order_of_two_keys(bits, rows):
    parcel, firm, _ = arrays(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "BITS", bits)
        order, major, minor = order_of(parcel, firm)
    expected = np.lexsort((firm, parcel))
    assert order.tolist() == expected.tolist()
    assert (major.tolist(), minor.tolist()) == (parcel[expected].tolist(), firm[expected].tolist())


@pytest.mark.parametrize("kernel", WAYS)
@given(rows=rows)
def test_holdings_are_the_rows_of_a_firm_on_a_parcel_added_up(kernel, rows):
    known, unknown = defaultdict(float), defaultdict(bool)
    for parcel, firm, area in rows:
        known[parcel, firm] += 0 if np.isnan(area) else area
        unknown[parcel, firm] |= np.isnan(area)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", 4)
        if not kernel:
            patch.setattr(tenancy, "kernels", lambda: None)
        found = hold(*arrays(rows))
    pairs = list(zip(found.parcel.tolist(), found.firm.tolist(), strict=True))
    assert pairs == sorted(known)
    assert found.area_m2.tolist() == pytest.approx([known[pair] for pair in pairs])
    assert found.area_unknown.tolist() == [unknown[pair] for pair in pairs]
    assert found.rows(1, 3) == slice(sum(p < 1 for p, _ in pairs), sum(p < 3 for p, _ in pairs))


@pytest.mark.skipif(kernels() is None, reason="not compiled here")
@pytest.mark.parametrize("firms", [1, 30, 2**31 - 1])
def test_few_and_many_occupants_in_the_order_of_numpy(firms):
    """To the bit, repeats and unknown areas among them."""
    random, sizes = np.random.default_rng(firms), [0, 1, 2, 31, 0, 32, 33, 100, 4000, 5]
    parcel = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    firm, area = random.integers(0, firms, len(parcel)), random.random(len(parcel))
    area[random.random(len(parcel)) < 0.1] = np.nan
    found, expected = (way(parcel, firm, area) for way in (held_rows, tenancy._held_rows))
    assert [(one.dtype, one.tobytes()) for one in found] == [(one.dtype, one.tobytes()) for one in expected]


@given(rows, st.permutations(["E10", "E2", "e", "丙", "甲", "E1"]))
def test_the_largest_occupant_then_the_lower_number(rows, ids):
    """The last two firms are only in the occupancies: where one of them is largest, nothing is known of its industry."""
    holdings = hold(*arrays(rows))
    enterprises = Columns({"enterprise_id": pa.array(ids[:4])})
    nothing = np.empty(0, int)
    firms = Firms(nothing, nothing, nothing, pa.nulls(0, pa.large_string()), pa.array(ids), enterprises)
    expected = [NOBODY] * 5
    for parcel in range(5):
        there = np.flatnonzero(holdings.parcel == parcel)
        if len(there):
            best = min(there, key=lambda row: (-holdings.area_m2[row], ids[holdings.firm[row]]))
            expected[parcel] = int(holdings.firm[best]) if holdings.firm[best] < 4 else NOBODY
    assert largest_occupants(holdings, firms, 5).tolist() == expected


@given(rows)
def test_sums_by_position_are_those_of_bincount_to_the_bit(rows):
    parcel, firm, area = arrays(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", 4)
        sums, found = sum_by(parcel, area, 6), stands(firm, 7)
    assert sums.tobytes() == np.bincount(parcel, area, minlength=6).tobytes()
    assert found.tolist() == [number in firm for number in range(7)]
