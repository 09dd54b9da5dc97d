import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from landgis.compiled.pairs import LEAST
from landgis.overlay import NOWHERE, place_buildings
from tests.ways import WAYS, by

PARCELS = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10)])


@pytest.fixture(params=WAYS, autouse=True, scope="module")
def way(request):
    with by(request.param):
        yield


def place(buildings, declared=None, parcels=PARCELS):
    buildings = np.array(buildings, dtype=object)
    told = np.full(len(buildings), NOWHERE) if declared is None else np.array(declared)
    return place_buildings(parcels, buildings, told)


def test_a_straddling_building_is_split_by_area():
    found = place([box(7, 0, 17, 4)])  # 3 of 10 m on the left
    assert found.parcel.tolist() == [0, 1]
    assert found.share == pytest.approx([0.3, 0.7])
    assert found.footprint_m2 == pytest.approx([12, 28])
    assert found.sum_by_parcel(np.array([100.0]), 2) == pytest.approx([30, 70])


def test_the_declared_parcel_wins_over_the_outline():
    found = place([box(7, 0, 17, 4)], declared=[0])
    assert (found.parcel.tolist(), found.share.tolist(), found.footprint_m2.tolist()) == ([0], [1], [40])


def test_what_lies_on_no_parcel_is_on_none():
    found = place([box(30, 0, 40, 10), box(15, 5, 25, 15), None])
    assert found.building.tolist() == [1]
    assert found.share == pytest.approx([0.25])


def test_pairs_come_by_building_and_parcel_whether_declared_or_not():
    straddling = box(7, 0, 17, 4)
    found = place(
        [straddling, straddling, box(1, 1, 2, 2), None, straddling], declared=[NOWHERE, 1, NOWHERE, 0, NOWHERE]
    )
    assert found.building.tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert found.parcel.tolist() == [0, 1, 1, 0, 0, 0, 1]
    assert found.share == pytest.approx([0.3, 0.7, 1, 1, 1, 0.3, 0.7])
    assert found.footprint_m2 == pytest.approx([12, 28, 40, 1, 0, 12, 28])


def test_touching_is_not_standing_on():
    assert place([box(0, 10, 10, 20)]).building.tolist() == []


def test_no_building_and_no_measurable_parcel():
    assert place([]).building.tolist() == []
    assert place([box(0, 0, 1, 1)], parcels=np.array([None], dtype=object)).building.tolist() == []


@given(st.lists(st.tuples(*[st.floats(0, 18)] * 2, *[st.floats(0.5, 6)] * 2), min_size=1, max_size=15))
def test_shares_equal_brute_force(corners):
    buildings = [box(x, y, x + w, y + h) for x, y, w, h in corners]
    found = place(buildings)
    wanted = {
        (b, p): building.intersection(parcel).area / building.area
        for b, building in enumerate(buildings)
        for p, parcel in enumerate(PARCELS)
        if building.intersection(parcel).area > LEAST * building.area
    }
    assert dict(zip(zip(found.building, found.parcel, strict=True), found.share, strict=True)) == pytest.approx(wanted)
    assert not shapely.is_prepared(PARCELS).any()
