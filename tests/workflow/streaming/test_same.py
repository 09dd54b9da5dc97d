"""The array path against the plain one: the same files in, the same table out, the same report."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from benchmarks.score.tables import make
from landgis.errors import InputRefused
from landgis.io.stream import Unusual
from landgis.io.write import write_layer
from landgis.metrics.measure import Prepared
from landgis.results import RESULT_COLUMNS
from landgis.workflow.inputs import Inputs
from landgis.workflow.sample import sample_inputs
from landgis.workflow.score import score_files
from landgis.workflow.streaming.score import score_streams

TABLES = ("parcels", "buildings", "enterprises", "occupancies")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Files of the benchmark: outlines that cross themselves, of several parts, rows in no order."""
    files = make(tmp_path_factory.mktemp("made"), 1_500)
    return Inputs(**{name: str(path) for name, path in files.all().items()})


def plain(inputs, out):
    run = score_files(inputs)
    run.report.log.problems += write_layer(
        run.frame, out, columns=RESULT_COLUMNS, overwrite=True, title=run.rules.title.zh
    )
    return document(run)


def document(run):
    found = run.report.as_json(str)
    return {name: value for name, value in found.items() if name != "seconds"}


def near(one, two):
    """Equal, sums of floating numbers to 1e-12: a report adds them in another order."""
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(near(one[key], two[key]) for key in one)
    return one == pytest.approx(two, rel=1e-12, nan_ok=True) if isinstance(one, float) else one == two


def require_same(inputs, folder):
    """Both paths, and what they wrote compared; the report of the array path."""
    said = plain(inputs, folder / "plain.parquet")
    run = score_streams(inputs, folder / "streams.parquet", overwrite=False)
    one, two = (pq.read_table(folder / f"{name}.parquet") for name in ("plain", "streams"))
    assert one.schema.equals(two.schema, check_metadata=True)
    for name in one.column_names:
        assert same(one[name], two[name]), (name, differing(one[name], two[name]))
    assert near(said, document(run)), (said, document(run))
    return run


def same(one, two):
    """Numbers to 1e-11, as the kernels measure an outline from another corner than GEOS; all else exactly."""
    if not pa.types.is_floating(one.type):
        return one.equals(two)
    pair = [column.to_numpy() for column in (one, two)]
    return bool(np.isclose(*pair, rtol=1e-11, atol=1e-11, equal_nan=True).all())


def differing(one, two):
    pairs = [pair for pair in zip(one.to_pylist(), two.to_pylist(), strict=True) if pair[0] != pair[1]]
    return len(pairs), pairs[:3]


@pytest.mark.parametrize("rules", ["yongkang-draft", "huangyan-2022", "cn-2008"])
def test_every_rule_set(made, rules, tmp_path):
    run = require_same(replace(made, rules=rules), tmp_path)
    assert run.summary.parcels == 1_500


@pytest.mark.parametrize("absent", ["buildings", "enterprises", "occupancies"])
def test_without_a_table(made, absent, tmp_path):
    require_same(replace(made, **{absent: None}), tmp_path)


def test_parcels_alone(made, tmp_path):
    require_same(Inputs(made.parcels), tmp_path)


def test_any_stretch(made, tmp_path, monkeypatch):
    """Stretches of 97 parcels, batches of 97 rows: the same as one of all."""
    score_streams(made, tmp_path / "whole.parquet", overwrite=False)
    monkeypatch.setattr("landgis.io.stream.BATCH_ROWS", 97)
    monkeypatch.setattr("landgis.workflow.streaming.job.SIDE_BY_SIDE", 0)  # as with millions: firms after buildings
    stretches = Prepared.stretches
    monkeypatch.setattr(Prepared, "stretches", lambda prepared: stretches(prepared, 97))
    score_streams(made, tmp_path / "cut.parquet", overwrite=False)
    one, two = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("whole", "cut"))
    assert one.equals(two)


def test_any_row_groups(made, tmp_path):
    """Files whose row groups end anywhere, dictionaries anew in each, are read in the same stretches."""
    score_streams(made, tmp_path / "whole.parquet", overwrite=False)
    cut = {}
    for name, path in made.named.items():
        cut[name] = str(tmp_path / f"{name}.parquet")
        pq.write_table(pq.read_table(path), cut[name], row_group_size=70)
    score_streams(replace(made, **cut), tmp_path / "cut.parquet", overwrite=False)
    one, two = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("whole", "cut"))
    assert one.equals(two)


def sample_as_parquet(folder):
    """The sample zone's layers as GeoParquet, its tables as Parquet."""
    inputs, named = sample_inputs(), {}
    for name, text in inputs.named.items():
        if name == "blocks":
            continue
        named[name] = str(folder / f"{name}.parquet")
        file, _, layer = text.partition(":")
        if name in ("parcels", "buildings"):
            gpd.read_file(file, layer=layer or None).to_parquet(named[name], index=False)
        else:
            pd.read_csv(file, dtype={"enterprise_id": str, "parcel_id": str, "industry_code": str}).to_parquet(
                named[name]
            )
    return replace(inputs, blocks=None, **named)


def test_the_sample_zone(tmp_path):
    require_same(sample_as_parquet(tmp_path), tmp_path)


def rewritten(path, target, change):
    """A file with its table changed by a function of a pandas frame."""
    layer = b"geo" in (pq.read_schema(path).metadata or {})
    frame = gpd.read_parquet(path) if layer else pd.read_parquet(path)
    change(frame).to_parquet(target, index=False)
    return str(target)


def test_years_dates_and_strangers(made, tmp_path):
    """Rows of other years and without one, occupancies that are over, parcels and firms that nobody knows."""

    def years(frame):
        past = frame.head(300).assign(year=2023, output_wan=1.0)
        none = frame.head(3).assign(enterprise_id=["X1", "X2", "X3"], year=np.nan)
        return pd.concat([frame, past, none], ignore_index=True)

    def stays(frame):
        ended = pd.Series(pd.NaT, index=frame.index)
        ended.iloc[::7] = pd.Timestamp(2020, 5, 1)
        parcel = frame["parcel_id"].where(frame.index % 50 != 0, "nowhere")
        firm = frame["enterprise_id"].where(frame.index % 11 != 0, "firm" + (frame.index % 3).astype(str))
        return frame.assign(
            end_date=ended,
            parcel_id=parcel,
            enterprise_id=firm,
            relation=frame["relation"].where(frame.index % 13 != 0),
        )

    inputs = replace(
        made,
        enterprises=rewritten(made.enterprises, tmp_path / "e.parquet", years),
        occupancies=rewritten(made.occupancies, tmp_path / "o.parquet", stays),
    )
    run = require_same(inputs, tmp_path)
    codes = {problem.code for problem in run.report.log.problems} | {
        one.row.problem.code for one in run.report.log.set_aside
    }
    assert codes >= {
        "W-YEAR",
        "W-YEAR-MISSING",
        "W-OCCUPANCY-PAST",
        "W-PARCEL-UNKNOWN",
        "W-FIRM-UNKNOWN",
        "W-FIRM-NOWHERE",
    }
    with pytest.raises(InputRefused):
        score_streams(replace(inputs, strict=True), tmp_path / "strict.parquet", overwrite=False)
    assert not (tmp_path / "strict.parquet").exists()
    require_same(replace(made, enterprises=inputs.enterprises, year=2023), tmp_path / "2023") if (
        tmp_path / "2023"
    ).mkdir() is None else None


def test_declared_parcels_and_heights(made, tmp_path):
    """Buildings that name their parcel, one that names a stranger, some on no parcel; storeys' heights; own columns."""

    def buildings(frame):
        ids = gpd.read_parquet(made.parcels)["parcel_id"].to_numpy()
        declared = pd.Series([None] * len(frame), dtype=object)
        declared.iloc[::5] = ids[np.arange(0, len(frame), 5) % len(ids)]
        declared.iloc[3] = "stranger"
        away = frame.geometry.copy()
        away.iloc[10:20] = shapely.transform(away.iloc[10:20].to_numpy(), lambda xy: xy + 20_000)
        heights = pd.Series([None, "8.1;4", "9", "3;3;3"] * (len(frame) // 4 + 1), dtype=object).iloc[: len(frame)]
        return frame.assign(parcel_id=declared.to_numpy(), storey_heights_m=heights.to_numpy()).set_geometry(away)

    def parcels(frame):
        number = np.arange(len(frame))
        return frame.assign(
            registered_area_m2=np.where(number % 3 == 0, np.nan, frame.area * (1 + (number % 7) / 100)),
            idle_months=np.where(number % 4 == 0, np.nan, number % 30).astype(float),
            remark=[None if at % 2 else f"备注{at}" for at in number],
            many=number,
        )  # fmt: skip

    inputs = replace(
        made,
        parcels=rewritten(made.parcels, tmp_path / "p.parquet", parcels),
        buildings=rewritten(made.buildings, tmp_path / "b.parquet", buildings),
    )
    require_same(inputs, tmp_path)


@pytest.mark.parametrize("table", ["parcels", "buildings", "enterprises"])
def test_a_key_that_stands_twice_is_for_the_plain_path(made, table, tmp_path):
    path = rewritten(
        getattr(made, table), tmp_path / f"{table}.parquet", lambda frame: pd.concat([frame, frame.head(1)])
    )
    with pytest.raises(Unusual):
        score_streams(replace(made, **{table: path}), tmp_path / "out.parquet", overwrite=False)
    assert not (tmp_path / "out.parquet").exists()


def test_nothing_heavy_is_imported(made, tmp_path):
    """Importing it would take longer than scoring a small county; so would what commands are understood and printed with."""
    words = ["score", "--out", str(tmp_path / "out.parquet"), "--report", str(tmp_path / "r.json")]
    words += [part for name, text in made.named.items() for part in (f"--{name}", text)]
    heavy = "print([name for name in ('pandas', 'geopandas', 'pyogrio', 'fiona', 'typer', 'pydantic', 'rich') if name in sys.modules])"
    code = f"import atexit, sys; atexit.register(lambda: {heavy}); sys.argv[1:] = {words!r}\n"
    code += "from landgis.cli.main import main; main()"
    environment = os.environ | {"LANDGIS_LANG": "zh"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]", said.stdout + said.stderr
    assert json.loads((tmp_path / "r.json").read_text())["parcels_out"] == 1_500
