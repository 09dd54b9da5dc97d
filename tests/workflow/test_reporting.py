"""What stands in a report: the figures against the files, what changed in a month by hand, in both languages."""

import datetime
import re
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.documents.content import Curve, Facts, Map, Paragraph, Stack, Table
from landgis.errors import InputRefused
from landgis.ui.paper import paper_look
from landgis.ui.words import Words
from landgis.workflow import recording
from landgis.workflow.adopting.adopt import adopt
from landgis.workflow.project import open_project
from landgis.workflow.recording import Entered, record
from landgis.workflow.reporting import Wanted, report_bytes, report_of
from landgis.workflow.reporting_parts import NEXT
from landgis.workflow.sample import sample_folder
from landgis.workflow.zone import read_zone
from tests.documents.made import asked_of, chinese_font, fonts_of, text_of
from tests.made_project import Clock, make_project, walk
from tests.workflow.test_adopting import lots

DAY = datetime.date(2024, 6, 30)
LANGUAGES = pytest.mark.parametrize("language", ["zh_CN", "en"])


def section(report, title):
    return next(one for one in report.sections if one.title == title)


def tables(report, title):
    return [part for part in section(report, title).parts if isinstance(part, Table)]


def rows(report, title):
    return [row for table in tables(report, title) for row in table.rows]


def paragraphs(report, title):
    return [part.text for part in section(report, title).parts if isinstance(part, Paragraph)]


def facts(report):
    return {fact.title: (fact.value, fact.more) for part in report.sections[0].parts if isinstance(part, Facts)
            for fact in part.facts}  # fmt: skip


@pytest.fixture(scope="module")
def sample(sample_copy):
    project = open_project(str(sample_copy), nobody="li")
    return project, read_zone(project)


def status(sample, block=None, day=DAY, language="en", kind="status"):
    project, zone = sample
    return report_of(project, Wanted(day, block, kind), paper_look(language), zone=zone)


@pytest.fixture(scope="module")
def files():
    """The sample as it stands in its files."""
    parcels = gpd.read_file(sample_folder() / "zone.gpkg", layer="parcels")
    parcels["m2"] = parcels.registered_area_m2.fillna(parcels.area)  # registered, and where that is not known drawn
    events = pd.read_csv(sample_folder() / "events.csv", dtype=str)
    return parcels.set_index("parcel_id"), events


@pytest.mark.parametrize("block", [None, "LCC", "ZYFY"])
@pytest.mark.parametrize(("step", "title"), [("IDENTIFIED", "identified"), ("SIGNED", "signed"), ("GRANTED", "granted"), ("STARTED", "started")])  # fmt: skip
def test_milestones_are_those_of_the_files(sample, files, block, step, title):
    parcels, events = files
    happened = events[(events.kind == "actual") & (events.milestone == step) & (events.occurred_on <= DAY.isoformat())]
    done = parcels.loc[parcels.index.isin(happened.parcel_id)]
    mine = parcels if block is None else parcels[parcels.block_id == block]
    done = done.loc[done.index.isin(mine.index)]
    row = next(row for row in rows(status(sample, block), "Progress by milestone") if row[0] == title)
    mu = done.m2.sum() * 3 / 2000
    total = mine.m2.sum() * 3 / 2000
    assert row[1] == f"{len(done):,}"
    assert float(row[2].replace(",", "")) == pytest.approx(mu, abs=0.06)
    assert float(row[3].rstrip("%")) == pytest.approx(100 * mu / total, abs=0.06)


@pytest.mark.parametrize(("block", "day"), [("LCC", "2026-11-21"), ("TCC", "2025-01-31"), ("LCC", "2018-01-31")])
def test_late_is_what_was_planned_and_has_not_happened(sample, files, block, day):
    """Steps of whole parcels; demolition, which buildings reach one by one, is left to the tests of the register."""
    parcels, events = files
    mine = events[events.parcel_id.isin(parcels.index[parcels.block_id == block]) & events.building_id.isna()]
    mine = mine[mine.milestone != "DEMOLISHED"]
    done = mine[(mine.kind == "actual") & (mine.occurred_on <= day)]
    left = set(done[done.milestone == "WITHDRAWN"].parcel_id)
    reached = set(zip(done.parcel_id, done.milestone, strict=True))
    planned = mine[(mine.kind == "planned") & (mine.occurred_on < day)]
    words, today = Words("en"), datetime.date.fromisoformat(day)
    late = {
        (row.parcel_id, words.milestone(row.milestone), (today - datetime.date.fromisoformat(row.occurred_on)).days)
        for row in planned.itertuples() if (row.parcel_id, row.milestone) not in reached and row.parcel_id not in left
    }  # fmt: skip
    said = {
        (row[0], step, int(days))
        for row in rows(status(sample, block, today), "Overdue")
        for step, days in re.findall(r"([a-z][a-z ]*) \((\d+) d\)", row[-1])
    }
    assert {one for one in said if one[1] != "demolished"} == late
    assert bool(late) == (day > "2018-12-31")


def test_the_longest_delay_of_each_parcel_comes_first_and_all_are_counted(sample):
    found = rows(status(sample, "LCC", datetime.date(2026, 11, 21)), "Overdue")
    days = [int(row[2].replace(",", "")) for row in found]
    assert days == sorted(days, reverse=True) and len(days) > 30
    value, more = facts(status(sample, "LCC", datetime.date(2026, 11, 21)))["parcels overdue"]
    assert int(value) == len(found) == len({row[0] for row in found})
    assert more.startswith(f"{sum(row[-1].count(' d)') for row in found)} steps, at most {days[0]} days")


def test_key_figures_are_sums_over_the_files(sample, files):
    parcels, _ = files
    found = facts(status(sample, "LCC"))
    mine = parcels[parcels.block_id == "LCC"]
    m2 = mine.m2.sum()
    assert found["parcels"][0] == str(len(mine))
    assert found["land"] == (f"{m2 * 3 / 2000:,.1f} mu", f"{m2 / 10_000:.2f} ha")
    scores = sample[1].scores
    mine = scores[scores.block_id == "LCC"]
    assert float(found["floor area ratio"][0]) == pytest.approx(
        mine.counted_floor_area_m2.sum() / mine.area_m2.sum(), abs=0.006
    )


def test_the_next_parcels_have_the_lowest_scores_of_those_left_and_their_reasons(sample):
    _, zone = sample
    for language, reasons in (("en", "reasons_en"), ("zh_CN", "reasons_zh")):
        report = status(sample, "LCC", language=language)
        found = rows(report, report.sections[4].title)
        table = zone.scores[(zone.scores.block_id == "LCC") & zone.scores.renovation_rank.notna()]
        renovated = zone.on(DAY).query("renovated == 'yes' or standstill == 'WITHDRAWN'").index
        left = table[~table.index.isin(renovated)].sort_index().sort_values("renovation_rank", kind="stable").head(NEXT)
        assert [row[1] for row in found] == left.index.tolist()
        assert [row[-1] for row in found] == left[reasons].tolist()
        assert [float(row[3]) for row in found] == pytest.approx(left.score.round(1).tolist(), abs=0.051)


@pytest.mark.parametrize("block", [None, "LCC", "XZ"])
def test_the_legend_counts_every_parcel_once_and_the_map_draws_them_all(sample, files, block):
    parcels, _ = files
    report = status(sample, block)
    (drawn,) = (part for one in report.sections for part in one.parts if isinstance(part, Map))
    size = len(parcels) if block is None else (parcels.block_id == block).sum()
    assert sum(int(kind.count.replace(",", "")) for kind in drawn.kinds) == size == len(drawn.shapes)
    drawn_of = [sum(shape.kind == at for shape in drawn.shapes) for at in range(len(drawn.kinds))]
    assert drawn_of == [int(kind.count.replace(",", "")) for kind in drawn.kinds]


def test_the_map_is_in_metres(sample, files):
    """Drawn areas are those of the survey in its own CRS, but for what a parcel of a map of 3 km may be off by."""
    outlines = gpd.read_file(sample_folder() / "zone.gpkg", layer="parcels").set_index("parcel_id").geometry
    report = status(sample)
    (drawn,) = (part for one in report.sections for part in one.parts if isinstance(part, Map))
    assert sum(shape.outline.area for shape in drawn.shapes) == pytest.approx(outlines.area.sum(), rel=1e-3)


def test_the_curve_ends_where_the_register_stands_and_the_forecast_where_all_planned_is_done(sample):
    report = status(sample, day=datetime.date(2026, 11, 21))
    curve, stack = (part for one in report.sections for part in one.parts if isinstance(part, Curve | Stack))
    now = [amount for amount in curve.actual if amount is not None][-1]
    renovated = next(row for row in rows(report, "Progress by milestone") if row[0] == "renovated")
    assert now == pytest.approx(float(renovated[2].replace(",", "")), abs=0.06)
    assert curve.total >= now and curve.total >= curve.planned[-1]
    total = float(facts(report)["land"][0].split()[0].replace(",", ""))
    assert [sum(row) for row in stack.amounts] == pytest.approx([total] * len(stack.at), abs=0.1)


def test_a_list_of_the_zone_says_how_many_more_there_are(sample):
    report = status(sample, day=datetime.date(2026, 11, 21))
    listed = rows(report, "Overdue")
    (more,) = paragraphs(report, "Overdue")
    count = int(facts(report)["parcels overdue"][0])
    assert len(listed) == 40 and more.startswith(f"{count - 40} more")
    beside = rows(report, "Blocks")
    assert sum(int(row[4]) for row in beside) == count  # and each block is counted


def test_gaps_are_counted_as_they_stand_in_the_scores(sample):
    scores = sample[1].scores
    mine = scores[scores.block_id == "LCC"].data_gaps.dropna()
    report = status(sample, "LCC")
    counts = {row[0]: int(row[1]) for row in rows(report, "Data gaps")}
    assert counts["no occupancy recorded"] == sum("no_occupancy" in text.split(";") for text in mine)
    assert counts["storey heights"] == sum("storey_heights" in text.split(";") for text in mine)


def test_what_was_scored_and_by_which_draft_is_said(sample):
    project, _ = sample
    head = project.store.head()
    for language, draft in (("en", "draft"), ("zh_CN", "草案")):
        report = status(sample, language=language)
        assert head.hash in report.foot[1] and str(head.seq) in report.foot[1]
        assert "yongkang-draft" in report.foot[0]
        warning = next(part for part in report.head if part.style == "warning")
        assert (project.rules.note.zh if language == "zh_CN" else project.rules.note.en) in warning.text
        if language == "en":
            assert draft in report.foot[0] and draft in warning.text


@LANGUAGES
@pytest.mark.parametrize("kind", ["status", "monthly"])
@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
def test_a_block_takes_less_than_three_seconds(sample, language, kind, suffix):
    chinese_font()
    report_bytes(status(sample, "XZ", kind=kind), suffix)  # a warm process
    start = time.process_time()
    content = report_bytes(status(sample, "LCC", language=language, kind=kind), suffix)
    assert time.process_time() - start < 3 and len(content) > 50_000


@LANGUAGES
def test_the_file_holds_what_the_report_says(sample, language):
    chinese_font()
    report = status(sample, "LCC", language=language)
    pdf = report_bytes(report, ".PDF")
    text = text_of(pdf).replace(" ", "")
    assert all(embedded for _, embedded in fonts_of(pdf))
    for said in (report.title, report.subtitle, report.foot[1], *(one.title for one in report.sections)):
        assert said.replace(" ", "") in text
    assert all(row[0] in text for row in rows(report, report.sections[5].title))


@LANGUAGES
@pytest.mark.parametrize("kind", ["status", "monthly"])
def test_no_word_is_printed_over_another(sample, language, kind):
    """Of the pages' words, as poppler finds their boxes (in points), no two share more than a hair; maps apart."""
    chinese_font()
    report = status(sample, None, language=language, kind=kind)
    pictures = [replace(one, parts=tuple(part for part in one.parts if not isinstance(part, Map | Curve | Stack)))
                for one in report.sections]  # fmt: skip
    pages = asked_of("pdftotext", report_bytes(replace(report, sections=tuple(pictures)), ".pdf"), "-bbox").split(
        "<page "
    )
    for page in pages[1:]:
        found = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', page)
        boxes = np.array([shapely.box(*map(float, one[:4])).buffer(-1.2) for one in found], dtype=object)
        left, right = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        clashes = [(found[a][4], found[b][4]) for a, b in zip(left, right, strict=True) if a < b]
        assert clashes == []


def test_there_is_no_such_block(sample):
    with pytest.raises(InputRefused, match="there is no block NO"):
        status(sample, "NO")


def test_another_suffix_is_refused(sample):
    with pytest.raises(InputRefused, match=r"\.odt.*\.pdf \.docx"):
        report_bytes(status(sample, "XZ"), ".odt")


# a month by hand: six lots of 9 mu each


@pytest.fixture
def month(tmp_path):
    """By the end of October P1 was signed; in November P1 was vacated, P2 identified late, and a day was corrected."""
    clock = Clock(datetime.datetime(2026, 10, 5, tzinfo=datetime.UTC))
    project = make_project(tmp_path, clock=clock)
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", start="2026-01-10")
    for step, day in (("VACATED", "2026-10-20"), ("DEMOLISHED", "2026-11-10")):
        record(project, Entered("P1", step, day, kind="planned"))
    record(project, Entered("P3", "IDENTIFIED", "2026-11-05", kind="planned"))
    clock.now = datetime.datetime(2026, 11, 12, tzinfo=datetime.UTC)
    record(project, Entered("P1", "VACATED", "2026-11-11"))
    record(project, Entered("P2", "IDENTIFIED", "2026-10-20"))
    (line,) = [entry.seq for entry in project.store.entries(parcel_id="P1") if entry.milestone == "SIGNED"]
    recording.correct(
        project, recording.Change(line, "occurred_on", "2026-04-10", "2026-04-12", '#eval("1") $x$ *b* \\')
    )
    return project


def monthly(project, block="B1", day="2026-11-20"):
    return report_of(project, Wanted(datetime.date.fromisoformat(day), block, "monthly"), paper_look("en"))


def test_figures_then_and_now(month):
    found = {row[0]: row[1:] for row in rows(monthly(month), "Figures then and now")}
    assert found["signed"] == ("1", "1", "9.0", "9.0", "4,000", "4,000", "2", "2")
    assert found["vacated"] == ("0", "1 (+1)", "0.0", "9.0 (+9.0)", "0", "4,000 (+4,000)", "0", "2 (+2)")
    assert found["identified"][:4] == ("2", "2", "18.0", "18.0")  # P2, that was recorded late, was there in October


def test_steps_in_the_month(month):
    assert rows(monthly(month), "Steps in the month") == [("P1", "vacated", "reached", "—", "Nov 11, 2026")]
    report = monthly(month, "B2")
    assert rows(report, "Steps in the month") == []
    assert paragraphs(report, "Steps in the month") == ["nothing was reached in the month"]


def test_newly_overdue(month):
    """Demolishing P1 and identifying P3 became late in the month; P1 was vacated, which had been late."""
    report = monthly(month)
    assert [(row[0], row[2], row[3]) for row in rows(report, "Newly overdue")] == [
        ("P3", "15", "identified (15 d)"), ("P1", "10", "demolished (10 d)"),
    ]  # fmt: skip
    text = "Overdue on Oct 31, 2026: 1 steps; since then 2 more and 1 no longer; now 2."
    assert text in paragraphs(report, "Newly overdue")


def test_what_came_in_late_is_not_newly_late_in_the_next_month(month):
    record(month, Entered("P3", "IDENTIFIED", "2026-11-20"))
    report = monthly(month, day="2026-12-05")
    assert rows(report, "Newly overdue") == []
    text = "Overdue on Nov 30, 2026: 1 steps; since then 0 more and 0 no longer; now 1."
    assert text in paragraphs(report, "Newly overdue")


def test_corrections_and_late_entries(month):
    report = monthly(month)
    corrected, late = tables(report, "Corrections and late entries")
    assert [row[1:] for row in corrected.rows] == [
        ("P1", "signed", "date: 2026-04-10 → 2026-04-12", '#eval("1") $x$ *b* \\', "li"),
    ]  # fmt: skip
    assert set(late.rows) == {
        ("P2", "identified", "reached", "—", "Oct 20, 2026"),
        ("P1", "signed", "another day", "Apr 10, 2026", "Apr 12, 2026"),
    }
    chinese_font()
    assert '#eval("1") $x$ *b* \\' in text_of(report_bytes(report, ".pdf"))


def test_what_a_plan_took_back_is_one_row(month):
    """Days that were planned by hand for P1 to P3 go with the plan; they are counted, not listed as mistakes."""
    found = adopt(month, lots(month))
    gone = [line for line in month.store.entries() if line.action == "cancel"]
    assert len(gone) == sum(found.cancelled.values()) > 0
    rows_of = tables(monthly(month), "Corrections and late entries")[0].rows
    assert [row[3:] for row in rows_of if not row[0]] == [
        (f"{len(gone)} planned days of before were taken back", "plan rolling adopted", "li"),
    ]  # fmt: skip
    assert [row[1:3] for row in rows_of if row[0]] == [("P1", "signed")]


def test_a_month_in_which_nothing_was_set_right(month):
    report = monthly(month, "B2")
    assert tables(report, "Corrections and late entries") == []
    assert paragraphs(report, "Corrections and late entries") == [
        "nothing was corrected since Oct 31, 2026", "What the register says of Oct 31, 2026 is what it said then.",
    ]  # fmt: skip


def test_before_the_register_began_nothing_is_compared(month):
    (text,) = paragraphs(monthly(month, day="2026-01-31"), "Corrections and late entries")
    assert text.startswith("The register began on Jan 1, 2026")  # the clock of the template


@LANGUAGES
@pytest.mark.parametrize("kind", ["status", "monthly"])
@pytest.mark.parametrize("day", ["1999-12-31", "2026-11-21", "2035-06-15"])
def test_a_project_with_nothing_recorded_has_a_report(tmp_path, language, kind, day):
    chinese_font()
    project = make_project(tmp_path)
    for block in (None, "B1"):
        try:
            report = report_of(project, Wanted(datetime.date.fromisoformat(day), block, kind), paper_look(language))
        except InputRefused as refusal:
            assert day.startswith("1999") and block == "B1", refusal  # its outline begins to hold in 2018
            continue
        assert report_bytes(report, ".pdf")[:5] == b"%PDF-" and report_bytes(report, ".docx")[:2] == b"PK"


def test_the_same_state_of_the_register_is_the_same_file(month):
    chinese_font()
    assert report_bytes(monthly(month), ".pdf") == report_bytes(monthly(month), ".pdf")
