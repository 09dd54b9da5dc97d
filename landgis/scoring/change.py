"""The smallest change that moves a parcel into a better grade, one lever at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa

from landgis.metrics.bounds import Bounded
from landgis.metrics.measure import Measures
from landgis.metrics.occupied import FirmSums
from landgis.rules.model import Classes, RuleSet
from landgis.scoring.parts import score_parts
from landgis.scoring.score import COMPARED_DECIMALS, Scores
from landgis.units import m2_to_mu

Lever = Literal["floor_area_m2", "occupants", "tax_wan"]
STEPS = 60  # halvings; the answer is within 1e-9 of the largest amount tried
FAR_MOST, TAX_MOST_WAN_PER_MU = 100.0, 1e5  # no parcel is built or taxed beyond these


@dataclass(frozen=True)
class Change:
    """How much of one lever lifts a parcel to `grade`; None where that lever alone never does."""

    lever: Lever
    grade: str
    amount: float | None  # m² more floor area, occupants fewer, 万元 more tax


def smallest_changes(
    position: int, measures: Measures, scores: Scores, rules: RuleSet, *, population: np.ndarray
) -> list[Change]:
    """For each lever the least amount that moves the parcel at `position` into the next better grade.

    The other parcels stay as they are. Floor area is new floor that counts once; occupants leave in the order of their
    floor area, smallest first; tax is paid by the firms that are there. Empty for the best grade and for T.
    """
    grade = str(scores.grades[position])
    letters = rules.score.classes.letters
    if grade not in letters[1:]:
        return []
    better = letters[letters.index(grade) - 1]
    others = np.round(scores.parts.score.value, COMPARED_DECIMALS)
    same = (population == population[position]) & scores.rated
    same[position] = False
    target = threshold(rules.score.classes, letters.index(better), others[same])
    one = _alone(measures, position)
    return [
        Change(
            "floor_area_m2",
            better,
            _least(lambda m2: _score(_with_floor(one, m2), rules), target, _floor_most(one)),
        ),
        Change("occupants", better, _fewest(one, measures, position, rules, target)),
        Change("tax_wan", better, _least(lambda wan: _score(_with_tax(one, wan), rules), target, _tax_most(one))),
    ]


def threshold(classes: Classes, index: int, others: np.ndarray) -> float:
    """The score from which a parcel is in class `index`, the others of its population being as they are."""
    if classes.method == "cutscore":
        return classes.bounds[index]
    size = len(others) + 1
    places = np.ceil(classes.bounds[index] * size - 1e-9)  # ranks 1…places are in the class
    if places > len(others):
        return -np.inf
    return float(np.sort(others)[::-1][int(places) - 1])


def _least(score_at: Callable[[float], float], target: float, most: float) -> float | None:
    """The least amount with a score of at least the target; scores do not fall as the amount grows."""
    if not score_at(most) >= target:
        return None
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if score_at(middle) >= target else (middle, high)
    return high


def _fewest(one: Measures, measures: Measures, position: int, rules: RuleSet, target: float) -> float | None:
    if measures.holdings is None:
        return None
    areas = np.sort(measures.holdings.area_m2[measures.holdings.parcel == position])
    for leaving in range(1, len(areas)):
        if _score(_with_occupants(one, areas[leaving:]), rules) >= target:
            return float(leaving)
    return None


def _score(one: Measures, rules: RuleSet) -> float:
    return float(np.round(score_parts(one, rules).score.value[0], COMPARED_DECIMALS))


def _alone(measures: Measures, position: int) -> Measures:
    """The measures of one parcel as a population of its own."""
    pick = np.array([position])
    return replace(
        measures,
        columns=measures.columns.take(pick),
        bounded={name: number.at(pick) for name, number in measures.bounded.items()},
        firm_sums=_pick_sums(measures.firm_sums, pick),
        industry_code=measures.industry_code.take(pa.array(pick)),
    )


def _pick_sums(sums: FirmSums, pick: np.ndarray) -> FirmSums:
    totals = None if sums.totals is None else {name: values[pick] for name, values in sums.totals.items()}
    return FirmSums(totals, sums.above_scale[pick], sums.exact[pick])


def _shift(one: Measures, changes: dict[str, float]) -> Measures:
    bounded = dict(one.bounded)
    for name, more in changes.items():
        bounded[name] = Bounded(*(side + more for side in (bounded[name].value, bounded[name].low, bounded[name].high)))
    return replace(one, bounded=bounded)


def _with_floor(one: Measures, floor_area_m2: float) -> Measures:
    more = floor_area_m2 / _area(one)
    return _shift(one, dict.fromkeys(("floor_area_ratio", "floor_area_ratio_plain", "floor_area_ratio_legal"), more))


def _with_tax(one: Measures, tax_wan: float) -> Measures:
    more = tax_wan / m2_to_mu(_area(one))
    shifted = _shift(one, {"tax_per_mu": more})
    totals = one.firm_sums.totals
    if totals is None:
        return shifted
    more_tax = {"tax_wan": np.nan_to_num(totals["tax_wan"]) + tax_wan}
    return replace(shifted, firm_sums=replace(one.firm_sums, totals={**totals, **more_tax}))


def _with_occupants(one: Measures, areas: np.ndarray) -> Measures:
    effective = np.array([areas.sum() ** 2 / (areas**2).sum()])
    exact = {
        "effective_occupants": effective,
        "tenancy_fragmentation": 1 - 1 / effective,
        "occupant_count": np.array([float(len(areas))]),
    }
    return replace(one, bounded=dict(one.bounded) | {name: Bounded.exact(value) for name, value in exact.items()})


def _area(one: Measures) -> float:
    return float(one.columns.number("area_m2")[0])


def _floor_most(one: Measures) -> float:
    return FAR_MOST * _area(one)


def _tax_most(one: Measures) -> float:
    return TAX_MOST_WAN_PER_MU * m2_to_mu(_area(one))
