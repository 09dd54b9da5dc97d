"""Input, scratch space and output in an object store: the same bytes as from and to a disk."""

import shutil
from pathlib import Path

import pytest

from landgis.errors import InputRefused
from landgis.scale.folders import Folder
from landgis.workflow.inputs import Inputs
from tests.scale.test_objects import bucket  # noqa: F401  (a fixture)
from tests.workflow.spread.answers import rows_of, same_bytes
from tests.workflow.spread.county import county
from tests.workflow.spread.test_same import spread


def test_everything_in_a_store(bucket, inline, tmp_path):  # noqa: F811
    local = county(tmp_path / "county")
    store = Folder(f"{bucket}/county")
    for path in local.named.values():
        with store.write(Path(path).name) as stream:
            stream.write(Path(path).read_bytes())
    there = Inputs(**{name: f"{bucket}/county/{name}.parquet" for name in local.named})
    out = f"{bucket}/results/out.parquet"
    spread(there, out, scratch=f"{bucket}/scratch")
    assert Folder(f"{bucket}/scratch").names() == {}
    with pytest.raises(InputRefused, match="E-OUT-EXISTS"):
        spread(local, out)
    folder = Folder(out)
    fetched = tmp_path / "fetched.parquet"
    fetched.mkdir()
    for name in folder.names():
        (fetched / name).write_bytes(folder.bytes_of(name))
    spread(local, tmp_path / "local.parquet")
    assert same_bytes(rows_of(tmp_path / "local.parquet"), rows_of(fetched)) == []
    assert (fetched / "_landgis.json").exists()
    shutil.rmtree(fetched)
