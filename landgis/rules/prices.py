"""Price files (TOML): what renovation costs and brings in one place and year, each number with source and status."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from landgis.errors import RulesError
from landgis.rules.extending import Source, checked_figures, head_of, open_chain, packaged, section, year_of
from landgis.rules.model import Figure, Words
from landgis.rules.reading import STATUSES, Node
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
    opened, problems = open_chain(id_or_path, FOLDER)
    prices = _build(opened) if opened else None
    problems += [problem for source in opened for problem in source.reading.problems]
    if prices is None or problems:
        raise RulesError(problems)
    return prices


def list_prices() -> list[Prices]:
    """The price files that come with landgis, the default one first."""
    return [load_prices(name) for name in packaged(FOLDER, first=DEFAULT_PRICES)]


def _build(opened: Sequence[Source]) -> Prices:
    """The head from the first file, each section from the nearest file that has it."""
    head = head_of(opened, SECTIONS)
    values: dict[str, Any] = {}
    for name, read in zip(SECTIONS, (_compensation, _works, _finance, _income, _plan, _modes), strict=True):
        node = section(opened, name)
        values |= read(node)
        node.done()
    prices = Prices(
        id=head.text("id"),
        title=head.words("title"),
        place=head.text("place"),
        year=year_of(head),
        status=cast(Any, head.choice("status", STATUSES)),
        note=head.words("note"),
        **values,
    )
    head.done()
    return replace(prices, figures=checked_figures(opened, prices.status, head))


def _whole(node: Node, name: str, *, least: int) -> int:
    """A whole number of years."""
    value = node.number(name, least=least, most=MOST_YEARS)
    if value == value and not value.is_integer():
        words = N_("{name} is a whole number of years, not {value:g}")
        node.report("E-RULES-RANGE", Message(words, {"name": name, "value": value}), name)
    return int(value) if value == value else least


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
