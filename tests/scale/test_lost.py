"""What is said when the cluster is not there, or goes away; on processes of their own."""

import threading
import time

import pytest

from landgis.errors import LandgisError
from landgis.scale.clusters import ClusterLost, connected
from landgis.scale.folders import Folder
from landgis.scale.job import open_job
from landgis.scale.settings import Cluster
from tests.scale import made_tasks
from tests.scale.processes import started
from tests.scale.test_tasks import folder_of, run, squares

pytest.importorskip("distributed")


def when_squared(tmp_path, number, action):
    """Do something as soon as a task has begun."""

    def wait():
        while not list(tmp_path.glob(f"landgis-job-*/ran-{number}-*")):
            time.sleep(0.02)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_the_scheduler_gone_is_an_error_and_another_run_goes_on(tmp_path):
    folder = Folder(str(tmp_path))
    with started(tmp_path, workers=1) as (address, processes):
        thread = when_squared(tmp_path, 3, processes[0].kill)
        with (
            pytest.raises(ClusterLost, match=r"the scheduler is gone; start it again .* [34] finished"),
            connected(Cluster(scheduler=address)) as client,
            open_job(folder, {}) as job,
        ):
            run(client, job, squares(range(6), seconds=0.5))
        thread.join()
    with (
        started(tmp_path, workers=1) as (address, _),
        connected(Cluster(scheduler=address)) as client,
        open_job(folder, {}, keep=True) as job,
    ):
        assert job.resumed in (3, 4), "the worker may have finished what it was at"
        said = run(client, job, squares(range(6)))
    assert [said[f"square-{n}"]["square"] for n in range(6)] == [n * n for n in range(6)]
    counts = made_tasks.ran(folder_of(tmp_path))
    assert {n: counts[n] for n in range(3)} == {0: 1, 1: 1, 2: 1}


def test_all_workers_gone_is_an_error_after_a_time(tmp_path):
    with started(tmp_path, workers=1) as (address, processes):
        thread = when_squared(tmp_path, 1, processes[1].kill)
        with (
            pytest.raises(ClusterLost, match="no worker is left, and none has come back for 1 s"),
            connected(Cluster(scheduler=address)) as client,
            open_job(Folder(str(tmp_path)), {}) as job,
        ):
            run(client, job, squares(range(4), seconds=0.3), patience_s=1.0)
        thread.join()


def test_no_scheduler_and_no_worker_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.scale.clusters.CONNECT_S", 1.0)
    with (
        pytest.raises(ClusterLost, match=r"tcp://127.0.0.1:9: no scheduler answers there"),
        connected(Cluster(scheduler="tcp://127.0.0.1:9")),
    ):
        pass
    with (
        started(tmp_path, workers=0) as (address, _),
        pytest.raises(ClusterLost, match="has had no worker for 1 s"),
        connected(Cluster(scheduler=address, patience_s=0.6)),
    ):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(LandgisError, match=r"pip install 'landgis\[cluster\]'"), connected(Cluster(workers=1)):
        pass


def test_a_worker_with_another_landgis_is_refused(client, monkeypatch):
    from landgis.scale import clusters

    monkeypatch.setattr(
        clusters, "_version", lambda name: "0.0.9" if name == "landgis" else clusters.importlib.metadata.version(name)
    )
    with pytest.raises(
        ClusterLost, match=r"E-CLUSTER-VERSION · tcp://.*: the worker has landgis .* and this machine 0.0.9"
    ):
        clusters._require_same(client)
