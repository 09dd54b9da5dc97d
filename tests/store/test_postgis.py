"""What the database keeps its users from, and what a project in it lives through."""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely
import sqlalchemy as sa
from pandas import DataFrame

from landgis.errors import InputRefused, LandgisError, RegisterRefused, UsageError
from landgis.phases.ledger import GENESIS, Draft, Entry, seal_all, verify
from landgis.roles import Actor
from landgis.store import postgis
from landgis.store.base import LAND, File
from landgis.store.passwords import new_user
from landgis.store.postgis import PostgisStore
from tests.postgres import SUPERUSER

NAMES = itertools.count(1)
EMPTY = {name: DataFrame(columns=list(columns)) for name, columns in LAND.items()}
ENTRIES = sa.table("entries", *map(sa.column, Entry._fields))


def record(parcel="P1", **more) -> Draft:
    return Draft("record", parcel, milestone="SIGNED", occurred_on="2024-05-01", precision="day", kind="actual", **more)


def layer(count=3):
    keys = pd.Series([f"P{i}" for i in range(count)], dtype="str")
    return gpd.GeoDataFrame({"parcel_id": keys}, geometry=[shapely.box(i, 0, i + 1, 1) for i in range(count)], crs=4549)


@pytest.fixture
def url(postgres, register):
    """A database with an empty register."""
    url = postgres.database(like=register)
    yield url
    postgres.drop(url)


@pytest.fixture
def store(url):
    store = PostgisStore(url)
    yield store
    store.close()


@pytest.fixture
def as_user(postgres, url, store):
    """Opens the project as a new user with a role."""
    opened = []

    def open_as(role=None):
        name = postgres.role(f"user{next(NAMES)}", f"landgis_{role}" if role else None)
        opened.append(PostgisStore(postgres.url(url.rpartition("/")[2], name)))
        return opened[-1], name

    yield open_as
    for one in opened:
        one.close()


class TestRoles:
    @pytest.mark.parametrize("role", ["viewer", "officer", "approver", "administrator"])
    def test_the_database_says_who_one_is(self, as_user, role):
        store, name = as_user(role)
        assert store.sign_in(None, None) == store.sign_in(name, None) == Actor(name, role)
        with pytest.raises(RegisterRefused, match=f"E-SIGN-IN: the database knows you as {name}, not as li"):
            store.sign_in("li", None)

    def test_the_superuser_is_administrator(self, store):
        assert store.sign_in(None, None) == Actor(SUPERUSER, "administrator")

    def test_who_has_no_role_reads_nothing(self, as_user):
        with pytest.raises(RegisterRefused, match="E-ROLE.*permission denied.*landgis_officer"):
            as_user()

    def test_a_viewer_reads_and_no_more(self, store, as_user):
        store.append([record()], by="li", files=[File("ab" * 32, "a", b"1")])
        store.save_layers({"parcels": layer()}, EMPTY, [Draft("import")], by="li")
        store.save_scores(DataFrame({"parcel_id": ["P1"], "score": [1.0]}))
        viewer, name = as_user("viewer")
        assert list(viewer.entries()) == list(store.entries())
        assert len(viewer.layers()["parcels"]) == 3
        assert len(viewer.scores()) == len(list(viewer.files())) == 1
        assert viewer.users() == []
        assert viewer.engine_note().startswith("PostgreSQL ")
        for forbidden in (
            lambda: viewer.append([record()], by=name),
            lambda: viewer.save_scores(DataFrame({"a": [1]})),
            lambda: viewer.save_settings({"rules": "x"}),
            lambda: viewer.save_layers({}, EMPTY, [Draft("import")], by=name),
        ):
            with pytest.raises(RegisterRefused, match="E-ROLE.*permission denied"):
                forbidden()
        assert store.head().seq == 2

    def test_an_officer_records_under_his_own_name(self, store, as_user):
        officer, name = as_user("officer")
        assert officer.append([record()], by=name)[0].recorded_by == name
        assert len(officer.append([record(f"P{i}") for i in range(120)], by=name)) == 120
        with pytest.raises(RegisterRefused, match="E-ROLE.*under your own name"):
            officer.append([record()], by="wang")
        for action in ("approve", "baseline", "claim", "replace", "create", "import", "user"):
            with pytest.raises(RegisterRefused, match="E-ROLE.*landgis_approver"):
                officer.append([Draft(action)], by=name)
        for forbidden in (
            lambda: officer.save_scores(DataFrame({"a": [1]})),
            lambda: officer.save_layers({}, EMPTY, [record()], by=name),
        ):
            with pytest.raises(RegisterRefused, match="E-ROLE.*permission denied"):
                forbidden()
        assert store.head().seq == 121
        assert list(verify(store.entries())) == []

    def test_approvers_share_what_is_replaced(self, store, as_user):
        store.save_layers({"parcels": layer(), "buildings": layer()}, EMPTY, [Draft("import")], by="li")
        land = EMPTY | {"land_parcels": DataFrame([("P1", None, None, None, 1.0)], columns=list(LAND["land_parcels"]))}
        for number in (1, 2):
            approver, name = as_user("approver")
            approver.append([Draft("baseline"), Draft("approve"), record()], by=name)
            approver.save_scores(DataFrame({"score": [number]}))
            land["land_parcels"]["area_m2"] = float(number)
            approver.save_layers({"parcels": layer(number)}, land, [Draft("replace", "P1")], by=name)
            assert {key: len(frame) for key, frame in approver.layers().items()} == {"parcels": number}
            with pytest.raises(RegisterRefused, match="E-ROLE"):
                approver.save_settings({"rules": "x"})
        assert store.scores()["score"].tolist() == [2]
        assert store.land()["land_parcels"]["area_m2"].tolist() == [2.0]

    def test_an_administrator_takes_over_a_ledger(self, as_user):
        administrator, _ = as_user("administrator")
        lines = list(seal_all([record() for _ in range(3)], {}, seq=0, prev=GENESIS, at="2026", by="somebody else"))
        administrator.save_settings({"rules": "x"})
        administrator.restore(lines, layers={"parcels": layer()})
        assert list(administrator.entries()) == lines

    @pytest.mark.parametrize("role", ["officer", "approver", "administrator"])
    def test_nobody_changes_what_was_recorded(self, store, as_user, role):
        store.append([record()], by="li")
        one, _ = as_user(role)
        for statement in (
            "UPDATE entries SET note = 'x'", "DELETE FROM entries", "TRUNCATE entries", "DROP TABLE ledger_head",
            "ALTER TABLE entries DISABLE TRIGGER ALL", "UPDATE ledger_head SET seq = 7", "DELETE FROM land_parcels",
            "DROP TRIGGER entries_follow ON entries", "DELETE FROM evidence",
        ):  # fmt: skip
            denied = pytest.raises(sa.exc.ProgrammingError, match="permission denied|must be owner")
            with denied, one.engine.begin() as connection:
                connection.exec_driver_sql(statement)

    def test_the_superuser_meets_the_guards(self, postgres, url, store):
        store.append([record()], by="li")
        for statement in ("UPDATE entries SET note = 'x'", "DELETE FROM entries", "TRUNCATE entries"):
            with pytest.raises(psycopg.errors.RaiseException, match="the ledger only grows"):
                postgres.sql(url.rpartition("/")[2], statement)

    def test_the_guard_looks_at_nothing_that_a_user_made(self, store, as_user):
        store.append([record()], by="li")
        officer, name = as_user("officer")
        (forged,) = seal_all([record("P7")], {}, seq=7, prev="f" * 64, at="2026", by=name)
        with pytest.raises(RegisterRefused, match="does not follow"), officer._writing() as connection:
            connection.exec_driver_sql(f"CREATE TEMP TABLE ledger_head AS SELECT 7 AS seq, '{'f' * 64}' AS hash")
            officer._insert(connection, ENTRIES, [forged])
        approver, name = as_user("approver")
        (forged,) = seal_all([record()], {"P1": 1}, seq=1, prev=store.head().hash, at="2026", by="li")
        with pytest.raises(RegisterRefused, match="your own name"), approver._writing() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION public.pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
            )
            approver._insert(connection, ENTRIES, [forged])

    def test_users_are_the_databases(self, store):
        with pytest.raises(RegisterRefused, match='E-USER-DATABASE.*CREATE ROLE "li" LOGIN IN ROLE landgis_officer'):
            store.save_user(new_user("li", "officer", "long enough"), by="wang")
        store.keep_user(new_user("li", "officer", "long enough"))
        assert store.users() == []


class TestMaking:
    def test_two_projects_in_one_cluster(self, postgres, store):
        other = PostgisStore.create(postgres.database())
        store.append([record()], by="li")
        assert (store.head().seq, other.head().seq) == (1, 0)
        other.close()

    def test_without_being_superuser(self, postgres):
        """The owner of a database that has PostGIS already, who may make roles."""
        name = postgres.role(f"owner{next(NAMES)}", options="CREATEROLE CREATEDB")
        database = postgres.database(owner=name).rpartition("/")[2]
        mine = PostgisStore.create(postgres.url(database, name))
        assert mine.sign_in(None, None) == Actor(name, "administrator")
        mine.save_layers({"parcels": layer()}, EMPTY, [Draft("import")], by=name)
        mine.save_layers({"parcels": layer(5)}, EMPTY, [Draft("import")], by=name)
        mine.save_scores(DataFrame({"score": [1]}))
        assert len(mine.layers()["parcels"]) == 5
        viewer = PostgisStore(postgres.url(database, postgres.role(f"user{next(NAMES)}", "landgis_viewer")))
        assert len(viewer.layers()["parcels"]) == 5
        for one in (mine, viewer):
            one.close()

    def test_without_the_right_to(self, postgres, database):
        name = postgres.role(f"user{next(NAMES)}")
        with pytest.raises(RegisterRefused, match="E-ROLE.*permission denied.*right to create tables"):
            PostgisStore.create(postgres.url(database.rpartition("/")[2], name))

    def test_where_another_program_has_tables(self, postgres, database):
        postgres.sql(database.rpartition("/")[2], "CREATE TABLE settings (a int)")
        with pytest.raises(InputRefused, match="E-PROJECT-EXISTS.*another program"):
            PostgisStore.create(database)
        postgres.sql(database.rpartition("/")[2], "DROP TABLE settings")
        PostgisStore.create(database).close()  # nothing of the first attempt was left

    def test_addresses(self, postgres, url):
        with pytest.raises(UsageError, match="E-PROJECT-URL"):
            PostgisStore("postgresql://host:port/x")
        for bad in (url + "_not", "postgresql://postgres@127.0.0.1:1/x", "postgresql://postgres@no.invalid/x"):
            with pytest.raises(InputRefused, match="E-STORE.*cannot be reached"):
                PostgisStore(bad)
        secret = f"postgresql://postgres:s3cret@127.0.0.1:{postgres.port}/nothing?sslpassword=s3cret"
        with pytest.raises(InputRefused) as refused:
            PostgisStore(secret)
        assert "s3cret" not in str(refused.value)
        assert "postgres:***@127.0.0.1" in str(refused.value)

    @pytest.mark.parametrize("package", ["psycopg", "geoalchemy2"])
    def test_without_the_packages(self, monkeypatch, package):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputRefused, match=rf"E-EXTRA.*{package}.*pip install 'landgis\[postgis\]'"):
            PostgisStore("postgresql://postgres@127.0.0.1:1/x")


def test_engine_note(postgres, url, store):
    version = postgres.sql("postgres", "SHOW server_version")[0][0].split()[0]
    assert store.engine_note().startswith(f"PostgreSQL {version}, PostGIS 3.")
    assert store.engine_note().endswith(", synchronous_commit on")
    postgres.sql(url.rpartition("/")[2], f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    other = PostgisStore(url)
    with other._writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    other.close()


def test_the_clock_of_the_database(store):
    (made,) = store.append([record()], by="li")
    assert len(made.recorded_at) == len("2026-06-30T08:00:00.000005Z")
    assert made.recorded_at.endswith("Z")


def test_layers_are_tables_that_a_gis_can_use(postgres, url, store):
    store.save_layers({"parcels": layer()}, EMPTY, [Draft("import")], by="li")
    database = url.rpartition("/")[2]
    found = "SELECT f_table_name, f_geometry_column, srid, type FROM geometry_columns"
    assert postgres.sql(database, found) == [("layer_parcels", "geometry", 4549, "MULTIPOLYGON")]
    indexes = [
        row[0] for row in postgres.sql(database, "SELECT indexdef FROM pg_indexes WHERE tablename = 'layer_parcels'")
    ]
    assert any("USING gist (geometry)" in text for text in indexes)
    assert any("UNIQUE" in text and "(fid)" in text for text in indexes)


def test_writers_take_turns(postgres, url, store):
    """Eight at a time: no line lost, none twice, one chain."""
    faults = []

    def write(number):
        mine = PostgisStore(url)
        try:
            for line in range(10):
                mine.append([record(f"P{line}", uuid=f"{number}-{line}")], by=f"w{number}")
        except LandgisError as fault:
            faults.append(fault)
        finally:
            mine.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert {line.uuid for line in store.entries()} == {f"{n}-{m}" for n in range(8) for m in range(10)}
    assert list(verify(store.entries())) == []


def test_a_reader_never_meets_half_an_import(url, store):
    store.save_layers({"parcels": layer(50), "buildings": layer(50)}, EMPTY, [Draft("import")], by="li")
    reader, stop, seen = PostgisStore(url), threading.Event(), []

    def read():
        while not stop.is_set():
            seen.append(tuple(len(frame) for frame in reader.layers().values()))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(5):
        for count in (60, 50):
            store.save_layers({"parcels": layer(count), "buildings": layer(count)}, EMPTY, [Draft("import")], by="li")
    stop.set()
    thread.join()
    reader.close()
    assert set(seen) <= {(50, 50), (60, 60)}
    assert len(seen) > 2


def test_who_waits_too_long_is_told(monkeypatch, postgres, url, store):
    short = str(postgis._TURN).replace("60s", "200ms")
    with store._writing():
        monkeypatch.setattr(postgis, "_TURN", sa.text(short).bindparams(lock=postgis.LEDGER_LOCK))
        other = PostgisStore(url)
        with pytest.raises(RegisterRefused, match="E-STORE.*others are writing.*try again"):
            other.append([record()], by="li")
        assert other.head().seq == 0  # reading needs no turn
        other.close()


class TestFaults:
    def test_the_server_dies_between_lines(self, postgres, store):
        told = []
        for number in range(2):
            told += store.append([record(uuid=f"u{number}")], by="li")
            postgres.restart()
            assert list(store.entries()) == told
        assert list(verify(store.entries())) == []

    def test_the_server_dies_within_a_change(self, postgres, store):
        (told,) = store.append([record()], by="li")
        lost = pytest.raises(InputRefused, match="E-STORE.*connection to the database was lost.*do it again")
        with lost, store._writing() as connection:
            store._append(connection, [record(uuid="a")], by="li")
            postgres.restart()
        assert list(store.entries()) == [told]
        assert store.append([record(uuid="a")], by="li")[0].seq == 2

    def test_the_server_dies_within_a_copy(self, postgres, store):
        def rows():
            yield from seal_all([record() for _ in range(100)], {}, seq=0, prev=GENESIS, at="2026", by="li")
            postgres.down()
            yield from seal_all(
                [record(note="x" * 10_000) for _ in range(5000)], {}, seq=100, prev="f", at="2026", by="li"
            )

        try:
            with pytest.raises(InputRefused, match="E-STORE.*lost"):
                store.restore(rows())
            with pytest.raises(InputRefused, match="E-STORE.*cannot be reached"):
                store.head()
        finally:
            postgres.restart()
        assert store.head().seq == 0

    def test_a_database_that_may_only_be_read(self, postgres, url, store):
        name = url.rpartition("/")[2]
        postgres.sql("postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        other = PostgisStore(url)
        with pytest.raises(InputRefused, match="E-STORE.*may only be read.*nothing was recorded"):
            other.append([record()], by="li")
        other.close()

    def test_a_text_that_the_database_does_not_take(self, store):
        with pytest.raises(InputRefused, match="E-STORE.*NUL"):
            store.append([record(note="a\0b")], by="li")
        assert store.head().seq == 0

    def test_a_full_disk(self, postgres):
        """What was acknowledged is there, nothing else is, and it goes on when there is room again."""
        folder = Path(tempfile.mkdtemp(prefix="landgis-disk-"))
        if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=28M", "tmpfs", folder]).returncode:
            pytest.skip("a small file system cannot be mounted here")
        try:
            subprocess.run(["chown", SUPERUSER, folder], check=True)
            postgres.sql("postgres", f"CREATE TABLESPACE small LOCATION '{folder}'")
            url = postgres.database()
            name = url.rpartition("/")[2]
            postgres.sql("postgres", f"ALTER DATABASE {name} SET TABLESPACE small")
            store, told = PostgisStore.create(url), []
            with pytest.raises(InputRefused, match="E-STORE.*disk is full, so nothing was recorded.*make room"):
                for number in range(100):
                    file = File(f"{number:064}", "photo.jpg", os.urandom(500_000))
                    told += store.append([record(uuid=f"u{number}")], by="li", files=[file])
            assert list(store.entries()) == told
            assert len(list(store.files())) == len(told)
            subprocess.run(["mount", "-o", "remount,size=64M", folder], check=True)
            told += store.append([record()], by="li", files=[File("f" * 64, "photo.jpg", os.urandom(500_000))])
            assert list(store.entries()) == told
            assert list(verify(store.entries())) == []
            store.close()
            postgres.sql("postgres", f"DROP DATABASE {name} WITH (FORCE)")
            postgres.sql("postgres", "DROP TABLESPACE small")
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
            folder.rmdir()
