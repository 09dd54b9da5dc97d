"""A plan from the form to the register, walked in both languages: found, kept, looked at by quarter, adopted."""

import re
from collections import Counter

import pytest

from landgis.text import translator
from landgis.workflow.project import open_project
from landgis.workflow.scheduling.quarters import last_day
from landgis.workflow.scheduling.shelf import list_plans, load_plan
from landgis.workflow.scheduling.view import STAGES, shown_quarters, stages
from landgis.workflow.zone import read_zone
from tests.browser import deck
from tests.browser.conftest import LANGUAGES
from tests.browser.test_keyboard import tabbed
from tests.browser.visitor import Visitor, note

TABS = ("plan", "gantt", "map", "curves", "compare", "register")
NAME = "滚动 <b>A</b>"
STEPS = 5  # quarters that the slider is moved by


@pytest.fixture
def open_zone():
    opened = []

    def of(app):
        opened.append(open_project(app.project, nobody="t"))
        return opened[-1]

    yield of
    for project in opened:
        project.store.close()


def show_tab(visitor, name):
    visitor.click(visitor.pill("plan_tab", TABS.index(name)))


def painted(project, document, quarter):
    """How many parcels the plan has in each stage."""
    zone = read_zone(project)
    codes = stages(document, zone.parcel_ids).on(last_day(quarter).toordinal())[zone.exists(last_day(quarter))]
    return Counter(STAGES.classes[code].title.template for code in codes.tolist())


@LANGUAGES
def test_from_the_form_to_the_register(served, open_zone, pages, language, picture, artefacts):
    app = served()
    visitor = Visitor(pages(), app.url).open("plan", lang=language)
    page, project = visitor.page, open_zone(app)
    picture(page, "empty")
    wanted = {
        "plan_chosen",
        "plan_tab",
        "plan_name_0",
        "plan_seconds_0",
        "plan_modes_0",
        "plan_required_0",
        "plan_solve_0",
    }
    assert wanted <= tabbed(page)[0]
    visitor.slider("plan_seconds_0").press("Home")  # five seconds
    visitor.key("plan_name_0").locator("input").fill(NAME)  # Enter would send the form
    ended = visitor.wire.ended
    visitor.click("plan_solve_0", runs=False)
    page.wait_for_selector(".st-key-plan_stop")
    picture(page, "searching")
    visitor.calm(ended)
    assert visitor.key("plan_cards").count() == 1, visitor.text
    picture(page, "found")

    visitor.click("plan_keep", runs=False)
    visitor.click("plan_keep_now")
    assert visitor.link["plan"] == NAME and [one.name for one in list_plans(project)] == [NAME]
    document = load_plan(project, NAME)
    best = document.ways["exact"]
    assert f"{best.renovated_mu[-1]:,.1f}" in visitor.key("plan_cards").inner_text()

    show_tab(visitor, "gantt")
    assert visitor.key("plan_gantt").locator("canvas").count() and visitor.link["tab"] == "gantt"
    picture(page, "gantt")

    show_tab(visitor, "map")
    deck.wait_drawn(page)
    drawn = {layer["id"]: layer for layer in deck.layers(page)}
    assert drawn["parcels"]["count"] == len(project.store.layers()["parcels"])
    before = deck.view(page)
    for _ in range(STEPS):
        visitor.do(lambda: visitor.slider("plan_quarter").press("ArrowRight"))
    assert deck.view(page) == before
    quarter = shown_quarters(document)[STEPS]
    assert visitor.link["quarter"] == quarter
    said = visitor.key("plan_legend").inner_text().replace(",", "")
    wanted = painted(project, document, quarter)
    assert [int(count) for count in re.findall(r" (\d+) \(", said)] == [
        wanted[one.title.template] for one in STAGES.classes if wanted[one.title.template]
    ]
    picture(page, "map")
    show_tab(visitor, "curves")
    picture(page, "curves")

    show_tab(visitor, "plan")
    visitor.click("plan_adopt")
    picture(page, "adopt")
    before = project.store.head().seq
    visitor.click("plan_adopt_now")
    assert list_plans(project)[0].adopted
    lines = list(project.store.entries(after=before))
    wanted = ("record", "planned", "COMPLETED")
    completed = {one.parcel_id: one.occurred_on for one in lines if (one.action, one.kind, one.milestone) == wanted}
    sites = document.site_of()
    assert completed and {sites[key].milestones["COMPLETED"] for key in completed} == set(completed.values())
    show_tab(visitor, "register")
    picture(page, "register")
    visitor.menu("progress")
    picture(page, "progress")
    note(artefacts, f"plan-{language}", visitor)
    assert f"{translator(language)('plan: {name}').format(name=NAME)}" in visitor.text


def test_a_stop_gives_the_best_plan_so_far(served, pages, picture):
    """Two minutes are asked for, and after a click it is there at once."""
    language = "zh_CN"
    visitor = Visitor(pages(), served().url).open("plan", lang=language)
    page, ended = visitor.page, visitor.wire.ended
    visitor.click("plan_solve_0", runs=False)
    page.wait_for_selector(".st-key-plan_stop button")
    page.wait_for_function(
        "text => document.querySelector('[data-testid=\"stMain\"]').innerText.includes(text)",
        arg=translator(language)("searching"), timeout=60_000,
    )  # fmt: skip
    visitor.click("plan_stop", runs=False)
    visitor.calm(ended)
    picture(page, "stopped")
    assert visitor.key("plan_cards").count() == 1, visitor.text
    assert (
        translator(language)("stopped: no plan is worth more by over {gap} of the bound").split("{")[0] in visitor.text
    )
