"""The same on an object store: moto's server speaks S3 on this machine. Skipped where it is not installed."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from landgis.errors import InputRefused
from landgis.scale import folders
from landgis.scale.clusters import connected
from landgis.scale.folders import Folder, stamp
from landgis.scale.job import LOCK, open_job
from landgis.scale.pieces import read_pieces, write_pieces
from landgis.scale.settings import Cluster
from landgis.scale.tasks import Task
from tests.scale import made_tasks
from tests.scale.test_tasks import run


@pytest.fixture(scope="module")
def bucket():
    """An empty bucket, and the environment that leads to it; workers started later inherit that."""
    pytest.importorskip("distributed")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "127.0.0.1",
        }.items():  # fmt: skip
            patched.setenv(name, value)
        from pyarrow import fs

        fs.S3FileSystem(allow_bucket_creation=True, endpoint_override=f"{host}:{port}", scheme="http").create_dir(
            "landgis"
        )
        yield "s3://landgis"
    server.stop()
    folders._opened.cache_clear()  # the next server listens elsewhere


def test_files_of_an_object_store(bucket):
    folder = Folder(f"{bucket}/files")
    assert folder.names() == {}
    assert folder.read_json("none.json") is None
    folder.write_json("a/b.json", {"地": 1})
    assert list(folder.names()) == ["a/b.json"]
    assert folder.read_json("a/b.json") == {"地": 1}
    write_pieces(folder, "piece", pa.table({"row": range(4)}), *map(np.array, ([0, 1, 3], [1, 0, 1])), 2)
    assert read_pieces(folder, ["piece", "piece"], 1)["row"].to_pylist() == [0, 3, 0, 3]
    before = stamp(f"{bucket}/files/a/b.json")
    folder.write_json("a/b.json", {"地": 11})
    assert stamp(f"{bucket}/files/a/b.json") != before
    folder.delete("a/b.json")
    folder.delete("a/b.json")
    folder.remove()
    assert folder.names() == {}
    with pytest.raises(InputRefused, match="no such file"):
        stamp(f"{bucket}/none.parquet")


def test_parquet_is_read_by_row_group(bucket):
    folder = Folder(f"{bucket}/parquet")
    with folder.write("a.parquet") as stream:
        pq.write_table(pa.table({"n": range(10)}), stream, row_group_size=4)
    with folder.read("a.parquet") as source:
        opened = pq.ParquetFile(source)
        assert [opened.read_row_group(n)["n"].to_pylist() for n in range(3)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_a_job_on_an_object_store_resumes_and_refuses_a_second_run(bucket):
    scratch = Folder(f"{bucket}/scratch")
    tasks = [Task(f"square-{n}", made_tasks.write_square, {"number": n}) for n in range(4)]
    with connected(Cluster(workers=1, dashboard=False)) as client:
        with pytest.raises(RuntimeError), open_job(scratch, {"a": 1}) as job:
            run(client, job, tasks[:3])
            assert LOCK in job.folder.names()
            with pytest.raises(InputRefused, match="E-CLUSTER-BUSY"), open_job(scratch, {"a": 1}):
                pass
            raise RuntimeError
        with open_job(scratch, {"a": 1}) as job:
            assert job.resumed == 3
            said = run(client, job, tasks)
            assert job.folder.bytes_of("square-3") == b"9"
    assert [said[f"square-{n}"]["square"] for n in range(4)] == [0, 1, 4, 9]
    assert scratch.names() == {}
