"""What other weights would make of the scores: a draft, which nothing saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from landgis.frames import series_of
from landgis.rules.model import RuleSet
from landgis.scoring.classes import NOT_RATED
from landgis.scoring.weighing import reweighed, with_weights
from landgis.workflow.explaining import Explained
from landgis.workflow.summary import FIRST


@dataclass(frozen=True)
class Moves:
    """How other weights move some parcels."""

    better: int  # into a better grade
    worse: int
    ranks: int  # to another rank among all, the grade being the same or not
    entering: tuple[str, ...]  # into the first of the list
    leaving: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Draft:
    """What other weights would make of the scores; it is never saved."""

    rules: RuleSet
    table: DataFrame  # index parcel_id: score, score_low, score_high, grade, renovation_rank; each also as official_…

    def moves(self, among: Sequence[str] | None = None, *, first: int = FIRST) -> Moves:
        """What changes among these parcels (all where None), against the official scores of the same data."""
        places = self.table.index.get_indexer(self.table.index if among is None else pd.Index(among))
        table = self.table.iloc[places[places >= 0]]
        letters = pd.Index([*self.rules.score.classes.letters, NOT_RATED])
        now, was = (letters.get_indexer(pd.Index(table[name])) for name in ("grade", "official_grade"))
        new, old = (table[name] for name in ("renovation_rank", "official_renovation_rank"))
        after, before = (table.index[rank.rank(method="min") <= first] for rank in (new, old))
        return Moves(
            better=int((now < was).sum()),
            worse=int((now > was).sum()),
            ranks=int(np.sum((new != old) & new.notna())),
            entering=tuple(str(parcel) for parcel in after.difference(before, sort=False)),
            leaving=tuple(str(parcel) for parcel in before.difference(after, sort=False)),
        )


def what_if(explained: Explained, weights: Mapping[str, float]) -> Draft:
    """The scores of a run under other weights of intensity, tenancy and output; InputRefused where they are none."""
    rules = with_weights(explained.run.rules, weights)
    official = explained.run.scores.columns
    table = reweighed(explained.run.scores, rules, population=explained.population)
    both = table.assign(**{f"official_{name}": series_of(official[str(name)]).to_numpy() for name in table})
    return Draft(rules, both.set_axis(explained.parcel_ids, axis="index"))
