"""The way out: what the filter shows, as one file in a format and a profile; it is made when it is downloaded."""

from __future__ import annotations

from functools import partial

import streamlit as st

from landgis.errors import LandgisError, Problem
from landgis.io.write import Profile
from landgis.io.write_geojson import CGCS2000, is_cgcs2000
from landgis.text import N_
from landgis.ui.here import Here
from landgis.ui.receipt import show_problem_table
from landgis.workflow.export import FORMATS, OUTLINED, Wanted, export_file
from landgis.workflow.filtering import chosen_parcels
from landgis.workflow.project import Project

TITLES = {"geojson": "GeoJSON", "gpkg": "GeoPackage", "shp": "Shapefile", "xlsx": "XLSX", "csv": "CSV"}
PROFILES: tuple[Profile, ...] = ("web", "municipal")
PROFILE_TITLES = {"web": N_("web"), "municipal": N_("municipal")}
ABOUT = {
    "web": N_("GeoJSON in WGS 84 (RFC 7946), GeoPackage and Shapefile in the CRS of the project"),
    "municipal": N_("CGCS 2000, which the file says by its code; x is longitude or east"),
}
SAID = "export_said"  # what was remarked on the last file


def show_export(here: Here) -> None:
    """Format, profile, and the button; the file has as many parcels as the map and the table."""
    words, parcels = here.words, chosen_parcels(here.zone, here.asked.filter)
    count, forms = words.number(len(parcels)), list(FORMATS)
    form = st.pills(
        words(N_("format")), forms, key="export_form", default=forms[0], required=True,
        format_func=lambda key: TITLES[key],
    )  # fmt: skip
    profile, crs = _asked_profile(here) if form in OUTLINED else ("web", None)
    wanted = Wanted(form, here.asked.as_of, tuple(parcels), profile, crs)
    said: list[Problem] = st.session_state.setdefault(SAID, [])
    st.download_button(
        words(N_("download {count} parcels"), count=count), partial(_make, here.project, wanted, said),
        file_name=wanted.name, mime=FORMATS[form].mime, key="export_download", type="primary", width="stretch",
        icon=":material/download:", disabled=not parcels, on_click="ignore",
    )  # fmt: skip
    if said:
        st.caption(words(N_("remarks on the last file")))
        show_problem_table(words, said, key="export_remarks")


def _asked_profile(here: Here) -> tuple[Profile, str | None]:
    """The profile, and in the municipal one the CRS."""
    words = here.words
    profile: Profile = st.segmented_control(
        words(N_("profile")), PROFILES, key="export_profile", default="web", required=True,
        format_func=lambda key: words(PROFILE_TITLES[key]),
    )  # fmt: skip
    st.caption(words(ABOUT[profile]))
    if profile == "web":
        return profile, None
    known = _systems(here)
    return profile, st.segmented_control("CRS", known, key="export_crs", default=known[0], required=True)


def _make(project: Project, wanted: Wanted, said: list[Problem]) -> bytes:
    """What the download calls, in a thread of its own; where it is refused, the page says why when it runs next."""
    try:
        made = export_file(project, wanted)
    except LandgisError as refusal:
        said[:] = refusal.problems
        raise
    said[:] = made.remarks
    return made.content


def _systems(here: Here) -> list[str]:
    """The degrees of CGCS 2000, and the project's own zone where it is one of it."""
    own = here.zone.layers["parcels"].crs
    projected = own is not None and own.is_projected and is_cgcs2000(own) and own.to_epsg()
    return [f"EPSG:{CGCS2000}", *([f"EPSG:{own.to_epsg()}"] if projected else [])]
