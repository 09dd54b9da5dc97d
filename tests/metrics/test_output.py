import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.metrics.output import allocate, place
from landgis.metrics.tenancy import hold
from landgis.metrics.tenants import conserved


def put(rows, figures, parcels):
    """`rows`: (parcel, firm, m²)."""
    parcel, firm, area = (np.array(column, dtype=kind) for column, kind in
                          zip(zip(*rows, strict=True), (int, int, float), strict=True))  # fmt: skip
    allocation, figures = allocate(hold(parcel, firm, area), len(figures)), np.array(figures, dtype=float)
    count = np.bincount(allocation.parcel, minlength=parcels)
    return place(figures, allocation, count), conserved({"it": figures}, allocation)["it"], allocation


def test_a_firm_on_two_parcels_is_split_by_floor_area():
    found, sums, allocation = put([(0, 0, 300), (1, 0, 100), (1, 1, 50)], [80, 7], 2)
    assert found.known.tolist() == [60, 27]
    assert sums == {"in": 87, "placed": 87, "set_aside": 0}
    assert not len(allocation.doubt.parcel)


def test_firms_on_no_parcel_are_set_aside():
    found, sums, _ = put([(0, 0, 10)], [5, 11], 1)
    assert (found.known.tolist(), sums) == ([5], {"in": 16, "placed": 5, "set_aside": 11})


def test_a_missing_figure_is_not_nought():
    found, *_ = put([(0, 0, 10), (1, 1, 10)], [np.nan, 3], 2)
    assert found.any_known.tolist() == [False, True]
    assert found.more.tolist() == [True, False]


def test_an_unknown_floor_area_counts_as_the_mean_and_opens_the_split():
    found, *_ = put([(0, 0, 100), (1, 0, np.nan)], [10], 2)
    assert found.known.tolist() == [5, 5]
    assert (found.unsure_low.tolist(), found.unsure_high.tolist()) == ([0, 0], [10, 10])


rows = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 6), st.one_of(st.floats(0, 1e4), st.just(float("nan")))),
    min_size=1,
)
figures = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=7, max_size=7)


@given(rows, figures)
def test_nothing_is_lost(rows, figures):
    found, sums, _ = put(rows, figures, 5)
    assert sums["placed"] == pytest.approx(found.known.sum(), abs=1e-6, rel=1e-9)
    assert found.known.sum() + sums["set_aside"] == pytest.approx(np.nansum(figures), abs=1e-6, rel=1e-9)
    assert (found.unsure_low <= found.known + 1e-6).all()
    assert (found.known <= found.unsure_high + 1e-6).all()
