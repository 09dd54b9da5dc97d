"""Several officers at once: they browse, filter, record and export; nobody waits long, nothing is lost.

They speak the page's protocol without drawing it (officer.py), so that what is timed is the server; the browser's own
share is measured by `python -m benchmarks browser`.
"""

import json
import random
import threading
import time
import urllib.error
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from landgis.phases.ledger import verify
from landgis.store.opening import open_store
from landgis.workflow.rescore import score_project
from landgis.workflow.sample import sample_project
from tests.browser.officer import Officer
from tests.browser.places import inside_of
from tests.postgres import database, postgres  # noqa: F401  (fixtures)

P95_S = 2.0
THINK_S = (1.0, 3.0)
SHARED = 5  # parcels that all of them record
SETTLED_SHARE, GROWTH = 0.3, 1.15  # of the time until the caches are full; more than that afterwards is a leak
STEADY_MB = 40


@dataclass
class Work:
    """What one officer did."""

    number: int
    seconds: list = field(default_factory=list)
    confirmed: list = field(default_factory=list)
    conflicts: int = 0
    files: list = field(default_factory=list)  # features in each
    files_lost: list = field(default_factory=list)
    fault: BaseException | None = None


def work(url, until, mine, note):
    """One officer's day, in small."""
    chance = random.Random(note.number)
    officer = None
    try:
        officer = Officer(url, "lang=en")
        blocks = officer.labels("bar_block")
        while time.monotonic() < until:
            task = chance.choice([browse, browse, filter_, enter, enter, take_away, look_around])
            task(officer, chance, blocks, mine, note)
            time.sleep(chance.uniform(*THINK_S))
    except BaseException as fault:
        note.fault = fault
    finally:
        if officer is not None:
            note.seconds = officer.seconds
            officer.close()


def browse(officer, chance, blocks, _mine, _note):
    officer.turn_to("")
    officer.choose("bar_block", chance.choice(blocks))
    officer.pick("map_month", chance.choice(officer.labels("map_month")))
    officer.pick("map_theme", chance.choice(officer.labels("map_theme")))


def filter_(officer, chance, blocks, _mine, _note):
    officer.turn_to(chance.choice(["", "ranking"]))
    key = "map_legend" if officer.has("map_legend") else "ranking_legend"
    officer.choose("bar_block", chance.choice(blocks))
    if labels := officer.labels(key):
        officer.pick(key, chance.choice(labels))
        officer.pick(key)


def look_around(officer, chance, _blocks, _mine, _note):
    for page in chance.sample(["progress", "dossier", "plan", "reports", "settings", "import"], 2):
        officer.turn_to(page)


def take_away(officer, chance, blocks, _mine, note):
    officer.turn_to("")
    officer.choose("bar_block", chance.choice(blocks[1:]))
    officer.unfold("map_export")
    try:
        note.files.append(len(json.loads(officer.download("export_download"))["features"]))
    except urllib.error.HTTPError as refusal:
        note.files_lost.append(str(refusal))
    officer.unfold("map_export", open_=False)


def enter(officer, chance, _blocks, mine, note):
    """Record the next step of a parcel of one's own, or of one that all share."""
    officer.turn_to("")
    parcel = chance.choice(mine)
    officer.type("bar_search", parcel)
    officer.press("panel_record")
    if not officer.has("record_confirm*"):
        return  # its last step is taken
    officer.press("record_confirm*")
    if officer.has("record_retry"):
        note.conflicts += 1
        officer.press("record_retry")
    if officer.has("record_undo"):
        note.confirmed.append(parcel)
    officer.type("bar_search", "")


def days_work(app, parcels, *, officers, seconds):
    """Let them all work; what each did, and the server's memory on the way."""
    until, notes, memory = time.monotonic() + seconds, [Work(number) for number in range(officers)], []
    own = np.array_split(np.array(sorted(parcels)[SHARED:], dtype=object), officers)
    crew = [
        threading.Thread(target=work, args=(app.url, until, [*own[one.number][:40], *sorted(parcels)[:SHARED]], one))
        for one in notes
    ]
    for one in crew:
        one.start()
    while any(one.is_alive() for one in crew):
        memory.append(app.memory_mb())
        time.sleep(min(5, seconds / 20))
    return notes, memory


def judge(app, notes, memory, before, artefacts, name, *, steady):
    """Quick enough, nothing lost, nothing twice, no leak."""
    taken = [second for note in notes for what, second in note.seconds if what != "open"]
    confirmed = Counter(parcel for note in notes for parcel in note.confirmed)
    store = open_store(app.project)
    lines = list(store.entries())
    store.close()
    new = Counter(line.parcel_id for line in lines[before:] if line.action == "record")
    figures = {
        "actions": len(taken), "p50_s": round(float(np.median(taken)), 3), "p95_s": round(float(np.quantile(taken, 0.95)), 3),
        "worst_s": round(max(taken), 2), "recorded": confirmed.total(), "conflicts": sum(note.conflicts for note in notes),
        "exports": sum(len(note.files) for note in notes), "exports_lost": sum(len(note.files_lost) for note in notes),
        "memory_mb": [round(mb) for mb in memory[:: max(1, len(memory) // 10)]],
    }  # fmt: skip
    (artefacts / f"officers-{name}.json").write_text(json.dumps(figures, indent=1), "utf-8")
    assert [note.fault for note in notes if note.fault] == []
    assert new == confirmed and confirmed.total() > 0
    assert list(verify(lines)) == []
    assert figures["exports_lost"] == 0, figures
    assert all(note.files for note in notes) or not steady
    if steady:  # the drill of ten minutes; the short one asserts no time, as machines are noisy
        assert figures["p95_s"] <= P95_S, figures
        settled = memory[int(len(memory) * SETTLED_SHARE) :]
        half = len(settled) // 2
        assert np.median(settled[half:]) <= GROWTH * np.median(settled[:half]) + STEADY_MB, memory


def lines_of(place):
    store = open_store(str(place))
    count = store.head().seq
    store.close()
    return count


@pytest.fixture
def on_postgis(database):  # noqa: F811
    """The sample zone in a database, by its address."""
    project, _ = sample_project(database, nobody="t")
    score_project(project)
    project.store.close()
    return database


def test_three_officers_for_half_a_minute(served, sample, artefacts):
    app = served()
    before = lines_of(app.project)
    notes, memory = days_work(app, inside_of(sample, "LCC"), officers=3, seconds=25)
    judge(app, notes, memory, before, artefacts, "short", steady=False)


def test_two_officers_on_postgis(served, sample, on_postgis, artefacts):
    app = served(on_postgis)
    before = lines_of(on_postgis)
    notes, memory = days_work(app, inside_of(sample, "LCC"), officers=2, seconds=10)
    judge(app, notes, memory, before, artefacts, "short-postgis", steady=False)
    app.stop()


@pytest.mark.slow
def test_eight_officers_for_ten_minutes(served, sample, artefacts):
    app = served()
    before = lines_of(app.project)
    notes, memory = days_work(app, inside_of(sample), officers=8, seconds=600)
    judge(app, notes, memory, before, artefacts, "local", steady=True)


@pytest.mark.slow
def test_eight_officers_for_ten_minutes_on_postgis(served, sample, on_postgis, artefacts):
    app = served(on_postgis)
    before = lines_of(on_postgis)
    notes, memory = days_work(app, inside_of(sample), officers=8, seconds=600)
    judge(app, notes, memory, before, artefacts, "postgis", steady=True)
    app.stop()


def test_the_officer_reads_what_the_page_reads(served, page):
    """The client that stands for a browser sees the same choices and the same figures as one."""
    from tests.browser.visitor import Visitor

    app = served()
    officer = Officer(app.url, "block=LCC&lang=en")
    visitor = Visitor(page, app.url).open(block="LCC", lang="en")
    assert {"bar_block", "map_legend", "map_month", "next_0"} <= officer.keys() & set(visitor.keys())
    shown = " ".join(visitor.key("map_legend").inner_text().split())
    counts = [label.rsplit("**", 2)[1] for label in officer.labels("map_legend")]
    assert counts and all(count in shown for count in counts)
    officer.close()
