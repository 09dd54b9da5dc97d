"""One worksheet's XML → rows of cells in one pass: values, formulas by their last result, merged ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils.datetime import from_excel, from_ISO8601

from landgis.io.headers import MOST_COLUMNS
from landgis.text import N_, Message

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
ROW_GAP, COLUMN_GAP = 100_000, 1_000  # so many empty rows or columns before a value: it is there by mistake
CELLS_LIMIT = 60_000_000  # with the empty ones between; a sheet of a million rows may have 57 columns
_CELL = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_MERGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_TEXT_TAGS = frozenset({"v", "t", "f"})


class SheetFault(Exception):
    """A worksheet that cannot be read; carries code and message."""

    def __init__(self, code: str, message: Message) -> None:
        self.code, self.message = code, message
        super().__init__(str(message))


@dataclass(frozen=True)
class Styles:
    """What of a workbook a worksheet needs: its shared texts and which cell styles are dates."""

    texts: Sequence[str]
    dates: frozenset[int]
    durations: frozenset[int]
    epoch: datetime


@dataclass
class SheetCells:
    """Rows that hold a value; where formulas stand; merged ranges as (top, left, bottom, right)."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    unsolved: list[tuple[int, int]] = field(default_factory=list)  # formulas without a result
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def column_letter(number: int) -> str:
    """A column's letters, counted from 1.

    >>> column_letter(1), column_letter(28), column_letter(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The number of a column, counted from 1.

    >>> column_number("XFD")
    16384
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class SheetParser:
    """Takes a worksheet apart as it streams by; stops after `most` rows with values."""

    def __init__(self, styles: Styles, most: int | None = None) -> None:
        self.styles, self.most = styles, most
        self.cells = SheetCells()
        self._columns: dict[str, int] = {}
        self._count = 0
        self._row, self._column = 0, 0
        self._current: list[Any] | None = None
        self._kind, self._style = "n", 0
        self._value: str | None = None
        self._formula = False
        self._inline: list[str] = []
        self._phonetic = False
        self._text: list[str] | None = None

    def read(self, stream: IO[bytes]) -> SheetCells:
        """The cells of one worksheet; raises SheetFault, or expat.ExpatError where the XML is broken."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        while chunk := stream.read(1 << 18):
            parser.Parse(chunk, False)
            if self.most is not None and len(self.cells.rows) >= self.most:
                return self.cells
        parser.Parse(b"", True)
        return self.cells

    def _doctype(self, *_: Any) -> None:
        raise SheetFault("E-XML-DTD", Message(N_("the sheet has a document type declaration (DTD); save it again")))

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._start_cell(attributes)
        elif tag in _TEXT_TAGS:
            self._text = []
            self._formula = self._formula or tag == "f"
        elif tag == "row":
            self._start_row(attributes)
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in _TEXT_TAGS:
            text = "".join(self._text or ())
            self._text = None
            if tag == "v":
                self._value = text
            elif tag == "t" and not self._phonetic:
                self._inline.append(text)
        elif tag == "c":
            self._end_cell()
        elif tag == "rPh":
            self._phonetic = False

    def _start_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        number = int(said) if said and said.isdigit() else self._row + 1
        if number <= self._row or number > LAST_ROW:
            values = {"row": said or number}
            raise SheetFault(
                "E-XLSX-DIM", Message(N_("row number {row} is out of order; save the sheet again"), values)
            )
        self._row, self._column, self._current = number, 0, None

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = self._number_of(reference) if reference else self._column + 1
        self._kind = attributes.get("t", "n")
        style = attributes.get("s")
        self._style = int(style) if style and style.isdigit() else 0
        self._value, self._formula = None, False
        if self._inline:
            self._inline = []

    def _number_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        number = self._columns.get(letters)
        if number is None:
            number = column_number(letters) if letters.isascii() and letters.isalpha() and len(letters) <= 3 else 0
            if not 0 < number <= LAST_COLUMN:
                values = {"cell": reference[:20]}
                raise SheetFault("E-XLSX-DIM", Message(N_("{cell} is no cell; save the sheet again"), values))
            self._columns[letters] = number
        return number

    def _end_cell(self) -> None:
        if self._value is None and not self._inline and not self._formula:
            return
        value = self._cell_value()
        if self._formula:
            solved = value is not None or (self._kind == "str" and self._value is not None)
            (self.cells.formulas if solved else self.cells.unsolved).append((self._row, self._column))
        if value is not None:
            self._keep(value)

    def _keep(self, value: Any) -> None:
        row = self._current
        if row is None:
            before = self.cells.numbers[-1] if self.cells.numbers else 0
            if self._row - before > ROW_GAP:
                raise self._far()
            row = self._current = []
            self.cells.numbers.append(self._row)
            self.cells.rows.append(row)
        gap = self._column - 1 - len(row)
        if gap:
            if gap > COLUMN_GAP or gap < 0:
                raise self._far()
            row.extend([None] * gap)
        row.append(value)
        self._count += gap + 1
        if self._column > MOST_COLUMNS:
            values = {"cell": self._cell(), "limit": MOST_COLUMNS}
            template = N_("cell {cell} is beyond the {limit} columns that are read; leave out what is not needed")
            raise SheetFault("E-FIELD-COUNT", Message(template, values))
        if self._count > CELLS_LIMIT:
            message = Message(N_("the sheet has more than {limit} cells; save it as CSV"), {"limit": CELLS_LIMIT})
            raise SheetFault("E-XLSX-DIM", message)

    def _cell(self) -> str:
        return f"{column_letter(self._column)}{self._row}"

    def _far(self) -> SheetFault:
        values = {"cell": self._cell(), "rows": self._row, "columns": self._column}
        template = N_(
            "cell {cell} stretches the sheet to {rows} × {columns}; delete that cell and save the sheet again"
        )
        return SheetFault("E-XLSX-DIM", Message(template, values))

    def _cell_value(self) -> Any:
        convert = _KINDS.get(self._kind)
        if self._kind == "inlineStr":
            return "".join(self._inline) or None
        if not self._value:
            return None
        try:
            return convert(self, self._value) if convert else self._value
        except (ValueError, IndexError, OverflowError) as error:
            values = {"cell": self._cell(), "value": self._value[:60]}
            message = Message(N_("cell {cell} is damaged ({value}); type it again"), values)
            raise SheetFault("E-XLSX-CELL", message) from error

    def _number(self, text: str) -> Any:
        number: int | float = int(text) if text.lstrip("-").isdigit() else float(text)
        if self._style in self.styles.dates:
            try:
                return from_excel(number, self.styles.epoch, timedelta=self._style in self.styles.durations)
            except (OverflowError, ValueError):
                return number
        return number

    def _shared(self, text: str) -> str | None:
        return self.styles.texts[int(text)] or None

    def _merge(self, reference: str) -> None:
        if found := _MERGE.fullmatch(reference):
            left, top, right, bottom = found.groups()
            self.cells.merged.append((int(top), column_number(left), int(bottom), column_number(right)))


_KINDS: dict[str, Callable[[SheetParser, str], Any]] = {
    "n": SheetParser._number,
    "s": SheetParser._shared,
    "b": lambda _parser, text: bool(int(text)),
    "d": lambda _parser, text: from_ISO8601(text),
}
