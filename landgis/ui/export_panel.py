"""The way out: what the filter shows, as one file in a format and a profile; it is made when it is downloaded."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from landgis.errors import LandgisError, Problem
from landgis.io.write_geojson import CGCS2000, is_cgcs2000
from landgis.text import N_
from landgis.ui.here import Here, safe
from landgis.workflow.export import FORMATS, OUTLINED, Wanted, export_file
from landgis.workflow.filtering import chosen_parcels

TITLES = {"geojson": "GeoJSON", "gpkg": "GeoPackage", "shp": "Shapefile", "xlsx": "XLSX", "csv": "CSV"}
PROFILES = {"web": N_("web"), "municipal": N_("municipal")}
ABOUT = {
    "web": N_("GeoJSON in WGS 84 (RFC 7946), GeoPackage and Shapefile in the CRS of the project"),
    "municipal": N_("CGCS 2000, which the file says by its code; x is longitude or east"),
}
SAID = "export_said"  # what was remarked on the last file: the download runs beside the page, which says it afterwards


def show_export(here: Here) -> None:
    """Format, profile, and the button; the file has as many parcels as the map and the table."""
    words, parcels = here.words, chosen_parcels(here.zone, here.asked.filter)
    form = st.pills(
        words(N_("format")), list(FORMATS), key="export_form", default="geojson", required=True, format_func=TITLES.get
    )
    profile, crs = "web", None
    if form in OUTLINED:
        profile = st.segmented_control(
            words(N_("profile")), list(PROFILES), key="export_profile", default="web", required=True,
            format_func=lambda key: words(PROFILES[key]),
        )  # fmt: skip
        if profile == "municipal":
            crs = st.segmented_control("CRS", _systems(here), key="export_crs", default=f"EPSG:{CGCS2000}", required=True)
        st.caption(words(ABOUT[profile]))
    wanted = Wanted(form, here.asked.as_of, tuple(parcels), profile, crs)
    st.download_button(
        words(N_("download {count} parcels"), count=words.number(len(parcels))), _maker(here, wanted),
        file_name=wanted.name, mime=FORMATS[form].mime, key="export_download", type="primary", width="stretch",
        icon=":material/download:", disabled=not parcels,
    )  # fmt: skip
    for problem in st.session_state.get(SAID, ()):
        st.warning(safe(words.problem(problem)))


def _systems(here: Here) -> list[str]:
    """The degrees of CGCS 2000, and the project's own zone where it is one of it."""
    own = here.zone.layers["parcels"].crs
    projected = own is not None and own.is_projected and is_cgcs2000(own) and own.to_epsg()
    return [f"EPSG:{CGCS2000}", *([f"EPSG:{own.to_epsg()}"] if projected else [])]


def _maker(here: Here, wanted: Wanted) -> Callable[[], bytes]:
    """What the download calls, in a thread of its own: where it is refused, the next run of the page says why."""
    said: list[Problem] = []
    before, st.session_state[SAID] = st.session_state.get(SAID), said

    def make() -> bytes:
        said.clear()
        try:
            made = export_file(here.project, wanted)
        except LandgisError as refusal:
            said.extend(refusal.problems)
            raise
        said.extend(made.remarks)
        return made.content

    if before:
        said.extend(before)
    return make
