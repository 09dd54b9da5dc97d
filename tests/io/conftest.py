"""Layers, good and bad, that the tests of reading share."""

import csv
import hashlib
import http.server
import subprocess
import sys
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

SHARED = Path(__file__).parents[3] / "shared"


@dataclass(frozen=True)
class Corpus:
    """The hostile and broken files, the folder that they must not touch, and the requests that they caused."""

    folder: Path
    canary: Path
    requests: list

    def path(self, name: str) -> Path:
        return self.folder / name

    def canary_state(self) -> dict:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.canary.iterdir())}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The corpus of ../shared/corpus with a canary that listens; skips where the folder is absent."""
    script = SHARED / "corpus" / "make_corpus.py"
    if not script.exists():
        pytest.skip(f"{script} is not here")
    base, requests = tmp_path_factory.mktemp("hostile"), []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    canary = base / "canary"
    canary.mkdir()
    secret = gpd.GeoDataFrame({"secret": ["TOP-SECRET"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    secret.to_file(canary / "secret.gpkg", layer="secret")
    arguments = [script, base / "files", canary, str(server.server_port)]
    subprocess.run([sys.executable, *map(str, arguments)], check=True, capture_output=True)
    requests.clear()
    yield Corpus(base / "files", canary, requests)
    server.shutdown()


@pytest.fixture(scope="session")
def manifest(hostile):
    """file → what has to happen, of the layers."""
    with hostile.path("manifest.csv").open(encoding="utf-8") as stream:
        return {row["file"]: row for row in csv.DictReader(stream) if row["file"][0] in "vzsjg"}


@pytest.fixture
def real():
    """The real files of ../shared/real; skips where the folder is absent."""
    if not (SHARED / "real").exists():
        pytest.skip("../shared/real is not here")
    return SHARED / "real"


@pytest.fixture
def plots():
    """Two plots of 100 × 50 m in Yongkang, 20 m apart, in EPSG:4549."""
    boxes = [shapely.box(502_900, 3_200_400, 503_000, 3_200_450), shapely.box(503_020, 3_200_400, 503_120, 3_200_450)]
    return gpd.GeoDataFrame({"名称": ["宝山钢铁配套厂", "测试企业二"], "count": [1, 2]}, geometry=boxes, crs=4549)


def write(frame: gpd.GeoDataFrame, path: Path, **options) -> Path:
    """A frame to a file by pyogrio, without its remarks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(path, **options)
    return path


def codes(problems) -> list[str]:
    return [problem.code for problem in problems]
