import os
import time

import pytest

from landgis.errors import InputRefused
from landgis.scale import job as jobs
from landgis.scale.folders import Folder, file_of, stamp
from landgis.scale.job import LOCK, mark_done, name_of, open_job


@pytest.fixture
def scratch(tmp_path):
    return Folder(str(tmp_path))


def test_two_runs_at_a_time_are_refused(scratch):
    with (
        open_job(scratch, {"a": 1}),
        pytest.raises(InputRefused, match=f"E-CLUSTER-BUSY.*process {os.getpid()}"),
        open_job(scratch, {"a": 1}),
    ):
        pass
    with open_job(scratch, {"a": 1}), open_job(scratch, {"a": 2}):
        pass  # another job is none of our business


def test_a_lock_of_the_dead_does_not_hold(scratch):
    folder = scratch.at(f"landgis-job-{name_of({})}")
    alive = {"token": "x", "host": "elsewhere", "pid": 1, "at": time.time()}
    folder.write_json(LOCK, alive)
    with pytest.raises(InputRefused, match="process 1 on elsewhere"), open_job(scratch, {}):
        pass
    folder.write_json(LOCK, alive | {"at": time.time() - jobs.DEAD_AFTER_S - 1})
    with open_job(scratch, {}, keep=True):
        pass
    ended = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(ended, 0)
    folder.write_json(LOCK, alive | {"host": jobs.socket.gethostname(), "pid": ended})
    with open_job(scratch, {}):
        pass


def test_the_lock_says_again_and_again_that_we_live(scratch, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.01)
    with open_job(scratch, {}) as job:
        first = job.folder.read_json(LOCK)["at"]
        deadline = time.monotonic() + 10
        while job.folder.read_json(LOCK)["at"] == first:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_names_follow_what_decides_the_answer():
    assert name_of({"a": 1, "b": "区"}) == name_of({"b": "区", "a": 1})
    assert len({name_of({"a": value}) for value in (1, 2, "1", None)}) == 4


def test_a_torn_marker_does_not_count(scratch):
    with pytest.raises(RuntimeError), open_job(scratch, {}) as job:
        mark_done(job.folder, "whole", {"rows": 1})
        with job.folder.write("done/torn.json") as stream:
            stream.write(b'{"rows": ')
        raise RuntimeError
    with open_job(scratch, {}) as job:
        assert job.done == {"whole": {"rows": 1}}


def test_a_file_is_there_whole_or_not_at_all(scratch, tmp_path):
    with pytest.raises(RuntimeError), scratch.write("deep/file") as stream:
        stream.write(b"half")
        raise RuntimeError
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_stamp_changes_with_the_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("a")
    first = stamp(str(path))
    assert stamp(str(path)) == first
    path.write_text("ab")
    assert stamp(str(path)) != first
    with pytest.raises(InputRefused, match="no such file"):
        stamp(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("text", "folder", "name"),
    [
        ("a/b.parquet", "a", "b.parquet"),
        ("b.parquet", ".", "b.parquet"),
        ("s3://bucket/a/b.parquet?region=x", "s3://bucket/a?region=x", "b.parquet"),
    ],
)
def test_where_a_file_is(text, folder, name):
    assert file_of(text) == (Folder(folder), name)


def test_an_address_that_nobody_knows_is_refused():
    with pytest.raises(InputRefused, match="E-CLUSTER-FOLDER"):
        Folder("nonsense://bucket/x").names()
