"""What landgis makes of staged files: which table each is, its columns, what is wrong with it, and where that lies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from landgis.errors import InputRefused, LandgisError, Place, Problem
from landgis.io.cells import shown
from landgis.io.columns import to_read
from landgis.io.findings import geometry_name
from landgis.io.geometries import are_lines
from landgis.io.headers import find_name, guess_table, match_columns
from landgis.io.layers import look_into
from landgis.io.mapping import ColumnMapping, TableMapping, read_mapping
from landgis.io.project_layers import TABLES as LAYER_TABLES
from landgis.io.raw import Raw, Read
from landgis.io.read import read_raw
from landgis.io.write_geojson import lon_lat
from landgis.io.write_mapping import mapping_text
from landgis.tables import EVENTS, MILESTONES, Shape, Table
from landgis.text import N_, Message
from landgis.workflow.check import check_files
from landgis.workflow.log import Log
from landgis.workflow.prepare import outlines, report_overlaps
from landgis.workflow.score import measuring_crs
from landgis.workflow.staging import File, Staged, touch, write

ROLES: Mapping[str, Table] = MappingProxyType({**LAYER_TABLES, "events": EVENTS})  # what a file can be taken for
LEFT_OUT = ""  # the role of what is not to be taken
OTHER_TITLES = {"demolished": N_("demolished buildings"), LEFT_OUT: N_("left out")}
ROLE_TITLES = MappingProxyType({**{name: table.title for name, table in ROLES.items()}, **OTHER_TITLES})
DEMOLISHED_ON = "demolished_on"
MOST_SPOTS = 500
_ASKS = frozenset({"E-ZIP-AMBIGUOUS", "E-LAYER-AMBIGUOUS"})  # which of several layers? Here: all, and the officer says
_STOPS = frozenset({"W-COLUMN-NEEDED", "W-EMPTY"})  # remarks while the table is a guess, faults of an import


@dataclass(frozen=True)
class Answers:
    """What the officer says about staged files; what is not said stays as landgis found it."""

    roles: Mapping[str, str] = field(default_factory=dict)  # key of a Look → one of ROLES, or LEFT_OUT
    columns: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)  # table → canonical → own, None: none
    crs: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Own:
    """A column as its owner calls it, what it is taken for (None: kept as it is), how full it is, and a value."""

    name: str
    canonical: str | None
    share: float
    example: str


@dataclass(frozen=True)
class Spot:
    """Where a problem lies: the row, its code, and the outline in longitude and latitude."""

    row: int
    code: str
    outline: BaseGeometry


@dataclass(frozen=True)
class Look:
    """One table or layer of the staged files, and what landgis makes of it."""

    key: str
    text: str  # FILE or FILE:LAYER, for the import
    file: str  # as its owner calls it
    layer: str | None = None
    role: str | None = None  # one of ROLES, LEFT_OUT, or None where it cannot be read and nothing was said of it
    rows: int = 0
    encoding: str | None = None
    crs: str | None = None
    driver: str = ""
    columns: tuple[Own, ...] = ()
    remarks: tuple[Problem, ...] = ()
    refused: tuple[Problem, ...] = ()
    spots: tuple[Spot, ...] = ()

    @property
    def stops(self) -> tuple[Problem, ...]:
        """What stands against taking it over; nothing, where it is left out."""
        if self.role == LEFT_OUT:
            return ()
        return (*self.refused, *(one for one in self.remarks if one.code in _STOPS))


@dataclass(frozen=True)
class Looked:
    """Staged files, what was said about them, and what they are then; `mapping` is the file for the import."""

    staged: Staged
    answers: Answers
    looks: tuple[Look, ...]
    mapping: str | None = None
    problems: tuple[Problem, ...] = ()  # of no look: uploads that were not kept, the mapping file, double roles

    @property
    def taken(self) -> tuple[Look, ...]:
        """What an import would take over."""
        return tuple(look for look in self.looks if look.role)

    @property
    def stops(self) -> tuple[Problem, ...]:
        """What stands against an import."""
        return (*self.problems, *(problem for look in self.looks for problem in look.stops))


def look_at(staged: Staged, answers: Answers = Answers()) -> Looked:
    """Read every staged file as the answers say; the project is not looked at, and nothing is changed."""
    touch(staged)
    mappings, mapping, problems = _mapping(staged, answers)
    looker = _Looker(staged, answers, mappings, mapping)
    looks = _with_roles([look for file in staged.files for look in looker.looks(file)], answers)
    problems = [*staged.refused, *problems, *_double_roles(looks)]
    return Looked(staged, answers, tuple(looks), mapping, tuple(staged.told(one) for one in problems))


def chosen_columns(look: Look, chosen: Mapping[str, str | None]) -> dict[str, str | None]:
    """What to answer where the columns (own name → canonical, None: kept) are to be taken otherwise than found.

    Raises InputRefused where two columns are to be the same.
    """
    problems, wanted = [], dict[str, str]()
    for own, canonical in chosen.items():
        if canonical is None:
            continue
        if canonical in wanted:
            words = N_("{one} and {other} cannot both be {name}; keep one of them as it is")
            values = {"one": wanted[canonical], "other": own, "name": canonical}
            problems.append(Problem("E-MAP-TWICE", Message(words, values), Place(look.file, look.layer, field=own)))
        wanted[canonical] = own
    if problems:
        raise InputRefused(problems)
    found = {own.canonical: own.name for own in look.columns if own.canonical is not None}
    changed = {canonical: own for canonical, own in wanted.items() if found.get(canonical) != own}
    return {**changed, **{canonical: None for canonical in found if canonical not in wanted}}


def choices(role: str) -> list[str]:
    """What a column of a table can be taken for, in the order of the table."""
    names = [column.name for column in ROLES[role].columns]
    return [*names, *MILESTONES] if role == "events" else names


def _mapping(staged: Staged, answers: Answers) -> tuple[dict[str, TableMapping], str | None, list[Problem]]:
    """The mapping that was uploaded with what the officer changed in it, and the file that says so."""
    try:
        mappings = read_mapping(staged.mapping.path) if staged.mapping else {}
        for name, columns in answers.columns.items():
            before = mappings[name].columns if name in mappings else {}
            said = {key: ColumnMapping(own, value=None if own else "") for key, own in columns.items()}
            mappings[name] = TableMapping(name, "", {**before, **said})
        if not mappings:
            return {}, None, []
        path = staged.folder / "mapping.toml"
        write(path, mapping_text(mappings).encode("utf-8", "replace"))
        return read_mapping(path), str(path), []
    except InputRefused as refusal:
        return {}, None, refusal.problems


@dataclass(frozen=True)
class _Looker:
    """How files are looked into."""

    staged: Staged
    answers: Answers
    mappings: dict[str, TableMapping]
    mapping: str | None

    def looks(self, file: File) -> list[Look]:
        """The tables of one file: itself, or each of its layers."""
        whole = self._look(file, None)
        if not whole.refused or not {problem.code for problem in whole.refused} <= _ASKS:
            return [whole]
        try:
            names = _layer_names(file, whole.refused[0], self.answers.encoding)
        except LandgisError as refusal:
            return [Look(whole.key, whole.text, file.shown, refused=self._told(refusal.problems))]
        return [self._look(file, name) for name in names]

    def _look(self, file: File, layer: str | None) -> Look:
        text = str(file.path) if layer is None else f"{file.path}:{layer}"
        key = file.path.name if layer is None else f"{file.path.name}:{layer}"
        asked = ROLES.get(self.answers.roles.get(key, ""))
        try:
            raw = read_raw(text, crs=self.answers.crs, encoding=self.answers.encoding)
        except LandgisError as refusal:
            return Look(key, text, file.shown, layer, refused=self._told(refusal.problems))
        table, remarks, faults = self._judged(text, raw, asked)
        return Look(
            key, text, file.shown, raw.source.layer, table.name if table else None, len(raw.frame),
            raw.source.encoding, raw.source.crs, raw.source.driver,
            columns=_columns(raw, table, self.mappings.get(table.name) if table else None),
            remarks=self._told(remarks), refused=self._told(faults),
            spots=_spots(raw, [*remarks, *faults]),
        )  # fmt: skip

    def _judged(self, text: str, raw: Raw, asked: Table | None) -> tuple[Table | None, list[Problem], list[Problem]]:
        """The table, remarks and faults: as `landgis check` finds them, or as the table that the officer named."""
        if asked is not None:
            return asked, *self._read_as(raw, asked)
        options = {"crs": self.answers.crs, "encoding": self.answers.encoding, "mapping": self.mapping}
        finding = check_files([text], **options)[0]
        table = ROLES.get(finding.table or "") or _guess(raw)
        if table is EVENTS and finding.refused:
            return table, [*finding.refused, *finding.remarks], self._read_as(raw, table)[1]
        return table, finding.remarks, finding.refused

    def _read_as(self, raw: Raw, table: Table) -> tuple[list[Problem], list[Problem]]:
        """Remarks and faults; an event that cannot be read is set aside, as the import does."""
        try:
            read = to_read(raw, table, mapping=self.mappings.get(table.name), lenient=True, staged=table is EVENTS)
        except InputRefused as refusal:
            faults = [one for one in refusal.problems if one.code.startswith("E-")]
            return [one for one in refusal.problems if one not in faults], faults
        remarks = [*read.problems, *(row.problem for row in read.set_aside)]
        if table.shape == "polygon" and isinstance(read.frame, gpd.GeoDataFrame) and len(read.frame):
            remarks += _of_outlines(read, table)
        return remarks, []

    def _told(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        return tuple(self.staged.told(problem) for problem in problems)


def _layer_names(file: File, asks: Problem, encoding: str | None) -> list[str]:
    """The layers of a file that has several; of a workbook the sheets that hold a table."""
    if (sheets := asks.message.values.get("names")) is not None:
        return str(sheets).split(", ")
    return [layer.name for layer in look_into(file.path, encoding)]


def _guess(raw: Raw) -> Table | None:
    """The table that a file most likely is, where faults keep it from being read as one."""
    shape: Shape | None = None
    if isinstance(raw.frame, gpd.GeoDataFrame):
        shape = "line" if are_lines(raw.frame.geometry.to_numpy()).any() else "polygon"
    return guess_table([str(name) for name in raw.frame.columns], shape=shape)


def _of_outlines(read: Read, table: Table) -> list[Problem]:
    """What is wrong with the outlines of a layer, as the import would mend or refuse them."""
    log, key = Log(), table.columns[0].name
    frame = read.frame if key in read.frame else read.frame.assign(**{key: pd.Series(read.rows).astype("str")})
    keyed = Read(frame, read.rows, read.source)
    found = outlines(keyed, key, measuring_crs(read, None), log)
    if table.name == "parcels":
        report_overlaps(keyed, found, log)
    return log.problems


def _columns(raw: Raw, table: Table | None, mapping: TableMapping | None) -> tuple[Own, ...]:
    """Every column of a file, and what it is taken for."""
    drawn = geometry_name(raw)
    names = [str(name) for name in raw.frame.columns if name != drawn]
    canonical: dict[str | None, str] = {}
    if table is not None:
        canonical = {one.source: one.column.name for one in match_columns(names, table, mapping).found}
        dates = mapping.milestones if mapping is not None else {}
        canonical |= {find_name(how.column, names): step for step, how in dates.items() if how.column is not None}
    return tuple(_own(name, canonical.get(name), raw.frame[name]) for name in names)


def _own(name: str, canonical: str | None, cells: pd.Series) -> Own:
    known = cells[cells.notna() & (cells.astype(object) != "")]
    share = len(known) / len(cells) if len(cells) else 0.0
    return Own(name, canonical, share, shown(known.iloc[0]) if len(known) else "")


def _spots(raw: Raw, problems: Iterable[Problem]) -> tuple[Spot, ...]:
    """Where the problems of rows lie; a row without an outline has no place."""
    found = [one for one in problems if one.place.row is not None][:MOST_SPOTS]
    if not isinstance(raw.frame, gpd.GeoDataFrame) or not found:
        return ()
    at = pd.Index(raw.rows).get_indexer(pd.Index([one.place.row for one in found]))
    geometry, _ = lon_lat(raw.frame.geometry.iloc[at])
    return tuple(
        Spot(int(problem.place.row or 0), problem.code, outline)
        for problem, outline, place in zip(found, geometry, at, strict=True)
        if place >= 0 and outline is not None
    )


def _with_roles(looks: Sequence[Look], answers: Answers) -> list[Look]:
    """What each is taken for: as was said; else as it looks, the one that more columns speak for before the others."""
    roles = {look.key: answers.roles[look.key] for look in looks if look.key in answers.roles}
    for look in sorted(looks, key=lambda one: -sum(own.canonical is not None for own in one.columns)):
        if look.key not in roles and look.role:
            role = "demolished" if look.role == "buildings" and _fell(look) else look.role
            roles[look.key] = role if role == "events" or role not in roles.values() else LEFT_OUT
    return [_with_role(look, roles.get(look.key), said=look.key in answers.roles) for look in looks]


def _with_role(look: Look, role: str | None, *, said: bool) -> Look:
    if role is None and not look.refused:
        role = LEFT_OUT
    if role == LEFT_OUT and not said:
        words = N_("it is left out, as landgis does not know what it is, or another is taken for it; say what it is")
        remark = Problem("W-STAGE-LEFT", Message(words), Place(look.file, look.layer))
        return dataclasses.replace(look, role=role, remarks=(*look.remarks, remark))
    return dataclasses.replace(look, role=role)


def _fell(look: Look) -> bool:
    """Whether buildings are those that fell, as a column or their name says."""
    name = f"{look.file} {look.layer or ''}".casefold()
    words = ("demolish", *MILESTONES["DEMOLISHED"])
    return any(own.name == DEMOLISHED_ON for own in look.columns) or any(word in name for word in words)


def _double_roles(looks: Iterable[Look]) -> list[Problem]:
    """Two files for one table; of ledgers there may be several."""
    first: dict[str, Look] = {}
    problems = []
    for look in looks:
        if look.role and look.role != "events" and first.setdefault(look.role, look) is not look:
            words = N_("{other} is taken for {table} too; leave one of them out")
            other = first[look.role]
            values = {"other": other.layer or other.file, "table": Message(ROLES[look.role].title)}
            problems.append(Problem("E-STAGE-TWICE", Message(words, values), Place(look.file, look.layer)))
    return problems
