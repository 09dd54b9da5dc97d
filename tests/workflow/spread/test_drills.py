"""kill -9 of a worker, of the scheduler, of the coordinator itself: processes of their own, the whole job."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from landgis.errors import InputRefused
from landgis.scale.clusters import ClusterLost
from landgis.scale.settings import Cluster
from landgis.workflow.spread.score import score_on_cluster
from landgis.workflow.streaming.score import score_streams
from tests.scale.processes import ROOT, started
from tests.workflow.spread.answers import rows_of, same_bytes
from tests.workflow.spread.county import county
from tests.workflow.spread.test_same import spread

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return county(tmp_path_factory.mktemp("county"), group=100)


@pytest.fixture(scope="module")
def wanted(inputs, tmp_path_factory):
    """The answer without any accident."""
    out = tmp_path_factory.mktemp("calm") / "calm.parquet"
    whole = county(tmp_path_factory.mktemp("whole"), group=1_000_000)
    score_streams(whole, out, overwrite=False)
    return rows_of(out)


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch):
    monkeypatch.setattr("landgis.workflow.spread.work.ROWS", 100)


def on(address, inputs, out, told=None):
    tell = [] if told is None else told
    cluster = Cluster(scheduler=address, parcels=50, patience_s=20)
    return score_on_cluster(inputs, cluster, str(out), overwrite=False, say=lambda message: tell.append(str(message)))


def as_soon_as(tmp_path, task, action):
    """Do something when a task is done."""

    def wait():
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(f"landgis-job-*/done/{task}.json")):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize("task", ["measure-00001", "write-00001"])
def test_a_worker_killed_in_the_middle_changes_no_byte(inputs, wanted, tmp_path, task):
    with started(tmp_path, workers=2) as (address, processes):
        killer = as_soon_as(tmp_path, task, processes[1].kill)
        on(address, inputs, tmp_path / "out.parquet")
        killer.join()
        assert processes[1].wait() == -signal.SIGKILL
    assert same_bytes(wanted, rows_of(tmp_path / "out.parquet")) == []
    assert not list(tmp_path.glob("landgis-job-*"))


def test_the_scheduler_killed_in_the_middle_is_said_and_the_next_run_goes_on(inputs, wanted, monkeypatch, tmp_path):
    out, told = tmp_path / "out.parquet", []
    with started(tmp_path, workers=1) as (address, processes):
        killer = as_soon_as(tmp_path, "measure-00002", processes[0].kill)
        with pytest.raises(ClusterLost, match="the scheduler is gone"):
            on(address, inputs, out)
        killer.join()
    assert not out.exists()
    (folder,) = tmp_path.glob("landgis-job-*")
    done = {path.name: path.stat().st_mtime_ns for path in (folder / "done").iterdir()}
    with started(tmp_path, workers=1) as (address, _), monkeypatch.context() as kept:
        kept.setattr("landgis.scale.folders.Folder.remove", lambda _folder: None)
        on(address, inputs, out, told)
    assert told[1] == f"going on where an earlier run was stopped: {len(done)} tasks are done"
    again = {path.name: path.stat().st_mtime_ns for path in (folder / "done").iterdir()}
    assert done.items() <= again.items(), "what was done is not run again"
    assert same_bytes(wanted, rows_of(out)) == []


def scoring(inputs, out, cluster):
    """The command, as a user types it."""
    tables = [part for name, path in inputs.named.items() for part in (f"--{name}", path)]
    how = ["--out", str(out), "--cluster", cluster]
    return [sys.executable, "-m", "landgis", "--lang", "en", "score", *tables, *how]


def test_the_coordinator_killed_in_the_middle(inputs, wanted, tmp_path):
    """The command itself, with local workers; its lock does not hold up the next run, its workers end."""
    out = tmp_path / "out.parquet"
    file = tmp_path / "cluster.toml"
    file.write_text("workers = 1\nparcels = 50\ndashboard = false\n")
    command = scoring(inputs, out, str(file))
    first = subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    as_soon_as(tmp_path, "measure-00000", lambda: os.killpg(first.pid, signal.SIGKILL)).join()
    assert first.wait() == -signal.SIGKILL
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{len(wanted)} parcels" in done.stdout
    assert same_bytes(wanted, rows_of(out)) == []
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 3
    assert "E-OUT-EXISTS" in refused.stderr
    assert "Traceback" not in refused.stderr + done.stderr


def test_a_scheduler_that_dies_leaves_no_traceback_on_the_screen(inputs, tmp_path):
    out = tmp_path / "out.parquet"
    with started(tmp_path, workers=1) as (address, processes):
        command = scoring(inputs, out, address)
        thread = as_soon_as(tmp_path, "survey-00000", processes[0].kill)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        thread.join()
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"landgis: E-CLUSTER-LOST · {address}: the scheduler is gone; start it again")


def test_another_input_is_another_job(inputs, inline, tmp_path):
    told = []
    spread(inputs, tmp_path / "one.parquet", keep=True)
    ran = len(inline.ran)
    spread(inputs, tmp_path / "two.parquet", told=told, keep=True)
    assert len(inline.ran) == 2 * ran, "another output, too"
    path = Path(inputs.occupancies)
    os.utime(path, (path.stat().st_atime + 5, path.stat().st_mtime + 5))
    spread(inputs, tmp_path / "three.parquet", keep=True)
    assert len(inline.ran) == 3 * ran
    assert not any("going on" in line for line in told)


def test_a_part_that_was_taken_away_is_written_again(inputs, inline, tmp_path, monkeypatch):
    from landgis.workflow.spread.target import Target

    with monkeypatch.context() as broken:
        broken.setattr(Target, "finish", lambda *_: (_ for _ in ()).throw(InputRefused([])))
        with pytest.raises(InputRefused):
            spread(inputs, tmp_path / "out.parquet")
    ran = len(inline.ran)
    (making,) = tmp_path.glob(".landgis-*")
    (making / "part-00002.parquet").unlink()
    spread(inputs, tmp_path / "out.parquet")
    assert inline.ran[ran:] == ["write-00002"]
    spread(inputs, tmp_path / "calm.parquet")
    assert same_bytes(rows_of(tmp_path / "calm.parquet"), rows_of(tmp_path / "out.parquet")) == []
