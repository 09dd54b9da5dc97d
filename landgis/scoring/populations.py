"""Which firms are compared by which indicators, and the points they earn; also all firms of a parcel as one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from landgis.columns import TEXT
from landgis.errors import Problem, RulesError
from landgis.metrics.ratios import LAND, firm_metrics
from landgis.rules.industry import look_up
from landgis.rules.model import FirmsRule, Level, Missing, Population, RuleSet
from landgis.scoring.indicators import indicator_points, total
from landgis.text import N_, Message

ABOVE, BELOW, TENANT = "above_scale", "below_scale", "tenant"
FULL = 100.0


def firms_rule(rules: RuleSet) -> FirmsRule:
    """How firms are evaluated; RulesError where the rule set does not say."""
    if rules.firms is None:
        message = N_("rule set {name} does not say how firms are evaluated; choose another one")
        raise RulesError([Problem("E-RULES-FIRMS", Message(message, {"name": rules.id}))])
    return rules.firms


def rule_of(rule: FirmsRule, population: str) -> Population:
    """Indicators and classes of a population; tenants without their own have those of firms below scale."""
    by_name = {str(each.name): each for each in rule.populations}
    return by_name[population] if population in by_name else by_name[BELOW]


def weights_of(rule: Population) -> list[float]:
    """Weight of each indicator."""
    return [indicator.weight for indicator in rule.indicators]


def missing_of(rule: Population, firms: FirmsRule) -> list[Missing]:
    """Policy of each indicator."""
    return [indicator.missing or firms.missing for indicator in rule.indicators]


def points_of(metrics: Mapping[str, np.ndarray], rule: Population, rules: RuleSet, codes: pa.Array) -> list[np.ndarray]:
    """Points of each row in each indicator of its population; `codes` are the industries."""
    names = np.full(len(codes), rule.name, dtype=object)
    return [
        indicator_points(metrics[one.metric], level_of(one.benchmark, names, codes, rules), one)
        for one in rule.indicators
    ]


def level_of(wanted: Level, population: np.ndarray, codes: pa.Array, rules: RuleSet) -> np.ndarray:
    """The benchmark or limit of each row; NaN where nothing certain says."""
    if wanted.table is not None:
        low, high = look_up(rules.tables[wanted.table], codes)
        return np.where(low == high, low, np.nan)
    if wanted.by_population:
        choices = {**wanted.by_population}
        choices.setdefault(TENANT, choices.get(BELOW, np.nan))
        names, which = np.unique(population.astype(str), return_inverse=True)
        return np.array([choices.get(str(name), np.nan) for name in names], dtype=float)[which]
    return np.full(len(population), np.nan if wanted.value is None else wanted.value)


def parcel_points(
    totals: Mapping[str, np.ndarray], area_mu: np.ndarray, above_scale: np.ndarray, rules: RuleSet
) -> dict[str, tuple[np.ndarray, list[np.ndarray]]]:
    """Population → the parcels that are of it, and their points in each of its indicators."""
    how, size = firms_rule(rules), len(area_mu)
    metrics = firm_metrics({**totals, LAND: np.asarray(area_mu, dtype=float)}, size)
    above, found = above_scale == 1, {}
    for name, here in ((ABOVE, above), (BELOW, ~above)):
        chosen = {metric: values[here] for metric, values in metrics.items()}
        unsaid = pa.nulls(int(here.sum()), TEXT)
        found[name] = here, points_of(chosen, rule_of(how, name), rules, unsaid)
    return found


def parcel_total(
    totals: Mapping[str, np.ndarray],
    area_mu: np.ndarray,
    above_scale: np.ndarray,
    rules: RuleSet,
    means: Mapping[str, list[float]] | None = None,
) -> np.ndarray:
    """Score of all firms on each parcel as one unit, 0–100; NaN where none of its indicators can be computed.

    `totals` are the summed figures by parcel, `above_scale` is 1 where any of the firms is; what is not known is not.
    `means` are those of the points of each population, where these parcels are only some of them.
    """
    how, result = firms_rule(rules), np.full(len(area_mu), np.nan)
    for name, (here, points) in parcel_points(totals, area_mu, above_scale, rules).items():
        rule = rule_of(how, name)
        known = None if means is None else means[name]
        result[here] = total(points, weights_of(rule), missing_of(rule, how), known)
    return np.asarray(np.minimum(np.maximum(result, 0), FULL))
