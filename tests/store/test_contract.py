"""What every store does, whichever engine keeps it."""

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas import DataFrame
from pandas.testing import assert_frame_equal

from landgis.errors import InputRefused, LandgisError, RegisterRefused, StaleParcel
from landgis.phases.history import Facts
from landgis.phases.ledger import GENESIS, Draft, Entry, seal_all, verify
from landgis.roles import Actor
from landgis.store.base import LAND, File, Head, User
from landgis.store.local import DATABASE, LocalStore
from landgis.store.memory import MemoryStore
from landgis.store.opening import open_store
from landgis.store.passwords import new_user
from landgis.store.postgis import PostgisStore

KINDS = ("memory", "local", "postgis")
START = datetime.datetime(2026, 6, 30, 8, 0, 0, 5, tzinfo=datetime.UTC)
CRS = "EPSG:4549"


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


def made_store(kind, request, clock):
    if kind == "memory":
        return MemoryStore(clock)
    if kind == "local":
        return LocalStore.create(request.getfixturevalue("tmp_path_factory").mktemp("project") / "p", clock)
    like = request.getfixturevalue("register")
    return PostgisStore(request.getfixturevalue("postgres").database(like=like), clock)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(request):
    """Makes a store of a kind; closes them all."""
    made = []

    def make_one(kind, clock):
        made.append(made_store(kind, request, clock))
        return made[-1]

    yield make_one
    for store in made:
        store.close()
        if isinstance(store, PostgisStore):
            request.getfixturevalue("postgres").drop(store.where)


@pytest.fixture(params=KINDS)
def store(request, make, clock):
    return make(request.param, clock)


@pytest.fixture(params=KINDS[1:])
def kept(request, make, clock):
    """A store that another program can get at."""
    return make(request.param, clock)


def record(parcel="P1", milestone="SIGNED", **more) -> Draft:
    given = {"occurred_on": "2024-05-01", "precision": "day", "kind": "actual", **more}
    return Draft("record", parcel, milestone=milestone, **given)


def land(*, parcels=(), buildings=(), occupants=(), blocks=(), coverage=()) -> dict[str, DataFrame]:
    rows = (parcels, buildings, occupants, blocks, coverage)
    return {
        name: DataFrame(list(there), columns=list(columns))
        for (name, columns), there in zip(LAND.items(), rows, strict=True)
    }


ZONE = land(
    parcels=[
        ("P1", "B1", "rebuild", None, 1200.5),
        ("P2", "B1", None, "mortgage", 800.0),
        ("P3", None, None, None, 1.0),
    ],
    buildings=[("A", "P1", 500.0, 1, 1), ("B", "P1", 700.0, 0, 1), ("C", "P2", 90.25, 0, 1), ("C", "P1", 9.75, 0, 0)],
    occupants=[("P1", "91330784X")],
    blocks=[("B1", "经济开发区", None, "2024-01-01", None, 9000.0, None)],
)


def layers() -> dict[str, DataFrame]:
    parcels = gpd.GeoDataFrame(
        {
            "parcel_id": pd.Series(["P1", "P2", "P3"], dtype="str"),
            "right_holder": pd.Series(["永康市五金厂", None, '"a, b"\\N\t\''], dtype="str"),
            "tenure": pd.Series([None, None, None], dtype="str"),
            "land_use": pd.Series(["", None, "0601"], dtype="str"),
            "registered_area_m2": [1200.5, np.nan, 1 / 3],
        },
        geometry=[
            shapely.box(0, 0, 10, 10),
            None,
            shapely.MultiPolygon([shapely.box(500_000.123, 3_200_000, 500_010, 3_200_020)]),
        ],
        crs=CRS,
    )
    buildings = gpd.GeoDataFrame(
        {"building_id": pd.Series(["A", "B"], dtype="str"), "storeys": pd.Series([3, None], dtype="Int64")},
        geometry=[shapely.box(1, 1, 2, 2), shapely.box(3, 3, 4, 4)], crs=CRS,
    )  # fmt: skip
    occupancies = DataFrame({
        "enterprise_id": pd.Series(["91330784X", "2"], dtype="str"), "parcel_id": pd.Series(["P1", "P1"], dtype="str"),
        "start_date": pd.Series([pd.Timestamp("2019-03-01"), pd.NaT], dtype="datetime64[us]"),
    })  # fmt: skip
    enterprises = DataFrame({
        "enterprise_id": pd.Series(["91330784X"], dtype="str"), "year": pd.Series([2023], dtype="Int64"),
        "above_scale": pd.Series([True], dtype="boolean"), "output_wan": [12.5],
    })  # fmt: skip
    return {"parcels": parcels, "buildings": buildings, "enterprises": enterprises, "occupancies": occupancies}


def problems(store):
    return [str(problem.message) for problem in verify(store.entries())]


def tamper(store, statement, *, unguarded=()):
    """What somebody with the file or the database's password can do."""
    with store.engine.begin() as connection:
        for guard in unguarded:
            table = "" if isinstance(store, LocalStore) else " ON entries"
            connection.exec_driver_sql(f"DROP TRIGGER {guard}{table}")
        connection.exec_driver_sql(statement)


class TestLedger:
    def test_lines_are_numbered_and_chained(self, store, clock):
        assert store.head() == Head(0, GENESIS)
        first, second = store.append([record(), record("P2")], by="li")
        clock.now += datetime.timedelta(seconds=1)
        (third,) = store.append([record(milestone="VACATED")], by="wang")
        assert [first.seq, second.seq, third.seq] == [1, 2, 3]
        assert [first.version, second.version, third.version] == [1, 1, 2]
        assert (first.recorded_by, first.recorded_at) == ("li", "2026-06-30T08:00:00.000005Z")
        assert third.recorded_at == "2026-06-30T08:00:01.000005Z"
        assert list(store.entries()) == [first, second, third]
        assert store.head() == Head(3, third.hash)
        assert problems(store) == []

    def test_every_field_comes_back(self, store):
        text = "改造：\"x\", 'y' \\ \t\n% %s :a 🏭"
        draft = Draft("correct", "P1", "A", "VACATED", "2024-02-01", "month", "planned", text, text, 7, text, "uuid-1")
        (made,) = store.append([draft], by=text)
        (read,) = store.entries()
        assert read == made
        assert read[6:14] == ("VACATED", "2024-02-01", "month", "planned", text, text, 7, text)

    def test_a_line_without_a_parcel_has_no_version(self, store):
        (made,) = store.append([Draft("baseline", details='{"name":"2024"}')], by="li")
        assert (made.parcel_id, made.version, made.more) == (None, None, {"name": "2024"})

    def test_the_same_uuid_again_is_the_same_line(self, store):
        (first,) = store.append([record(uuid="a")], by="li")
        assert store.append([record(uuid="a")], by="wang") == [first]
        new = store.append([record(uuid="b"), record(uuid="a"), record(uuid="c"), record(uuid="b"), record()], by="li")
        assert [line.seq for line in new] == [2, 1, 3, 2, 4]
        assert store.head().seq == 4
        assert problems(store) == []

    def test_a_number_of_an_event_says_one_thing(self, store):
        store.append([record(uuid="a")], by="li")
        for drafts in (
            [record(uuid="a", milestone="VACATED")],
            [record("P2", uuid="a")],
            [record(uuid="b"), record("P2", uuid="b")],
        ):
            with pytest.raises(RegisterRefused, match="E-EVENT-ID"):
                store.append(drafts, by="wang")
        assert store.head().seq == 1

    def test_a_version_that_the_register_never_had_is_refused(self, store):
        store.append([record()], by="li")
        with pytest.raises(StaleParcel, match="P1 is at version 1, and 99 was named"):
            store.append([record()], by="li", versions={"P1": 99})

    def test_a_retry_of_what_arrived_is_not_stale(self, store):
        (first,) = store.append([record(uuid="a")], by="li", versions={"P1": 0})
        assert store.append([record(uuid="a")], by="li", versions={"P1": 0}) == [first]

    def test_the_second_writer_is_told_who_wrote_what(self, store):
        store.append([record(note="first")], by="li", versions={"P1": 0})
        before = store.head()
        with pytest.raises(StaleParcel, match=r"E-PARCEL-STALE.*li recorded this on P1.*line 1.*signed.*first.*read"):
            store.append([record("P2"), record()], by="wang", versions={"P2": 0, "P1": 0})
        assert store.head() == before
        assert store.append([record()], by="wang", versions={"P1": 1})[0].version == 2

    def test_all_lines_or_none(self, store):
        store.append([record()], by="li")

        def unreadable():
            yield File("ab" * 32, "a", b"1")
            raise OSError

        with pytest.raises((TypeError, AttributeError)):
            store.append([record("P2"), "no draft"], by="li")
        with pytest.raises(OSError):
            store.append([record("P2")], by="li", files=unreadable())
        assert [line.parcel_id for line in store.entries()] == ["P1"]
        assert list(store.files()) == []
        assert problems(store) == []

    def test_many_lines_at_once(self, store):
        made = store.append([record(f"P{i % 700}", uuid=f"u{i}") for i in range(1400)], by="li")
        assert made[-1].version == 2
        assert store.append([record(f"P{i % 700}", uuid=f"u{i}") for i in range(1400)], by="li") == made
        assert [tuple(row) for row in store.columns(["seq", "hash"])] == [(line.seq, line.hash) for line in made]
        assert problems(store) == []

    def test_lines_are_found_by_place_and_parcel(self, store):
        made = store.append([record(), record("P2"), record(), record("P2")], by="li")
        assert list(store.entries(after=2)) == made[2:]
        assert list(store.entries(parcel_id="P2")) == [made[1], made[3]]
        assert list(store.entries(after=2, parcel_id="P2")) == [made[3]]
        assert list(store.entries(after=4)) == list(store.entries(parcel_id="P9")) == []
        columns = [(line.parcel_id, line.building_id, line.version) for line in made]
        assert [tuple(row) for row in store.columns(["parcel_id", "building_id", "version"])] == columns
        assert [tuple(row) for row in store.columns(["seq"], after=3)] == [(4,)]

    def test_reading_half_leaves_the_store_free(self, store):
        store.append([record() for _ in range(20)], by="li")
        lines = store.entries()
        assert next(lines).seq == 1
        store.append([record()], by="li")
        assert [line.seq for line in lines][:3] == [2, 3, 4]

    def test_a_clock_that_goes_back_does_not_break_the_chain(self, store, clock):
        store.append([record()], by="li")
        clock.now -= datetime.timedelta(days=1)
        (made,) = store.append([record()], by="li")
        assert made.recorded_at.startswith("2026-06-29")
        assert problems(store) == []


class TestLand:
    def test_facts_of_a_parcel(self, store):
        assert store.facts("P1") is None
        store.save_layers({}, ZONE, [Draft("import")], by="li")
        assert store.facts("P1") == Facts("P1", "B1", "rebuild", None, frozenset({"A"}))  # what fell, where it is known
        assert store.facts("P2") == Facts("P2", "B1", None, "mortgage", frozenset({"C"}))
        assert store.facts("P3") == Facts("P3")
        assert store.facts("P9") is None
        assert (store.block_parcels("B1"), store.block_parcels("B2")) == (["P1", "P2"], [])

    def test_land_as_it_was(self, store):
        store.append([record()], by="li")
        store.save_layers({}, ZONE, [Draft("import")], by="li")
        later = land(parcels=[("P1", "B2", "rebuild", None, 1200.5), ("P3", None, None, None, 1.0)])
        store.save_layers({}, later, [Draft("import")], by="li")
        names = [list(store.land(at)["land_parcels"]["block_id"].fillna("-")) for at in (1, 2, 3, None)]
        assert [sorted(name) for name in names] == [[], ["-", "B1", "B1"], ["-", "B2"], ["-", "B2"]]
        assert set(store.land()) == set(LAND)
        assert store.land(2)["land_blocks"]["name"].tolist() == ["经济开发区"]
        assert [tuple(store.land()[name].columns) for name in LAND] == list(LAND.values())

    def test_layers_come_back(self, store, make, clock):
        store.save_layers(layers(), ZONE, [Draft("import")], by="li")
        read = store.layers()
        assert list(read) == list(layers())
        assert read["parcels"].crs == CRS
        assert read["parcels"].geometry.isna().tolist() == [False, True, False]
        assert read["parcels"]["right_holder"].fillna("-").tolist() == ["永康市五金厂", "-", '"a, b"\\N\t\'']
        store.save_layers({"parcels": layers()["parcels"].iloc[:1]}, ZONE, [Draft("import")], by="li")
        assert {name: len(frame) for name, frame in store.layers().items()} == {"parcels": 1}
        assert store.head().seq == 2

    def test_a_refused_import_changes_nothing(self, store):
        store.save_layers(layers(), ZONE, [Draft("import")], by="li")
        with pytest.raises(KeyError):
            store.save_layers({}, {"land_parcels": ZONE["land_parcels"]}, [Draft("import")], by="li")
        assert store.head().seq == 1
        assert set(store.layers()) == set(layers())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_layers_are_the_same_in_every_store(kind, make, clock):
    """Types, CRS and outlines as well; an odd CRS, other shapes, nothing at all."""
    saved = layers()
    odd = "+proj=tmerc +lat_0=0 +lon_0=120.1 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
    saved["blocks"] = gpd.GeoDataFrame({"block_id": pd.Series(["B"], dtype="str")}, geometry=[None], crs=odd)
    mixed = [shapely.Point(1, 2), shapely.box(0, 0, 1, 1), None, shapely.MultiPolygon([shapely.box(5, 5, 6, 6)])]
    saved["demolished"] = gpd.GeoDataFrame(
        {"building_id": pd.Series(list("abcd"), dtype="str")}, geometry=mixed, crs=CRS
    )
    lines = [shapely.LineString([(0, 0), (9, 1)]), None, shapely.MultiLineString([[(1, 1), (2, 2)], [(3, 3), (4, 5)]])]
    streets = {"name": pd.Series(["长城路", None, "x"], dtype="str"), "width_m": [40.0, np.nan, 7.5]}
    saved["streets"] = gpd.GeoDataFrame(streets, geometry=lines, crs=CRS)
    reads = []
    for name in ("local", kind):
        store = make(name, clock)
        store.save_layers(saved, ZONE, [Draft("import")], by="li")
        reads.append(store.layers())
    assert list(reads[0]) == list(reads[1])
    for name, frame in reads[0].items():
        assert_frame_equal(DataFrame(frame), DataFrame(reads[1][name]), check_column_type=False)
        assert type(frame) is type(reads[1][name])
        if isinstance(frame, gpd.GeoDataFrame):
            assert frame.crs == reads[1][name].crs == saved[name].crs
            assert (shapely.to_wkb(frame.geometry.array) == shapely.to_wkb(reads[1][name].geometry.array)).all()
    assert reads[0]["streets"].geom_type.dropna().unique().tolist() == ["MultiLineString"]
    assert reads[0]["streets"].length.fillna(-1).tolist() == saved["streets"].length.fillna(-1).tolist()


class TestTheRest:
    def test_scores(self, store):
        assert store.scores() is None
        scores = DataFrame(
            {"parcel_id": ["P1", "P2"], "score": [61.25, np.nan], "reasons": ["低, '%s'", None], "rank": [1, 2]}
        )
        store.save_scores(scores)
        assert_frame_equal(store.scores(), scores, check_dtype=False)
        store.save_scores(scores.iloc[::-1][["parcel_id", "score"]].reset_index(drop=True))
        assert list(store.scores().columns) == ["parcel_id", "score"]
        assert store.scores()["parcel_id"].tolist() == ["P2", "P1"]

    def test_many_scores_keep_their_order(self, store):
        store.save_scores(DataFrame({"parcel_id": [f"P{i}" for i in range(5000)], "score": range(5000)}))
        assert store.scores()["score"].tolist() == list(range(5000))

    def test_settings(self, store):
        assert store.settings() == {}
        store.save_settings({"rules": "a", "measure_crs": CRS})
        store.save_settings({"rules": "乙"})
        assert store.settings() == {"rules": "乙", "measure_crs": CRS}

    def test_evidence_is_kept_once(self, store):
        file = File("ab" * 32, "净地证明.pdf", bytes(range(256)) * 50)
        store.append([record(evidence=file.sha256)], by="li", files=[file])
        store.append([record(evidence=file.sha256)], by="li", files=[file])
        assert list(store.files()) == [file]
        assert store.evidence(file.sha256) == file
        assert store.evidence("00") is None

    def test_restore_keeps_every_hash(self, store, make, clock):
        source = MemoryStore(clock)
        file = File("cd" * 32, "a", b"1")
        source.save_layers(layers(), ZONE, [Draft("import")], by="li")
        source.append([record(uuid=f"u{i}") for i in range(120)], by="li", files=[file])
        source.save_layers(layers(), land(parcels=[("P1", "B2", None, None, 5.0)]), [Draft("import")], by="li")
        store.restore(source.entries(), source.files(), source.land_versions(), source.layers())
        assert store.head() == source.head()
        assert list(store.entries()) == list(source.entries())
        assert list(store.files()) == [file]
        assert store.facts("P1") == source.facts("P1")
        for at in (1, None):
            assert (
                store.land(at)["land_parcels"]["parcel_id"].tolist()
                == source.land(at)["land_parcels"]["parcel_id"].tolist()
            )
        assert set(store.layers()) == set(layers())
        assert store.append([record()], by="li")[0].seq == 123
        assert problems(store) == []
        with pytest.raises(RegisterRefused, match="E-PROJECT-EXISTS"):
            store.restore(source.entries())
        assert store.head().seq == 123

    def test_engine_note(self, store):
        assert store.engine_note()
        assert "***" in store.where or "@" not in store.where or ":" not in store.where.split("@")[0].split("//")[1]


class TestUsers:
    @pytest.fixture(params=KINDS[:2])
    def store(self, request, make, clock):
        return make(request.param, clock)

    def test_without_users_whoever_opens_it_is_the_administrator(self, store):
        assert store.sign_in(None, None) == Actor("", "administrator")
        assert store.sign_in("li", None) == Actor("li", "administrator")

    def test_sign_in(self, store):
        store.save_user(new_user("wang", "administrator", "long enough"), by="wang")
        store.save_user(new_user("li", "officer", "correct horse"), by="wang")
        assert store.sign_in("li", "correct horse") == Actor("li", "officer")
        for name, password in [("li", "wrong horse"), ("li", None), (None, None), ("zhao", "correct horse")]:
            with pytest.raises(RegisterRefused, match="E-SIGN-IN"):
                store.sign_in(name, password)
        assert [user.name for user in store.users()] == ["li", "wang"]
        assert [line.more["name"] for line in store.entries()] == ["wang", "li"]
        assert "horse" not in repr(list(store.entries()))

    def test_a_user_is_changed_or_taken_over(self, store):
        store.save_user(User("li", "officer", "x"), by="wang")
        store.save_user(User("li", "approver", "y"), by="wang")
        store.keep_user(User("wang", "administrator", "z"))
        assert store.users() == [User("li", "approver", "y"), User("wang", "administrator", "z")]
        assert store.head().seq == 2


# Whatever is sent in whatever parts, the chain is the one that the plainest store makes.
BATCHES = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["P1", "P2", None]), st.integers(0, 9), st.sampled_from(["", "注", "'"])), max_size=6
    ),
    max_size=5,
)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_same_chain_everywhere(kind, make, clock):
    cases = 8 if kind == "postgis" else 25

    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(batches=BATCHES)
    def same(batches):
        plain, store = MemoryStore(clock), make(kind, clock)
        for batch in batches:
            clock.now += datetime.timedelta(seconds=1)
            drafts = [record(parcel, uuid=f"{parcel}-{number}", note=note) for parcel, number, note in batch]
            assert store.append(drafts, by="li") == plain.append(drafts, by="li")
        assert list(store.entries()) == list(plain.entries())
        assert store.head() == plain.head()
        store.close()

    same()


class TestGuards:
    """The database itself refuses what does not belong into a ledger, whoever asks."""

    @pytest.mark.parametrize("statement", ["UPDATE entries SET note = 'x'", "DELETE FROM entries WHERE seq = 1"])
    def test_no_line_is_changed_or_goes(self, kept, statement):
        kept.append([record(), record()], by="li")
        with pytest.raises(sa.exc.DBAPIError, match="the ledger only grows"):
            tamper(kept, statement)
        with (
            pytest.raises(LandgisError, match="the ledger only grows.*record a correction"),
            kept._writing() as connection,
        ):
            connection.exec_driver_sql(statement)
        assert kept.head().seq == 2
        assert problems(kept) == []

    @pytest.mark.parametrize("change", [{"seq": 4}, {"seq": 2}, {"prev": GENESIS}])
    def test_no_line_that_does_not_follow(self, kept, change):
        made = kept.append([record(), record()], by="li")
        (line,) = seal_all([record("P7")], {}, seq=2, prev=made[-1].hash, at=made[0].recorded_at, by="li")
        with pytest.raises(Exception, match=r"does not follow|[uU][nN][iI][qQ][uU][eE]"), kept._writing() as connection:
            kept._insert(connection, sa.table("entries", *map(sa.column, Entry._fields)), [line._replace(**change)])
        assert kept.head().seq == 2
        assert list(kept.entries()) == made

    def test_no_gap_inside_many(self, kept):
        made = list(seal_all([record() for _ in range(120)], {}, seq=0, prev=GENESIS, at="2026", by="li"))
        with pytest.raises(Exception, match="does not follow"):
            kept.restore(made[:70] + made[71:])
        assert kept.head() == Head(0, GENESIS)
        kept.restore(made)
        assert kept.head() == Head(120, made[-1].hash)

    def test_what_is_changed_past_the_guards_is_found(self, kept):
        kept.append([record() for _ in range(3)], by="li")
        tamper(kept, "UPDATE entries SET occurred_on = '2023-05-01' WHERE seq = 2", unguarded=["entries_never_change"])
        assert problems(kept) == [
            "line 2 of the ledger was changed: its hash is not that of its content; restore a backup"
        ]

    def test_a_line_that_was_taken_out_is_found(self, kept):
        kept.append([record() for _ in range(3)], by="li")
        guard = "entries_never_go" if isinstance(kept, LocalStore) else "entries_never_change"
        tamper(kept, "DELETE FROM entries WHERE seq = 2", unguarded=[guard])
        first, second = problems(kept)
        assert "line 2 of the ledger is missing" in first
        assert "line 3 of the ledger does not follow" in second

    def test_a_byte_in_the_file(self, make, clock):
        store = make("local", clock)
        store.append([record(note="before")], by="li")
        store.close()
        path = store.folder / DATABASE
        assert not path.with_name(DATABASE + "-wal").exists()
        path.write_bytes(path.read_bytes().replace(b"before", b"BEFORE"))
        assert "was changed" in problems(LocalStore(store.folder))[0]


def test_there_is_no_project_there(tmp_path, database):
    for where in (tmp_path, database):
        with pytest.raises(InputRefused, match="E-PROJECT.*landgis new"):
            open_store(str(where))


def test_a_project_is_there_already(make, clock, database):
    PostgisStore.create(database, clock).close()
    with pytest.raises(InputRefused, match="E-PROJECT-EXISTS"):
        PostgisStore.create(database, clock)
    with pytest.raises(InputRefused, match="E-PROJECT-EXISTS"):
        LocalStore.create(make("local", clock).folder)
