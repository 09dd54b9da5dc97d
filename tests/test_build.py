"""Installing compiles the kernels, and goes on where it cannot."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from landgis.compiled import build, library
from tests.debian import there

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what a wheel is built from, without a library."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "app.py"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "landgis" / "compiled", folder / "landgis" / "compiled", ignore=lambda *_: [build.NAME])
    shutil.copy(ROOT / "landgis" / "__init__.py", folder / "landgis")
    (folder / "data" / "parcels").mkdir(parents=True)
    (folder / "data" / "parcels" / "zone").touch()
    return folder


def wheel_of(tree, folder, **environment):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel, done.stdout + done.stderr


def test_a_wheel_has_the_library_and_names_its_platform(tree, tmp_path):
    if there("cc", "gcc", "libc6-dev") is None:
        pytest.skip("no compiler")
    wheel, _ = wheel_of(tree, tmp_path)
    assert "-py3-none-" in wheel.name and "none-any" not in wheel.name
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "there")
    assert not list((tree / "landgis" / "compiled").glob(f"*{build.NAME}*"))
    compiled = tmp_path / "there" / "landgis" / "compiled"
    assert (compiled / build.NAME).exists() and (compiled / "plane.h").exists()
    code = "from landgis.compiled.library import kernels; print(kernels() is not None)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "there", capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


def test_without_a_compiler_the_wheel_is_for_all_and_the_builder_is_told(tree, tmp_path):
    wheel, said = wheel_of(tree, tmp_path, PATH=str(tmp_path))
    assert wheel.name.endswith("-py3-none-any.whl")
    assert "built without its kernels" in said and len(said.strip().splitlines()) <= 3
    with zipfile.ZipFile(wheel) as packed:
        assert not [name for name in packed.namelist() if name.endswith(build.NAME)]


def test_compiling_by_hand_without_a_compiler_says_so_in_one_line(tmp_path):
    done = subprocess.run([sys.executable, build.__file__], capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 1 and done.stderr.startswith("landgis goes on without its kernels")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """Load the kernels from a folder that the test fills."""
    if library.kernels() is None:
        pytest.skip("the kernels are not compiled here")
    place = Path(shutil.copytree(Path(library.__file__).parent, tmp_path / "compiled"))
    monkeypatch.setattr(library, "__file__", str(place / "library.py"))
    monkeypatch.setattr(build, "HERE", place)
    return place, library.kernels.__wrapped__


def test_a_library_that_fits_is_used(loaded):
    assert loaded[1]() is not None


@pytest.mark.parametrize("fault", ["gone", "broken", "other sources"])
def test_a_library_that_does_not_fit_is_not_used(loaded, fault):
    place, load = loaded
    if fault == "gone":
        (place / build.NAME).unlink()
    elif fault == "broken":
        (place / build.NAME).write_bytes(b"\x7fELF of another machine")
    else:
        (place / "keys.c").write_text((place / "keys.c").read_text() + "\n")
    assert load() is None
