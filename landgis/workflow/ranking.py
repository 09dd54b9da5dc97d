"""Which parcels to renovate next, and why each stands where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from landgis.metrics.bounds import Bounded
from landgis.rules.model import RuleSet
from landgis.scoring.change import Change, smallest_changes
from landgis.scoring.flags import SEPARATOR
from landgis.scoring.parts import FULL, PARTS, PartScores, add_up
from landgis.scoring.reasons import STOPS
from landgis.scoring.robustness import rank_robustness
from landgis.text import N_
from landgis.workflow.explaining import SEED, Explained, draws_for
from landgis.workflow.filtering import Filter, chosen_parcels
from landgis.workflow.summary import FIRST
from landgis.workflow.zone import Zone

VISIBLE_POINTS = 0.05  # what moves a score by less is not said: it reads as 0.0
LEFT_OUT = MappingProxyType({  # why a parcel is not among the next
    "renovated": N_("renovated already"),
    "withdrawn": N_("withdrawn"),
    "not_scored": N_("not scored yet"),
    "not_rated": N_("not rated: exempt, or nothing is known"),
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ranking:
    """The parcels that a filter leaves: those to renovate next in their order, and the others by why they are not."""

    table: DataFrame  # index parcel_id, worst first: columns of Zone.on, `place` in this list, `…_points`, `weakest`
    others: DataFrame  # the same columns; `place` is NaN, and `left_out` says why: a key of LEFT_OUT

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Key of LEFT_OUT → parcels."""
        return {key: tuple(map(str, self.others.index[self.others["left_out"] == key])) for key in LEFT_OUT}

    @property
    def all(self) -> DataFrame:
        """Every parcel that the filter leaves, those to renovate next first."""
        return pd.concat([self.table, self.others])


def ranking(zone: Zone, asked: Filter, rules: RuleSet) -> Ranking:
    """The ranked list by the scores that are saved; `place` counts from 1 in the list, ties share the better one."""
    there = zone.on(asked.day).loc[chosen_parcels(zone, asked)]
    if zone.scores is None:
        there = there.assign(renovation_rank=np.nan, rules_id=None)
    why_not = np.select(
        [
            there["renovated"] == "yes",
            there["standstill"] == "WITHDRAWN",
            there["rules_id"].isna(),
            there["renovation_rank"].isna(),
        ],
        list(LEFT_OUT),
        "",
    )
    if zone.scores is not None:
        there = there.join(part_points(zone.scores, rules))
    there = there.assign(left_out=Series(why_not, there.index, dtype=object))
    following = there[why_not == ""].sort_index().sort_values("renovation_rank", kind="stable")
    place = following["renovation_rank"].rank(method="min")
    return Ranking(following.assign(place=place.astype("Int64")), there[why_not != ""].assign(place=pd.NA))


def part_points(scores: DataFrame, rules: RuleSet) -> DataFrame:
    """What each part adds to the score of each row, `intensity_points` …; and `weakest`, the part that costs most.

    Points are NaN where other rules made the score.
    """
    given = np.stack([scores[f"{part}_score"].to_numpy(float) for part in PARTS])
    parts = {name: Bounded(value, value, value) for name, value in zip(PARTS, given, strict=True)}
    added = add_up(parts, rules.score.weights, rules.score.missing).contributions
    weight = np.array([rules.score.weights.get(name, 0.0) for name in PARTS])
    lost = np.nan_to_num(weight[:, None] * (FULL - given), nan=-1.0)
    ours = scores["rules_id"].to_numpy(object) == rules.id
    points = {f"{name}_points": np.where(ours, added.get(name, 0.0), np.nan) for name in PARTS}
    return DataFrame(points | {"weakest": np.array(PARTS, dtype=object)[lost.argmax(axis=0)]}, index=scores.index)


def first_reason(row: Series, language: str) -> str:
    """The first rule that fired for a row of the list, as its sentence in zh or en; "" where none did."""
    said = row[f"reasons_{language}"]
    return said.split(STOPS[language])[0] if isinstance(said, str) else ""


def first_stability(explained: Explained, among: Sequence[str], *, first: int = FIRST) -> tuple[Series, int]:
    """Share of random weights under which each of these parcels is among the `first` of them; how many were drawn."""
    at = explained.parcel_ids.get_indexer(pd.Index(among))
    at = at[at >= 0]
    whole = explained.run.scores.parts.parts
    parts = {name: Bounded(one.value[at], one.low[at], one.high[at]) for name, one in whole.items()}
    rules, grade = explained.run.rules, explained.run.scores.grades[at]
    sure = rank_robustness(
        add_up(parts, rules.score.weights, rules.score.missing), grade, rules,
        population=explained.population[at], worst=first, seed=SEED, draws=draws_for(len(at)),
    )  # fmt: skip
    return Series(sure["worst_stability"].to_numpy(), explained.parcel_ids[at]), draws_for(len(at))


def widest_unknowns(explained: Explained) -> DataFrame:
    """Of each parcel (the index) the data gap that its score depends on most, and the points; NaN and 0 where none."""
    names = np.array([*explained.unknowns, None], dtype=object)
    points = np.stack([*explained.unknowns.values(), np.full(len(explained.parcel_ids), VISIBLE_POINTS)])
    most = points.argmax(axis=0)
    shown = np.where(most == len(points) - 1, 0.0, points.max(axis=0))
    return DataFrame({"missing": names[most], "missing_points": shown}, index=explained.parcel_ids)


@dataclass(frozen=True, eq=False)
class Why:
    """Why one parcel stands where it stands."""

    parcel_id: str
    row: Series  # of the result table
    rated: int  # how many parcels have a rank
    parts: (
        DataFrame  # index part: score, low, high, points, weight, and the weight `used` once unknown parts are settled
    )
    unknowns: Mapping[
        str, float
    ]  # data gap, or what else is open → points that the score could move for it, most first
    other_gaps: tuple[str, ...]  # data gaps that do not move the score
    ranks: tuple[float, float]  # between which it lies, whatever is missing; NaN where it is not rated
    grade_stability: float
    draws: int


def why(explained: Explained, parcel_id: str) -> Why | None:
    """Why a parcel stands where it stands; None where it was not scored."""
    at = explained.position(parcel_id)
    if at is None:
        return None
    row = explained.run.frame.iloc[at]
    moving = {name: float(points[at]) for name, points in explained.unknowns.items() if points[at] >= VISIBLE_POINTS}
    return Why(
        parcel_id,
        row,
        int(explained.rated.sum()),
        _parts_at(explained.run.scores.parts, at, explained.run.rules),
        dict(sorted(moving.items(), key=lambda one: -one[1])),
        tuple(gap for gap in str(row["data_gaps"]).split(SEPARATOR) if gap and gap not in moving),
        (float(explained.ranks.first[at]), float(explained.ranks.last[at])),
        float(explained.grade_stability[at]),
        explained.draws,
    )


def _parts_at(parts: PartScores, at: int, rules: RuleSet) -> DataFrame:
    rows = {
        name: {
            "score": one.value[at], "low": one.low[at], "high": one.high[at],
            "weight": rules.score.weights.get(name, 0.0),
            "points": parts.contributions[name][at] if name in parts.contributions else 0.0,
        }
        for name, one in parts.parts.items()
    }  # fmt: skip
    table = DataFrame.from_dict(rows, orient="index")
    used = table["weight"].where(table["points"].notna())
    return table.assign(used=used / used.sum())


def changes_of(explained: Explained, parcel_id: str) -> list[Change]:
    """For each lever the smallest change that moves the parcel into the next better grade; [] for the best and T.

    That occupants leave is a lever only where two or more are known.
    """
    at, run = explained.position(parcel_id), explained.run
    if at is None:
        return []
    shared = bool(run.measures.columns.number("occupant_count")[at] > 1)
    found = smallest_changes(at, run.measures, run.scores, run.rules, population=explained.population)
    return [change for change in found if shared or change.lever != "occupants"]
