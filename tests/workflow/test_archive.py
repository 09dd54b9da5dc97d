"""Copy, back up, restore: nothing is lost on the way, in any direction; and a ledger that was tampered with is found."""

import shutil
import sqlite3
import zipfile

import pandas as pd
import pytest

from landgis.errors import InputRefused, RegisterRefused
from landgis.store.opening import open_store
from landgis.workflow.archive import back_up, check_ledger, copy_project, restore_project
from landgis.workflow.importing import import_layers
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.project import Project
from landgis.workflow.recording import Change, Entered, correct, record
from landgis.workflow.register import Register
from landgis.workflow.rescore import score_project
from landgis.workflow.users import add_user
from tests.made_project import TODAY, Clock, as_user, make_project, walk, write_layers
from tests.postgres import database, postgres  # noqa: F401  (fixtures)


@pytest.fixture
def project(tmp_path):
    """A project with all that one can have."""
    project = make_project(tmp_path, clock=Clock())
    lines = walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
    correct(project, Change(lines[0].seq, "occurred_on", "2024-01-01", "2023-12-31", "typing error"))
    paper = tmp_path / "协议.pdf"
    paper.write_bytes(bytes(range(256)) * 10)
    record(project, Entered("P1", "VACATED", "2024-06-01", evidence=str(paper)))
    replace_parcels(project, Succession(["P3"], ["Q3"], "2025-01-01"))
    (tmp_path / "again").mkdir()
    import_layers(project, write_layers_with(project, tmp_path / "again"))
    score_project(project)
    add_user(project, "li", "administrator", "correct horse")
    return project


def write_layers_with(project, folder):
    """The same files, and the parcel that has a new number."""
    layers = write_layers(folder)
    import geopandas as gpd

    frame = gpd.read_file(layers.parcels)
    extra = frame[frame["parcel_id"] == "P3"].assign(parcel_id="Q3")
    pd.concat([frame, extra]).to_file(layers.parcels)
    return layers


def same(one, other):
    """Whether two stores hold the same."""
    assert list(one.entries()) == list(other.entries()) and one.head() == other.head()
    assert sorted(one.files()) == sorted(other.files())
    assert one.settings() == other.settings()
    assert {name: sorted(rows, key=str) for name, rows in one.land_versions().items()} == {
        name: sorted(rows, key=str) for name, rows in other.land_versions().items()
    }
    mine, theirs = one.layers(), other.layers()
    assert list(mine) == list(theirs)
    for name, frame in mine.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(theirs[name]))
    columns = ["parcel_id", "score", "grade", "area_mu", "occupant_count"]
    pd.testing.assert_frame_equal(one.scores()[columns], other.scores()[columns], check_dtype=False)


def test_a_copy_in_another_folder(project, tmp_path):
    copy_project(project, str(tmp_path / "copy"))
    other = open_store(str(tmp_path / "copy"))
    same(project.store, other)
    assert other.users() == project.store.users()


def test_to_postgis_and_back(project, tmp_path, database):  # noqa: F811
    copy_project(project, database)
    there = open_store(database)
    same(project.store, there)
    status = {where: Register(Project(store, project.actor, lambda: TODAY)).status(as_of=TODAY).as_json()
              for where, store in (("here", project.store), ("there", there))}  # fmt: skip
    assert status["here"] == status["there"]
    copy_project(Project(there, project.actor), str(tmp_path / "back"))
    same(project.store, open_store(str(tmp_path / "back")))
    there.close()


def test_a_copy_goes_on(project, tmp_path):
    copy_project(project, str(tmp_path / "copy"))
    other = as_user(Project(open_store(str(tmp_path / "copy")), project.actor, lambda: TODAY), "wang", "officer")
    record(other, Entered("P4", "IDENTIFIED", "2024-01-01"))
    assert check_ledger(other).problems == []


def test_not_onto_another_project(project, tmp_path):
    copy_project(project, str(tmp_path / "copy"))
    with pytest.raises(InputRefused, match="not an empty folder"):
        copy_project(project, str(tmp_path / "copy"))


def test_backup_and_restore(project, tmp_path):
    head = back_up(project, tmp_path / "b.zip", overwrite=False)
    restored = restore_project(tmp_path / "b.zip", str(tmp_path / "again2"))
    assert restored.head == head == project.store.head()
    same(project.store, open_store(str(tmp_path / "again2")))
    with pytest.raises(InputRefused, match="exists"):
        back_up(project, tmp_path / "b.zip", overwrite=False)
    with pytest.raises(RegisterRefused, match="administrator"):
        back_up(as_user(project, "chen", "approver"), tmp_path / "c.zip", overwrite=False)


def test_what_is_no_backup(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK not really")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("../../evil.txt", "x")
        archive.writestr("project.sqlite", "not a database")
    for name in ("a.zip", "b.zip", "absent.zip"):
        with pytest.raises(InputRefused):
            restore_project(tmp_path / name, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists() and not list(tmp_path.parent.glob("evil.txt"))


def tampered(project, tmp_path, *statements):
    """A copy of the project in which somebody changed the database by hand."""
    project.store.close()
    folder = tmp_path / "tampered"
    shutil.copytree(project.store.folder, folder)
    connection = sqlite3.connect(folder / "project.sqlite")
    for trigger in ("never_change", "never_go", "follow"):
        connection.execute(f"DROP TRIGGER entries_{trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return Project(open_store(str(folder)), project.actor)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE entries SET occurred_on = '2020-01-01' WHERE seq = 4", "line 4 of the ledger was changed"),
        ("UPDATE entries SET recorded_by = 'wang' WHERE seq = 4", "line 4 of the ledger was changed"),
        ("DELETE FROM entries WHERE seq = 4", "line 4 of the ledger is missing"),
        ("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)", "lines are missing"),
        (
            "UPDATE entries SET parcel_id = CASE seq WHEN 3 THEN 'P5' ELSE parcel_id END",
            "line 3 of the ledger was changed",
        ),
    ],
)
def test_tampering_is_found_and_not_restored(project, tmp_path, statement, words):
    changed = tampered(project, tmp_path, statement)
    problems = check_ledger(changed).problems
    assert any(words in problem.render() for problem in problems)
    changed.store.close()
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "tampered" / "project.sqlite", "project.sqlite")
    with pytest.raises(InputRefused, match="of the ledger|ledger ends"):
        restore_project(tmp_path / "b.zip", str(tmp_path / "out"))
