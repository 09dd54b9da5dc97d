"""A link restores what was seen, whatever that was; and a link that says nonsense shows the start."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from landgis.text import LANGUAGES
from landgis.ui.asked import MASSINGS, QUARTER, TABS, Asked, read, write
from landgis.workflow.themes import THEMES

TODAY = datetime.date(2026, 11, 21)
TEXT = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=40)


@st.composite
def asked(draw):
    chosen = {
        theme: frozenset(draw(st.sets(st.sampled_from(THEMES[theme].keys), min_size=1)))
        for theme in draw(st.sets(st.sampled_from(sorted(THEMES))))
    }
    return Asked(
        draw(st.dates()), draw(st.none() | TEXT), draw(st.none() | TEXT), draw(st.just("") | TEXT),
        draw(st.sampled_from(sorted(THEMES))), chosen, draw(st.none() | st.sampled_from(MASSINGS)), draw(st.sampled_from(LANGUAGES)),
        draw(st.sampled_from(TABS)), draw(st.none() | TEXT), draw(st.none() | st.from_regex(QUARTER, fullmatch=True)),
    )  # fmt: skip


@given(asked())
def test_a_link_restores_what_was_seen(seen):
    assert read(write(seen, TODAY), TODAY) == seen


@given(
    st.dictionaries(
        st.sampled_from(
            ["block", "day", "parcel", "q", "theme", "massing", "lang", "only_grade", "tab", "plan", "quarter", "x"]
        ),
        TEXT,
    )
)
def test_no_link_is_refused(link):
    found = read(link, TODAY)
    assert found.theme in THEMES and found.language in LANGUAGES and found.tab in TABS
    assert all(set(keys) <= set(THEMES[theme].keys) for theme, keys in found.chosen.items())


def test_what_is_as_at_the_start_is_left_out():
    assert write(Asked(TODAY), TODAY) == {"lang": "zh_CN"}
    link = {"block": "LCC", "day": "2027-03-31", "theme": "grade", "only_grade": "C,D", "parcel": "P1", "lang": "en"}
    assert write(read(link, TODAY), TODAY) == link
