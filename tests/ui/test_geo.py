"""What the map's routes send says the same as the register, and the expressions of the layers read it right."""

import datetime
import json
import re
from collections import Counter

import numpy as np
import pytest
import shapely

from landgis.phases.curve import NEVER
from landgis.ui import geo, layers
from landgis.workflow.filtering import Filter, left, legend
from landgis.workflow.project import open_project
from landgis.workflow.themes import THEMES
from landgis.workflow.zone import read_zone

DAYS = [
    datetime.date.fromisoformat(day) for day in ("2017-01-01", "2021-07-31", "2024-06-30", "2026-11-21", "2026-12-31")
]


@pytest.fixture(scope="module")
def zone(sample_copy):
    project = open_project(str(sample_copy), nobody="t", today=lambda: datetime.date(2026, 11, 21))
    yield read_zone(project)
    project.store.close()


@pytest.fixture(scope="module")
def features(zone):
    return json.loads(geo.parcels(zone, DAYS[0]))["features"]


def evaluate(expression, properties):
    """The expressions of deck.gl's JSON are JavaScript's; the part that landgis uses reads the same in Python."""
    words = re.sub(r"properties\.(\w+)", r"get('\1')", expression)
    words = re.sub(r"get\('(\w+)'\)\[(\d+)\]", r"at(get('\1'),\2)", words)
    words = words.replace("&&", " and ").replace("!(", " not (")
    test, rest = words.split("?", 1) if "?" in words else (None, words)
    names = {"get": properties.get, "at": lambda days, at: days[at] if at < len(days) else NEVER}
    if test is None:
        return eval(rest, names)  # noqa: S307  (our own expression, from landgis/ui/layers.py)
    raise AssertionError("only look-ups are read here")


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_what_an_expression_picks_is_what_the_legend_counts(zone, features, theme, day):
    shown = layers.Shown("", theme, day.toordinal(), {key: one.day.shape[1] for key, one in zone.courses.items()})
    picked = Counter(evaluate(layers.code(theme, shown), one["properties"]) for one in features)
    counts = legend(zone, Filter(day), theme)
    assert {THEMES[theme].keys[code]: number for code, number in picked.items()} == {
        k: n for k, n in counts.items() if n
    }


def test_every_parcel_is_sent_once_with_its_block(zone, features):
    blocks = zone.blocks(DAYS[3])
    names = [*blocks.table["block_id"], None]
    sent = {one["properties"]["id"]: names[one["properties"]["block"]] for one in features}
    table = zone.on(DAYS[3])
    assert sent == dict(zip(table.index, table["block_id"], strict=True))
    areas = shapely.area([shapely.geometry.shape(one["geometry"]) for one in features])
    assert areas == pytest.approx(shapely.area(zone.outlines), rel=0.01)  # 0.1 m of a lot's edges, no more


def test_the_specification_holds_no_geometry_and_stays_small(zone):
    shown = layers.Shown("/geo/v/1", "phase", DAYS[3].toordinal(), {key: one.day.shape[1] for key, one in zone.courses.items()},
                         2, {"grade": frozenset("CD")})  # fmt: skip
    stack = [layers.fill_layer(shown), *layers.outline_layer("/geo/v/1", 2), layers.block_layer("/geo/v/1", dark=False),
             *layers.label_layers("/geo/v/1", "zh_CN", dark=False), *layers.context_layers("/geo/v/1", dark=False),
             layers.massing_layer("/geo/v/1", 5, planned=True)]  # fmt: skip
    text = layers.deck(
        stack, {"longitude": 120, "latitude": 29, "zoom": 12, "pitch": 0, "bearing": 0}, tooltip="{id}"
    ).to_json()
    assert "coordinates" not in text and len(text) < 30_000
    spec = json.loads(text)
    assert spec.get("mapProvider") is None and spec["mapStyle"] == "__MAP_STYLE__"  # asks no host for a basemap
    assert [layer["pickable"] for layer in spec["layers"]].count(True) == 1
    fill = spec["layers"][0]
    assert fill["stroked"] is False and fill["data"] == "/geo/v/1/parcels.geojson"
    assert not re.search(r"https?://", text)


def test_a_filter_fades_what_it_does_not_leave(zone, features):
    day = DAYS[3]
    chosen = {"grade": frozenset("CD"), "phase": frozenset(["none"])}
    changes = {key: one.day.shape[1] for key, one in zone.courses.items()}
    block = zone.blocks(day).table["block_id"].tolist().index("LCC")
    expression = layers.alpha(layers.Shown("", "grade", day.toordinal(), changes, block, chosen))
    there, rest = expression.split(")?(", 1)
    wanted = rest.split("?", 1)[0]
    kept = [one["properties"]["id"] for one in features if evaluate(wanted, one["properties"])]
    asked = Filter(day, "LCC", chosen)
    assert kept == [str(key) for key in zone.parcel_ids[left(zone, asked)]] and len(kept) > 10
    assert "born" in there and "gone" in there


def test_labels_stand_inside_their_blocks(zone):
    labels = json.loads(geo.block_labels(zone, DAYS[3]))
    drawn = geo.drawn_blocks(zone, DAYS[3])
    assert {label["zh"] for label in labels} == set(drawn["name"]) and "老长城" in {label["zh"] for label in labels}
    for label, outline in zip(labels, drawn.geometry, strict=True):
        assert outline.contains(shapely.Point(label["lon"], label["lat"]))
    streets = json.loads(geo.street_labels(zone))
    assert len({label["zh"] for label in streets}) == len(streets) > 20
    assert all(-90 <= label["angle"] <= 90 for label in streets)


def test_massing_stands_and_falls_with_the_register(zone):
    rows = [one["properties"] for one in json.loads(geo.massing(zone))["features"]]
    old = [row for row in rows if not row["plan"]]
    assert len(old) == len(zone.layers["buildings"]) + len(zone.layers["demolished"])
    before, today = (sum(row["from"] <= day.toordinal() < row["until"] for row in old) for day in (DAYS[0], DAYS[3]))
    assert before > today > 0
    assert all(row["height"] > 0 for row in rows) and any(row["plan"] for row in rows)
    assert np.isclose(max(row["height"] for row in old), _tallest(zone))


def _tallest(zone):
    stock = [zone.layers[name] for name in ("buildings", "demolished")]
    return max(float(np.nanmax(layer["height_m"].fillna(layer["storeys"] * 4.0))) for layer in stock)
