"""What an officer does most, walked in both languages with every click counted; the screenshots are kept."""

import csv
import datetime
import json
import shutil
from collections import defaultdict

import geopandas as gpd
import pytest

from landgis.workflow.project import open_project
from landgis.workflow.recording import Entered, record
from landgis.workflow.sample import sample_folder, sample_inputs
from landgis.workflow.score import score_files
from tests.browser.conftest import LANGUAGES
from tests.browser.visitor import PAGES, Visitor, note

BLOCK = {"zh_CN": "老长城", "en": "Old Changcheng"}
FIRST = 8  # parcels in the short list


@pytest.fixture(scope="module")
def scores():
    """The block's parcels in the order of the scoring by itself, without project or app."""
    frame = score_files(sample_inputs()).frame
    frame = frame[(frame["block_id"] == "LCC") & frame["renovation_rank"].notna()]
    return frame.set_index("parcel_id").sort_index().sort_values("renovation_rank", kind="stable")


@pytest.fixture
def visitor(page, app, request):
    visitor = Visitor(page, app.url)
    yield visitor


def actual_events():
    """Parcel → the steps that its ledger says were taken."""
    taken = defaultdict(dict)
    with (sample_folder() / "events.csv").open(encoding="utf-8") as file:
        for event in csv.DictReader(file):
            if event["kind"] == "actual":
                taken[event["parcel_id"]][event["milestone"]] = event["occurred_on"]
    return taken


@LANGUAGES
def test_which_parcels_next_and_why(visitor, language, scores, picture, artefacts):
    """Block box, block: the list is there. A row: the reasons. Three clicks."""
    visitor.open(lang=language)
    visitor.choose("bar_block", BLOCK[language])
    picture(visitor.page, "list")
    labels = [visitor.key(f"next_{at}").inner_text() for at in range(FIRST)]
    untouched = [parcel for parcel in scores.index if parcel not in actual_events()]
    listed = [parcel for label in labels for parcel in scores.index if parcel in label]
    assert len(listed) == FIRST
    assert [parcel for parcel in listed if parcel in untouched] == [
        parcel for parcel in untouched if parcel in listed
    ] and set(untouched[:4]) <= set(listed)
    visitor.click("next_0")
    picture(visitor.page, "why")
    note(artefacts, f"next-{language}", visitor)
    row = scores.loc[listed[0]]
    assert listed[0] in visitor.text and f"{row['score']:.1f}" in visitor.text
    sentences = str(row["reasons_zh" if language == "zh_CN" else "reasons_en"])
    first = sentences.split("；" if language == "zh_CN" else "; ")[0].strip("。. ")
    assert first and first in visitor.text
    assert len(visitor.clicks) <= 3, visitor.clicks


@LANGUAGES
def test_vacated_for_five_parcels(served, sample, pages, language, scores, tmp_path, picture, artefacts):
    """The list, five ticks, record, confirm: eight clicks, and five events of today are in the register."""
    place = shutil.copytree(sample, tmp_path / "zone")
    project = open_project(str(place), nobody="t")
    listed = [parcel for parcel in scores.index if parcel not in actual_events()][:5]
    for day, step in enumerate(("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED"), start=1):
        record(project, Entered(tuple(listed), step, f"2026-10-0{day}"))
    project.store.close()
    app = served(place)
    visitor = Visitor(pages(), app.url).open(block="LCC", lang=language)
    visitor.menu("ranking")
    picture(visitor.page, "list")
    table = next(key for key in list(visitor.keys()) if key.startswith("ranking_table_"))
    rows = [one[1] for one in visitor.rows(table)]  # the parcel number stands second
    for parcel in listed:
        visitor.tick(table, rows.index(parcel))
    picture(visitor.page, "ticked")
    visitor.click("ranking_record")
    picture(visitor.page, "form")
    visitor.click("record_confirm*")
    picture(visitor.page, "done")
    note(artefacts, f"vacated-{language}", visitor)
    assert len(visitor.clicks) <= 8, visitor.clicks
    project = open_project(str(place), nobody="t")
    new = [entry for entry in project.store.entries() if entry.milestone == "VACATED" and entry.recorded_by != "t"]
    last = list(project.store.entries())[-5:]
    assert sorted(entry.parcel_id for entry in last) == sorted(listed)
    assert {(entry.milestone, entry.kind, entry.occurred_on) for entry in last} == {
        ("VACATED", "actual", project.today().isoformat())
    }, new
    project.store.close()


@LANGUAGES
def test_what_is_overdue(visitor, language, picture, artefacts):
    """One click: the red list stands on top of the progress page."""
    visitor.open(lang=language)
    visitor.menu("progress")
    picture(visitor.page, "overdue")
    note(artefacts, f"overdue-{language}", visitor)
    late = overdue(datetime.date.today().isoformat())  # the server's day, wherever the browser is
    cards = visitor.key("progress_cards").inner_text()
    assert f"{len(late):,}" in cards and f"{len({parcel for parcel, _ in late}):,}" in cards
    table = visitor.key("progress_late").bounding_box()
    assert table["y"] + 100 < visitor.page.viewport_size["height"]
    assert len(visitor.clicks) <= 1, visitor.clicks


def overdue(today):
    """Planned steps of the past that were not taken, counted from the file."""
    plan, actual, gone = set(), set(), set()
    with (sample_folder() / "events.csv").open(encoding="utf-8") as file:
        for event in csv.DictReader(file):
            key = event["parcel_id"], event["milestone"]
            if event["kind"] == "planned" and not event["building_id"] and event["occurred_on"] < today:
                plan.add(key)
            if event["kind"] == "actual" and not event["building_id"]:
                actual.add(key)
            if event["milestone"] == "WITHDRAWN":
                gone.add(event["parcel_id"])
    return {key for key in plan - actual if key[0] not in gone}


@LANGUAGES
def test_to_the_municipal_gis(visitor, language, tmp_path, picture, artefacts):
    """Export, municipal, download: three clicks; the file says CGCS2000 and holds the block's parcels."""
    visitor.open(block="LCC", lang=language)
    visitor.click("map_export")
    visitor.click(visitor.pill("export_profile", 1))
    picture(visitor.page, "export")
    path = visitor.save("export_download", tmp_path)
    note(artefacts, f"municipal-{language}", visitor)
    assert len(visitor.clicks) <= 3, visitor.clicks
    said = json.loads(path.read_text("utf-8"))
    assert said["crs"]["properties"]["name"].endswith("EPSG::4490")
    drawn = gpd.read_file(sample_folder() / "zone.gpkg", layer="parcels")
    drawn = drawn[drawn["block_id"] == "LCC"].set_index("parcel_id")
    sent = gpd.read_file(path).set_index("parcel_id").to_crs(4549)
    assert set(sent.index) == set(drawn.index)
    apart = sent.geometry.symmetric_difference(drawn.geometry.reindex(sent.index)).area / sent.geometry.area
    assert apart.max() < 1e-3


@LANGUAGES
def test_every_page_opens(visitor, language, picture):
    """No page asks another host for anything, or fails."""
    for name in PAGES:
        visitor.open(name, lang=language)
        picture(visitor.page, name)
        assert visitor.page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]').count() == 0
        assert len(visitor.text) > 40
