"""Lines and tables as plain text: what a run says in the end, without rich, which takes longer than a small county."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

_GAP, _UNPRINTABLE = "  ", "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Grid:
    """A table under a title, its first column to the left and the others to the right; all of it text."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def say(parts: Iterable[str | Grid]) -> None:
    """Print lines and tables; no letter of a file can do anything to a terminal."""
    for part in parts:
        lines = _grid(part) if isinstance(part, Grid) else [part]
        print("\n".join(map(_printable, lines)))


def _grid(grid: Grid) -> list[str]:
    table = [grid.heads, *grid.rows]
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    return [grid.title, *(_line(row, widths) for row in table)]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (" " * (width - cells(text)) for text, width in zip(row, widths, strict=True))
    return _GAP.join([row[0] + first, *(blank + text for blank, text in zip(others, row[1:], strict=True))]).rstrip()


def cells(text: str) -> int:
    """How wide a terminal shows a text: letters of East Asia take two cells, marks on a letter none.

    >>> cells("低效 B-1"), cells("é"), cells("e\N{COMBINING ACUTE ACCENT}")
    (8, 1, 1)
    """
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text if not combining(letter))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _UNPRINTABLE for letter in text)
