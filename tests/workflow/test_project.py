"""Projects: made from files, layers replaced without losing a history, parcels that become others."""

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from landgis.errors import InputRefused, RegisterRefused
from landgis.workflow.asking import freeze_baseline, parcel_lines
from landgis.workflow.importing import Layers, create_project, import_layers
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.recording import Entered, record
from landgis.workflow.register import Register
from landgis.workflow.rescore import score_project
from tests.made_project import EAST, NORTH, Clock, as_user, lot, make_project, walk, write_layers


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, clock=Clock())


def status(project, day="2026-06-30", **more):
    return Register(project).status(as_of=datetime.date.fromisoformat(day), **more).as_json()


def block(project, name, day="2026-06-30"):
    return next(one for one in status(project, day)["blocks"] if one["block_id"] == name)


def layer(path, ids, shapes, **more):
    gpd.GeoDataFrame({"parcel_id": ids, **more}, geometry=shapes, crs=4549).to_file(path)
    return str(path)


# making and importing
def test_what_a_project_counts_with(project):
    land = project.store.land()
    assert land["land_parcels"]["area_m2"].tolist() == pytest.approx([6000.0] * 6)
    buildings = land["land_buildings"].set_index("building_id")
    assert buildings["floor_area_m2"].to_dict() == {"F1": 1000.0, "F2": 3000.0, "F3": 500.0}
    assert buildings["parcel_id"].to_dict() == {"F1": "P1", "F2": "P1", "F3": "P2"}
    assert project.store.facts("P1").buildings == {"F1", "F2"}


def test_a_project_is_not_made_over_another_thing(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "letter.txt").write_text("mine")
    with pytest.raises(InputRefused, match="not an empty folder"):
        create_project(str(tmp_path / "p"), write_layers(tmp_path))
    assert (tmp_path / "p" / "letter.txt").read_text() == "mine"


def test_nothing_is_left_of_a_project_that_is_refused(tmp_path):
    bad = layer(tmp_path / "twice.gpkg", ["P1", "P1"], [lot(0), lot(1)])
    with pytest.raises(InputRefused, match="more than one row"):
        create_project(str(tmp_path / "p"), Layers(parcels=bad))
    wrong = layer(tmp_path / "mode.gpkg", ["P1"], [lot(0)], renovation_mode=["DEMOLISH_ALL"])
    with pytest.raises(InputRefused, match="DEMOLISH_ALL is no mode"):
        create_project(str(tmp_path / "p"), Layers(parcels=wrong))
    assert not (tmp_path / "p").exists()


def test_a_parcel_with_a_history_may_not_vanish(project, tmp_path):
    record(project, Entered("P6", "IDENTIFIED", "2024-01-01"))
    five = layer(tmp_path / "five.gpkg", ["P1", "P2", "P3", "P4", "P5"], [lot(n) for n in range(5)])
    with pytest.raises(InputRefused, match="P6 has a history"):
        import_layers(project, Layers(parcels=five))
    without_p5 = layer(tmp_path / "x.gpkg", ["P1", "P2", "P3", "P4", "P6", "P7"], [lot(n) for n in range(6)])
    done = import_layers(project, Layers(parcels=without_p5))
    assert dict(done.changes) == {"parcels_new": 1, "parcels_gone": ["P5"]}


def test_a_past_status_counts_with_the_land_of_then(project, tmp_path):
    record(project, Entered("P1", "IDENTIFIED", "2024-01-01"))
    then = np.datetime64(project.store.head() and list(project.store.entries())[-1].recorded_at[:-1])
    before = status(project, known_on=then)
    shapes = [box(EAST, NORTH, EAST + 50, NORTH + 60), *(lot(n) for n in range(1, 6))]
    import_layers(project, Layers(parcels=layer(tmp_path / "n.gpkg", ["P1", "P2", "P3", "P4", "P5", "P6"], shapes)))
    assert status(project)["zone"]["IDENTIFIED"]["mu"] == pytest.approx(4.5)
    assert status(project, known_on=then) == before
    assert before["zone"]["IDENTIFIED"]["mu"] == pytest.approx(9.0)


def test_only_administrators_import(project, tmp_path):
    with pytest.raises(RegisterRefused, match="takes the role administrator"):
        import_layers(as_user(project, "chen", "approver"), write_layers(tmp_path))


def test_streets_change_no_figure(project, tmp_path):
    """They come with a project or later, in a CRS of their own, and are only drawn."""
    before = status(project), project.store.land(), score_project(project).frame
    ends = [(EAST, NORTH), (EAST + 300, NORTH + 60)]
    road = gpd.GeoDataFrame({"name": ["甲路"], "width_m": [24.0]}, geometry=[LineString(ends)], crs=4549)
    road.to_crs(4490).to_file(tmp_path / "streets.gpkg")
    done = import_layers(project, Layers(streets=str(tmp_path / "streets.gpkg")))
    assert dict(done.rows) == {"streets": 1}
    kept = project.store.layers()["streets"]
    assert (kept["name"].tolist(), kept.crs.to_epsg()) == (["甲路"], 4490)
    assert kept.to_crs(4549).length.tolist() == pytest.approx([np.hypot(300, 60)])
    assert status(project) == before[0]
    for name, frame in project.store.land().items():
        pd.testing.assert_frame_equal(frame, before[1][name])
    pd.testing.assert_frame_equal(score_project(project).frame, before[2])
    with pytest.raises(InputRefused, match="no line"):
        import_layers(project, Layers(streets=layer(tmp_path / "p.gpkg", ["P1"], [lot(0)], name=["x"])))
    assert project.store.layers()["streets"]["name"].tolist() == ["甲路"]


# outlines of blocks have versions
def blocks(path, rows):
    frame = pd.DataFrame(rows, columns=["block_id", "name", "valid_from", "valid_to", "wide"])
    shapes = [box(EAST, NORTH, EAST + wide, NORTH + 60) for wide in frame.pop("wide")]
    dates = {name: pd.to_datetime(frame[name]) for name in ("valid_from", "valid_to")}
    gpd.GeoDataFrame(frame.assign(**dates), geometry=shapes, crs=4549).to_file(path)
    return str(path)


def test_a_figure_says_which_outline_it_used(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    plain = write_layers(source)
    gpd.read_file(plain.parcels).drop(columns="block_id").to_file(source / "unnamed.gpkg")
    rows = [("LCC", "老长城", "2018-01-01", "2024-08-01", 200), ("LCC", "老长城", "2024-08-01", None, 400)]
    layers = Layers(parcels=str(source / "unnamed.gpkg"), blocks=blocks(source / "versions.gpkg", rows))
    project, _ = create_project(str(tmp_path / "p"), layers)
    for parcel in ("P1", "P3"):
        record(project, Entered(parcel, "IDENTIFIED", "2024-01-01"))
    old, new = block(project, "LCC", "2024-07-31"), block(project, "LCC", "2024-08-01")
    assert (old["outline"]["area_ha"], old["IDENTIFIED"]["parcels"]) == (1.2, 1)  # P1 and P2 only
    assert (new["outline"]["area_ha"], new["IDENTIFIED"]["parcels"]) == (2.4, 2)
    assert (old["outline"]["valid_from"], new["outline"]["valid_from"]) == ("2018-01-01", "2024-08-01")


def test_an_outline_is_never_overwritten(project, tmp_path):
    with pytest.raises(InputRefused, match="B1 2018-01-01 has another outline"):
        import_layers(project, Layers(blocks=blocks(tmp_path / "b.gpkg", [("B1", "甲", "2018-01-01", None, 250)])))
    import_layers(project, Layers(blocks=blocks(tmp_path / "c.gpkg", [("B1", "甲", "2025-01-01", None, 250)])))
    areas = {day: block(project, "B1", day)["outline"]["area_ha"] for day in ("2024-12-31", "2025-01-01")}
    assert areas == {"2024-12-31": 1.8, "2025-01-01": 1.5}
    assert block(project, "B2")["outline"]["area_ha"] == 1.8  # the file did not have it, and it stays


# parcels that become others
def split(project, tmp_path, *, wide=50, on="2025-01-01"):
    halves = [box(EAST, NORTH, EAST + wide, NORTH + 60), box(EAST + wide, NORTH, EAST + 100, NORTH + 60)]
    path = layer(tmp_path / f"halves{wide}.gpkg", ["P1a", "P1b"], halves, block_id=["B1", "B1"])
    return replace_parcels(project, Succession(["P1"], ["P1a", "P1b"], on, path))


def test_a_split_keeps_land_and_history(project, tmp_path):
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
    lines = split(project, tmp_path)
    assert [(line.action, line.parcel_id) for line in lines] == [
        ("replace", "P1"),
        ("create", "P1a"),
        ("create", "P1b"),
    ]
    assert status(project, "2024-12-31")["zone"]["SIGNED"]["parcels"] == 1
    after = status(project, "2025-01-01")["zone"]["SIGNED"]
    assert (after["parcels"], after["mu"]) == (2, pytest.approx(9.0))  # the same land, two parcels now
    with pytest.raises(RegisterRefused, match="replaced by P1a, P1b"):
        record(project, Entered("P1", "VACATED", "2025-02-01"))
    assert [line.milestone for line in parcel_lines(project, "P1a")][:4] == [
        "IDENTIFIED",
        "PLANNED",
        "NEGOTIATED",
        "SIGNED",
    ]


def test_the_new_parcel_goes_on_where_the_old_one_was(project, tmp_path):
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
    split(project, tmp_path)
    record(project, Entered("P1a", "VACATED", "2025-02-01"))
    assert status(project, "2025-02-01")["zone"]["VACATED"]["parcels"] == 1


def test_land_neither_appears_nor_vanishes(project, tmp_path):
    two_thirds = [box(EAST, NORTH, EAST + 60, NORTH + 60)]
    path = layer(tmp_path / "less.gpkg", ["P1a"], two_thirds)
    with pytest.raises(RegisterRefused, match=r"differs by 40.00 %"):
        replace_parcels(project, Succession(["P1"], ["P1a"], "2025-01-01", path))
    nearly = layer(tmp_path / "nearly.gpkg", ["P1a"], [box(EAST, NORTH, EAST + 99.95, NORTH + 60)])  # 0.05 % less
    assert len(replace_parcels(project, Succession(["P1"], ["P1a"], "2025-01-01", nearly))) == 2


def test_a_merger_has_reached_what_all_had(project, tmp_path):
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
    walk(project, "P2", "IDENTIFIED", start="2024-03-01")
    path = layer(tmp_path / "both.gpkg", ["P12"], [lot(0, wide=200)], block_id=["B1"])
    replace_parcels(project, Succession(["P1", "P2"], ["P12"], "2025-01-01", path))
    zone = status(project, "2025-01-01")["zone"]
    assert (zone["IDENTIFIED"]["parcels"], zone["IDENTIFIED"]["mu"]) == (1, pytest.approx(18.0))
    assert zone["SIGNED"]["parcels"] == 0


def test_a_new_number_needs_no_outline(project):
    record(project, Entered("P3", "IDENTIFIED", "2024-01-01"))
    replace_parcels(project, Succession(["P3"], ["Q3"], "2025-01-01"))
    assert status(project)["zone"]["IDENTIFIED"]["mu"] == pytest.approx(9.0)
    for old, new, words in (
        (["P3"], ["Q9"], "replaced already"),
        (["P4"], ["Q3"], "already; a new parcel"),
        (["P9"], ["Q9"], "no parcel P9"),
    ):
        with pytest.raises(RegisterRefused, match=words):
            replace_parcels(project, Succession(old, new, "2025-01-01"))


def test_only_parcels_that_are_there_are_scored(project, tmp_path):
    split(project, tmp_path, on="2025-01-01")
    run = score_project(project)
    assert set(run.frame["parcel_id"]) == {"P1a", "P1b", "P2", "P3", "P4", "P5", "P6"}
    assert set(project.store.scores()["parcel_id"]) == set(run.frame["parcel_id"])


# plan and baseline
def test_a_frozen_plan_does_not_move(project):
    record(project, Entered("P1", "SIGNED", "2026-02-01", kind="planned"))
    freeze_baseline(project, "2026")
    record(project, Entered("P1", "SIGNED", "2026-09-01", kind="planned"))
    found = status(project, "2026-06-30")
    assert found["baseline"] == "2026"
    assert found["zone"]["overdue"] == [
        {"parcel_id": "P1", "milestone": "SIGNED", "planned": "2026-02-01", "days": 149}
    ]
    with pytest.raises(RegisterRefused, match="there is a baseline 2026 already"):
        freeze_baseline(project, "2026")
    freeze_baseline(project, "2026 b")
    assert status(project, "2026-06-30")["zone"]["overdue"] == []
    assert status(project, "2026-06-30", baseline="2026")["zone"]["overdue"] == found["zone"]["overdue"]
    with pytest.raises(InputRefused, match="no baseline 2027"):
        status(project, baseline="2027")
