"""Price files (TOML): what renovation costs and brings in one place and year, each number with source and status."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from landgis.errors import Place, Problem, RulesError
from landgis.rules.lines import lines_by_key
from landgis.rules.model import Figure, Words
from landgis.rules.reading import STATUSES, Node, Reading, nearest
from landgis.tables import BUILDING_USES, TENURES
from landgis.text import N_, Message

FOLDER = Path(__file__).parent / "price_files"
DEFAULT_PRICES = "yongkang-draft"
UNKNOWN_USE = "unknown"
USES = (*BUILDING_USES, UNKNOWN_USE)
SECTIONS = ("compensation", "works", "finance", "income", "plan", "modes")
MOST_YEARS = 100


@dataclass(frozen=True)
class ModeTerms:
    """What a mode of renovation pays for, sells and keeps; all but the subsidy are shares, 0…1."""

    id: str
    land_share: float  # of the compensation for land that is paid
    building_share: float  # of that for buildings and fittings
    moving_share: float  # of that for moving, transition and stoppage
    reward_share: float  # of the reward for signing
    construction_share: float  # of the new floor that the mode pays for
    resold_share: float  # of the land that is granted anew, at the land price
    taxed_share: float  # of the land whose tax rises
    sold_share: float  # of the new floor that is sold
    let_share: float  # of the new floor that is let
    foregone_share: float  # of the old legal floor whose rent is no more
    tax_counts: float  # of the local gain in tax that counts as the mode's own income
    subsidy_wan_per_mu: float  # 万元/亩


SHARES = tuple(name for name in ModeTerms.__annotations__ if name.endswith(("_share", "_counts")))


@dataclass(frozen=True)
class Prices:
    """The prices of one place and year. CNY a m² of land or floor as said, 万元 a mu, rates a year."""

    id: str
    title: Words
    place: str
    year: int
    status: Literal["verified", "unverified"]
    note: Words
    land_cny_per_m2: float  # compensation for granted land with its whole term
    tenure_factors: Mapping[str, float]  # k_tenure; a tenure that is not in it is refused
    term_years: float  # whole term of an industrial grant
    term_share: float  # k_term of parcels whose remaining years nobody knows
    building_cny_per_m2: Mapping[str, float]  # replacement as new, by use
    condition: float  # of buildings whose condition nobody knows, 0…1
    fittings_cny_per_m2: float
    moving_cny_per_m2: float
    transition_cny_per_m2: float
    stoppage_share: float  # of the compensation for buildings
    unlicensed_cny_per_m2: float  # grant for those who take unlicensed floor down themselves
    signing_wan_per_mu: float
    demolition_cny_per_m2: float  # of all floor that stands, licensed or not
    site_works_cny_per_m2: float  # of land
    construction_cny_per_m2: float  # of new floor
    management_share: float  # of compensation, works and construction
    interest_rate: float
    discount_rate: float
    clear_years: int  # from the first payment until the land is clear
    build_years: int
    income_years: int  # that are counted after completion
    land_wan_per_mu: float  # of land granted anew
    floor_cny_per_m2: float  # of new floor sold
    rent_cny_per_m2_year: float
    vacancy_share: float
    tax_wan_per_mu_year: float  # tax per mu that renovated land yields
    tax_before_wan_per_mu_year: float  # where the tax now is not known; NaN: it stays unknown
    local_tax_share: float
    floor_area_ratio: float  # where the plan of the parcel says none
    max_floor_area_ratio: float  # never above it
    buildable_share: float  # of the land
    modes: Mapping[str, ModeTerms]
    figures: tuple[Figure, ...] = ()


def load_prices(id_or_path: str) -> Prices:
    """The prices of that name, or of that file; RulesError with every mistake if it has any."""
    opened, problems = _open(id_or_path)
    prices = _build(opened) if opened else None
    problems += [problem for source in opened for problem in source.reading.problems]
    if prices is None or problems:
        raise RulesError(problems)
    return prices


def list_prices() -> list[Prices]:
    """The price files that come with landgis, the default one first."""
    names = sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda name: (name != DEFAULT_PRICES, name))
    return [load_prices(name) for name in names]


@dataclass(frozen=True)
class _Source:
    table: Mapping[str, Any]
    reading: Reading


def _open(id_or_path: str) -> tuple[list[_Source], list[Problem]]:
    """The file and those that it extends, nearest first; and what went wrong with opening them."""
    opened: list[_Source] = []
    wanted: str | None = id_or_path
    base = Path()
    while wanted:
        path = _find(wanted, base)
        if path is None:
            return opened, [_no_such_file(wanted, opened)]
        if str(path) in [source.reading.file for source in opened]:
            words = N_("a price file cannot extend itself: {name}")
            return opened, [Problem("E-RULES-EXTENDS", Message(words, {"name": wanted}), Place(str(path)))]
        try:
            text = path.read_text(encoding="utf-8-sig")
            table = tomllib.loads(text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            return opened, [_unreadable(error, path)]
        opened.append(_Source(table, Reading(str(path), lines_by_key(text))))
        wanted, base = table.get("extends"), path.parent
        if wanted is not None and not isinstance(wanted, str):
            wanted = None  # the head reports it
    return opened, []


def _find(id_or_path: str, base: Path) -> Path | None:
    own = FOLDER / f"{id_or_path}.toml"
    if re.fullmatch(r"[\w-]+", id_or_path) and own.is_file():
        return own
    path = base / id_or_path
    return path if path.is_file() else None


def _no_such_file(name: str, opened: Sequence[_Source]) -> Problem:
    known = sorted(path.stem for path in FOLDER.glob("*.toml"))
    place = Place(opened[-1].reading.file, field="extends") if opened else Place(name)
    guess = nearest(name, known)
    unlike = N_("no prices and no file {name}; landgis has: {known}")
    like = N_("no prices and no file {name}; do you mean {guess}?")
    values = {"name": name, "known": ", ".join(known), "guess": guess}
    return Problem("E-RULES-FILE", Message(like if guess else unlike, values), place)


def _unreadable(error: UnicodeDecodeError | tomllib.TOMLDecodeError, path: Path) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        return Problem("E-RULES-TOML", Message(N_("is not in UTF-8; save it as UTF-8")), Place(str(path)))
    line = re.search(r"at line (\d+)", str(error))
    reason = re.sub(r"\s*\(at .*\)$", "", str(error))
    message = Message(N_("cannot be read as TOML: {reason}"), {"reason": reason})
    return Problem("E-RULES-TOML", message, Place(str(path), row=int(line[1]) if line else None))


def _build(opened: Sequence[_Source]) -> Prices:
    """The head from the first file, each section from the nearest file that has it."""
    head = Node(opened[0].reading, opened[0].table, known={*SECTIONS, "extends"})
    if "extends" in head.table:
        head.text("extends")
    values: dict[str, Any] = {}
    for name, read in zip(SECTIONS, (_compensation, _works, _finance, _income, _plan, _modes), strict=True):
        holder = next((source for source in opened if name in source.table), opened[0])
        node = Node(holder.reading, holder.table).child(name)
        values |= read(node)
        node.done()
    prices = Prices(
        id=head.text("id"),
        title=head.words("title"),
        place=head.text("place"),
        year=_year(head),
        status=cast(Any, head.choice("status", STATUSES)),
        note=head.words("note"),
        **values,
    )
    head.done()
    figures = tuple(figure for source in opened for figure in source.reading.figures)
    return _with_figures(prices, figures, head)


def _with_figures(prices: Prices, figures: tuple[Figure, ...], head: Node) -> Prices:
    unsure = [figure for figure in figures if figure.status == "unverified"]
    if prices.status == "verified" and unsure:
        message = N_("is verified, but {count} numbers are not, as {path}")
        head.report("E-RULES-STATUS", Message(message, {"count": len(unsure), "path": unsure[0].path}), "status")
    return Prices(**{**prices.__dict__, "figures": figures})


def _whole(node: Node, name: str, *, least: int) -> int:
    """A whole number of years."""
    value = node.number(name, least=least, most=MOST_YEARS)
    if value == value and not value.is_integer():
        words = N_("{name} is a whole number of years, not {value:g}")
        node.report("E-RULES-RANGE", Message(words, {"name": name, "value": value}), name)
    return int(value) if value == value else least


def _year(head: Node) -> int:
    value = head.table.get("year")
    head.known.add("year")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    head.report("E-RULES-TYPE", Message(N_("{name} is a whole number, as 2022"), {"name": "year"}), "year")
    return 0


def _numbers(node: Node, *names: str) -> dict[str, float]:
    return {name: node.number(name, least=0) for name in names}


def _parts(node: Node, *names: str) -> dict[str, float]:
    """Shares and rates, 0…1."""
    return {name: node.number(name, least=0, most=1) for name in names}


def _table(node: Node, name: str, known: Sequence[str], *, most: float) -> Mapping[str, float]:
    """A table of numbers by word; what it does not name stays unknown."""
    child = node.child(name)
    found = {word: child.number(word, least=0, most=most) for word in known if word in child.table}
    if not found and not child.absent:
        child.report("E-RULES-MISSING", Message(N_("has no number")))
    child.known.update(known)
    child.done()
    return MappingProxyType(found)


def _compensation(node: Node) -> dict[str, Any]:
    return {
        "tenure_factors": _table(node, "tenure_factors", tuple(TENURES), most=1),
        "building_cny_per_m2": _table(node, "building_cny_per_m2", USES, most=1e6),
        "term_years": node.number("term_years", least=1, most=MOST_YEARS),
        **_parts(node, "term_share", "condition", "stoppage_share"),
        **_numbers(node, "land_cny_per_m2", "fittings_cny_per_m2", "moving_cny_per_m2", "transition_cny_per_m2",
                   "unlicensed_cny_per_m2", "signing_wan_per_mu"),
    }  # fmt: skip


def _works(node: Node) -> dict[str, Any]:
    prices = _numbers(node, "demolition_cny_per_m2", "site_works_cny_per_m2", "construction_cny_per_m2")
    return prices | _parts(node, "management_share")


def _finance(node: Node) -> dict[str, Any]:
    return _parts(node, "interest_rate", "discount_rate") | {
        "clear_years": _whole(node, "clear_years", least=0),
        "build_years": _whole(node, "build_years", least=1),
        "income_years": _whole(node, "income_years", least=1),
    }


def _income(node: Node) -> dict[str, Any]:
    prices = _numbers(node, "land_wan_per_mu", "floor_cny_per_m2", "rent_cny_per_m2_year", "tax_wan_per_mu_year")
    prices["tax_before_wan_per_mu_year"] = node.number("tax_before_wan_per_mu_year", math.nan, least=0)
    return prices | _parts(node, "vacancy_share", "local_tax_share")


def _plan(node: Node) -> dict[str, Any]:
    return _numbers(node, "floor_area_ratio", "max_floor_area_ratio") | _parts(node, "buildable_share")


def _modes(node: Node) -> dict[str, Any]:
    modes = {}
    for name, child in node.each_child().items():
        terms = ModeTerms(name, **_parts(child, *SHARES), **_numbers(child, "subsidy_wan_per_mu"))
        if terms.sold_share + terms.let_share > 1:
            words = N_("sold_share and let_share are parts of the same floor and together at most 1")
            child.report("E-RULES-RANGE", Message(words), "let_share")
        child.done()
        modes[name] = terms
    return {"modes": MappingProxyType(modes)}
