"""Vector tiles: GDAL, and a reader of our own, find every parcel where it lies; nothing vanishes without a count."""

import gzip
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from benchmarks.score.land import cells, parcels, spoil
from landgis.errors import InputRefused, UsageError
from landgis.io.pmtiles import tile_numbers
from landgis.workflow.project import open_project
from landgis.workflow.tiling import Wanted, tile_file, tile_project
from tests.io.tile_reader import archive_of, layer_of
from tests.made_project import make_project, walk

COUNT = 400
WORLD_M = 2 * np.pi * 6_378_137.0  # round the equator of the web's map


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    """Made parcels with results, as GeoParquet: spoiled ones, a large one, a tiny one, and three that have no place."""
    chance = np.random.default_rng(5)
    outlines = spoil(parcels(cells(COUNT, chance), chance), chance)
    outlines[0] = shapely.box(478_000, 3_148_000, 484_000, 3_149_900).difference(
        shapely.box(479_000, 3_148_500, 480_500, 3_149_000)
    )
    outlines[1] = shapely.box(479_000, 3_149_950, 479_000.05, 3_149_950.05)
    outlines[2], outlines[3], outlines[4] = None, shapely.Point(480_000, 3_150_000), shapely.from_wkt("POLYGON EMPTY")
    score = pd.Series(chance.uniform(0, 100, COUNT)).mask(chance.random(COUNT) < 0.1)
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [f"P{number}" for number in range(COUNT)], "rules_id": "yongkang-draft", "score": score,
            "grade": chance.choice(["A", "B", None], COUNT), "low_efficiency": "yes", "own": 1,
        },
        geometry=outlines, crs=4549,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("layer") / "parcels.parquet"
    frame.to_parquet(path, index=False, row_group_size=90)
    return path


@pytest.fixture(scope="module")
def made(layer):
    path = layer.with_name("all.pmtiles")
    return path, tile_file(str(layer), path, Wanted(11, 15))


def drawn(layer):
    """The parcels that have an outline, on the web's map in m, by parcel_id."""
    frame = gpd.read_parquet(layer)
    frame = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"]) & ~frame.is_empty]
    return frame.set_crs(4490, allow_override=True).set_geometry(
        frame.to_crs(4490).geometry.set_crs(4326, allow_override=True).to_crs(3857)
    ).set_index("parcel_id")  # fmt: skip


def tiles(path, zoom, around):
    """Column, row and layer of each tile of a zoom; they lie around some outlines (m)."""
    found = archive_of(path).tiles
    step = WORLD_M / 2**zoom
    west, south, east, north = around.total_bounds
    x, y = (
        one.ravel()
        for one in np.meshgrid(
            np.arange((west + WORLD_M / 2) // step - 1, (east + WORLD_M / 2) // step + 2, dtype=int),
            np.arange((WORLD_M / 2 - north) // step - 1, (WORLD_M / 2 - south) // step + 2, dtype=int),
        )
    )
    first, last = (4**zoom - 1) // 3, (4 ** (zoom + 1) - 1) // 3
    places = dict(zip(tile_numbers(zoom, x, y).tolist(), zip(x.tolist(), y.tolist(), strict=True), strict=True))
    for number in (one for one in found if first <= one < last):
        yield *places[number], layer_of(gzip.decompress(found[number]))


def in_steps(geometry, zoom, x, y):
    """Outlines in m on the web's map in the steps of a tile, not rounded."""
    step = WORLD_M / 2**zoom / 4096
    corner = np.array([x * 4096 * step - WORLD_M / 2, WORLD_M / 2 - y * 4096 * step])
    return shapely.transform(geometry, lambda points: (points - corner) * [1, -1] / step)


@pytest.mark.parametrize("zoom", [15, 12])
def test_every_outline_lies_on_the_grid_where_it_was(layer, made, zoom):
    """Within a step of the original, cut at the tile; and every parcel that has an area in a tile is in it."""
    originals = drawn(layer)
    for x, y, found in tiles(made[0], zoom, originals):
        assert (found.name, found.version, found.extent) == ("parcels", 2, 4096)
        here = originals.set_geometry(in_steps(originals.geometry.to_numpy(), zoom, x, y), crs=None)
        window = shapely.box(-64, -64, 4160, 4160)
        reach = shapely.area(shapely.intersection(shapely.make_valid(here.geometry.to_numpy()), window))
        sure = set(here.index[reach > 3 * here.length + 20])
        names = [one.properties["parcel_id"] for one in found.features]
        assert sure <= set(names) and len(set(names)) == len(names)
        for one in found.features:
            whole = here.geometry[one.properties["parcel_id"]]
            edge = shapely.union(whole.boundary, window.boundary)
            points = shapely.points([point for ring in one.rings for point in ring])
            assert shapely.distance(points, edge).max() <= 1.5
            if whole.is_valid:
                expected = whole.intersection(window).area
                assert sum(one.areas) == pytest.approx(expected, abs=1.5 * whole.length + 4)


def test_gdal_reads_all_parcels_their_columns_and_areas(layer, made):
    """At the last zoom a step is 0.26 m; a parcel of several tiles comes in parts, which GDAL cuts at the tiles."""
    path, report = made
    read = pyogrio.read_dataframe(path, layer="parcels")
    originals = drawn(layer)
    assert read.crs.to_epsg() == 3857 and "own" not in read
    parts = read.assign(geometry=shapely.make_valid(read.geometry.to_numpy())).dissolve("parcel_id")
    assert set(parts.index) == set(originals.index) - {"P1"}  # which is smaller than a step
    valid = originals.loc[parts.index][lambda some: some.is_valid]
    assert len(valid) > 380
    assert np.allclose(parts.area[valid.index], valid.area, atol=0.3 * valid.length.max(), rtol=0.02)
    large = originals.geometry["P0"]  # of several tiles, with a hole
    assert large.symmetric_difference(parts.geometry["P0"]).area < 0.3 * large.length
    expected = originals.loc[parts.index]
    assert np.allclose(parts["score"], expected["score"].round(2), equal_nan=True, atol=0.0051)
    assert parts["grade"].fillna("").tolist() == expected["grade"].fillna("").tolist()
    assert report.properties == ("parcel_id", "rules_id", "score", "grade", "low_efficiency")


def test_all_rows_are_accounted_for(layer, made):
    path, report = made
    assert (report.rows, report.left.no_outline, report.left.no_polygon, report.left.off_the_map) == (COUNT, 2, 1, 0)
    assert report.bytes == path.stat().st_size
    for one in report.zooms:
        assert one.parcels + one.too_small + one.no_room == COUNT - 3 and one.no_room == 0
    assert report.zooms[-1].too_small == 1
    found = archive_of(path)
    assert found.zooms == (11, 15) and sum(one.tiles for one in report.zooms) == len(found.tiles)
    assert found.bounds == pytest.approx(drawn(layer).to_crs(4326).total_bounds, abs=1e-6)
    about = found.metadata
    assert about["generator"].startswith("landgis ") and about["rules_id"] == "yongkang-draft"
    assert "parcels.parquet" not in str(about) and "attribution" not in about
    assert about["vector_layers"] == [{
        "id": "parcels", "minzoom": 11, "maxzoom": 15,
        "fields": dict.fromkeys(("parcel_id", "rules_id", "grade", "low_efficiency"), "String") | {"score": "Number"},
    }]  # fmt: skip


def test_full_tiles_have_fewer_columns_then_only_the_largest_parcels(layer, tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.io.write_tiles.MOST_BYTES", 4000)
    report = tile_file(str(layer), tmp_path / "x.pmtiles", Wanted(12, 12))
    (zoom,) = report.zooms
    assert zoom.largest_tile_bytes <= 4000 and zoom.lean_tiles >= 1 and zoom.no_room > 100
    assert zoom.parcels + zoom.too_small + zoom.no_room == COUNT - 3
    originals = drawn(layer)
    seen = {one.number for *_, found in tiles(tmp_path / "x.pmtiles", 12, originals) for one in found.features}
    assert len(seen) == zoom.parcels
    for *_, found in tiles(tmp_path / "x.pmtiles", 12, originals):
        if len(found.features) > 50:
            assert all("parcel_id" not in one.properties for one in found.features)
            smallest = min(sum(one.areas) for one in found.features)
    missing = originals.iloc[[at for at in range(len(originals)) if at + 1 not in seen]]
    step = WORLD_M / 2**12 / 4096
    assert np.median(missing.area) / step**2 < np.median(originals.area) / step**2 and smallest > 4


def test_one_outline_that_never_fits_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.io.write_tiles.MOST_BYTES", 20)
    frame = gpd.GeoDataFrame({"parcel_id": ["P"]}, geometry=[shapely.Point(120, 29).buffer(0.01)], crs=4490)
    frame.to_file(tmp_path / "one.gpkg")
    (zoom,) = tile_file(str(tmp_path / "one.gpkg"), tmp_path / "x.pmtiles", Wanted(10, 10)).zooms
    assert (zoom.tiles, zoom.parcels, zoom.no_room, zoom.too_small) == (0, 0, 1, 0)
    assert archive_of(tmp_path / "x.pmtiles").tiles == {}


def test_equal_bytes_whatever_the_batch_and_the_format(layer, made, tmp_path, monkeypatch):
    frame = gpd.read_parquet(layer)
    frame.to_file(tmp_path / "parcels.gpkg")
    tile_file(str(tmp_path / "parcels.gpkg"), tmp_path / "gpkg.pmtiles", Wanted(11, 15))
    monkeypatch.setattr("landgis.io.outline_batches.BATCH_ROWS", 7)
    tile_file(str(layer), tmp_path / "seven.pmtiles", Wanted(11, 15))
    pq.write_table(pq.read_table(layer).replace_schema_metadata(None), tmp_path / "bare.parquet")
    tile_file(str(tmp_path / "bare.parquet"), tmp_path / "bare.pmtiles", Wanted(11, 15), crs="EPSG:4549")
    same = made[0].read_bytes()
    assert (tmp_path / "bare.pmtiles").read_bytes() == same
    assert (tmp_path / "gpkg.pmtiles").read_bytes() == same == (tmp_path / "seven.pmtiles").read_bytes()


def test_a_project_on_a_day(tmp_path):
    project = make_project(tmp_path / "made")
    walk(project, "P2", "IDENTIFIED", "PLANNED")
    report = tile_project(project, tmp_path / "x.pmtiles", Wanted(16, 16), as_of=project.today())
    assert (report.rows, report.zooms[0].parcels) == (6, 6)
    read = pyogrio.read_dataframe(tmp_path / "x.pmtiles").drop_duplicates("parcel_id").set_index("parcel_id")
    assert read["phase"].dropna().to_dict() == {"P2": "PLANNED"} and read["block_id"]["P6"] == "B2"


def test_scores_of_a_project_come_along(sample_copy, tmp_path):
    shutil.copytree(sample_copy, tmp_path / "zone")
    project = open_project(str(tmp_path / "zone"), by="tester")
    report = tile_project(project, tmp_path / "x.pmtiles", Wanted(14, 14), as_of=project.today())
    scores = project.store.scores().set_index("parcel_id")
    project.store.close()
    read = pyogrio.read_dataframe(tmp_path / "x.pmtiles").drop_duplicates("parcel_id").set_index("parcel_id")
    assert len(read) > 500 and report.zooms[0].parcels == len(read)
    there = scores.loc[read.index]
    for name, decimals in (("score", 2), ("floor_area_ratio", 3), ("output_per_mu", 2)):
        assert np.allclose(read[name], there[name], atol=0.51 * 10**-decimals, equal_nan=True), name
    assert read["grade"].fillna("").tolist() == there["grade"].fillna("").tolist()


def refusal(what, *arguments, **more):
    with pytest.raises(what) as caught:
        tile_file(*arguments, **more)
    return caught.value.problems[0].code


def test_what_cannot_be_is_refused_and_leaves_nothing(layer, tmp_path):
    out, text = tmp_path / "x.pmtiles", str(layer)
    assert refusal(UsageError, text, out, Wanted(12, 11)) == "E-ZOOM"
    assert refusal(UsageError, text, out, Wanted(3, 19)) == "E-ZOOM"
    assert refusal(InputRefused, text, tmp_path / "x.mbtiles", Wanted()) == "E-OUT-FORMAT"
    assert refusal(InputRefused, text, tmp_path / "no" / "x.pmtiles", Wanted()) == "E-OUT-FOLDER"
    frame = gpd.read_parquet(layer)
    frame.rename(columns={"parcel_id": "whatever"}).to_parquet(tmp_path / "a.parquet")
    assert refusal(InputRefused, str(tmp_path / "a.parquet"), out, Wanted()) == "E-COLUMN-MISSING"
    frame.assign(score="high").to_parquet(tmp_path / "b.parquet")
    assert refusal(InputRefused, str(tmp_path / "b.parquet"), out, Wanted()) == "E-FIELD-TYPE"
    frame.iloc[2:5].to_parquet(tmp_path / "c.parquet")
    assert refusal(InputRefused, str(tmp_path / "c.parquet"), out, Wanted()) == "E-GEOM-MISSING"
    pd.DataFrame({"parcel_id": ["P"]}).to_csv(tmp_path / "d.csv", index=False)
    assert refusal(InputRefused, str(tmp_path / "d.csv"), out, Wanted()) == "E-GEOM-MISSING"
    wide = gpd.GeoDataFrame({"parcel_id": ["P"]}, geometry=[shapely.box(90, 20, 130, 50)], crs=4490)
    wide.to_parquet(tmp_path / "e.parquet")
    assert refusal(InputRefused, str(tmp_path / "e.parquet"), out, Wanted()) == "E-TILES-EXTENT"
    (tmp_path / "f.parquet").write_bytes(layer.read_bytes()[:-2000])
    assert refusal(InputRefused, str(tmp_path / "f.parquet"), out, Wanted()) == "E-UPLOAD-TRUNCATED"
    assert not [path for path in tmp_path.iterdir() if "tiles" in path.name or path.name.startswith(".")]


def test_a_column_by_another_name_says_which_parcel_it_is(layer, tmp_path):
    gpd.read_parquet(layer).rename(columns={"parcel_id": "宗地代码"}).to_parquet(tmp_path / "a.parquet")
    assert "parcel_id" in tile_file(str(tmp_path / "a.parquet"), tmp_path / "x.pmtiles", Wanted(14, 14)).properties
