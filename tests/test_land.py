"""The land by the kernels, the land by GEOS alone, and the functions of today's path: the same answers."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.score import land as made
from landgis.geometry import made_valid, mend, overlapping_pairs
from landgis.land import STATES, Land
from landgis.overlay import NOWHERE, place_buildings
from tests.ways import WAYS, by, needs_kernels

CLOSE = {"rel": 1e-9, "abs": 1e-9}


def wkb_of(shapes, kind=None, **more):
    return pa.array(shapely.to_wkb(np.array(shapes, dtype=object), **more), kind or pa.binary())


def in_batches(wkb, size):
    return (wkb[first : first + size] for first in range(0, len(wkb), size))


def bent(seed=5, parcels=700):
    """Parcels as the benchmark has them, some spoilt, and buildings; near the origin, where GEOS rounds little."""
    random = np.random.default_rng(seed)
    grid = made.cells(parcels, random)
    shapes = made.spoil(made.parcels(grid, random), random)[random.permutation(parcels)]
    on = made.buildings(grid, random)
    moved = shapely.transform(np.concatenate([shapes, on]), lambda points: points - made.ORIGIN_M)
    return moved[:parcels], moved[parcels:]


ODD = [
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 7 2, 7 7, 2 7, 2 2))",
    "MULTIPOLYGON (((20 0, 29 0, 29 9, 20 0)), ((40 0, 40 9, 49 0, 40 0), (41 1, 42 1, 41 2, 41 1)))",
    "POLYGON Z ((60 0 1, 69 0 2, 69 9 3, 60 0 1))",
    "POLYGON ((3 3, 9 3, 9 6, 3 6, 3 3))",
    "POLYGON ((80 0, 89 9, 89 0, 80 9, 80 0))",
    "POLYGON ((0 20, 9 20, 9 29, 0 29, 0 20), (12 20, 13 20, 13 21, 12 20))",
    "POLYGON ((0 40, 9 40, 9 40.001, 0 40.001, 0 40))",
    "POLYGON ((0 50, 9 50, 4 50, 0 50))",
    "POLYGON EMPTY",
    "POINT (1 1)",
    "LINESTRING (0 0, 1 1)",
    "MULTIPOLYGON (((20 20, 29 20, 29 29, 20 29, 20 20)), ((22 22, 23 22, 23 23, 22 22)))",
    "GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0)))",
    None,
]


def odd():
    return np.array([None if wkt is None else shapely.from_wkt(wkt) for wkt in ODD], dtype=object)


def same(one: Land, other: Land):
    for left, right in zip((getattr(one.measured, f.name) for f in fields(one.measured)),
                           (getattr(other.measured, f.name) for f in fields(one.measured)), strict=True):  # fmt: skip
        if isinstance(left, pa.Array):
            assert left.equals(right)
        else:
            assert left == pytest.approx(right, nan_ok=True, **CLOSE)


@pytest.mark.parametrize("kernel", WAYS)
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()], ids=str)
def test_states_and_areas_are_those_of_mend(kernel, kind):
    shapes = np.concatenate([bent()[0], odd()])
    with by(kernel):
        land = Land.of(in_batches(wkb_of(shapes, kind), 100))
    wanted = mend(shapes)
    assert [STATES[code] for code in land.state] == wanted.state.tolist()
    assert land.area_m2 == pytest.approx(wanted.area_m2, nan_ok=True, **CLOSE)
    before = np.where(wanted.state == "mended", wanted.area_before_m2, np.nan)
    assert land.area_before_m2 == pytest.approx(before, nan_ok=True, **CLOSE)
    assert land.measured.measurable.tolist() == wanted.measurable.tolist()
    assert land.total_bounds.tolist() == shapely.total_bounds(wanted.geometry).tolist()


@pytest.mark.parametrize("kernel", WAYS)
def test_overlaps_are_those_of_overlapping_pairs(kernel):
    shapes = np.concatenate([bent()[0], odd(), bent(6, 40)[0]])
    mended = mend(shapes)
    usable = np.flatnonzero(mended.measurable)
    with by(False):
        pairs, areas = overlapping_pairs(mended.geometry[usable])
    with by(kernel):
        found, found_areas = Land.of(in_batches(wkb_of(shapes), 64)).overlapping_pairs()
    assert len(pairs) > 20 and found.tolist() == usable[pairs].tolist()
    assert found_areas == pytest.approx(areas, **CLOSE)


@pytest.mark.parametrize("kernel", WAYS)
@pytest.mark.parametrize("told", [False, True])
def test_buildings_stand_where_place_buildings_puts_them(kernel, told):
    parcels, buildings = bent()
    parcels, buildings = np.concatenate([parcels, odd()]), np.concatenate([odd(), buildings])
    random = np.random.default_rng(3)
    declared = np.where(random.random(len(buildings)) < 0.3 * told, random.integers(0, 700, len(buildings)), NOWHERE)
    with by(False):
        wanted = place_buildings(mend(parcels).geometry, mend(buildings).geometry, declared)
    with by(kernel):
        placement, measured = Land.of([wkb_of(parcels)]).place(wkb_of(buildings), declared if told else None)
    for field in fields(wanted):
        assert getattr(placement, field.name) == pytest.approx(getattr(wanted, field.name), **CLOSE)
    assert [STATES[code] for code in measured.state] == mend(buildings).state.tolist()
    assert measured.area_m2 == pytest.approx(mend(buildings).area_m2, nan_ok=True, **CLOSE)
    pairs = list(zip(placement.building.tolist(), placement.parcel.tolist(), strict=True))
    assert pairs == sorted(set(pairs)) and (np.bincount(placement.building) > 1).sum() > 40


@pytest.mark.parametrize("kernel", WAYS)
def test_batches_of_any_size_give_the_same(kernel):
    shapes, buildings = bent()
    shapes = np.concatenate([odd(), shapes])
    with by(kernel):
        whole_land = Land.of([wkb_of(shapes)])
        wanted, _ = whole_land.place(wkb_of(buildings))
        for size in (1, 7, 333):
            land = Land.of(in_batches(wkb_of(shapes), size))
            same(land, whole_land)
            pairs, areas = land.overlapping_pairs(0.5)
            assert pairs.tolist() == whole_land.overlapping_pairs(0.5)[0].tolist()
            assert areas.tolist() == whole_land.overlapping_pairs(0.5)[1].tolist()
            parts = [land.place(batch)[0] for batch in in_batches(wkb_of(buildings), 50 * size)]
            building = [50 * size * at + part.building for at, part in enumerate(parts)]
            assert np.concatenate(building).tolist() == wanted.building.tolist()
            for name in ("parcel", "share", "footprint_m2"):
                assert (
                    np.concatenate([getattr(part, name) for part in parts]).tolist() == getattr(wanted, name).tolist()
                )


@pytest.mark.parametrize("kernel", WAYS)
def test_what_is_not_written_as_it_came(kernel):
    shapes = np.concatenate([bent(parcels=300)[0], odd()])
    cells = shapely.to_wkb(shapes)
    cells[0] = shapely.to_wkb(shapes[0], byte_order=0)
    wkb = pa.array(cells, pa.binary())
    with by(kernel):
        land = Land.of(in_batches(wkb, 50))
    plain = shapely.force_2d(shapely.from_wkb(cells))
    bad = ~shapely.is_valid(plain) & ~shapely.is_missing(plain)
    plain[bad] = made_valid(plain[bad])
    at, new = land.measured.redrawn(0, len(shapes))
    written = wkb.to_pylist()
    for position, cell in zip(at, new.to_pylist(), strict=True):
        assert written[position] != cell
        written[position] = cell
    assert written == shapely.to_wkb(plain).tolist()
    assert 0 in at and 302 in at and bad.sum() + 2 == len(at)
    for first, last in ((0, 1), (1, 200), (250, 9999)):
        some, cells = land.measured.redrawn(first, last)
        assert some.tolist() == [position for position in at if first <= position < last]
        assert cells.to_pylist() == [written[position] for position in some]


@pytest.mark.parametrize("kernel", WAYS)
def test_what_is_known_to_be_flat_has_no_area(kernel):
    with by(kernel):
        land = Land.of(in_batches(wkb_of([shapely.box(x, 0, x + 1, 1) for x in range(5)]), 2),
                       flat=np.array([False, True, False, False, True]))  # fmt: skip
        placement, _ = land.place(wkb_of([shapely.box(1.2, 0, 2.2, 1)]))
    assert [STATES[code] for code in land.state] == ["ok", "sliver", "ok", "ok", "sliver"]
    assert np.isnan(land.area_m2[[1, 4]]).all()
    assert land.total_bounds.tolist() == [0, 0, 4, 1]
    assert placement.parcel.tolist() == [2] and placement.share == pytest.approx([0.2])


@pytest.mark.parametrize("kernel", WAYS)
@pytest.mark.parametrize("batches", [0, 1, 3])
def test_no_land(kernel, batches):
    empty = wkb_of([])
    with by(kernel):
        land = Land.of([empty] * batches)
        placement, measured = land.place(wkb_of([shapely.box(0, 0, 1, 1), None]), np.array([0, NOWHERE]))
        pairs, areas = land.overlapping_pairs()
    assert len(land.state) == len(areas) == 0 and pairs.shape == (0, 2) and np.isnan(land.total_bounds).all()
    assert placement.building.tolist() == [0] and placement.footprint_m2.tolist() == [1]
    assert measured.area_m2[0] == 1 and np.isnan(measured.area_m2[1])


@pytest.mark.parametrize("kernel", WAYS)
def test_bytes_that_are_no_geometry_are_refused(kernel):
    with by(kernel), pytest.raises(shapely.errors.ShapelyError):
        Land.of([pa.array([b"\x01\x03\x00"], pa.binary())])


@pytest.mark.parametrize("kernel", WAYS)
def test_a_graze_is_not_standing_on(kernel):
    """A millionth of a millimetre over the boundary is how outlines are drawn, not where a building stands."""
    parcels = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    over = [0.8e-9, 1.2e-9, 5e-9]  # shares of a building of 4 × 4 m
    buildings = [shapely.box(6 + 4 * share, 2, 10 + 4 * share, 6) for share in over]
    with by(kernel):
        found, _ = Land.of([wkb_of(parcels)]).place(wkb_of(buildings))
        today = place_buildings(np.array(parcels), np.array(buildings), np.full(3, NOWHERE))
    assert found.building.tolist() == today.building.tolist() == [0, 1, 1, 2, 2]
    assert found.parcel.tolist() == today.parcel.tolist() == [0, 0, 1, 0, 1]


@needs_kernels
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(0, 0), (480_000, 3_150_000), (-4e6, 2e7)]))
def test_made_land_anywhere(seed, origin):
    shapes, buildings = bent(seed, 30)
    moved = shapely.transform(np.concatenate([shapes, odd(), buildings]), lambda points: np.round(points + origin, 6))
    parcels, on = moved[:44], moved[44:]
    far = {"rel": 1e-6, "abs": 1e-6}  # there GEOS itself is off by so much
    found = []
    for kernel in (True, False):
        with by(kernel):
            land = Land.of(in_batches(wkb_of(parcels), 20))
            found.append(
                (land.state, land.area_m2, *land.overlapping_pairs(), *vars(land.place(wkb_of(on))[0]).values())
            )
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, nan_ok=True, **far)


@pytest.mark.parametrize("kernel", WAYS)
def test_the_sample_zone_as_today(kernel):
    """Every parcel and building of the sample, as the functions of today's path have them."""
    zone = Path(__file__).parents[1] / "data" / "parcels" / "zone.gpkg"
    parcels, buildings = (
        gpd.read_file(zone, layer=name).to_crs(4549).geometry.to_numpy() for name in ("parcels", "buildings")
    )
    told = np.full(len(buildings), NOWHERE)
    wanted = place_buildings(mend(parcels).geometry, mend(buildings).geometry, told)
    with by(kernel):
        land = Land.of(in_batches(wkb_of(parcels), 97))
        found, measured = land.place(wkb_of(buildings))
        pairs, areas = land.overlapping_pairs()
    assert [STATES[code] for code in land.state] == mend(parcels).state.tolist()
    assert land.area_m2 == pytest.approx(mend(parcels).area_m2, nan_ok=True, **CLOSE)
    assert measured.area_m2 == pytest.approx(mend(buildings).area_m2, nan_ok=True, **CLOSE)
    for field in fields(wanted):
        assert getattr(found, field.name) == pytest.approx(getattr(wanted, field.name), rel=1e-7, abs=1e-7)
    with by(False):
        usable = np.flatnonzero(mend(parcels).measurable)
        today, today_m2 = overlapping_pairs(mend(parcels).geometry[usable])
    assert pairs.tolist() == usable[today].tolist() and areas == pytest.approx(today_m2)


@needs_kernels
def test_small_counties_do_not_wait_for_pandas():
    code = """
import sys
import numpy, shapely
from landgis.compiled.cells import binary_of
from landgis.compiled.keys import KeyIndex
from landgis.land import Land
cells = binary_of([*shapely.to_wkb([shapely.box(0, 0, 9, 9), shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])]), None])
land = Land.of([cells])
land.overlapping_pairs(), land.place(cells), land.measured.redrawn(0, 3)
KeyIndex(cells.view("large_string")).positions(cells.view("large_string"))
print([name for name in ("pandas", "geopandas", "pyogrio", "fiona") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.stdout == "[]\n", done.stdout + done.stderr
