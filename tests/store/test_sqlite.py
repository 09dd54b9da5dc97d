"""What the local store asks of SQLite, and what it says when the disk does not play along."""

import os
import sqlite3
import subprocess
import types

import pytest

from landgis.errors import InputRefused
from landgis.phases.ledger import Draft, verify
from landgis.store import local, sqlite
from landgis.store.local import DATABASE, LocalStore


def record(parcel="P1", **more) -> Draft:
    return Draft("record", parcel, milestone="SIGNED", occurred_on="2024-05-01", precision="day", kind="actual", **more)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, and what makes it another size or read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", folder]).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield folder, lambda options: subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize(
    "version, fixed",
    [((3, 7, 0), False), ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False),
     ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 2), False), ((3, 51, 3), True),
     ((3, 52, 0), True), ((4, 0, 0), True)],
)  # fmt: skip
def test_engines_with_the_fault(version, fixed):
    assert sqlite.is_fixed(version) is fixed


def pragmas(store):
    with store._reading() as connection:
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }


def test_settings_are_in_force(tmp_path):
    store = LocalStore.create(tmp_path / "p")
    mode = "wal" if sqlite.is_fixed(sqlite.driver().sqlite_version_info) else "persist"
    for again in (store, LocalStore(tmp_path / "p")):
        assert pragmas(again) == {"journal_mode": mode, "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}
    assert f"journal {mode.upper()}, synchronous FULL" in store.engine_note()


@pytest.mark.parametrize("version, file_system", [((3, 40, 1), "ext4"), ((3, 51, 2), "ext4"), ((3, 53, 4), "nfs4")])
def test_no_wal_where_it_is_not_safe(tmp_path, monkeypatch, version, file_system):
    old = types.ModuleType("old")
    old.__dict__.update(vars(sqlite3) | {"sqlite_version_info": version})
    for module in (sqlite, local):
        monkeypatch.setattr(module, "driver", lambda: old)
    monkeypatch.setattr(sqlite, "_file_system", lambda path: file_system)
    store = LocalStore.create(tmp_path / "p")
    assert pragmas(store)["journal_mode"] == "persist"
    assert "journal PERSIST" in store.engine_note()
    store.append([record()], by="li")
    assert list(verify(store.entries())) == []


def test_a_journal_follows_the_engine_that_opens_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_file_system", lambda path: "ext4")
    store = LocalStore.create(tmp_path / "p")
    store.append([record()], by="li")
    store.close()
    monkeypatch.setattr(sqlite, "is_fixed", lambda version: False)
    store = LocalStore(tmp_path / "p")
    assert pragmas(store)["journal_mode"] == "persist"
    assert store.head().seq == 1


def test_a_full_disk(small_disk):
    """What was acknowledged is there, nothing else is, and the store goes on when there is room again."""
    folder, remount = small_disk
    store = LocalStore.create(folder / "p")
    told = []
    with pytest.raises(InputRefused, match=r"^E-STORE · .*: the disk .*nothing was recorded.*record") as refused:
        for number in range(2000):
            told += store.append([record(uuid=f"u{number}", note="x" * 5000)], by="li")
    assert len(refused.value.problems) == 1
    assert list(store.entries()) == told
    store.close()
    store = LocalStore(folder / "p")
    assert list(store.entries()) == told
    assert list(verify(store.entries())) == []
    remount("size=16M")
    told += store.append([record(uuid=f"u{len(told)}", note="x" * 5000)], by="li")
    assert list(store.entries()) == told
    assert list(verify(store.entries())) == []
    with store._reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    store.close()


def test_many_lines_that_do_not_fit_leave_nothing(small_disk):
    folder, _ = small_disk
    store = LocalStore.create(folder / "p")
    (told,) = store.append([record()], by="li")
    with pytest.raises(InputRefused, match="nothing was recorded"):
        store.append([record(note="x" * 5000) for _ in range(2000)], by="li")
    assert list(store.entries()) == [told]
    assert store.append([record()], by="li")[0].seq == 2
    store.close()


def test_a_disk_that_may_only_be_read(small_disk):
    folder, remount = small_disk
    store = LocalStore.create(folder / "p")
    told = store.append([record()], by="li")
    store.close()
    remount("ro")
    with pytest.raises(InputRefused, match="E-STORE.*(may only be read|your rights to it)"):
        LocalStore(folder / "p").append([record()], by="li")
    remount("rw")
    store = LocalStore(folder / "p")
    assert list(store.entries()) == told
    store.close()


def test_a_file_that_may_only_be_read(tmp_path):
    if os.getuid() == 0:
        pytest.skip("root may write to every file")
    store = LocalStore.create(tmp_path / "p")
    store.close()
    (tmp_path / "p" / DATABASE).chmod(0o444)
    with pytest.raises(InputRefused, match="may only be read"):
        LocalStore(tmp_path / "p").append([record()], by="li")


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
    with pytest.raises(InputRefused, match=r"no database of landgis.*restore a backup"):
        LocalStore(tmp_path)


def test_a_project_of_a_newer_landgis_is_left_alone(tmp_path):
    store = LocalStore.create(tmp_path / "p")
    with store._writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'r9999'")
    with pytest.raises(InputRefused, match=r"E-PROJECT-VERSION.*r9999"):
        LocalStore(tmp_path / "p")
