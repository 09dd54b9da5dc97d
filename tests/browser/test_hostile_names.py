"""Names that want to be markup, scripts, pictures or links stand as they are, on every page, and cause no request."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from landgis.workflow.importing import Layers, create_project
from landgis.workflow.recording import Entered, record
from landgis.workflow.rescore import score_project
from landgis.workflow.users import add_user
from tests.browser import deck
from tests.browser.visitor import PAGES, Visitor
from tests.made_project import EAST, LOT_M2, NORTH, lot, write_layers

IMAGE = "![x](http://evil.example/x.png)"
SCRIPT = '<img src=x onerror="window.bad=1"><script>window.bad=1</script>'
COLOR = ":red[red] **bold** $x^2$ :material/close: [a](javascript:window.bad=1)"
LINK = "http://evil.example/?q=1 </text></svg><svg onload=window.bad=1>"
QUOTES = "'\"`{{7*7}}`${7*7}%s{0}{name}\\"
NAMES = {"P1": IMAGE, "P2": SCRIPT, "P3": COLOR, "P4": LINK, "P5": QUOTES, "P6": '=HYPERLINK("http://evil.example")'}
FIRMS = {f"E{number}": f"{name} E{number}" for number, name in enumerate([IMAGE, SCRIPT, COLOR, LINK, QUOTES], start=1)}
HARM = """() => ({bad: window.bad, images: [...document.querySelectorAll('img')].map(one => one.src)
    .filter(src => !src.startsWith(location.origin) && !src.startsWith('data:')),
  links: [...document.querySelectorAll('a')].map(one => one.href).filter(href => /evil|javascript:/.test(href) && !href.startsWith(location.origin)),
  handlers: document.querySelectorAll('[onerror], [onload]').length})"""
NO_HARM = {"images": [], "links": [], "handlers": 0}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    named = write_layers(folder, right_holder=list(NAMES.values()), address=[name[::-1] + name for name in NAMES.values()],
                         sign_blockers=[IMAGE, SCRIPT, COLOR, None, None, None])  # fmt: skip
    blocks = gpd.read_file(named.blocks)
    blocks.assign(name=[SCRIPT, IMAGE], name_en=[COLOR, LINK]).to_file(folder / "blocks.gpkg")
    pd.DataFrame({"enterprise_id": list(FIRMS), "name": list(FIRMS.values()), "year": 2024, "output_wan": 120.0,
                  "tax_wan": 3.0}).to_csv(folder / "enterprises.csv", index=False)  # fmt: skip
    pd.DataFrame({"enterprise_id": list(FIRMS), "parcel_id": ["P1", "P2", "P3", "P4", "P5"], "floor_area_m2": LOT_M2 / 10,
                  "storey": COLOR}).to_csv(folder / "occupancies.csv", index=False)  # fmt: skip
    ends = [(EAST, NORTH - 5), (EAST + 600, NORTH - 5)]
    streets = gpd.GeoDataFrame({"name": [SCRIPT], "name_en": [IMAGE]}, geometry=[LineString(ends)], crs=4549)
    streets.to_file(folder / "streets.gpkg")
    layers = Layers(parcels=named.parcels, buildings=named.buildings, blocks=named.blocks, streets=str(folder / "streets.gpkg"),
                    enterprises=str(folder / "enterprises.csv"), occupancies=named.occupancies)  # fmt: skip
    project, _ = create_project(str(folder / "project"), layers, nobody=SCRIPT)
    proof = folder / "<img src=x onerror=window.bad=1>![x](http:evil.example).txt"
    proof.write_text(SCRIPT, "utf-8")
    record(project, Entered("P1", "IDENTIFIED", "2024-01-01", evidence=str(proof), note=SCRIPT))
    record(project, Entered("P2", "IDENTIFIED", "2024-02-01", note=COLOR))
    record(project, Entered("P3", "PLANNED", "2024-02-01", kind="planned", note=IMAGE))
    score_project(project)
    project.store.close()
    return folder / "project"


@pytest.fixture(scope="module")
def app(serving, place):
    served = serving(place)
    yield served
    served.stop()
    served.require_calm()


def harmless(visitor):
    """Nothing of a name became an element, ran, or was asked for (the watch of the page looks for requests)."""
    found = visitor.page.evaluate(HARM)
    assert {name: found[name] for name in NO_HARM} == NO_HARM and found.get("bad") is None, found


def test_every_page(page, app):
    visitor = Visitor(page, app.url)
    for name in PAGES:
        visitor.open(name, parcel="P2", block="B1")
        sweep(visitor)
        harmless(visitor)


def sweep(visitor):
    """Move over all that may show a tooltip: maps, charts, tables."""
    for canvas in visitor.page.locator("canvas").all():
        box = canvas.bounding_box()
        if box and box["width"] > 100:
            for part in (0.2, 0.5, 0.8):
                visitor.page.mouse.move(box["x"] + part * box["width"], box["y"] + min(box["height"] * 0.5, 300))
                visitor.page.wait_for_timeout(120)


def test_the_tooltip_and_the_panel_of_the_map(page, app):
    visitor = Visitor(page, app.url).open()
    shape = gpd.GeoSeries([lot(1)], crs=4549).to_crs(4326).iloc[0].representative_point()
    x, y = deck.pixel(page, shape.x, shape.y)
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_selector(".deck-tooltip:visible")
    assert SCRIPT in page.locator(".deck-tooltip").inner_text()
    harmless(visitor)
    visitor.click_map(shape.x, shape.y)
    assert visitor.link["parcel"] == "P2" and plain(SCRIPT) in plain(visitor.text)
    harmless(visitor)


def test_the_dossier_says_names_literally(page, app):
    visitor = Visitor(page, app.url)
    for parcel, name in NAMES.items():
        visitor.open("dossier", parcel=parcel)
        harmless(visitor)
        assert plain(name) in plain(visitor.page.locator('[data-testid="stMain"]').text_content() + cells(visitor))
        page.goto(f"{app.url}/print/{parcel}")
        assert plain(name) in plain(page.inner_text("body"))
        harmless(visitor)


def cells(visitor):
    """What stands in all tables of the page."""
    visitor.page.wait_for_timeout(600)
    return " ".join(visitor.page.locator("canvas td").all_text_contents())


def plain(text):
    """Without blanks, which pages may fold."""
    return "".join(str(text).split())


def test_search_results(page, app):
    visitor = Visitor(page, app.url).open()
    for typed in ("evil", "img", "bold", "svg", "7*7"):
        visitor.type("bar_search", typed)
        assert typed in plain(visitor.key("hits").inner_text())
        harmless(visitor)


def test_block_names_in_the_bar(page, app):
    visitor = Visitor(page, app.url).open(block="B1")
    assert plain(SCRIPT) in plain(visitor.key("bar_block").locator("input").input_value())
    harmless(visitor)


def test_a_file_with_hostile_names(page, app, tmp_path):
    """Columns, values and the file's own name, on the import page."""
    path = tmp_path / "<img src=x onerror=window.bad=1>![x](http:evil.example).csv"
    pd.DataFrame({"地块编号": ["P1", IMAGE], "节点": ["签约", SCRIPT], "日期": ["2024-03-01", COLOR], IMAGE: [SCRIPT, LINK],
                  SCRIPT: [COLOR, QUOTES]}).to_csv(path, index=False)  # fmt: skip
    visitor = Visitor(page, app.url).open("import")
    visitor.do(lambda: page.locator('input[type="file"]').first.set_input_files(str(path)))
    page.wait_for_timeout(1000)
    harmless(visitor)
    assert "onerror" in visitor.text


def test_a_name_of_a_user(served, sample, pages, tmp_path):
    """Who signs in stands in the bar as written."""
    from landgis.workflow.project import open_project

    app = served()
    project = open_project(app.project, nobody="t")
    add_user(project, IMAGE, "administrator", "a long password")
    project.store.close()
    visitor = Visitor(pages(expects_cuts=True), app.url)
    page = visitor.page
    page.goto(app.url + "/sign-in?next=" + "javascript:window.bad=1")
    page.fill("input[name=name]", SCRIPT)
    page.fill("input[name=password]", "wrong")
    page.click("button")
    assert page.url.startswith(app.url) and page.evaluate("window.bad") is None
    page.fill("input[name=name]", IMAGE)
    page.fill("input[name=password]", "a long password")
    ended = visitor.wire.ended
    page.click("button")
    visitor.calm(ended)
    assert IMAGE in visitor.text
    harmless(visitor)
