"""Texts as a page can show them: nothing left out, nothing that cannot be seen."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from landgis.documents.legible import BREAK_EVERY, breakable, legible, named

TEXTS = st.text(st.characters(), max_size=80)  # half pairs of surrogates too


@given(TEXTS)
def test_what_is_shown_can_be_seen_and_a_second_time_changes_nothing(text):
    shown = legible(text)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Co", "Cn"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)
    assert legible(shown) == shown
    shown.encode("utf-8")


@given(TEXTS)
def test_every_character_is_there_itself_as_a_space_or_by_its_number(text):
    rest = legible(text)
    for char in text:
        if rest.startswith(char):
            rest = rest[len(char) :]
        elif rest.startswith(named(char)):
            rest = rest[len(named(char)) :]
        else:
            assert char in "\t\n\r\v\f\x85\u2028\u2029", repr(char)  # a run of them is one space
            rest = rest.removeprefix(" ")
    assert rest == ""


def test_what_a_land_office_writes_stays_as_it_is():
    text = '永康市老长城1号（一期）§3 — 容积率≥1.5，12 m² 【拆】㎡ ① 𠮷 #eval("1") $ \\ *x*'
    assert legible(text) == text


@given(st.text(st.sampled_from("abc-/_ 永康"), max_size=120))
def test_a_broken_run_loses_nothing_and_has_a_place_to_break(text):
    broken = breakable(text)
    assert broken.replace("\u200b", "") == text
    runs = re.findall(r"[!-~]+", broken)
    assert all(len(run) <= max(BREAK_EVERY, 19) for run in runs)
