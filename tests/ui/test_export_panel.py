"""Export in the app: as many parcels as the filter leaves, in the format and profile that were asked for."""

import datetime
import io
import json
import zipfile

import pytest

from landgis.errors import InputRefused
from landgis.ui.export_panel import TITLES
from landgis.workflow.export import FORMATS, Wanted, export_file
from landgis.workflow.filtering import Filter, chosen_parcels, legend
from landgis.workflow.zone import read_zone
from tests.made_project import make_project, walk
from tests.ui.conftest import run_page

DAY = datetime.date(2024, 6, 30)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = make_project(tmp_path_factory.mktemp("export"))
    walk(made, "P2", "IDENTIFIED", "PLANNED")
    walk(made, "P5", "IDENTIFIED")
    return made


def panel(project, **link):
    return run_page(project.store.where, "reports", day=DAY.isoformat(), lang="en", **link)


def settled(test):
    test.run()
    assert not test.exception
    return test


def button(test):
    return next(one.proto for one in test.get("download_button") if one.proto.id.endswith("export_download"))


@pytest.mark.parametrize(("link", "count"), [({}, 6), ({"block": "B1"}, 3), ({"only_phase": "prepared"}, 2), ({"block": "B1", "only_phase": "prepared"}, 1), ({"block": "B2", "only_phase": "rebuilt"}, 0)])  # fmt: skip
def test_the_button_says_how_many_parcels_the_filter_leaves(project, link, count):
    found = button(panel(project, **link))
    assert (found.label, found.disabled) == (f"download {count} parcels", count == 0)


def groups(test):
    return [one.key for one in test.get("button_group") if str(one.key).startswith("export_")]


def test_the_municipal_profile_is_one_click_and_the_file_comes_with_the_next(project):
    test = panel(project)
    assert groups(test) == ["export_form", "export_profile"]
    test.session_state["export_profile"] = "municipal"
    settled(test)
    assert groups(test) == ["export_form", "export_profile", "export_crs"]
    assert (test.session_state["export_crs"], button(test).label) == ("EPSG:4490", "download 6 parcels")
    assert button(test).url and not button(test).deferred_file_id


def test_every_format_has_a_title_and_those_without_outlines_no_profile(project):
    assert list(TITLES) == list(FORMATS)
    test = panel(project)
    test.session_state["export_form"] = "xlsx"
    settled(test)
    assert groups(test) == ["export_form"]


@pytest.mark.parametrize("form", FORMATS)
def test_legend_table_and_export_count_the_same(project, form):
    zone = read_zone(project)
    for block in (None, "B1", "B2"):
        for chosen in ({}, {"phase": frozenset({"prepared"})}, {"phase": frozenset({"none", "prepared"})}):
            asked = Filter(DAY, block, chosen)
            parcels = chosen_parcels(zone, asked)
            counts = legend(zone, asked, "phase")
            shown = sum(count for key, count in counts.items() if key in chosen.get("phase", counts))
            assert export_file(project, Wanted(form, DAY, tuple(parcels))).rows == len(parcels) == shown


def test_no_file_is_made_before_the_panel_of_the_map_is_opened(project):
    test = run_page(project.store.where, "map", day=DAY.isoformat(), lang="en")
    assert test.get("download_button") == [] and groups(test) == []


def test_what_the_download_holds(project):
    content = export_file(project, Wanted("geojson", DAY, ("P1", "P2"), "municipal", "EPSG:4490")).content
    document = json.loads(content)
    assert (len(document["features"]), document["crs"]["properties"]["name"]) == (2, "urn:ogc:def:crs:EPSG::4490")
    with zipfile.ZipFile(io.BytesIO(export_file(project, Wanted("shp", DAY, ("P1",))).content)) as archive:
        assert "parcels.cpg" in archive.namelist()
    with pytest.raises(InputRefused, match="E-PARCEL-UNKNOWN"):
        export_file(project, Wanted("csv", DAY, ("P9",)))
