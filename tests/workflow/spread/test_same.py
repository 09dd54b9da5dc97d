"""A cluster gives the answers of one machine, byte by byte, however the land is cut."""

import pyarrow.parquet as pq
import pytest

from landgis.scale.settings import Cluster
from landgis.workflow.spread.score import score_on_cluster
from landgis.workflow.streaming.score import score_streams
from tests.workflow.spread.answers import rows_of, said, same_bytes, without_folders
from tests.workflow.spread.county import county, means_within_blocks


def spread(inputs, out, parcels=50, told=None, **more):
    tell = [] if told is None else told
    cluster = Cluster(workers=1, parcels=parcels, **more)
    return score_on_cluster(inputs, cluster, str(out), overwrite=False, say=lambda message: tell.append(str(message)))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def rule_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "means.toml"
    path.write_text(means_within_blocks(), "utf-8")
    return str(path)


def with_(inputs, **changes):
    return type(inputs)(**{**vars(inputs), **changes})


@pytest.fixture(scope="module")
def in_one_group(tmp_path_factory):
    """The same rows, each table in one row group: how a file is cut is no part of the answer."""
    return county(tmp_path_factory.mktemp("whole"), group=1_000_000)


@pytest.fixture(scope="module", params=["yongkang-draft", "huangyan-2022", "means"])
def alone(request, inputs, in_one_group, rule_file, tmp_path_factory):
    """What a cluster is asked, and what one machine makes of it."""
    rules = rule_file if request.param == "means" else request.param
    out = tmp_path_factory.mktemp("alone") / "out.parquet"
    run = score_streams(with_(in_one_group, rules=rules), out, overwrite=False)
    return with_(inputs, rules=rules), run, rows_of(out)


@pytest.mark.parametrize("parcels", [11, 60, 10_000])
def test_any_partitions_give_the_same_bytes(alone, inline, tmp_path, parcels):
    asked, single, wanted = alone
    run = spread(asked, tmp_path / "out.parquet", parcels)
    found = rows_of(tmp_path / "out.parquet")
    parts = len(list((tmp_path / "out.parquet").glob("part-*")))
    assert parts >= {11: 12, 60: 5, 10_000: 1}[parcels]
    assert same_bytes(wanted, found) == []
    assert said(run.report) == said(single.report)
    assert run.report.conservation.keys() == single.report.conservation.keys()
    for name, sums in single.report.conservation.items():
        assert run.report.conservation[name] == pytest.approx(sums, rel=1e-12)
    assert without_folders(str(run.report.facts)) == without_folders(str(single.report.facts))
    assert [line.parcel_id for line in run.summary.first] == [line.parcel_id for line in single.summary.first]
    assert run.summary.blocks == single.summary.blocks or all(
        vars(one) == pytest.approx(vars(two), nan_ok=True)
        for one, two in zip(run.summary.blocks, single.summary.blocks, strict=True)
    )


def test_the_county_has_what_it_is_made_for(alone):
    """Otherwise the test above proves little."""
    _, single, rows = alone
    codes = {problem.code for problem in single.report.log.problems} | {
        one.row.problem.code for one in single.report.log.set_aside
    }
    assert {"W-GEOM-FIXED", "W-GEOM-NULL", "W-TOPO-OVERLAP", "W-BUILDING-NOWHERE", "W-PARCEL-UNKNOWN", "W-FIRM-NOWHERE",
            "W-YEAR", "W-YEAR-MISSING", "W-OCCUPANCY-PAST", "W-FIRM-UNKNOWN"} <= codes  # fmt: skip
    assert rows.num_rows > 400


@pytest.mark.parametrize(
    "absent",
    [["buildings"], ["enterprises"], ["enterprises", "occupancies"], ["buildings", "enterprises", "occupancies"]],
)
def test_tables_may_be_missing(inputs, in_one_group, inline, tmp_path, absent):
    score_streams(with_(in_one_group, **dict.fromkeys(absent)), tmp_path / "alone.parquet", overwrite=False)
    spread(with_(inputs, **dict.fromkeys(absent)), tmp_path / "out.parquet")
    assert same_bytes(rows_of(tmp_path / "alone.parquet"), rows_of(tmp_path / "out.parquet")) == []


def test_every_part_is_geoparquet_and_the_mark_comes_last(inputs, inline, tmp_path):
    import geopandas as gpd

    spread(inputs, tmp_path / "out.parquet")
    out = tmp_path / "out.parquet"
    parts = sorted(out.glob("part-*.parquet"))
    frames = [gpd.read_parquet(path) for path in parts]
    assert all(frame.crs == "EPSG:4549" for frame in frames)
    assert sum(map(len, frames)) == pq.ParquetDataset(out).read(columns=["parcel_id"]).num_rows
    assert sorted(path.name for path in out.iterdir()) == ["_landgis.json", *[path.name for path in parts]]
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]
