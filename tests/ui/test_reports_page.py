"""Reports and export: the block of the bar, one button for the file, the export beside it."""

import datetime

import pytest

from landgis.ui import reports_page
from landgis.ui.here import Here
from landgis.ui.words import Words
from landgis.workflow.project import open_project
from landgis.workflow.reporting import Wanted, file_name
from landgis.workflow.zone import read_zone
from tests.documents.made import chinese_font, text_of

DAY = "2024-06-30"


@pytest.fixture(scope="module", autouse=True)
def font():
    chinese_font()


def buttons(test):
    return {one.proto.id.rsplit("-", 1)[-1]: one.proto for one in test.get("download_button")}


@pytest.mark.parametrize(("lang", "block", "about"), [
    ("en", "LCC", "Old Changcheng · Jun 30, 2024"), ("zh_CN", "LCC", "老长城 · 2024年6月30日"),
    ("en", None, "the whole zone · Jun 30, 2024"),
])  # fmt: skip
def test_the_page_keeps_the_block_and_offers_report_and_export(page, lang, block, about):
    test = page("reports", lang=lang, day=DAY, **({"block": block} if block else {}))
    assert about in [one.value for one in test.text]
    assert set(buttons(test)) >= {"reports_download", "export_download"}
    assert not test.error


def test_the_month_is_one_click(page):
    test = page("reports", lang="en", block="LCC", day=DAY)
    test.session_state["reports_kind"] = "monthly"
    test.run()
    assert not test.exception
    assert "Old Changcheng · Jun 2024" in [one.value for one in test.text]


def test_the_file_is_made_in_the_language_of_the_report(sample_copy):
    project = open_project(str(sample_copy), nobody="li")
    zone = read_zone(project)
    at = Here(project, zone, None, Words("zh_CN"))
    wanted = Wanted(datetime.date.fromisoformat(DAY), "LCC", "monthly")
    text = text_of(reports_page._made("here", "now", wanted, "en", ".pdf", at))
    assert "Old Changcheng" in text and "Figures then and now" in text
    assert file_name(wanted, ".pdf") == "report-LCC-2024-06.pdf"


def test_a_block_that_is_no_more_is_said_and_the_export_stays(page):
    test = page("reports", lang="en", block="NO", day=DAY)
    assert any("NO" in one.value for one in test.error)
    assert set(buttons(test)) == {"export_download"}
