"""How one parcel was scored: the parts and what each adds, the reasons, what is missing, its place among how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from landgis.scoring.indicators import contributions
from landgis.scoring.parts import PARTS
from landgis.scoring.reasons import STOPS
from landgis.workflow.dossier_land import plain
from landgis.workflow.project import Project
from landgis.workflow.zone import Zone


@dataclass(frozen=True)
class ScorePart:
    """One part of the score, 0–100; weight and contribution are None where another rule set was used then."""

    name: str
    score: float | None
    weight: float | None
    contribution: float | None  # the contributions of all parts add up to the score


@dataclass(frozen=True)
class ScoreCard:
    """The score as saved last, with its bounds and its reasons."""

    score: float | None
    low: float | None
    high: float | None
    parts: tuple[ScorePart, ...]
    grade: str | None
    rank: int | None
    ranked: int  # how many parcels have a rank
    low_efficiency: str | None
    reasons: tuple[str, ...]  # the rules that fired
    sentences: Mapping[str, tuple[str, ...]]  # by language, zh and en
    data_gaps: tuple[str, ...]
    rules_id: str


def score_of(project: Project, zone: Zone, parcel: str) -> ScoreCard | None:
    """The score of a parcel; None where it was not scored."""
    if zone.scores is None or parcel not in zone.scores.index:
        return None
    row = {str(name): plain(value) for name, value in zone.scores.loc[parcel].items()}
    reasons = _split(row["reasons"], ";")
    sentences = {language: _split(row[f"reasons_{language}"], stop) for language, stop in STOPS.items()}
    rank = row["renovation_rank"]
    return ScoreCard(
        _number(row["score"]), _number(row["score_low"]), _number(row["score_high"]), _parts(project, zone, parcel),
        _text(row["grade"]), None if rank is None else int(rank),
        int(zone.scores["renovation_rank"].notna().sum()), _text(row["low_efficiency"]),
        reasons, sentences, _split(row["data_gaps"], ";"), str(row["rules_id"]),
    )  # fmt: skip


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _split(text: object, stop: str) -> tuple[str, ...]:
    return tuple(part for part in str(text or "").split(stop) if part)


def _parts(project: Project, zone: Zone, parcel: str) -> tuple[ScorePart, ...]:
    """The parts, and what each adds to the score by the weights of the rule set that made it."""
    assert zone.scores is not None
    table, rule = zone.scores[[f"{name}_score" for name in PARTS]], project.rules.score
    known = {name: _number(plain(table.loc[parcel, f"{name}_score"])) for name in PARTS}
    if zone.scores.loc[parcel, "rules_id"] != project.rules.id:
        return tuple(ScorePart(name, points, None, None) for name, points in known.items())
    used = [name for name in PARTS if rule.weights.get(name, 0) > 0]
    weight = np.array([rule.weights[name] for name in used])
    points = table[[f"{name}_score" for name in used]].to_numpy(float).T * weight[:, None]
    at = zone.scores.index.get_loc(parcel)
    added = [column[at] / weight.sum() for column in contributions(points, weight.tolist(), [rule.missing] * len(used))]
    mine = dict(zip(used, added, strict=True))
    return tuple(
        ScorePart(name, points, rule.weights.get(name, 0.0), _number(plain(mine.get(name, 0.0))))
        for name, points in known.items()
    )
