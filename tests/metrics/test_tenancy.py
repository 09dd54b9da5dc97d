import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.metrics import chunks
from landgis.metrics.tenancy import hold, leased_floor, tenancy


def found(rows, parcels=1):
    """`rows`: (parcel, firm, m², relation)."""
    parcel, firm, area, relation = (np.array(column, dtype=kind) for column, kind in
                                    zip(zip(*rows, strict=True), (int, int, float, object), strict=True))  # fmt: skip
    said = pa.array(relation.tolist(), pa.large_string())
    return tenancy(hold(parcel, firm, area), *leased_floor(parcel, area, said, parcels))


def lets(areas):
    return [(0, firm, area, "tenant") for firm, area in enumerate(areas)]


@pytest.mark.parametrize(
    ("areas", "effective"),
    [([7] * 10, 10), ([9000, 1000, 1000, 1000], 1.7143), ([5, 3, 2], 2.632), ([12_000], 1), ([3000] * 4, 4),
     ([6000, 3000, 1500, 900, 600], 2.974)],
)  # fmt: skip
def test_effective_occupants(areas, effective):
    assert found(lets(areas)).effective.value == pytest.approx([effective], abs=5e-4)


def test_splitting_a_lease_in_two_changes_nothing():
    whole, split = found(lets([600, 400])), found([*lets([200, 400]), (0, 0, 400, "tenant")])
    assert split.effective.value == pytest.approx(whole.effective.value)
    assert split.occupant_count.tolist() == [2]


def test_a_sole_occupant_of_unknown_size_is_all_there_is():
    result = found([(0, 0, np.nan, "tenant")])
    assert (result.effective.value[0], result.effective.low[0], result.effective.high[0]) == (1.0, 1.0, 1.0)
    assert result.area_unknown[0]  # still a gap


def test_no_record_is_not_one_tenant():
    result = found([(1, 0, 100, "owner")], parcels=2)
    assert result.occupant_count.tolist() == [0, 1]
    assert np.isnan(result.effective.value[0])
    assert (result.effective.low[0], result.effective.high[0]) == (1, np.inf)


def test_leased_share_and_its_bounds():
    rows = [(0, 0, 500, "owner"), (0, 1, 300, "tenant"), (0, 2, 100, "subtenant"), (0, 3, 100, None)]
    share = found(rows).leased_share
    assert (share.value[0], share.low[0], share.high[0]) == pytest.approx((4 / 9, 0.4, 0.5))


def test_unknown_floor_area_leaves_bounds():
    result = found([(0, 0, 500, "tenant"), (0, 1, np.nan, "tenant"), (0, 2, 500, "tenant")])
    assert (result.effective.low[0], result.effective.value[0], result.effective.high[0]) == (1, 2, 3)


said = st.sampled_from(["owner", "tenant", "subtenant", "guest", None])
occupied = st.tuples(st.integers(0, 3), st.one_of(st.just(np.nan), st.floats(0, 1e5)), said)


@given(st.lists(occupied, max_size=20))
def test_let_floor_and_floor_of_which_nobody_says(rows):
    leased, silent = [0.0] * 4, [0.0] * 4
    for parcel, area, word in rows:
        known = 0.0 if np.isnan(area) else area
        leased[parcel] += known if word in ("tenant", "subtenant") else 0.0
        silent[parcel] += known if word in ("guest", None) else 0.0
    parcel, area, words = (np.array([row[at] for row in rows], kind) for at, kind in enumerate((int, float, object)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", 4)
        found = leased_floor(parcel, area, pa.array(words.tolist(), pa.large_string()), 4)
    assert [sums.tolist() for sums in found] == [leased, silent]


@given(st.lists(st.floats(0.1, 1e5), min_size=1, max_size=30))
def test_effective_number_lies_between_one_and_all(areas):
    value = found(lets(areas)).effective.value[0]
    assert 1 - 1e-9 <= value <= len(areas) + 1e-9
