"""What a project lives through: killed writers, a database that restarts, a full disk, clocks apart, changed lines.

Everything is done to processes and files, and checked against what the clients were told (`writer`).
"""

import contextlib
import ctypes
import datetime
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landgis.errors import LandgisError
from landgis.io.atomic import sweep
from landgis.phases.ledger import Draft, Entry, seal_all, verify
from landgis.phases.lines import known_lines
from landgis.store import local
from landgis.store.local import DATABASE, LAYERS, LocalStore
from landgis.store.sqlite import driver
from landgis.workflow.archive import check_ledger
from landgis.workflow.events import import_events
from landgis.workflow.importing import Layers, create_project, import_layers
from landgis.workflow.project import open_project
from landgis.workflow.register import Register
from tests.conftest import Ran
from tests.store import writer
from tests.store.writer import read_log

OFFICERS, EVENTS, PARCELS, MORE_PARCELS = 8, 500, 40, 400
HOT = [f"P{number}" for number in range(1, PARCELS + 1)]
PATIENCE_SECONDS = 300
# Commands and writers are forked from a process that has loaded everything: processes of their own that begin at once.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "landgis.cli.tree", "landgis.store.postgis", "psycopg", "geoalchemy2"])


def forked(program, arguments, said, environment, rights):
    """What a forked process does: a command as in a shell, a writer."""
    from landgis.cli.main import main

    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
    os.environ |= {"LANDGIS_LANG": "en", **environment}
    tempfile.tempdir = None
    if not rights:
        drop_rights()
    sys.argv = [program, *arguments]
    {"landgis": main, "writer": writer.main}[program]()


def begun(program, *arguments, said=(os.devnull, os.devnull), environment=None, rights=True):
    """A process that has begun."""
    process = FORKS.Process(target=forked, args=(program, list(map(str, arguments)), said, environment or {}, rights))
    process.start()
    return process


@pytest.fixture
def landgis(tmp_path):
    """Run a command to its end; without `rights`, root may not write either what may only be read."""

    def run(*arguments, environment=None, rights=True):
        desk = Path(tempfile.mkdtemp(prefix="said-", dir=tmp_path))  # of this run alone: trials run two at a time
        said = desk / "out", desk / "err"
        for path in said:
            path.write_text("")
        process = begun("landgis", *arguments, said=said, environment=environment, rights=rights)
        process.join(PATIENCE_SECONDS)
        ran = Ran(process.exitcode, *(path.read_text("utf-8") for path in said))
        assert "Traceback" not in ran.err, ran.err
        return ran

    return run


class Rights(ctypes.Structure):
    """What capget(2) and capset(2) speak in."""

    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


def drop_rights():
    """Give up root's right to read and write whatever the modes of files say."""
    libc, head, rights = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 2)(0x20080522, 0), (Rights * 2)()
    assert libc.capget(head, rights) == 0
    rights[0].effective &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    assert libc.capset(head, rights) == 0


def parcels(path, count):
    keys = [f"P{number}" for number in range(1, count + 1)]
    lots = [shapely.box(502_925 + 100 * at, 3_200_402, 503_025 + 100 * at, 3_200_462) for at in range(count)]
    gpd.GeoDataFrame({"parcel_id": keys}, geometry=lots, crs=4549).to_file(path)
    return path


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    """A layer of the hot parcels."""
    return parcels(tmp_path_factory.mktemp("few") / "parcels.gpkg", PARCELS)


@pytest.fixture(scope="session")
def more(tmp_path_factory):
    """A layer of many more."""
    return parcels(tmp_path_factory.mktemp("more") / "parcels.gpkg", MORE_PARCELS)


@pytest.fixture(scope="session")
def made(few, tmp_path_factory):
    """A project of the hot parcels, to be copied."""
    where = tmp_path_factory.mktemp("made") / "project"
    project, _ = create_project(str(where), Layers(parcels=str(few)), by="li")
    project.store.close()
    return where


@pytest.fixture
def place(made, tmp_path):
    """A project in a folder."""
    return shutil.copytree(made, tmp_path / "project")


@pytest.fixture
def address(few, database):
    """The same in PostGIS."""
    project, _ = create_project(database, Layers(parcels=str(few)))
    project.store.close()
    return database


# killed writers
class Officers:
    """Writers at work, each a process that keeps a log."""

    def __init__(self, where, folder, names, *options):
        self.logs = {name: folder / f"{name}.log" for name in names}
        self._where, self._options, self._running = where, options, {}
        self.kills = 0

    def begin(self, name, *options):
        """Let one begin, or begin again on the log that is there."""
        log = self.logs[name]
        said = [log.with_suffix(".err")] * 2
        self._running[name] = begun("writer", self._where, log, "--name", name, *self._options, *options, said=said)

    def acked(self, name):
        return self.logs[name].read_bytes().count(b'"acked"') if self.logs[name].exists() else 0

    def kill(self, name):
        self._running[name].kill()
        self._running[name].join()
        assert self._running[name].exitcode == -signal.SIGKILL, f"{name} was done before it could be killed"
        self.kills += 1

    def work(self, kills=(), *, then=None):
        """Until all are done. `kills`: whom, after how many events; `then` is tried until it says that it was done."""
        chance, pending, until = random.Random(), list(kills), time.monotonic() + PATIENCE_SECONDS
        while any(process.is_alive() for process in self._running.values()):
            assert time.monotonic() < until, "the writers do not come to an end"
            for name, after in [kill for kill in pending if self.acked(kill[0]) >= kill[1]]:
                pending.remove((name, after))
                time.sleep(chance.uniform(0, 0.02))
                self.kill(name)
                self.begin(name)
            if then is not None and then(sum(map(self.acked, self.logs))):
                then = None
            time.sleep(0.01)
        for name, process in self._running.items():
            assert process.exitcode == 0, self.logs[name].with_suffix(".err").read_text("utf-8")
        assert not pending and then is None


def whole(where):
    """The lines of a project whose ledger is whole: numbered without a gap, per parcel too, each number once."""
    project = open_project(str(where), nobody="auditor")
    lines = list(project.store.entries())
    assert check_ledger(project).problems == []
    project.store.close()
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert len({line.uuid for line in lines}) == len(lines)
    versions = defaultdict(list)
    for line in lines:
        versions[line.parcel_id].append(line.version)
    del versions[None]  # an import
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    return lines


def check_against_logs(where, officers, events):
    """The ledger holds what was acknowledged, as it was sent and acknowledged, and nothing that was refused."""
    lines = {line.uuid: line for line in whole(where) if line.action == "record"}
    sent, told = defaultdict(dict), Counter()
    explained = set()
    for name, log in officers.logs.items():
        read = defaultdict(set)  # event → the versions of its parcel on which it was decided
        for said in read_log(log):
            told[said["what"]] += 1
            if said["what"] == "try":
                read[said["uuid"]].add(said["version"])
                sent[said["uuid"]] = said
            elif said["what"] == "acked":
                line = lines[said["uuid"]]
                assert (line.seq, line.version, line.hash) == (said["seq"], said["version"], said["hash"])
                assert line.version - 1 in read[line.uuid], "recorded over something that its officer had not seen"
                explained.add(line.uuid)
            elif said["what"] == "refused":
                assert said["uuid"] not in lines, f"{name} was told no"
            elif said["what"] == "there":
                explained.add(said["uuid"])  # repeated after a kill: recorded, and by then said again by somebody else
        assert officers.acked(name) == events
    assert set(lines) <= explained
    for key, line in lines.items():
        said = tuple(sent[key][field] for field in ("subject", "milestone", "on", "kind", "note"))
        assert (line.parcel_id, line.milestone, line.occurred_on, line.kind, line.note) == said
    return told


def drill(where, folder, *, events, kills, then=None):
    """Eight officers at once, some of them killed; says what came of it."""
    officers = Officers(where, folder, [f"officer{number}" for number in range(OFFICERS)],
                        "--events", events, "--parcels", *HOT)  # fmt: skip
    chance, began = random.Random(), time.monotonic()
    victims = [(f"officer{number % OFFICERS}", int(events * chance.uniform(0.05, 0.8))) for number in range(kills)]
    for name in officers.logs:
        officers.begin(name)
    officers.work(victims, then=then)
    seconds = time.monotonic() - began
    told = check_against_logs(where, officers, events)
    assert officers.kills == kills
    assert told["acked"] == OFFICERS * events
    assert told["refused"] > 0 and told["stale"] > 0  # officers did meet
    sys.stdout.write(f"\n{told['acked'] / seconds:.0f} events/s, {seconds:.1f} s, {kills} kills, {dict(told)}\n")
    return told


def test_killed_writers(place, tmp_path):
    drill(place, tmp_path, events=EVENTS, kills=3)


@pytest.mark.slow
def test_writers_killed_200_times(place, tmp_path):
    drill(place, tmp_path, events=EVENTS, kills=200)


def restarting(postgres, total):
    """What restarts the server, as if the power had failed, once so many events are recorded."""

    def then(acked):
        if acked < total:
            return False
        postgres.restart()
        return True

    return then


def test_killed_writers_postgis(address, postgres, tmp_path):
    told = drill(address, tmp_path, events=40, kills=3, then=restarting(postgres, OFFICERS * 15))
    assert told["lost"] > 0


@pytest.mark.slow
def test_killed_writers_postgis_in_full(address, postgres, tmp_path):
    told = drill(address, tmp_path, events=EVENTS, kills=3, then=restarting(postgres, OFFICERS * EVENTS // 2))
    assert told["lost"] > 0


# clocks
@pytest.mark.parametrize("seconds", [90, 24 * 3600])
def test_clocks_apart(place, tmp_path, seconds):
    """The order is that of the ledger, nobody is refused for his clock, and a known-on cut is a beginning of it."""
    officers = Officers(place, tmp_path, ["ahead", "behind"],
                        "--events", 40, "--actual", 0, "--parcels", *HOT, "--pause", 0.005)  # fmt: skip
    officers.begin("ahead", "--skew", seconds)
    officers.begin("behind", "--skew", -seconds)
    officers.work()
    check_against_logs(place, officers, 40)
    codes = {said["code"] for log in officers.logs.values() for said in read_log(log) if said["what"] == "refused"}
    assert codes <= {"E-PARCEL-STALE"}
    lines = whole(place)
    moments = np.array([line.recorded_at[:-1] for line in lines], dtype="datetime64[us]")
    assert (np.diff(moments) < 0).sum() > 5  # they did take turns
    project = open_project(str(place), nobody="li")
    register = Register(project)
    for moment in [*moments[::7], moments.min() - 1, moments.max()]:
        size = known_lines(register.lines, moment)
        later = np.flatnonzero(moments > moment)
        assert size == (later[0] if len(later) else len(lines))
        assert register.status(as_of=datetime.date(2026, 1, 1), known_on=moment) is not None
    project.store.close()


# killed imports
def looks(folder):
    """The files of a folder and their sizes; SQLite's index of its journal says nothing."""
    if not folder.exists():
        return {}
    found = {}
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # the process beside us made it and took it away
            found[path.name] = path.stat().st_size
    return {name: size for name, size in found.items() if not name.endswith("-shm") and (size or "-wal" not in name)}


def killed(folder, wait, *arguments):
    """Run a command and kill it some time after it began to write into a folder; whether it was killed in time."""
    before = looks(folder)
    process = begun("landgis", *arguments)
    while looks(folder) == before and process.is_alive():
        time.sleep(0.0005)
    time.sleep(wait)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def several(trial, number):
    """Do a trial with several waits, two at a time; how many were killed in time."""
    chance = random.Random()
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(trial, [(at, chance.uniform(0, 1) if at else 0) for at in range(number)]))


def swept(folder):
    """Only the files of a project are left after a sweep."""
    sweep(folder, older_than_seconds=0)
    names = {path.name for path in folder.iterdir()}
    assert names <= {LAYERS, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}


@pytest.fixture(scope="session")
def many_events(tmp_path_factory):
    """A file of 3,000 events."""
    path = tmp_path_factory.mktemp("events") / "events.csv"
    days = [datetime.date(2027 + at % 7, 1, 1) + datetime.timedelta(at // 7 % 365) for at in range(3000)]
    steps = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED")
    rows = [f"{HOT[at // 7 % PARCELS]},{steps[at % 7]},planned,{day},{'n' * 500},E{at}" for at, day in enumerate(days)]
    path.write_text("\n".join(["parcel_id,milestone,kind,occurred_on,note,event_id", *rows]) + "\n", "utf-8")
    return path


def test_a_killed_import_of_events(made, many_events, tmp_path):
    """All events are there or none, and the next import takes what is missing."""

    def trial(which):
        number, share = which
        place = shutil.copytree(made, tmp_path / f"project{number}")
        in_time = killed(place, 0.15 * share, "events", place, "--import", many_events)
        assert len(whole(place)) in (1, 3001)
        project = open_project(str(place), nobody="li")
        receipt = import_events(project, str(many_events))
        project.store.close()
        assert receipt.taken + len(receipt.already) == 3000 and receipt.written
        assert len(whole(place)) == 3001
        swept(place)
        return in_time

    assert several(trial, 6) > 0


def test_a_killed_import_of_layers(made, more, tmp_path):
    """The register is as before or has everything, and the layers with it; a new import succeeds."""

    def trial(which):
        number, share = which
        place = shutil.copytree(made, tmp_path / f"project{number}")
        in_time = killed(place, 0.15 * share, "import", place, "--parcels", more)
        project = open_project(str(place), nobody="li")
        size, count = len(whole(place)), len(project.store.layers()["parcels"])
        assert (size, len(project.store.land()["land_parcels"])) in ((1, PARCELS), (2, MORE_PARCELS))
        assert count == MORE_PARCELS or (size, count) == (1, PARCELS)
        import_layers(project, Layers(parcels=str(more)))
        assert len(project.store.layers()["parcels"]) == len(project.store.land()["land_parcels"]) == MORE_PARCELS
        project.store.close()
        assert len(whole(place)) == size + 1
        swept(place)
        return in_time

    assert several(trial, 6) > 0


DIE = """
import os, signal, sys
from landgis.store.local import LocalStore
from landgis.workflow.importing import Layers, import_layers
from landgis.workflow.project import open_project
where, layers, name = sys.argv[1:]
project = open_project(where, nobody="li")
usual = getattr(LocalStore, name)
die = lambda *given: (name == "_put_layers" and usual(*given), os.kill(os.getpid(), signal.SIGKILL))
setattr(LocalStore, name, die)
import_layers(project, Layers(parcels=layers))
"""


@pytest.mark.parametrize("last, lines", [("_put_layers", 1), ("_settle", 2)])
def test_a_kill_between_layers_and_ledger(place, more, last, lines):
    """Killed when the layers are written and the ledger is not, or when they only lack their name."""
    done = subprocess.run([sys.executable, "-c", DIE, place, more, last])
    assert done.returncode == -signal.SIGKILL
    store = LocalStore(place)
    assert len(store.layers()["parcels"]) == len(store.land()["land_parcels"]) == (PARCELS, MORE_PARCELS)[lines - 1]
    assert store.head().seq == lines


def test_layers_without_their_name_in_a_folder_that_may_only_be_read(place, more, landgis):
    subprocess.run([sys.executable, "-c", DIE, place, more, "_settle"])
    place.chmod(0o555)
    ran = landgis("history", place, "P1", rights=False)
    place.chmod(0o755)
    assert "E-FAULT" not in ran.err
    assert len(LocalStore(place).layers()["parcels"]) == MORE_PARCELS


def test_two_give_the_layers_their_name(place, more, monkeypatch):
    """Whoever comes second finds it done; he may have recorded something just now."""
    subprocess.run([sys.executable, "-c", DIE, place, more, "_settle"])
    usual = local._digest

    def slowly(path):
        monkeypatch.setattr(local, "_digest", usual)
        found = usual(path)
        LocalStore(place).close()
        return found

    monkeypatch.setattr(local, "_digest", slowly)
    assert len(LocalStore(place).layers()["parcels"]) == MORE_PARCELS


@pytest.mark.slow
def test_officers_record_while_layers_are_imported(place, few, more, tmp_path, landgis):
    officers = Officers(place, tmp_path, ["an", "bo", "cai"], "--events", EVENTS, "--parcels", *HOT)
    for name in officers.logs:
        officers.begin(name)
    for layer in (more, few) * 8:
        imports = [begun("landgis", "import", place, "--parcels", layer) for _ in range(2)]
        for process in imports:
            process.join()
            assert process.exitcode == 0
    officers.work()
    check_against_logs(place, officers, EVENTS)
    store = LocalStore(place)
    assert len(store.layers()["parcels"]) == len(store.land()["land_parcels"]) == PARCELS


def test_a_killed_new(few, tmp_path, landgis):
    """A whole project, or none; what was being made of it beside is swept away."""

    def trial(which):
        number, share = which
        desk = tmp_path / f"desk{number}"
        desk.mkdir()
        in_time = killed(desk, 0.5 * share, "new", desk / "project", "--parcels", few)
        ran = landgis("verify", desk / "project")
        if (desk / "project").exists():
            assert ran.code == 0 and len(LocalStore(desk / "project").layers()["parcels"]) == PARCELS
        else:
            assert "E-PROJECT" in ran.err
        sweep(desk, older_than_seconds=0)
        assert {path.name for path in desk.iterdir()} <= {"project"}
        return in_time

    assert several(trial, 4) > 0


def test_new_again_after_a_kill(few, tmp_path, landgis):
    assert killed(tmp_path, 0, "new", tmp_path / "project", "--parcels", few)
    assert landgis("new", tmp_path / "project", "--parcels", few).code == 0


def test_two_new_in_one_folder(tmp_path):
    first = LocalStore.create(tmp_path / "project")
    with contextlib.suppress(LandgisError):
        LocalStore.create(tmp_path / "project")
    told = first.append([Draft("import")], by="li")
    assert list(LocalStore(tmp_path / "project").entries()) == told


# disks
@dataclass(frozen=True)
class Disk:
    """A small file system."""

    folder: Path

    def room(self, size):
        """Leave so much room, in bytes."""
        filler = self.folder / "filler"
        filler.unlink(missing_ok=True)
        state = os.statvfs(self.folder)
        filler.write_bytes(bytes(max(state.f_bavail * state.f_frsize - size, 0)))

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", self.folder], check=True)


@pytest.fixture
def disk(tmp_path):
    """A file system of 4 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4M", "tmpfs", folder]).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


def plan(place, day):
    return "record", place, "P1", "SIGNED", "--on", day, "--kind", "planned"


def refused(ran, words):
    """One line that says what is wrong, and no fault of landgis itself."""
    assert ran.code in (3, 4) and ran.out == ""
    assert ran.err.startswith("landgis: E-") and ran.err.count("\n") == 1
    assert words in ran.err


def goes_on(landgis, place, lines):
    """The register holds so many lines, and takes one more."""
    assert f" {lines} lines" in landgis("verify", place).out
    assert landgis(*plan(place, "2027-12-31")).code == 0
    assert len(whole(place)) == lines + 1


def test_the_disk_fills_while_recording(made, disk, landgis, tmp_path):
    place = shutil.copytree(made, disk.folder / "project")
    proof = tmp_path / "proof.pdf"
    proof.write_bytes(random.Random(1).randbytes(700_000))
    acked = 0
    while (ran := landgis(*plan(place, f"2027-01-{acked + 1:02}"), "--evidence", proof, "--note", "x")).code == 0:
        acked += 1
        proof.write_bytes(random.Random(acked + 1).randbytes(700_000))
    refused(ran, "the disk is full, so nothing was recorded")
    assert acked > 2
    disk.remount("size=16M")
    goes_on(landgis, place, 1 + acked)


def test_no_room_at_all(made, disk, landgis):
    place = shutil.copytree(made, disk.folder / "project")
    disk.room(0)
    refused(landgis(*plan(place, "2027-01-01")), "nothing was recorded")
    disk.room(1_000_000)
    goes_on(landgis, place, 1)


def test_the_disk_fills_while_importing_events(made, disk, landgis, many_events):
    place = shutil.copytree(made, disk.folder / "project")
    disk.room(1_000_000)
    refused(landgis("events", place, "--import", many_events), "the disk is full, so nothing was recorded")
    disk.room(3_000_000)
    goes_on(landgis, place, 1)


def test_the_disk_fills_while_importing_layers(made, disk, landgis, more):
    place = shutil.copytree(made, disk.folder / "project")
    disk.room(150_000)
    ran = landgis("import", place, "--parcels", more)
    disk.room(1_000_000)
    goes_on(landgis, place, 1)
    refused(ran, "E-OUT-WRITE")


@pytest.mark.parametrize("full", ["target", "scratch"])
def test_the_disk_fills_during_a_backup(place, disk, landgis, tmp_path, full):
    proof = tmp_path / "proof.pdf"
    proof.write_bytes(random.Random(1).randbytes(1_000_000))
    assert landgis(*plan(place, "2027-01-01"), "--evidence", proof).code == 0
    disk.room(600_000)
    scratch = {"TMPDIR": str(disk.folder)} if full == "scratch" else {}
    out = (disk.folder if full == "target" else tmp_path) / "backup.zip"
    ran = landgis("backup", place, "--out", out, environment=scratch)
    assert not out.exists() and {path.name for path in disk.folder.iterdir()} == {"filler"}
    refused(ran, "could not be written" if full == "target" else "the disk is full")
    disk.room(3_000_000)
    assert landgis("backup", place, "--out", out, environment=scratch).code == 0
    assert landgis("restore", out, tmp_path / "restored").code == 0
    goes_on(landgis, tmp_path / "restored", 2)
    goes_on(landgis, place, 2)


@pytest.mark.parametrize("what", ["file", "folder", "disk"])
def test_what_may_only_be_read(made, disk, landgis, more, many_events, what):
    place = shutil.copytree(made, disk.folder / "project")
    changed = {"file": place / DATABASE, "folder": place}.get(what)
    mode = changed.stat().st_mode if changed else None
    if changed is None:
        disk.remount("ro")
    else:
        changed.chmod(mode & 0o555)
    for arguments in (
        plan(place, "2027-01-01"),
        ("events", place, "--import", many_events),
        ("import", place, "--parcels", more),
    ):
        refused(landgis(*arguments, rights=False), str(place))
    if changed is None:
        disk.remount("rw")
    else:
        changed.chmod(mode)
    goes_on(landgis, place, 1)
    assert len(LocalStore(place).layers()["parcels"]) == PARCELS


def test_a_read_only_disk_can_be_read(made, disk, landgis):
    place = shutil.copytree(made, disk.folder / "project")
    disk.remount("ro")
    assert landgis("verify", place).code == 0


# changed lines
LONG = 1000
GUARDS = ("entries_never_change", "entries_never_go")


@pytest.fixture
def long_ledger(place):
    """A project of a thousand lines, and the lines."""
    store = LocalStore(place)
    chance = random.Random(7)
    drafts = [
        Draft("record", chance.choice(HOT), chance.choice([None, "F1"]), "SIGNED", "2024-05-01", "day", "planned",
              None, f"第{at}号", None, json.dumps({"n": at}))
        for at in range(LONG - 1)
    ]  # fmt: skip
    store.append(drafts, by="li")
    lines = list(store.entries())
    store.close()
    return place, lines


def unguarded(place):
    """A connection that the register's own guards do not hold back."""
    connection = driver().connect(place / DATABASE)
    for guard in GUARDS:
        connection.execute(f"DROP TRIGGER {guard}")
    for index in ("entries_by_uuid", "entries_by_parcel"):
        connection.execute(f"DROP INDEX {index}")
    return connection


def flipped(line, chance):
    """A field of a line, and its value with one bit turned over; still text where it was text."""
    while True:
        name = chance.choice([field for field in Entry._fields if getattr(line, field) is not None])
        value = getattr(line, name)
        if isinstance(value, int):
            return name, value ^ (1 << chance.randrange(10))
        raw = bytearray(value.encode())
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        try:
            return name, raw.decode()
        except UnicodeDecodeError:
            continue


def change(place, changes):
    connection = unguarded(place)
    for seq, (name, value) in changes.items():
        connection.execute(f"UPDATE entries SET {name} = ? WHERE seq = ?", (value, seq))
    connection.commit()
    connection.close()


def accused(problems):
    return {problem.place.row for problem in problems}


def test_a_flipped_bit_in_any_line_is_found(long_ledger, landgis):
    """Each of 200 changed lines is named: on its own, and all at once by the command."""
    place, lines = long_ledger
    chance = random.Random()
    changes = {line.seq: flipped(line, chance) for line in chance.sample(lines, 200)}
    for seq, (name, value) in changes.items():
        one = [*lines[: seq - 1], lines[seq - 1]._replace(**{name: value}), *lines[seq:]]
        found = accused(verify(one))
        assert (value if name == "seq" else seq) in found, changes[seq]
        assert len(found) <= 2, changes[seq]  # it and, where its number or its hash is wrong, the next
    at_once = {seq: what for seq, what in changes.items() if what[0] != "seq"}  # a number may be taken
    change(place, at_once)
    ran = landgis("verify", place)
    assert ran.code == 3
    assert set(at_once) <= {int(line.split("· row ")[1].split(":")[0]) for line in ran.err.splitlines()}


@pytest.mark.parametrize("value", ["CAST(x'ff41' AS TEXT)", "x'ff41'"])
def test_a_line_that_is_no_text_is_found(long_ledger, landgis, value):
    place, _ = long_ledger
    connection = unguarded(place)
    connection.execute(f"UPDATE entries SET note = {value} WHERE seq = 77")
    connection.commit()
    connection.close()
    ran = landgis("verify", place)
    assert ran.code == 3 and "row 77" in ran.err


def test_lines_cut_off_at_the_end_show_in_the_head(long_ledger, landgis):
    """A ledger does not know what came behind its end: whoever cuts the head off too is found out by nothing in it.

    What finds this out is the hash that verify and backup print, kept somewhere else: in minutes, on paper, with a
    notary. The same holds for a ledger that is written anew as a whole.
    """
    place, lines = long_ledger
    printed = landgis("verify", place).out
    assert lines[-1].hash in printed
    connection = unguarded(place)
    connection.execute("DELETE FROM entries WHERE seq > ?", (LONG - 5,))
    connection.commit()
    cut = landgis("verify", place)
    assert cut.code == 3 and f"row {LONG}" in cut.err  # only the lines
    connection.execute("UPDATE ledger_head SET seq = ?, hash = ?", (LONG - 5, lines[-6].hash))
    connection.commit()
    connection.close()
    cut = landgis("verify", place)
    assert cut.code == 0 and f" {LONG - 5} lines" in cut.out
    assert lines[-1].hash not in cut.out


def test_a_ledger_written_anew_shows_in_the_head(long_ledger):
    _, lines = long_ledger
    drafts = [Draft(**{field: getattr(line, field) for field in Draft._fields}) for line in lines[500:]]
    drafts[0] = drafts[0]._replace(occurred_on="2020-01-01")
    versions = {line.parcel_id: line.version for line in lines[:500]}
    first = lines[499]
    anew = list(seal_all(drafts, versions, seq=500, prev=first.hash, at=first.recorded_at, by="li"))
    assert list(verify([*lines[:500], *anew])) == []
    assert anew[-1].seq == lines[-1].seq and anew[-1].hash != lines[-1].hash
