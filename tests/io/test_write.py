"""The front door of the writers: the suffix picks, and what cannot be written is refused before the work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pandas import DataFrame

from landgis.errors import InputRefused
from landgis.io.write import LAYER_SUFFIXES, TABLE_SUFFIXES, check_target, write_layer, write_table
from landgis.io.write_columns import unique_names
from landgis.results import FIRM_COLUMNS, RESULT_COLUMNS
from tests.io.made_results import digest_in_another_process, digests, results

EVERY = pytest.mark.parametrize("suffix", LAYER_SUFFIXES)


def codes(refused) -> list[str]:
    return [problem.code for problem in refused.value.problems]


@EVERY
def test_equal_input_makes_equal_bytes_in_another_process(tmp_path, suffix):
    name = f"宗地{suffix}"
    assert digest_in_another_process(name) == json.loads(digests(tmp_path, name))


@EVERY
def test_an_output_that_exists_is_refused_and_stays(tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    target.write_text("old")
    for attempt in (lambda: check_target(target, False),
                    lambda: write_layer(results(), target, columns=RESULT_COLUMNS, overwrite=False)):  # fmt: skip
        with pytest.raises(InputRefused) as refused:
            attempt()
        assert codes(refused) == ["E-OUT-EXISTS"]
    assert target.read_text() == "old"


@EVERY
def test_an_empty_layer_and_capital_letters_are_written(tmp_path, suffix):
    write_layer(results().iloc[:0], tmp_path / f"out{suffix.upper()}", columns=RESULT_COLUMNS, overwrite=False)
    written = {path.name for path in tmp_path.iterdir()}
    assert ("out.shp" if suffix == ".shp" else f"out{suffix.upper()}") in written
    assert not list(tmp_path.glob(".landgis-*"))


def test_an_unknown_ending_lists_the_known_ones(tmp_path):
    for name in ("out.kml", "out", "out.gpkg.bak"):
        with pytest.raises(InputRefused) as refused:
            check_target(tmp_path / name, overwrite=True)
        assert codes(refused) == ["E-OUT-FORMAT"]
        assert ".geojson .json .gpkg .parquet .fgb .shp .csv .xlsx" in str(refused.value)


def test_a_layer_of_nothing_but_rows_without_geometry(tmp_path):
    frame = results().iloc[2:].reset_index(drop=True)
    for suffix in LAYER_SUFFIXES:
        write_layer(frame, tmp_path / f"out{suffix}", columns=RESULT_COLUMNS, overwrite=True)


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_firms_go_to_tables(tmp_path, suffix):
    firms = DataFrame({column.name: [None] for column in FIRM_COLUMNS} | {"enterprise_id": ["91330784MA2TEA0005"]})
    target = tmp_path / f"firms{suffix}"
    assert write_table(firms, target, columns=FIRM_COLUMNS, overwrite=False) == []
    assert target.stat().st_size > 0


def test_firms_do_not_go_to_layers(tmp_path):
    with pytest.raises(InputRefused) as refused:
        write_table(DataFrame(), tmp_path / "firms.gpkg", columns=FIRM_COLUMNS, overwrite=False)
    assert codes(refused) == ["E-OUT-FORMAT"]


def test_names_that_differ_in_case_only_get_numbers(tmp_path):
    frame = results()[["parcel_id", "score", "geometry"]].assign(Score=1, SCORE=2)
    remarks = write_layer(frame, tmp_path / "out.gpkg", columns=RESULT_COLUMNS, overwrite=False)
    assert [(remark.code, remark.place.field, remark.message.values["name"]) for remark in remarks] == [
        ("W-OUT-RENAMED", "Score", "Score_2"),
        ("W-OUT-RENAMED", "SCORE", "SCORE_3"),
    ]
    assert unique_names(["a", "a_2", "A"]) == ["a", "a_2", "A_3"]


FULL_DISK = """
import resource, signal, sys
import geopandas as gpd, pandas as pd
from landgis.errors import InputRefused
from landgis.io.write import write_layer
from landgis.results import RESULT_COLUMNS
from tests.io.made_results import results
frame = gpd.GeoDataFrame(pd.concat([results()] * 2000, ignore_index=True), crs=results().crs)
frame["parcel_id"] = [f"{i * 7919 % 8009:09}" for i in range(len(frame))]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write_layer(frame, sys.argv[1], columns=RESULT_COLUMNS, overwrite=True)
except InputRefused as refused:
    print([problem.code for problem in refused.problems])
"""


@EVERY
@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files")
def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    target.write_text("old")
    done = subprocess.run([sys.executable, "-c", FULL_DISK, target], capture_output=True, text=True,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    assert done.stdout == "['E-OUT-WRITE']\n", done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"out{suffix}": "old"}
