"""The formats benchmark at its smallest, its judgement of equality, and the table of all bars."""

import geopandas as gpd
import pytest
import shapely

from benchmarks.bars import JOBS, rows_of
from benchmarks.formats import command
from benchmarks.formats.equal import difference
from tests.io.made_results import OWN, results


def test_small_run(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "PEERS", ("geopandas",))
    results().iloc[:2].drop(columns=list(OWN)).to_parquet(tmp_path / "results-2.parquet", index=False)
    assert (
        command.main(["--rows", "2", "--runs", "1", "--jobs", "from metres", "--tiles", "2", "--folder", str(tmp_path)])
        == 0
    )
    said = capsys.readouterr().out
    assert said == (tmp_path / "formats-report" / "formats.md").read_text("utf-8") + "\n"
    assert said.count("| write geojson from metres |") == 2 and "| tiles of 2, peak MB |" in said


def lots(path, **columns):
    made = {"parcel_id": ["A", "B"], "score": [1.5, None], **columns}
    gpd.GeoDataFrame(made, geometry=columns.get("geometry", [shapely.box(0, 0, 9, 9)] * 2), crs=4549).to_file(path)
    return path


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, ""),
        ({"parcel_id": ["A", "C"]}, "column parcel_id"),
        ({"score": [1.5 + 1e-9, None]}, "column score"),
        ({"more": 1}, "columns"),
        ({"geometry": [shapely.box(0, 0, 9, 9.1)] * 2}, "outlines"),
    ],
)
def test_differences_are_named(tmp_path, columns, words):
    assert difference(lots(tmp_path / "a.gpkg"), lots(tmp_path / "b.gpkg", **columns)) == words


def test_rows_in_another_order_are_equal_and_fewer_are_not(tmp_path):
    lots(tmp_path / "a.gpkg")
    frame = gpd.read_file(tmp_path / "a.gpkg")
    frame.iloc[::-1].to_file(tmp_path / "b.gpkg")
    frame.iloc[:1].to_file(tmp_path / "c.gpkg")
    assert difference(tmp_path / "a.gpkg", tmp_path / "b.gpkg") == ""
    assert difference(tmp_path / "a.gpkg", tmp_path / "c.gpkg") == "2 rows, not 1"


def test_bars_are_judged_by_the_lines_of_their_job():
    register = next(job for job in JOBS if job.group == "register")
    lines = [{"status_warm_ms": 200.0, "history_ms": 20.5, "appends_per_s": 499, "import_s": 54.0}]
    assert [row[-2:] for row in rows_of(register, lines)] == [
        ["200", "yes"],
        ["20.5", "no"],
        ["499", "no"],
        ["54", "yes"],
    ]
    plan = next(job for job in JOBS if job.group == "plan")
    lines = [{"plan": "rules", "seconds": 1.0}, {"plan": "exact", "seconds": 91.0, "gap": 0.004}]
    assert [row[-1] for row in rows_of(plan, lines)] == ["yes", "yes", "no"]
