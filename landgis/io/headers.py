"""Which column of a file is which canonical column: by name, alias, or the user's mapping."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from landgis.errors import InputRefused, Place, Problem
from landgis.io.mapping import ColumnMapping, TableMapping
from landgis.io.value_numbers import UNITS, unit_word, units_of
from landgis.tables import AREA_UNIT_COLUMN, TABLES, Column, Shape, Table
from landgis.text import N_, Message

MOST_COLUMNS = 512
HEADER_ROWS = 20  # a header further down is none
_BRACKETS = re.compile(r"(.+?)[(\[{【〔〈<](.*)[)\]}】〕〉>]")
_SEPARATED = re.compile(r"(.+?)[/:,、](.+)")
_INVISIBLE = re.compile(r"[\s*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f\x7f]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f\x7f]")
_UNIT_WORDS = frozenset(word for units in UNITS.values() for word in units)
_PERSONAL = re.compile(
    r"身份证|证件号|手机|电话|联系方式|联系人|住址|邮箱|法人(?!单位|机构|代码|类型)|法定代表人|id_?card|e-?mail|mobile|phone"
)


@dataclass(frozen=True)
class Match:
    """A canonical column and where it comes from; `source` is None for one value in all rows."""

    column: Column
    source: str | None
    factor: float = 1.0
    unit: str | None = None  # as the header has it, where it is one that the column understands
    how: ColumnMapping | None = None

    @property
    def field(self) -> str:
        """What the user calls the column."""
        return self.column.name if self.source is None else self.source


@dataclass
class Matches:
    """What was found, what two columns of the file claim to be, and mapped columns that are not there."""

    found: list[Match] = field(default_factory=list)
    twice: list[tuple[Match, list[str]]] = field(default_factory=list)
    absent: list[tuple[str, ColumnMapping]] = field(default_factory=list)

    def get(self, name: str) -> Match | None:
        """The match of a canonical column."""
        return next((match for match in self.found if match.column.name == name), None)

    @property
    def sources(self) -> set[str]:
        """The columns of the file that are in use."""
        return {match.source for match in self.found if match.source is not None}


def plain_name(name: str) -> str:
    """A column name as it is compared: half width, lower case, no blanks, stars or invisible characters.

    >>> plain_name(" *ＺＤＤＭ "), plain_name("宗地 代码")
    ('zddm', '宗地代码')
    """
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def readings(name: str) -> Iterator[tuple[str, str | None]]:
    """The names that a header can stand for, each with the unit that it then states.

    >>> list(readings("产值（万元）")), list(readings("ZDMJ"))
    ([('产值(万元)', None), ('产值', '万元')], [('zdmj', None)])
    """
    plain = plain_name(name)
    yield plain, None
    if found := _BRACKETS.fullmatch(plain):
        yield found[1], unit_word(found[2])
    elif (found := _SEPARATED.fullmatch(plain)) and found[2] in _UNIT_WORDS:
        yield found[1], found[2]


def match_columns(names: Sequence[str], table: Table, mapping: TableMapping | None = None) -> Matches:
    """Find the table's columns among the names: by mapping, else canonical name, else the first alias."""
    mapped = {} if mapping is None else mapping.columns
    matches = Matches()
    taken = set()
    for name, how in mapped.items():
        source = None if how.column is None else find_name(how.column, names)
        if how.column is not None and source is None:
            matches.absent.append((name, how))
        taken.add(source)
    claims = _claims(name for name in names if name not in taken)
    for column in table.columns:
        if (given := mapped.get(column.name)) is not None:
            source = None if given.column is None else find_name(given.column, names)
            if source is not None or given.column is None:
                matches.found.append(_mapped(column, source, given))
        elif claimants := _claimants(column, claims):
            (source, unit), *others = claimants
            match = _match(column, source, unit)
            matches.found.append(match)
            if others:
                matches.twice.append((match, [name for name, _ in others]))
    return matches


def find_name(wanted: str, names: Sequence[str]) -> str | None:
    """The name as the mapping spells it, else the one that differs in case or width only."""
    if wanted in names:
        return wanted
    return next((name for name in names if plain_name(name) == plain_name(wanted)), None)


def _claims(names: Iterable[str]) -> dict[str, list[tuple[str, str | None]]]:
    claims: dict[str, list[tuple[str, str | None]]] = {}
    for name in names:
        for plain, unit in readings(name):
            claims.setdefault(plain, []).append((name, unit))
    return claims


def _claimants(column: Column, claims: Mapping[str, list[tuple[str, str | None]]]) -> list[tuple[str, str | None]]:
    found = [claim for wanted in dict.fromkeys(column.known_names) for claim in claims.get(plain_name(wanted), [])]
    return list(dict(found[::-1]).items())[::-1]


def _match(column: Column, source: str, unit: str | None, how: ColumnMapping | None = None) -> Match:
    factor = units_of(column.name).get(unit) if unit else None
    return Match(column, source, factor or 1.0, unit if factor else None, how)


def _mapped(column: Column, source: str | None, how: ColumnMapping) -> Match:
    if source is None or how.factor is not None:
        return Match(column, source, how.factor or 1.0, None, how)
    units = [unit for _, unit in readings(source) if unit]
    return _match(column, source, units[0] if units else None, how)


def find_header(rows: Sequence[Sequence[object]]) -> int:
    """Which row is the header: the first that names two known columns, else the one with most texts."""
    texts = [[cell for cell in row if isinstance(cell, str) and cell.strip()] for row in rows[:HEADER_ROWS]]
    for number, row in enumerate(texts):
        if sum(is_known(cell) for cell in row) >= 2:
            return number
    return max(range(len(texts)), key=lambda number: len(texts[number]), default=0)


def is_known(name: str) -> bool:
    """Whether any table has a column of that name."""
    return any(plain in _KNOWN for plain, _ in readings(name))


def is_personal(name: str) -> bool:
    """Whether a column of that name holds data about a person."""
    return bool(_PERSONAL.search(plain_name(name)))


_KNOWN = frozenset(
    plain_name(name) for table in TABLES.values() for column in table.columns for name in column.known_names
) | {plain_name(AREA_UNIT_COLUMN)}


def guess_table(
    names: Sequence[str], *, shape: Shape | None, mapping: Mapping[str, TableMapping] | None = None
) -> Table | None:
    """The table that most names belong to, needed columns counting twice; None where no name is known.

    Lines may be meant for outlines, which `landgis check` then says; outlines are never streets.
    """
    best, best_points = None, 0
    for table in TABLES.values():
        found = match_columns(names, table, (mapping or {}).get(table.name)).found
        points = len(found) + sum(match.column.needed for match in found)
        fits = table.spatial == (shape is not None) and (table.shape != "line" or shape == "line")
        if fits and points > best_points:
            best, best_points = table, points
    return best


def missing_message(column: Column, names: Sequence[str]) -> Message:
    """What to say where a needed column is missing."""
    listed = ", ".join(names[:40]) + (" …" if len(names) > 40 else "")
    template = N_("column {name} ({aliases}) is missing; the file has: {names}; name it in a mapping file (--mapping)")
    values = {"name": column.name, "aliases": ", ".join(column.aliases[:3]), "names": listed}
    return Message(template, values)


def header_names(cells: Sequence[object], place: Place) -> list[str]:
    """The names in a header without invisible characters; raises InputRefused where one is double."""
    names = [_UNSEEN.sub("", str(cell)).strip() if cell is not None else "" for cell in cells]
    problems = []
    if len(names) > MOST_COLUMNS:
        values = {"count": len(names), "limit": MOST_COLUMNS}
        message = Message(
            N_("{count} columns are more than the {limit} that are read; leave out what is not needed"),
            values,
        )
        problems.append(Problem("E-FIELD-COUNT", message, place))
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        message = Message(
            N_("column {name} stands {count} times; rename one"), {"name": name, "count": names.count(name)}
        )
        problems.append(Problem("E-FIELD-DUP", message, replace(place, field=name)))
    if problems:
        raise InputRefused(problems)
    return names
