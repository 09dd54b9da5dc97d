"""One small cluster for all tests of this folder: a scheduler and workers as processes of their own."""

from __future__ import annotations

import pytest

from landgis.scale.clusters import connected
from landgis.scale.settings import Cluster


@pytest.fixture(scope="package")
def client():
    pytest.importorskip("distributed")
    with connected(Cluster(workers=2, memory_limit="1GB", dashboard=False, patience_s=30)) as client:
        yield client
