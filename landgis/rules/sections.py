"""The sections of a rule file that hold scores: areas, storeys, indicators, classes, parcels, firms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

from landgis.rules.conditions import check_metric, read_rules, unique_ids
from landgis.rules.model import (
    AreaRule,
    Classes,
    FirmsRule,
    Indicator,
    Level,
    Missing,
    Population,
    ScoreRule,
    StoreyRule,
)
from landgis.rules.reading import POPULATIONS, UNKNOWN, Node
from landgis.text import N_, Message

PARTS = ("intensity", "tenancy", "output")
PARCEL_METRICS = (
    "floor_area_ratio", "floor_area_ratio_plain", "floor_area_ratio_legal", "building_coverage_ratio",
    "occupant_count", "effective_occupants", "tenancy_fragmentation", "leased_share", "unknown_floor_share",
    "unlicensed_floor_share", "output_per_mu", "revenue_per_mu", "value_added_per_mu", "tax_per_mu",
)  # fmt: skip
FIRM_METRICS = (
    "tax_per_mu", "value_added_per_mu", "value_added_per_tce", "value_added_per_emission_t", "value_added_per_employee",
    "rnd_share", "tax_per_kwh", "output_per_mu", "revenue_per_mu",
)  # fmt: skip
MISSING = ("exclude_and_reweight", "zero", "mean_score")
ATTRIBUTIONS = ("owner_merge", "lessee_includes_rented", "tenant_separate")
NOT_RATED = "T"
FULL = 100.0


def read_area(node: Node) -> AreaRule:
    """[area]: which area counts, and the gap that is still no data gap."""
    prefers = cast(Any, node.choice("prefers", ("registered", "geometry")))
    rule = AreaRule(prefers, node.number("gap_share", least=0, most=1), node.number("gap_m2", least=0))
    node.done()
    return rule


def read_storey(node: Node) -> StoreyRule:
    """[storey]: from which height a storey counts more than once."""
    rule = StoreyRule(node.number("double_above_m", least=0), node.number("counts", least=1))
    node.done()
    return rule


def read_score(node: Node) -> ScoreRule:
    """[score]: the parts of a parcel's score and their weights."""
    missing = cast(Missing, node.choice("missing", MISSING))
    from_firms = node.flag("output_from_firms", default=False)
    cap = node.cap(UNKNOWN)
    weight_node = node.child("weights")
    weights = {name: weight_node.number(name, least=0, most=1) for name in PARTS if not weight_node.absent}
    weight_node.done()
    check_sum(weight_node, weights.values(), 1)
    part_node = node.child("parts")
    parts = {
        name: read_indicators(part_node, name, PARCEL_METRICS, cap, needed=_needs(name, weights, from_firms))
        for name in PARTS
        if not part_node.absent
    }
    part_node.done()
    classes = read_classes(node.child("classes"), may_be_within=True)
    concentration = node.number("concentration", least=1e-6)
    node.done()
    return ScoreRule(weights, parts, missing, from_firms, classes, concentration)


def _needs(part: str, weights: Mapping[str, float], from_firms: bool) -> bool:
    return weights.get(part, 0) > 0 and not (part == "output" and from_firms)


def check_sum(node: Node, weights: Iterable[float], wanted: float) -> None:
    """Report weights that do not add up; a weight that could not be read is reported already."""
    weights = list(weights)
    sum_ = math.fsum(weights)
    if weights and not math.isnan(sum_) and not math.isclose(sum_, wanted, rel_tol=1e-9):
        values = {"sum": f"{sum_:.10g}", "wanted": f"{wanted:g}", "weights": " + ".join(f"{w:g}" for w in weights)}
        node.report("E-RULES-WEIGHTS", Message(N_("the weights sum to {sum}, not {wanted}: {weights}"), values))


def read_indicators(
    node: Node, name: str, metrics: Sequence[str], cap: float | None, *, needed: bool
) -> tuple[Indicator, ...]:
    """A list of indicators whose weights add up to 100; `cap` holds for those that do not say their own."""
    nodes = node.children(name, needed=needed, label="metric")
    indicators = tuple(_read_indicator(each, metrics, cap) for each in nodes)
    unique_ids(nodes, "metric")
    if nodes:
        check_sum(node.named(name), [indicator.weight for indicator in indicators], FULL)
    return indicators


def _read_indicator(node: Node, metrics: Sequence[str], cap: float | None) -> Indicator:
    metric = check_metric(node, "metric", metrics)
    own_cap = node.cap(cap)
    if own_cap is not None and math.isnan(own_cap) and "cap" not in node.table:
        node.report(
            "E-RULES-MISSING",
            Message(N_('{name} is missing, here or in the section: a number, or "none"'), {"name": "cap"}),
        )
    missing = node.choice("missing", MISSING, "")
    indicator = Indicator(
        metric,
        weight=node.number("weight", least=0),
        benchmark=node.level("benchmark"),
        zero=node.number("zero", 0.0),
        cap=own_cap,
        lowest=node.number("lowest", 0.0),
        scale=node.number("scale", 1.0),
        missing=cast(Missing, missing) if missing else None,
    )
    node.done()
    _check_benchmark(node, indicator.benchmark, indicator.zero)
    return indicator


def _check_benchmark(node: Node, benchmark: Level, zero: float) -> None:
    if zero in (benchmark.value, *benchmark.by_population.values()):
        message = Message(N_("the benchmark equals the zero point {zero:g}: no points can lie between"), {"zero": zero})
        node.report("E-RULES-BENCHMARK", message, "benchmark")


def read_classes(node: Node, *, may_be_within: bool = False) -> Classes:
    """Classes: `method`, `bounds = { A = 0.2, … }` from the best down, and the letter of the rest, `last`."""
    method = cast(Any, node.choice("method", ("quantile", "cutscore")))
    within = cast(Any, node.choice("within", ("zone", "block"), "zone") if may_be_within else "zone")
    bound_node = node.child("bounds")
    bounds = bound_node.numbers()
    bound_node.done()
    letters = (*bounds, node.text("last"))
    node.done()
    if not node.absent and not bound_node.absent:
        _check_classes(bound_node, method, letters, tuple(bounds.values()))
    return Classes(method, letters, tuple(bounds.values()), within)


def _check_classes(node: Node, method: str, letters: Sequence[str], bounds: Sequence[float]) -> None:
    shown = {"bounds": ", ".join(f"{bound:g}" for bound in bounds)}
    steps = list(pairwise(bounds))
    if not bounds:
        node.report("E-RULES-CLASSES", Message(N_("there is no class besides the last one")))
    if method == "quantile" and any(a >= b for a, b in steps):
        node.report(
            "E-RULES-CLASSES", Message(N_("cumulated shares must grow from the best class down: {bounds}"), shown)
        )
    if method == "quantile" and any(not 0 < bound < 1 for bound in bounds if not math.isnan(bound)):
        node.report("E-RULES-CLASSES", Message(N_("a cumulated share lies between 0 and 1: {bounds}"), shown))
    if method == "cutscore" and any(a <= b for a, b in steps):
        node.report("E-RULES-CLASSES", Message(N_("cut scores must fall from the best class down: {bounds}"), shown))
    if len(set(letters)) < len(letters) or NOT_RATED in letters:
        values = {"letters": ", ".join(letters), "not_rated": NOT_RATED}
        node.report(
            "E-RULES-CLASSES",
            Message(N_("classes are different letters, and {not_rated} means not rated: {letters}"), values),
        )


def read_firms(node: Node) -> FirmsRule:
    """[firms]: how firms are evaluated, per population."""
    attribution = cast(Any, node.choice("attribution", ATTRIBUTIONS))
    missing = cast(Missing, node.choice("missing", MISSING))
    cap = node.cap(UNKNOWN)
    land_node = node.child("min_land_mu", needed=False)
    min_land = land_node.numbers(POPULATIONS, least=0)
    land_node.done()
    shared = read_classes(node.child("classes"))
    populations = [
        _read_population(node.child(name), name, cap, shared)
        for name in POPULATIONS
        if name != "tenant" or name in node.table
    ]
    vetoes, not_rated = read_rules(node, ("vetoes", "not_rated"), FIRM_METRICS)
    node.done()
    return FirmsRule(attribution, missing, min_land, tuple(populations), vetoes, not_rated)


def _read_population(node: Node, name: str, cap: float | None, shared: Classes) -> Population:
    indicators = read_indicators(node, "indicators", FIRM_METRICS, cap, needed=True)
    classes = read_classes(node.child("classes")) if "classes" in node.table else shared
    node.known.add("classes")
    node.done()
    return Population(cast(Any, name), indicators, classes)
