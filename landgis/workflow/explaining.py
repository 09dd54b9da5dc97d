"""A scoring run kept in memory to explain it: what is missing, how sure grades and ranks are, whether it was saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landgis.columns import texts
from landgis.frames import column_from
from landgis.scoring.parts import PARTS
from landgis.scoring.robustness import rank_robustness
from landgis.scoring.score import COMPARED_DECIMALS, populations
from landgis.scoring.unknowns import RankRange, rank_range, unknown_points
from landgis.text import N_, Message, Tell
from landgis.workflow.importing import as_read
from landgis.workflow.inputs import FILES, Inputs
from landgis.workflow.log import Log
from landgis.workflow.project import Project
from landgis.workflow.score import ScoreRun, score_tables
from landgis.workflow.zone import Zone

SEED = 2025  # of the weight draws: the same scores are always equally sure
LEAST_DRAWS, MOST_DRAWS, STEPS = 200, 2_000, 4_000_000  # parcels × draws: under a second
CHECKED_NUMBERS = (*(f"{part}_score" for part in PARTS), "score", "score_low", "score_high", "renovation_rank")
CHECKED_WORDS = ("grade", "low_efficiency", "reasons", "rules_id")


@dataclass(frozen=True, eq=False)
class Explained:
    """A scoring run on the project as it is, nothing saved, and what explains it; arrays in the order of the run."""

    run: ScoreRun
    parcel_ids: pd.Index
    population: np.ndarray  # which parcels are graded against one another
    unknowns: Mapping[str, np.ndarray]  # data gap → points by which the bounds of each parcel would close
    ranks: RankRange
    grade_stability: np.ndarray  # share of random weights under which the grade stays; NaN where there is none
    draws: int

    @property
    def rated(self) -> np.ndarray:
        """bool[parcels]: those that have a grade and a rank."""
        return self.run.scores.rated

    def position(self, parcel_id: str) -> int | None:
        """Where a parcel stands in the run; None where it was not scored."""
        at = int(self.parcel_ids.get_indexer(pd.Index([parcel_id]))[0])
        return None if at < 0 else at


def scored_from(project: Project, zone: Zone) -> str:
    """What a scoring run depends on, as a key: an event alone does not change it."""
    day = f"{zone.today:%y%m%d}" if zone.register.lines.lineage else ""  # parcels begin and end on days
    return f"{_last_import(zone)}-{day}-{project.settings['rules']}-{project.settings.get('measure_crs', '')}"


def explain_run(project: Project, zone: Zone, *, tell: Tell = lambda _step: None) -> Explained:
    """Score the parcels of the zone that exist today, saving nothing; raises InputRefused as scoring does."""
    gone = zone.parcel_ids[~zone.exists(zone.today)]
    layers = dict(zone.layers)
    layers["parcels"] = layers["parcels"][~layers["parcels"]["parcel_id"].isin(gone)].reset_index(drop=True)
    tables = {name: as_read(layers[name], project.store.where, name) for name in FILES if name in layers}
    inputs = Inputs(parcels="", measure_crs=project.settings.get("measure_crs"))
    run = score_tables(tables, inputs, project.rules, Log(), tell=tell)
    tell("explain")
    return explain(run)


def explain(run: ScoreRun) -> Explained:
    """What explains a run: what is missing, and how sure grades and ranks are."""
    size, scores = len(run.frame), run.scores
    population = populations(run.rules, texts(column_from(run.frame["block_id"])), size)
    low, high = (np.round(side, COMPARED_DECIMALS) for side in (scores.parts.score.low, scores.parts.score.high))
    draws = draws_for(size)
    sure = rank_robustness(
        scores.parts, scores.grades, run.rules,
        population=population, worst=0, seed=SEED, draws=draws,
    )  # fmt: skip
    return Explained(
        run, pd.Index(run.frame["parcel_id"]), population, unknown_points(run.measures, scores.parts, run.rules),
        rank_range(low, high, scores.rated), sure["grade_stability"].to_numpy(), draws,
    )  # fmt: skip


def draws_for(parcels: int) -> int:
    """How many weights are drawn: many for a block, fewer for a county, where each takes longer."""
    return int(np.clip(STEPS // max(parcels, 1), LEAST_DRAWS, MOST_DRAWS))


@dataclass(frozen=True)
class Agreement:
    """Whether the scores that are saved are those that the project gives now."""

    scored: bool
    outdated: bool  # something was imported or replaced since
    parcels: tuple[str, ...]  # those that would score otherwise, or stand in one of the two only

    @property
    def message(self) -> Message | None:
        """What to tell; None where the saved scores hold."""
        if not self.scored:
            return Message(N_("no scores are saved yet"))
        if not self.parcels:
            return None
        before = N_("the saved scores are from before the last import: {count} parcels would score otherwise now")
        other = N_("the saved scores were made with other rules or figures: {count} parcels would score otherwise now")
        return Message(before if self.outdated else other, {"count": len(self.parcels)})


def agreement(explained: Explained, zone: Zone) -> Agreement:
    """Hold the saved scores against the run."""
    if zone.scores is None:
        return Agreement(False, False, ())
    now, saved = explained.run.frame.set_index("parcel_id"), zone.scores
    both = now.index.intersection(saved.index, sort=False)
    ours, theirs = now.loc[both], saved.loc[both]
    same = np.ones(len(both), dtype=bool)
    for name in CHECKED_NUMBERS:
        one, two = (frame[name].to_numpy(float, na_value=np.nan) for frame in (ours, theirs))
        same &= np.isclose(one, two, rtol=0, atol=10.0**-COMPARED_DECIMALS, equal_nan=True)
    for name in CHECKED_WORDS:
        same &= ours[name].fillna("").to_numpy(object) == theirs[name].fillna("").to_numpy(object)
    otherwise = [*both[~same], *now.index.symmetric_difference(saved.index)]
    return Agreement(True, _last_import(zone) > zone.scored_at, tuple(str(parcel) for parcel in otherwise))


def _last_import(zone: Zone) -> int:
    """The line of the ledger at which the layers changed last; new parcels in the place of others change them too."""
    return max(zone.register.imports, default=0)
