"""What is printed without rich is what rich prints; and what is left to it."""

import contextlib
import io
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.show import plain
from landgis.show.plain import Grid, say

ALPHABET = "ab7.,-—² 宗地容积率，；（）【】[]:/"
TEXT = st.text(ALPHABET, max_size=40) | st.text(ALPHABET + "\té\u0301\u200b😀ｱ\x07\n", max_size=8)


@st.composite
def grids(draw):
    width = draw(st.integers(1, 4))
    cell = st.text(ALPHABET.replace(" ", ""), min_size=1, max_size=12) | TEXT
    row = st.tuples(*[cell] * width)
    heads = st.tuples(*[st.text("ab宗地率 ", min_size=1, max_size=12)] * width)
    return Grid(draw(st.text("ab宗地率 ", max_size=9)), draw(heads), tuple(draw(st.lists(row, max_size=4))))


def printed(work, *words):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        work(*words)
    return out.getvalue()


@settings(deadline=None)  # the first use of rich takes its time
@given(TEXT | st.lists(st.text(ALPHABET, max_size=30), max_size=20).map(" ".join))
def test_a_line_is_that_of_rich(text):
    assert printed(say, [text]) == printed(plain._draw, text)


@settings(deadline=None)  # the first use of rich takes its time
@given(grids())
def test_a_table_is_that_of_rich(grid):
    assert printed(say, [grid]) == printed(plain._draw, grid)


@pytest.mark.parametrize(
    ("part", "sure"),
    [("", True), ("宗地 1", True), ("x" * 110, True), ("x" * 111, False), ("宗" * 56, False), ("three words " * 10, True), ("tab\t", False),
     (Grid("区块", ("宗地", "亩"), (("B1", "2.50"),)), True), (Grid("a longer title", ("a",), (("b",),)), False),
     (Grid("t", ("a", "b"), (("x" * 60, "x" * 60),)), False)],
)  # fmt: skip
def test_rich_is_asked_only_for_what_is_not_sure(part, sure):
    assert (plain._drawn(part) is not None) == sure


def test_a_table_as_it_stands():
    grid = Grid("区块", ("区块", "宗地", "亩"), (("B1", "2", "2.50"), ("北苑", "12", "1,002.50")))
    assert printed(say, [grid, ""]).splitlines() == [
        "区块                ",
        "区块  宗地        亩",
        "B1       2      2.50",
        "北苑    12  1,002.50",
        "",
    ]


def test_colours_that_are_asked_for_are_given():
    code = "from landgis.show.plain import Grid, say; say([Grid('t', ('a',), (('b',),))])"
    environment = os.environ | {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "\x1b[" in done.stdout
