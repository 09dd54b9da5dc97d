"""The pages: generated ones are fresh, the site builds, and every example on them runs."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)


def run(*command, cwd=ROOT, **more):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the sample beside it, as the pages assume."""
    (tmp_path / "sample").symlink_to(ROOT / "data" / "parcels")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_generated_pages_are_fresh():
    run(sys.executable, "tools/pages.py", "check")


def test_the_site_builds_without_a_warning(tmp_path):
    run(sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path))
    pages = {path.stem for path in PAGES} - {"index"}
    assert pages <= {path.parent.name for path in tmp_path.glob("*/index.html")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_examples_run(page, desk):
    assert doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if SHELL_BLOCK.search(page.read_text("utf-8"))],
    ids=lambda page: page.stem,
)
def test_shell_examples_run(page, desk):
    for block in SHELL_BLOCK.findall(page.read_text("utf-8")):
        for line in block.strip().splitlines():
            words = shlex.split(line)
            assert words[0] == "landgis", line
            run(sys.executable, "-m", *words, cwd=desk, env=os.environ | {"LANDGIS_LANG": "en"})


def test_every_direct_dependency_has_a_line_in_the_architecture():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for group in project["optional-dependencies"].values() for name in group),
    ]
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for line in wanted:
        name = re.match(r"[\w-]+", line)[0]
        if not name.startswith("types-") and not name.endswith("-stubs"):
            assert re.search(rf"\b{name}\b", text), f"{name}: what it does for us and what it was chosen over"
