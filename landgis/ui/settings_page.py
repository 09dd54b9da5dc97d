"""设置: rules, frozen plans, users, whether the ledger is whole, how old the facts are, what lies below the map."""

from __future__ import annotations

from functools import partial

import streamlit as st
from pandas import DataFrame

from landgis.text import N_
from landgis.ui.here import Here, here, safe, shown_errors
from landgis.ui.long_work import goes_on, long_work
from landgis.ui.settings_forms import show_baselines, show_users
from landgis.ui.settings_rules import show_rules
from landgis.workflow.age import Age, ages
from landgis.workflow.archive import Checked, check_ledger

MOST_PROBLEMS = 20
# Where Streamlit's own words stand, and what they mean; it has no other language (streamlit issues 1353, 13500).
LEFTOVERS = (
    (N_("file upload"), N_("Upload, Drag and drop a file here, Limit 200MB per file")),
    (N_("tables"), N_("Search, Download as CSV, Fullscreen, Show/hide columns")),
    (N_("head of a column"), N_("Sort ascending, Sort descending, Format, Autosize, Pin column, Hide column")),
    (N_("charts"), N_("Show data, Download as PNG, Fullscreen")),
    (N_("boxes to choose from"), N_("Choose an option, No results, Select all, Clear value")),
    (N_("text fields"), N_("Press Enter to apply, Show password text")),
    (N_("calendar"), N_("names of months and days")),
    (N_("state of the page"), N_("Running, Stop, Connecting, Connection error, Page not found")),
)


def show() -> None:
    """The page."""
    at = here()
    parts = {
        N_("rule set"): show_rules, N_("frozen plans"): show_baselines, N_("users"): show_users,
        N_("ledger"): _show_ledger, N_("data age"): _show_ages, N_("below the map"): _show_ground,
        N_("language"): _show_language,
    }  # fmt: skip
    for tab, show_part in zip(st.tabs([at.words(title) for title in parts]), parts.values(), strict=True):
        with tab:
            show_part(at)


def _show_ledger(at: Here) -> None:
    """The end of the ledger, to be written down elsewhere, and whether all of it is as it was recorded."""
    words, head = at.words, at.project.store.head()
    st.text(words(N_("the ledger has {count} lines; the hash of the last one is"), count=words.number(head.seq)))
    st.code(head.hash, language=None)
    st.caption(words(N_("whoever keeps this hash can prove later that no line before it was changed")))
    pressed = st.button(words(N_("check every line")), key="settings_verify", icon=":material/verified:")
    if not (pressed or goes_on("verify")):
        return
    with shown_errors():
        title = words(N_("computing the hash of every line again"))
        _show_checked(at, long_work(words, "verify", title, partial(check_ledger, at.project)))


def _show_checked(at: Here, checked: Checked) -> None:
    """What came of it."""
    words = at.words
    if not checked.problems:
        text = N_("the ledger is whole: {count} lines, each as it was recorded")
        st.success(words(text, count=words.number(checked.head.seq)))
    for problem in checked.problems[:MOST_PROBLEMS]:
        st.error(safe(words.problem(problem)))
    st.text(checked.engine)


def _show_ages(at: Here) -> None:
    """When each kind of fact was renewed last."""
    words, column = at.words, st.column_config
    rows = [(words(one.what), _when(at, one), one.by, one.line) for one in ages(at.project, at.zone.register)]
    table = DataFrame(rows, columns=["what", "at", "by", "line"])
    st.dataframe(table, hide_index=True, key="settings_ages", placeholder="—", column_config={
        "what": column.TextColumn(words(N_("what"))), "at": column.TextColumn(words(N_("when"))),
        "by": column.TextColumn(words(N_("by"))), "line": column.NumberColumn(words(N_("line of the ledger"))),
    })  # fmt: skip


def _when(at: Here, age: Age) -> str:
    """A day, or a moment."""
    return at.words.moment(age.moment) if age.moment and "T" in age.moment else at.words.day(age.moment)


def _show_ground(at: Here) -> None:
    """What the map shows below the parcels; the options of `landgis app` set it."""
    words, ground = at.words, at.config.map
    said = {
        N_("map style"): ground.style.name if ground.style else None,
        N_("orthophoto"): ground.picture.name if ground.picture else None,
        N_("tiles, through this server"): ground.tiles,
    }
    for title, value in said.items():
        st.text(f"{words(title)}: {value or words(N_('none'))}")
    st.caption(
        words(N_("set by landgis app with --style, --picture and --tiles; without them the map needs no network"))
    )


def _show_language(at: Here) -> None:
    """What stays English, and what it means."""
    words, column = at.words, st.column_config
    st.caption(words(N_("these words come from Streamlit, which has no other language; all others are landgis' own")))
    rows = [(words(where), english, words(english)) for where, english in LEFTOVERS]
    table = DataFrame(rows, columns=["where", "english", "meaning"])
    st.dataframe(table, hide_index=True, key="settings_words", column_config={
        "where": column.TextColumn(words(N_("where"))), "english": column.TextColumn("Streamlit"),
        "meaning": column.TextColumn(words(N_("meaning"))),
    })  # fmt: skip
