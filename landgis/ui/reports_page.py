"""报告与导出: a report of the block or the zone as a file, and below it the layers of what the filter shows."""

from __future__ import annotations

import streamlit as st

from landgis.text import N_
from landgis.ui.bar import LANGUAGE_NAMES
from landgis.ui.export_panel import show_export
from landgis.ui.here import Here, here, safe, shown_errors
from landgis.ui.paper import paper_look
from landgis.workflow.reporting import MEDIA, Kind, Wanted, file_name, report_bytes, report_of, require_tools
from landgis.workflow.trend import picture

KINDS: dict[Kind, str] = {"status": N_("status on the day"), "monthly": N_("monthly report")}
KEPT = 16  # files
FORMATS = {".pdf": "PDF", ".docx": "Word (DOCX)"}


def show() -> None:
    """The page."""
    at = here()
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(at.words(N_("Report")), anchor=False)
        with shown_errors():
            _show_report(at)
    with right:
        st.subheader(at.words(N_("Export")), anchor=False)
        show_export(at)


def _show_report(at: Here) -> None:
    """Kind, format and language, what the report is about, and the button that makes and downloads it."""
    words, asked = at.words, at.asked
    kind: Kind = st.segmented_control(
        words(N_("kind")), list(KINDS), key="reports_kind", default="status", required=True,
        format_func=lambda key: words(KINDS[key]),
    )  # fmt: skip
    suffix = st.segmented_control(
        words(N_("format")), list(FORMATS), key="reports_format", default=".pdf", required=True,
        format_func=lambda key: FORMATS[key],
    )  # fmt: skip
    language = st.segmented_control(
        words(N_("language of the report")), list(LANGUAGE_NAMES), key="reports_language", default=asked.language,
        required=True, format_func=lambda key: words(LANGUAGE_NAMES[key]),
    )  # fmt: skip
    require_tools(suffix)
    picture(at.zone.register, as_of=asked.as_of).chosen(asked.block)  # say now that there is no such block
    wanted = Wanted(asked.as_of, asked.block, kind)
    st.text(_about(at, wanted))
    with st.spinner(words(N_("making the file"))):
        content = _made(at.project.store.where, at.zone.version, wanted, language, suffix, at)
    st.download_button(
        words(N_("download the report")), content, key="reports_download",
        file_name=file_name(wanted, suffix), mime=MEDIA[suffix], type="primary", width="stretch",
        icon=":material/description:", on_click="ignore",
    )  # fmt: skip
    st.caption(safe(words(N_("Block and day are those of the bar above; without a block it is the whole zone."))))


def _about(at: Here, wanted: Wanted) -> str:
    """Which block and which day or month, in a line."""
    words = at.words
    place = wanted.block or words(N_("the whole zone"))
    for row in at.zone.blocks(wanted.as_of).table.itertuples(index=False):
        if row.block_id == wanted.block:
            place = words.name(row.name, row.name_en, place)
    when = words.month(wanted.as_of) if wanted.kind == "monthly" else words.day(wanted.as_of)
    return f"{place} · {when}"


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _made(where: str, version: str, wanted: Wanted, language: str, suffix: str, _at: Here) -> bytes:  # noqa: ARG001
    """The file: under a second for a block. Kept a while, as export_panel says why."""
    return report_bytes(report_of(_at.project, wanted, paper_look(language), zone=_at.zone), suffix)
