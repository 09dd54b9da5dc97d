"""What a run says in the end, as plain text."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from landgis.show.plain import Grid, cells, say

SHOWN = st.text("ab7.,-—² 宗地容积率，；（）【】[]:/éｱ\u0301", max_size=40)


def test_a_table_as_it_stands(capsys):
    say([Grid("区块", ("区块", "宗地", "亩"), (("B1", "2", "2.50"), ("北苑", "12", "1,002.50"))), ""])
    assert capsys.readouterr().out.splitlines() == [
        "区块",
        "区块  宗地        亩",
        "B1       2      2.50",
        "北苑    12  1,002.50",
        "",
    ]


@settings(deadline=None)  # the first use of rich takes its time
@given(SHOWN)
def test_widths_are_those_that_rich_knows(text):
    assert cells(text) == cell_len(text)


def test_a_letter_of_a_file_does_nothing_to_a_terminal(capsys):
    say(["P\x1b[2J1", Grid("t", ("a",), (("b\x07\nc",),))])
    assert capsys.readouterr().out.splitlines() == ["P\ufffd[2J1", "t", "a", "b\ufffd\ufffdc"]
