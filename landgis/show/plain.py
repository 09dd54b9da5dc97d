"""Lines and tables on standard output, drawn without rich wherever rich would draw them just so."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from landgis.show.console import WIDTH_WHERE_PIPED, is_piped, open_console, plain_table

_WIDE = (0x3001, 0x3029), (0x4E00, 0x9FFF), (0xFF01, 0xFF5E)  # Chinese: punctuation, characters, letters
_WORD = re.compile(r" *[^ ]+ *")
_GAP = "  "


@dataclass(frozen=True)
class Grid:
    """A table under a title, its first column to the left and the others to the right; all of it text."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def say(parts: Iterable[str | Grid]) -> None:
    """Print lines and tables: by rich in a terminal, and where something is too wide or of no sure width."""
    for part in parts:
        lines = _drawn(part) if is_piped(sys.stdout) else None
        if lines is None:
            _draw(part)
        else:
            print("\n".join(lines))


def _draw(part: str | Grid) -> None:
    """Print it by rich."""
    from rich.text import Text

    console = open_console()
    if isinstance(part, str):
        console.print(Text(part))
        return
    table = plain_table(part.title, *part.heads)
    for row in part.rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _drawn(part: str | Grid) -> list[str] | None:
    """Its lines, none of which is too wide; None where rich has to say what they are."""
    return _grid(part) if isinstance(part, Grid) else _folded(part)


def _folded(text: str) -> list[str] | None:
    """A text by lines; the blanks before a break stay, as long as there is room for them."""
    if _width(text) is None:
        return None
    lines, used = [""], 0
    for word in _WORD.findall(text) or [text]:
        if used + (_width(word.rstrip()) or 0) > WIDTH_WHERE_PIPED:
            lines.append("")
            used = 0
        lines[-1] += word
        used += _width(word) or 0
    lines = [line if len(line) <= WIDTH_WHERE_PIPED else line.rstrip().ljust(WIDTH_WHERE_PIPED) for line in lines]
    return lines if all((_width(line) or 0) <= WIDTH_WHERE_PIPED for line in lines) else None


def _grid(grid: Grid) -> list[str] | None:
    table = [grid.heads, *grid.rows]
    cells = [[_width(text) if text == text.strip() else None for text in row] for row in table]
    title = _width(grid.title)
    if not title or not all(width for row in cells for width in row):
        return None
    columns = [max(width or 0 for width in column) for column in zip(*cells, strict=True)]
    whole = sum(columns) + len(_GAP) * (len(columns) - 1)
    if max(whole, title) > min(whole, WIDTH_WHERE_PIPED):
        return None
    lines = [_line(row, widths, columns) for row, widths in zip(table, cells, strict=True)]
    return [grid.title + " " * (whole - title), *lines]


def _line(row: Sequence[str], widths: Sequence[int | None], columns: Sequence[int]) -> str:
    """A row, its cells filled up to the widths of the columns."""
    fill = [" " * (column - (width or 0)) for column, width in zip(columns, widths, strict=True)]
    return _GAP.join([row[0] + fill[0], *(blank + text for blank, text in zip(fill[1:], row[1:], strict=True))])


def _width(text: str) -> int | None:
    """In cells of a terminal; None where that is not sure."""
    cells = list(map(_cells, text))
    return sum(cells) if all(cells) else None


@cache
def _cells(letter: str) -> int:
    """How many cells a letter takes; 0 where that is not sure."""
    if any(first <= ord(letter) <= last for first, last in _WIDE):
        return 2
    return int(" " <= letter <= "~" or letter in "²—")
