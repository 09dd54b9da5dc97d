"""Schedule rules (TOML): how long work takes, who pays, how much floor firms need, what counts how much.

Each number with source and status. Money in 万元, floor and land in m², durations in quarters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from landgis.errors import RulesError
from landgis.rules.extending import Source, checked_figures, head_of, open_chain, packaged, section, year_of
from landgis.rules.model import Figure, Words
from landgis.rules.reading import STATUSES, Node
from landgis.tables import MILESTONES, SIDE_MILESTONES
from landgis.text import N_, Message

FOLDER = Path(__file__).parent / "schedule_files"
DEFAULT_SCHEDULE = "yongkang-draft"
SECTIONS = ("plan", "search", "money", "floor", "crews", "industry", "weights", "spread", "milestones", "modes")
KINDS = ("ground", "upper")  # of floor: one cannot stand in for the other
PHASES = ("vacate", "demolish", "rebuild")
WEIGHTS = (
    "per_area_m2", "per_tax_wan", "per_value_added_wan", "per_firm_month", "per_hazard_quarter", "discount_a_year",
)  # fmt: skip
STEPS = tuple(name for name in MILESTONES if name not in SIDE_MILESTONES)
MOST_QUARTERS = 200
MOST_BUFFER = 8  # quarters


@dataclass(frozen=True)
class ModeTimes:
    """How a mode of renovation runs, and what of it is the public's; all that is no duration is a share, 0…1."""

    id: str
    vacate_quarters: int
    demolish_quarters: int
    rebuild_quarters: int
    letting_quarters: int  # from the end of the work until its floor can be moved into
    public_cost_share: float  # of the mode's cost that public money pays
    public_income_share: float  # of land income, floor sold, subsidy and rent that comes back to it
    public_tax_share: float  # of the local gain in tax that comes back to it
    needed_share: float  # of the floor that the firms occupy, which they need elsewhere while the work lasts
    return_share: float  # of the new floor that is not sold: open to firms that have to move
    moved_share: float  # of the firms, which are out of their rooms while the work lasts
    industrial_share: float  # of the land, which is industrial again when the work is finished

    @property
    def phase_quarters(self) -> tuple[int, int, int]:
        """Quarters of vacating, demolishing and rebuilding."""
        return self.vacate_quarters, self.demolish_quarters, self.rebuild_quarters


@dataclass(frozen=True)
class Crew:
    """A kind of crew: how many there are, and how many a site takes in each of PHASES."""

    title: Words
    limit: float
    use: tuple[float, float, float]


@dataclass(frozen=True)
class Spread:
    """How far a phase's duration may lie from the planned one, as factors (`planning.scheduling.montecarlo`)."""

    kind: Literal["triangular", "lognormal"]
    low: float
    usual: float
    high: float


@dataclass(frozen=True)
class ScheduleTerms:
    """What a schedule takes for granted in one place and year."""

    id: str
    title: Words
    place: str
    year: int
    status: Literal["verified", "unverified"]
    note: Words
    quarters: int
    which: Literal["all", "low_efficiency"]  # parcels that are planned
    allowed_modes: tuple[str, ...]  # that are chosen among where nobody says otherwise
    begun_mode: str  # of land already begun, whose own mode has no terms
    dropped_share: float  # of a site's land that is left out rather than a mode given up for want of its figures
    seconds: float
    gap: float
    draws: int
    looks: int  # of the heuristic, at where a site would fit
    budget_wan: float  # new public money a quarter
    kinds: Mapping[str, Words]  # kind of floor → what it is called
    ground_share: float  # of floor in buildings whose storeys nobody knows
    new_ground_share: float  # of new floor
    vacant_share: float  # of the legal floor that stands: empty, and fit to be moved into
    buffer_quarters: int  # so much later than it is due is new floor counted on
    crews: Mapping[str, Crew]
    industrial_codes: tuple[str, ...]  # land use codes that begin like this are industrial land
    industry_share: float  # of the industrial land now, which must stay so at any time
    weights: Mapping[str, float]  # by WEIGHTS: what `planning.scheduling.value.Weights` is made from
    value_added_wan_per_mu_year: float  # of renovated land
    spread: Spread
    milestones: Mapping[str, tuple[str, float]]  # milestone → the phase (of PHASES) and the share of it done by then
    modes: Mapping[str, ModeTimes]
    figures: tuple[Figure, ...] = ()


def load_schedule(id_or_path: str) -> ScheduleTerms:
    """The schedule rules of that name, or of that file; RulesError with every mistake if they have any."""
    opened, problems = open_chain(id_or_path, FOLDER)
    terms = _build(opened) if opened else None
    problems += [problem for source in opened for problem in source.reading.problems]
    if terms is None or problems:
        raise RulesError(problems)
    return terms


def list_schedules() -> list[ScheduleTerms]:
    """The schedule rules that come with landgis, the default ones first."""
    return [load_schedule(name) for name in packaged(FOLDER, first=DEFAULT_SCHEDULE)]


def _build(opened: list[Source]) -> ScheduleTerms:
    """The head from the first file, each section from the nearest file that has it."""
    head = head_of(opened, SECTIONS)
    values: dict[str, Any] = {}
    nodes: dict[str, Node] = {}
    readers = (_plan, _search, _money, _floor, _crews, _industry, _weights, _spread, _milestones, _modes)
    for name, read in zip(SECTIONS, readers, strict=True):
        nodes[name] = section(opened, name)
        values |= read(nodes[name])
        nodes[name].done()
    terms = ScheduleTerms(
        id=head.text("id"),
        title=head.words("title"),
        place=head.text("place"),
        year=year_of(head),
        status=cast(Any, head.choice("status", STATUSES)),
        note=head.words("note"),
        **values,
    )
    head.done()
    _check_modes(terms, nodes["plan"])
    return replace(terms, figures=checked_figures(opened, terms.status, head))


def _check_modes(terms: ScheduleTerms, node: Node) -> None:
    """The modes that the plan names have terms."""
    for name, said in (("modes", terms.allowed_modes), ("begun_mode", (terms.begun_mode,))):
        for mode in said:
            if mode and mode not in terms.modes and terms.modes:
                words = N_("{mode} has no section [modes.{mode}]; there are: {known}")
                node.report("E-RULES-CHOICE", Message(words, {"mode": mode, "known": ", ".join(terms.modes)}), name)


def _whole(node: Node, name: str, *, least: int = 0, most: int = MOST_QUARTERS) -> int:
    """A whole number."""
    value = node.number(name, least=least, most=most)
    if value == value and not value.is_integer():
        words = N_("{name} is a whole number, not {value:g}")
        node.report("E-RULES-RANGE", Message(words, {"name": name, "value": value}), name)
    return int(value) if value == value else least


def _share(node: Node, name: str) -> float:
    return node.number(name, least=0, most=1)


def _noted(node: Node, name: str, *, needed: bool = True) -> tuple[str, ...]:
    """A list of words, among the figures as it decides like one."""
    words = node.texts(name, needed=needed)
    if not words and not node.absent and name in node.table:
        node.report("E-RULES-MISSING", Message(N_("{name} is missing"), {"name": name}), name)
    node.note(name, ", ".join(words))
    return words


def _plan(node: Node) -> dict[str, Any]:
    which, begun = node.choice("which", ("all", "low_efficiency")), node.text("begun_mode")
    node.note("which", which)
    node.note("begun_mode", begun)
    return {
        "quarters": _whole(node, "quarters", least=1),
        "which": which,
        "allowed_modes": _noted(node, "modes"),
        "begun_mode": begun,
        "dropped_share": _share(node, "dropped_share"),
    }


def _search(node: Node) -> dict[str, Any]:
    return {
        "seconds": node.number("seconds", least=1, most=86_400),
        "gap": _share(node, "gap"),
        "draws": _whole(node, "draws", most=100_000),
        "looks": _whole(node, "looks", most=10_000_000),
    }


def _money(node: Node) -> dict[str, Any]:
    return {"budget_wan": node.number("budget_wan", least=0)}


def _floor(node: Node) -> dict[str, Any]:
    names = ("ground_share", "new_ground_share", "vacant_share")
    kinds = node.child("kinds")
    titles = {kind: kinds.words(kind) for kind in KINDS}
    kinds.done()
    buffer = _whole(node, "buffer_quarters", most=MOST_BUFFER)
    shares = {name: _share(node, name) for name in names}
    return {"kinds": MappingProxyType(titles), "buffer_quarters": buffer, **shares}


def _crews(node: Node) -> dict[str, Any]:
    crews = {}
    for name, child in node.each_child().items():
        use = [child.number(phase, least=0) for phase in PHASES]
        crews[name] = Crew(child.words("title"), child.number("limit", least=0), (use[0], use[1], use[2]))
        child.done()
    return {"crews": MappingProxyType(crews)}


def _industry(node: Node) -> dict[str, Any]:
    return {"industrial_codes": _noted(node, "codes"), "industry_share": _share(node, "share")}


def _weights(node: Node) -> dict[str, Any]:
    weights = {name: node.number(name, least=0) for name in WEIGHTS}
    after = node.number("value_added_wan_per_mu_year", least=0)
    return {"weights": MappingProxyType(weights), "value_added_wan_per_mu_year": after}


def _spread(node: Node) -> dict[str, Any]:
    kind = node.choice("kind", ("triangular", "lognormal"))
    node.note("kind", kind)
    low, usual, high = (node.number(name, least=0.01, most=100) for name in ("low", "usual", "high"))
    if low > usual or usual > high:
        words = N_("low, usual and high rise, which {low:g}, {usual:g}, {high:g} do not")
        node.report("E-RULES-RANGE", Message(words, {"low": low, "usual": usual, "high": high}), "usual")
    return {"spread": Spread(cast(Any, kind), low, usual, high)}


def _milestones(node: Node) -> dict[str, Any]:
    """When in the work each milestone is reached; in the order of the milestones, never an earlier point."""
    found: dict[str, tuple[str, float]] = {}
    last = (0, 0.0)
    for name in STEPS:
        child = node.child(name)
        point = (child.choice("phase", PHASES), _share(child, "share"))
        child.note("phase", point[0])
        child.done()
        place = (PHASES.index(point[0]) if point[0] in PHASES else 0, point[1])
        if place < last:
            words = N_("{name} comes before the milestone ahead of it")
            child.report("E-RULES-RANGE", Message(words, {"name": name}), "share")
        last = max(place, last)
        found[name] = point
    return {"milestones": MappingProxyType(found)}


def _modes(node: Node) -> dict[str, Any]:
    modes = {}
    for name, child in node.each_child().items():
        numbers: dict[str, Any] = {
            field: _whole(child, field) if field.endswith("_quarters") else _share(child, field)
            for field in ModeTimes.__annotations__
            if field != "id"
        }
        modes[name] = ModeTimes(name, **numbers)
        if not any(modes[name].phase_quarters) and not child.absent:
            child.report("E-RULES-RANGE", Message(N_("the work takes no time at all")), "rebuild_quarters")
        child.done()
    return {"modes": MappingProxyType(modes)}
