"""The way out: what the filter shows, as one file in a format and a profile.

The file is made when the panel is shown, and kept a while: what Streamlit 1.67 makes at the click it may sweep away
before the browser has asked for it, whenever anybody else's page runs meanwhile.
"""

from __future__ import annotations

import streamlit as st

from landgis.io.write import Profile
from landgis.io.write_geojson import CGCS2000, is_cgcs2000
from landgis.text import N_
from landgis.ui.here import Here, shown_errors
from landgis.ui.receipt import show_problem_table
from landgis.workflow.export import FORMATS, OUTLINED, Exported, Wanted, export_file
from landgis.workflow.filtering import chosen_parcels
from landgis.workflow.project import Project

TITLES = {"geojson": "GeoJSON", "gpkg": "GeoPackage", "shp": "Shapefile", "xlsx": "XLSX", "csv": "CSV"}
PROFILES: tuple[Profile, ...] = ("web", "municipal")
PROFILE_TITLES = {"web": N_("web"), "municipal": N_("municipal")}
ABOUT = {
    "web": N_("GeoJSON in WGS 84 (RFC 7946), GeoPackage and Shapefile in the CRS of the project"),
    "municipal": N_("CGCS 2000, which the file says by its code; x is longitude or east"),
}
KEPT = 16  # files


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
    with shown_errors():
        made = None
        if parcels:
            with st.spinner(words(N_("making the file"))):
                made = _made(here.project.store.where, here.zone.version, wanted, here.project)
        _show_button(here, wanted, made, count)


def _show_button(here: Here, wanted: Wanted, made: Exported | None, count: str) -> None:
    """The button, and what was remarked while the file was made."""
    words = here.words
    st.download_button(
        words(N_("download {count} parcels"), count=count), made.content if made else b"",
        file_name=wanted.name, mime=FORMATS[wanted.form].mime, key="export_download", type="primary", width="stretch",
        icon=":material/download:", disabled=made is None, on_click="ignore",
    )  # fmt: skip
    if made and made.remarks:
        st.caption(words(N_("remarks on the file")))
        show_problem_table(words, made.remarks, key="export_remarks")


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


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _made(where: str, version: str, wanted: Wanted, _project: Project) -> Exported:  # noqa: ARG001  (they name the file)
    return export_file(_project, wanted)


def _systems(here: Here) -> list[str]:
    """The degrees of CGCS 2000, and the project's own zone where it is one of it."""
    own = here.zone.layers["parcels"].crs
    projected = own is not None and own.is_projected and is_cgcs2000(own) and own.to_epsg()
    return [f"EPSG:{CGCS2000}", *([f"EPSG:{own.to_epsg()}"] if projected else [])]
