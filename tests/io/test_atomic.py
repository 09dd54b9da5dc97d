"""A file is the old one or the new one, whatever happens in between."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from landgis.errors import InputRefused
from landgis.io.atomic import atomic_file, atomic_set, check_file, sweep

SET = (".shp", ".dbf", ".prj")


def codes(refused) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_set(target: Path, text: str, *, overwrite: bool, suffixes=SET) -> None:
    with atomic_set(target, suffixes=SET, overwrite=overwrite) as folder:
        for suffix in suffixes:
            (folder / f"{target.stem}{suffix}").write_text(text)


def test_the_file_is_there_in_the_end_and_not_before(tmp_path):
    target = tmp_path / "宗地.gpkg"
    with atomic_file(target, overwrite=False) as temporary:
        temporary.write_text("new")
        assert (temporary.parent, temporary.suffix, target.exists()) == (tmp_path, ".gpkg", False)
    assert (target.read_text(), names(tmp_path)) == ("new", ["宗地.gpkg"])


def test_an_existing_file_stays_without_overwrite_and_goes_with_it(tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(InputRefused) as refused, atomic_file(target, overwrite=False):
        pytest.fail("the block must not run")
    assert codes(refused) == ["E-OUT-EXISTS"]
    assert "--overwrite" in str(refused.value)
    with atomic_file(target, overwrite=True) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


def test_a_file_that_appears_in_the_meantime_is_not_replaced(tmp_path):
    target = tmp_path / "out.csv"
    with pytest.raises(InputRefused) as refused, atomic_file(target, overwrite=False) as temporary:
        temporary.write_text("mine")
        target.write_text("somebody else's")
    assert codes(refused) == ["E-OUT-EXISTS"]
    assert (target.read_text(), names(tmp_path)) == ("somebody else's", ["out.csv"])


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "out.gpkg"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_file(target, overwrite=True) as temporary:
        temporary.write_text("half")
        temporary.with_name(temporary.name + "-journal").write_text("of SQLite")
        1 / 0  # noqa: B018
    assert (target.read_text(), names(tmp_path)) == ("old", ["out.gpkg"])


def test_what_the_disk_says_becomes_a_problem(tmp_path):
    with pytest.raises(InputRefused) as refused, atomic_file(tmp_path / "out.csv", overwrite=True):
        raise OSError(28, "No space left on device")
    assert codes(refused) == ["E-OUT-WRITE"]
    assert "No space left" in str(refused.value)


def test_links_folders_and_missing_folders_are_refused(tmp_path):
    (tmp_path / "real.csv").write_text("real")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere.csv")
    for name, code in (("link.csv", "E-OUT-LINK"), ("dangling.csv", "E-OUT-LINK"), (".", "E-OUT-FOLDER"),
                       ("no/out.csv", "E-OUT-FOLDER"), ("real.csv/out.csv", "E-OUT-FOLDER")):  # fmt: skip
        with pytest.raises(InputRefused) as refused:
            check_file(tmp_path / name, overwrite=True)
        assert codes(refused) == [code], name
    assert (tmp_path / "real.csv").read_text() == "real"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(InputRefused) as refused:
        check_file(tmp_path / "out.csv", overwrite=False)
    tmp_path.chmod(0o755)
    assert codes(refused) == ["E-OUT-FOLDER"]


def test_permissions_of_the_old_file_are_kept(tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    target.chmod(0o640)
    with atomic_file(target, overwrite=True) as temporary:
        temporary.write_text("new")
    assert target.stat().st_mode & 0o777 == 0o640


def test_only_our_own_leftovers_of_yesterday_are_swept(tmp_path):
    old, young = tmp_path / ".landgis-0123456789abcdef.gpkg", tmp_path / ".landgis-fedcba9876543210.gpkg"
    folder, strange = tmp_path / ".landgis-00000000000000aa", tmp_path / ".landgis-notes.txt"
    folder.mkdir()
    (folder / "part.shp").write_text("x")
    for path in (old, young, strange):
        path.write_text("x")
    yesterday = time.time() - 25 * 3600
    for path in (old, folder, strange):
        os.utime(path, (yesterday, yesterday))
    sweep(tmp_path)
    assert names(tmp_path) == sorted([young.name, strange.name])


CHILD = """
import sys
from landgis.io.atomic import atomic_file
letter, target = sys.argv[1:]
print("ready", flush=True)
while True:
    with atomic_file(target, overwrite=True) as temporary:
        with temporary.open("wb") as stream:
            for _ in range(64):
                stream.write(letter.encode() * 4096)
    letter = "a" if letter == "b" else "b"
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    target = tmp_path / "out.bin"
    target.write_bytes(b"b" * 64 * 4096)
    chance = random.Random(20)
    seen = set()
    for _ in range(20):
        child = subprocess.Popen([sys.executable, "-c", CHILD, chance.choice("ab"), target], stdout=subprocess.PIPE,
                                 cwd=Path(__file__).parents[2])  # fmt: skip
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        content = target.read_bytes()
        assert len(content) == 64 * 4096 and len(set(content)) == 1
        seen.add(content[:1])
    assert seen <= {b"a", b"b"}
    sweep(tmp_path, older_than_seconds=-1)
    assert names(tmp_path) == ["out.bin"]


def test_a_set_replaces_the_whole_old_set(tmp_path):
    target = tmp_path / "面.shp"
    write_set(target, "old", overwrite=False)
    write_set(target, "new", overwrite=True, suffixes=(".shp", ".dbf"))
    assert {name: (tmp_path / name).read_text() for name in names(tmp_path)} == {"面.shp": "new", "面.dbf": "new"}


def test_any_file_of_a_set_is_in_the_way(tmp_path):
    (tmp_path / "a.dbf").write_text("somebody's")
    with pytest.raises(InputRefused) as refused:
        write_set(tmp_path / "a.shp", "new", overwrite=False)
    assert codes(refused) == ["E-OUT-EXISTS"]
    assert names(tmp_path) == ["a.dbf"]


@pytest.mark.parametrize("fails_at", range(1, 6))
def test_a_set_that_cannot_be_moved_leaves_the_old_one(tmp_path, monkeypatch, fails_at):
    target = tmp_path / "a.shp"
    write_set(target, "old", overwrite=False, suffixes=(".shp", ".dbf"))
    moved = []

    def move(source: Path, to: Path) -> None:
        moved.append(source)
        if len(moved) == fails_at:
            raise OSError(5, "Input/output error")
        source.replace(to)

    monkeypatch.setattr("landgis.io.atomic._move", move)
    with pytest.raises(InputRefused) as refused:
        write_set(target, "new", overwrite=True)
    assert codes(refused) == ["E-OUT-WRITE"]
    assert {name: (tmp_path / name).read_text() for name in names(tmp_path)} == dict.fromkeys(["a.dbf", "a.shp"], "old")


@pytest.mark.parametrize("killed_at", range(1, 7))
def test_a_killed_set_is_never_a_mixture(tmp_path, monkeypatch, killed_at):
    target = tmp_path / "a.shp"
    write_set(target, "old", overwrite=False)
    moved = []

    class Killed(BaseException):
        pass

    def move(source: Path, to: Path) -> None:
        moved.append(source)
        if len(moved) == killed_at:
            raise Killed
        source.replace(to)

    monkeypatch.setattr("landgis.io.atomic._move", move)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    with pytest.raises(Killed):
        write_set(target, "new", overwrite=True)
    if target.exists():
        assert {(tmp_path / f"a{suffix}").read_text() for suffix in SET} == {"old"}
    else:
        assert list(tmp_path.glob(".landgis-*/old/a.shp")), "the old set can still be taken back"
