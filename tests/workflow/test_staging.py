"""Uploads under names of ours: what belongs together lies together, what is hostile is told, nothing is left behind."""

import io
import os
import time
import zipfile

import pytest

from landgis.errors import InputRefused, Message, Place, Problem
from landgis.workflow.staging import MOST_UPLOADS, STALE_AFTER_SECONDS, Upload, leave, shown_name, stage, touch

HOSTILE = {
    "../../x.shp": "x.shp", "..\\..\\windows\\CON": "CON", "CON": "CON", "/etc/passwd": "passwd",
    "a\u202egnp.csv": "agnp.csv", "\u200bnul\x00.gpkg": "nul.gpkg", "": "?", "..": "..", "a\nb.csv": "ab.csv",
    "长" * 300 + ".geojson": "长" * 71 + "….geojson", "x" * 300: "x" * 79 + "…",
}  # fmt: skip


def packed(**entries) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "."), text)
    return content.getvalue()


@pytest.fixture
def staging(monkeypatch, tmp_path):
    """Where staged folders are made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def names(staged):
    return {file.shown: file.path.name for file in staged.files}


@pytest.mark.parametrize(("name", "shown"), HOSTILE.items(), ids=range(len(HOSTILE)))
def test_a_hostile_name_is_only_shown(staging, name, shown):
    staged = stage([Upload(name, b"parcel_id\nP1\n")])
    assert shown_name(name) == shown
    assert [file.shown for file in staged.files] == [shown]
    assert [entry.parent for entry in staging.rglob("*") if entry.is_file()] == [staged.folder]
    assert [file.path.parent for file in staged.files] == [staged.folder]
    assert staged.files[0].path.name in ("001", "001.shp", "001.csv", "001.gpkg", "001.geojson")
    leave(staged)
    assert list(staging.iterdir()) == []


def test_the_parts_of_a_shapefile_lie_together_in_whatever_order_they_come(staging):
    staged = stage([Upload(name, name.encode()) for name in
                    ("宗地.DBF", "宗地.prj", "楼.csv", "宗地.shp", "宗地.SHX", "宗地.cpg", "别.dbf", "宗地.shp")])  # fmt: skip
    assert names(staged) == {"宗地.shp": "002.shp", "楼.csv": "001.csv", "别.dbf": "003.dbf", "宗地.shp_2": "004.shp"}
    assert (staged.folder / "002.dbf").read_bytes() == "宗地.DBF".encode()
    assert {path.suffix for path in staged.folder.glob("002.*")} == {".shp", ".dbf", ".prj", ".shx", ".cpg"}


def test_only_its_owner_may_look_into_the_folder(staging):
    staged = stage([Upload("a.csv", b"x")])
    assert staged.folder.stat().st_mode & 0o777 == 0o700


def test_tables_in_a_zip_file_are_files_of_their_own(staging):
    both = stage([Upload("全部.zip", packed(parcels__geojson="{}", enterprises__csv="enterprise_id\nE1\n"))])
    assert names(both) == {"全部.zip": "001.zip", "全部.zip › enterprises.csv": "001-001.csv"}
    assert both.files[1].path.read_text() == "enterprise_id\nE1\n"
    tables = stage([Upload("表.zip", packed(a__csv="x\n1\n", b__csv="y\n2\n"))])
    assert names(tables) == {"表.zip › a.csv": "001-001.csv", "表.zip › b.csv": "001-002.csv"}
    workbook = stage([Upload("b.xlsx", packed(**{"xl/workbook__xml": "<x/>", "a__csv": "x"}))])
    assert names(workbook) == {"b.xlsx": "001.xlsx"}
    bad = stage([Upload("bad.zip", b"PK\x03\x04 cut off")])
    assert names(bad) == {"bad.zip": "001.zip"}


def test_a_mapping_file_is_no_table_and_a_second_one_is_told(staging):
    staged = stage([Upload("m.toml", b"a"), Upload("p.csv", b"b"), Upload("n.toml", b"c")])
    assert staged.mapping.shown == "m.toml" and names(staged) == {"p.csv": "002.csv"}
    assert [(one.code, one.place.file) for one in staged.refused] == [("E-STAGE-TWICE", "n.toml")]


def test_too_many_and_too_big(staging, monkeypatch):
    with pytest.raises(InputRefused, match="101 files at once"):
        stage([Upload(f"{n}.csv", b"") for n in range(MOST_UPLOADS + 1)])
    assert list(staging.iterdir()) == []
    monkeypatch.setattr("landgis.workflow.staging.FILE_LIMIT", 10)
    staged = stage([Upload("big.csv", b"x" * 11), Upload("small.csv", b"x" * 10)])
    assert [one.code for one in staged.refused] == ["E-SIZE"] and names(staged) == {"small.csv": "001.csv"}


def test_what_nobody_took_over_goes_after_an_hour_and_says_so(staging):
    old, used = stage([Upload("a.csv", b"x")]), stage([Upload("b.csv", b"x")])
    long_ago = time.time() - STALE_AFTER_SECONDS - 60
    for staged in (old, used):
        os.utime(staged.folder, (long_ago, long_ago))
    touch(used)
    new = stage([Upload("c.csv", b"x")])
    assert {entry.name for entry in staging.iterdir()} == {used.folder.name, new.folder.name}
    with pytest.raises(InputRefused, match="upload them again"):
        touch(old)


def test_a_disk_that_is_full_leaves_nothing_behind(staging, monkeypatch):
    def full(path, content):
        raise InputRefused([Problem("E-OUT-WRITE", Message("disk full"))])

    monkeypatch.setattr("landgis.workflow.staging.write", full)
    with pytest.raises(InputRefused, match="disk full"):
        stage([Upload("a.csv", b"x")])
    assert list(staging.iterdir()) == []


def test_problems_are_told_by_the_names_of_their_owner(staging):
    staged = stage([Upload("我的.csv", b"x")])
    path = str(staged.files[0].path)
    inner = Message("say {file}", {"file": path})
    told = staged.told(Problem("E-X", Message("{what} in {file}: {row}", {"what": inner, "file": f"{path}:a", "row": 3}), Place(path, row=3)))  # fmt: skip
    assert told.render() == "E-X · 我的.csv · row 3: say 我的.csv in 我的.csv:a: 3"
