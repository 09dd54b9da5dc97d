"""The evaluation of firms (亩均论英雄): points, score and class of each, within its population and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pandas import DataFrame, Series, factorize

from landgis.columns import TEXT, texts
from landgis.frames import column_from
from landgis.metrics.firms import add_figures, attribute, sites
from landgis.metrics.ratios import FIGURES, LAND, RATIOS, firm_metrics
from landgis.rules.model import Condition, FirmsRule, Rule, RuleSet
from landgis.scoring.classes import NOT_RATED, classify
from landgis.scoring.flags import as_numbers, join_flags
from landgis.scoring.indicators import add, contributions
from landgis.scoring.populations import (
    ABOVE,
    BELOW,
    TENANT,
    firms_rule,
    level_of,
    missing_of,
    points_of,
    rule_of,
    weights_of,
)

UNRATED = "not_rated"
SHOWN = tuple(RATIOS)[:7]  # the ratios of the result table
COMPARED_DECIMALS = 9  # scores that agree so far are the same score: the order of a sum must not break a tie


@dataclass(frozen=True)
class _Firms:
    """The enterprise rows while they are evaluated: what they yield, and what is known of them."""

    table: DataFrame  # as it came in, counted from 0
    metrics: Mapping[str, np.ndarray]
    land_mu: np.ndarray
    lacking: Mapping[str, np.ndarray]  # per figure: some firm behind the sum has none
    gaps: Mapping[str, np.ndarray]
    population: np.ndarray
    year: np.ndarray


def evaluate_firms(
    enterprises: DataFrame, occupancies: DataFrame | None, parcel_area_m2: Series, rules: RuleSet
) -> DataFrame:
    """One row per enterprise row, in their order, with the Firms columns of the contract.

    `parcel_area_m2` is indexed by parcel_id. Where firms are merged, all firms of a unit show its land, its ratios and
    its score; the unit counts as above scale if any of its firms is. A row that is not rated has no score.
    RulesError where the rule set has no section firms.
    """
    how, size = firms_rule(rules), len(enterprises)
    firms = _gather(enterprises.reset_index(drop=True), occupancies, parcel_area_m2, how)
    unrated = _unrated(firms, how, rules)
    columns = {
        "population": np.where(unrated, UNRATED, firms.population),
        "attribution": np.full(size, how.attribution, dtype=object),
        "land_mu": firms.land_mu,
        **{ratio: firms.metrics[ratio] for ratio in SHOWN},
        **_grade(firms, unrated, how, rules),
        "data_gaps": np.array(join_flags({**_lacking(firms, how), **firms.gaps}, size).to_pylist(), dtype=object),
    }
    return _table(firms.table, columns).set_axis(enterprises.index)


def _grade(firms: _Firms, unrated: np.ndarray, how: FirmsRule, rules: RuleSet) -> dict[str, np.ndarray]:
    """Score, class and parts of every row, one population and year at a time."""
    size = len(unrated)
    score, parts = np.full(size, np.nan), np.full(size, "", dtype=object)
    grade = np.full(size, NOT_RATED, dtype=object)
    vetoed = _fire(how.vetoes, firms, rules)
    for name in np.unique(firms.population.astype(str)):
        rule, here = rule_of(how, str(name)), (firms.population == name) & ~unrated
        for year in np.unique(firms.year[here]):
            rows = np.flatnonzero(here & (firms.year == year))
            metrics = {name: values[rows] for name, values in firms.metrics.items()}
            points = points_of(metrics, rule, rules, _codes(firms.table, rows))
            added = contributions(points, weights_of(rule), missing_of(rule, how))
            score[rows] = add(added)
            letters = classify(np.round(score[rows], COMPARED_DECIMALS), rule.classes, np.zeros(len(rows), int))
            grade[rows] = np.where(vetoed[rows], rule.classes.letters[-1], letters)
            parts[rows] = _texts(added, [indicator.metric for indicator in rule.indicators])
    return {"score": score, "grade": grade, "parts": parts}


def _table(enterprises: DataFrame, columns: Mapping[str, np.ndarray]) -> DataFrame:
    size = len(enterprises)
    blank = {"enterprise_id": Series([None] * size, dtype="str"), "name": Series([None] * size, dtype="str")}
    keys = {name: enterprises.get(name, column) for name, column in blank.items()}
    keys["year"] = enterprises.get("year", Series(np.full(size, np.nan)))
    table = DataFrame(keys | {name: Series(values) for name, values in columns.items()})
    texts = [name for name, values in columns.items() if values.dtype == object]
    return table.astype(dict.fromkeys(texts, "str"))


def _gather(table: DataFrame, occupancies: DataFrame | None, parcel_area_m2: Series, rule: FirmsRule) -> _Firms:
    where, firm = sites(table["enterprise_id"], occupancies, parcel_area_m2)
    units = attribute(where, rule.attribution)
    year = factorize(table["year"])[0] + 1 if "year" in table else np.zeros(len(table), int)
    own = {name: _numbers(table, name) for name in FIGURES}
    above = _numbers(table, ABOVE)
    values = own | {"above": np.where(above == 1, 1.0, 0.0), ABOVE: above}
    sums, lacking = add_figures(units, firm, year, values)
    land = units.land_mu[units.result[firm]]
    is_above = sums["above"] > 0
    population = np.where(is_above, ABOVE, BELOW).astype(object)
    if rule.attribution == "tenant_separate":
        population[units.tenant[firm]] = TENANT
    gaps = {name: flag[units.result[firm]] for name, flag in units.gaps.items()}
    gaps = {"land": np.isnan(land), ABOVE: lacking[ABOVE] & ~is_above & (population != TENANT)} | gaps
    metrics = firm_metrics({**{name: sums[name] for name in FIGURES}, LAND: land}, len(table))
    short = {name: lacking[name] | ~(sums[name] > 0) & _divides(name) for name in FIGURES}
    return _Firms(table, metrics, land, short, gaps, population, year)


def _divides(figure: str) -> bool:
    return any(under == figure for _, under in RATIOS.values())


def _lacking(firms: _Firms, how: FirmsRule) -> dict[str, np.ndarray]:
    """Per figure: an indicator of the row's population needs it, and it is not fully there."""
    gaps = {name: np.zeros(len(firms.land_mu), bool) for name in FIGURES}
    for name in np.unique(firms.population.astype(str)):
        here = firms.population == name
        needed = {part for indicator in rule_of(how, str(name)).indicators for part in RATIOS[indicator.metric]}
        for figure in needed & set(FIGURES):
            gaps[figure] |= here & firms.lacking[figure]
    return gaps


def _codes(table: DataFrame, rows: np.ndarray) -> pa.Array:
    codes = texts(column_from(table["industry_code"])) if "industry_code" in table else pa.nulls(len(table), TEXT)
    return codes.take(pa.array(rows))


def _numbers(table: DataFrame, name: str) -> np.ndarray:
    return as_numbers(column_from(table[name])) if name in table else np.full(len(table), np.nan)


def _unrated(firms: _Firms, rule: FirmsRule, rules: RuleSet) -> np.ndarray:
    """A rule says so, or the land is known and less than the least of the population."""
    least = np.array([rule.min_land_mu.get(str(name), 0.0) for name in firms.population], dtype=float)
    return np.asarray(_fire(rule.not_rated, firms, rules) | (firms.land_mu < least))


def _fire(group: Sequence[Rule], firms: _Firms, rules: RuleSet) -> np.ndarray:
    """True where any rule of the group fires; a condition on a column that is not kept is left out."""
    fired = np.zeros(len(firms.table), dtype=bool)
    for rule in group:
        kept = [each for each in rule.conditions if not each.is_column or each.subject in firms.table]
        if kept:
            join = np.logical_or if rule.combine == "any" else np.logical_and
            fired |= join.reduce([_holds(condition, firms, rules) for condition in kept])
    return fired


def _holds(condition: Condition, firms: _Firms, rules: RuleSet) -> np.ndarray:
    if condition.words:
        return firms.table[condition.subject].astype("str").isin(condition.words).to_numpy(bool)
    assert condition.limit is not None
    codes = _codes(firms.table, np.arange(len(firms.table)))
    limit = level_of(condition.limit, firms.population, codes, rules)
    value = _numbers(firms.table, condition.subject) if condition.is_column else firms.metrics[condition.subject]
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal}
    return np.asarray(compare[condition.test](value, limit))


def _texts(added: Sequence[np.ndarray], metrics: Sequence[str]) -> np.ndarray:
    """`tax_per_mu=14.94;…` for each row, with the indicators that count in it."""
    texts = np.full(len(added[0]), "", dtype=object)
    rounded = np.round(np.stack(added, axis=1), 2) + 0.0  # + 0.0: no "-0.00"
    known = ~np.isnan(rounded)
    for pattern in np.unique(known, axis=0):
        rows = np.flatnonzero((known == pattern).all(axis=1))
        template = ";".join(f"{metric}=%.2f" for metric, counts in zip(metrics, pattern, strict=True) if counts)
        texts[rows] = [template % tuple(row) for row in rounded[np.ix_(rows, pattern)].tolist()]
    return texts
