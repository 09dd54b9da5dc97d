"""From a project to what a site is chosen from: the parcels of a block, their neighbours, benefit, cost and consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas import Series

from landgis.errors import InputRefused, Place, Problem
from landgis.frames import column_from
from landgis.phases.lifecycle import CODES
from landgis.planning.feasibility import assess, totals
from landgis.planning.siting.adjacency import Neighbours, neighbours
from landgis.planning.siting.candidates import Land
from landgis.planning.siting.connected import NOBODY, Graph, components
from landgis.rules.prices import Prices
from landgis.rules.siting import SiteTerms
from landgis.scoring.flags import as_numbers
from landgis.text import N_, Message
from landgis.units import m2_to_mu
from landgis.workflow.assess_land import Parcels, parcels_of
from landgis.workflow.importing import as_read
from landgis.workflow.log import Log
from landgis.workflow.prepare import outlines
from landgis.workflow.project import Project
from landgis.workflow.register import Register
from landgis.workflow.score import measuring_crs

COST = "cost_wan"  # a column of the office's own: what a parcel costs, all in
FULL = 100.0  # a score: nothing to gain
LEFT_OUT = {
    "outline": N_("has no outline or no area"),
    "renovated": N_("is renovated already"),
    "cost": N_("has no known cost"),
}


@dataclass(frozen=True, eq=False)
class Candidates:
    """The parcels of a block, in the order of the layer; those with a reason in `left_out` are in no site."""

    parcel_ids: np.ndarray  # object
    outline: gpd.GeoSeries  # as imported
    area_mu: np.ndarray
    score: np.ndarray  # NaN: not known
    benefit: np.ndarray  # (100 − score) · mu; the least it can be where the score is not known
    benefit_high: np.ndarray
    cost_wan: np.ndarray  # NaN: not known
    consent: np.ndarray  # 1 agreed, 0 something stands against it, NaN nobody knows
    left_out: np.ndarray  # object: a key of LEFT_OUT, or ""
    beside: Neighbours
    cost_from: str  # the column, or the name of the prices
    own_cost: bool

    @property
    def street_block(self) -> np.ndarray:
        """The street block of each parcel: parcels that touch, or touch the same ones, are of one."""
        touching = self.beside.touching_only()
        return components(Graph(touching.parcels, touching.pair))

    def whole_blocks(self, here: np.ndarray) -> np.ndarray:
        """The street block of some of the parcels; one that falls apart without the others counts as several."""
        touching = self.beside.touching_only()
        among = np.zeros(len(self.parcel_ids), bool)
        among[here] = True
        return components(Graph(touching.parcels, touching.pair), among)[here]

    def land(self) -> tuple[Land, np.ndarray]:
        """The parcels that are not left out, and their positions here; a cost that is not known is not counted."""
        here = np.flatnonzero(self.left_out == "")
        place = np.full(len(self.parcel_ids), NOBODY)
        place[here] = np.arange(len(here))
        inner = (place[self.beside.pair] != NOBODY).all(axis=1)
        area, consent = self.area_mu[here], self.consent[here]
        return Land(
            area_mu=area,
            benefit=self.benefit[here],
            cost_wan=np.nan_to_num(self.cost_wan[here]),
            consented_mu=np.where(consent == 1, area, 0.0),
            unasked_mu=np.where(np.isnan(consent), area, 0.0),
            perimeter_m=self.beside.perimeter_m[here],
            graph=Graph(len(here), place[self.beside.pair[inner]]),
            shared_m=(self.beside.shared_m + self.beside.facing_m)[inner],
        ), here


@dataclass(frozen=True)
class Terms:
    """What the candidates depend on."""

    block: str
    prices: Prices
    mode: str
    road_m: float
    cost_needed: bool
    site: SiteTerms


def candidates(project: Project, terms: Terms) -> Candidates:
    """The parcels of a block as they are today; InputRefused where there is none, or nothing was scored."""
    parcels = parcels_of(project)
    rows = _rows_of_block(parcels, terms.block)
    ids = parcels.frame["parcel_id"].to_numpy(object)[rows]
    outline = parcels.frame.geometry.iloc[rows].reset_index(drop=True)
    area = m2_to_mu(parcels.land.area_m2[rows])
    score, low, high = _scores(project, ids)
    cost, cost_from, own = _costs(parcels, rows, terms)
    renovated, consent = _course(project, ids, parcels.frame.iloc[rows].get("sign_blockers"))
    drawn = _drawn(project, parcels, rows)
    beside = neighbours(drawn, snap_m=terms.site.snap_m, least_m=terms.site.least_edge_m, road_m=terms.road_m)
    reasons = np.select(
        [np.isnan(area) | (drawn == None), renovated, np.isnan(cost) & terms.cost_needed],  # noqa: E711  (elementwise)
        ["outline", "renovated", "cost"], "",
    ).astype(object)  # fmt: skip
    return Candidates(
        ids, outline, area, score,
        benefit=(FULL - np.where(np.isnan(score), high, score)) * area,
        benefit_high=(FULL - np.where(np.isnan(score), low, score)) * area,
        cost_wan=cost, consent=consent, left_out=reasons, beside=beside, cost_from=cost_from, own_cost=own,
    )  # fmt: skip


def _rows_of_block(parcels: Parcels, block: str) -> np.ndarray:
    of_block = parcels.block_id.astype(object)
    rows = np.flatnonzero((of_block == block).to_numpy(bool))
    if not len(rows):
        known = ", ".join(sorted({str(name) for name in of_block.dropna()})) or "—"
        words = N_("there is no block {block}, or it has no parcel; blocks are: {known}")
        raise InputRefused([Problem("E-BLOCK", Message(words, {"block": block, "known": known}), Place(field="block"))])
    return rows


def _scores(project: Project, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score of each parcel, and between which two it must lie; 0 and 100 where not even that is known."""
    saved = project.store.scores()
    if saved is None:
        words = N_("no scores are saved yet; run landgis score on the project first")
        raise InputRefused([Problem("E-SCORES", Message(words), Place(project.store.where))])
    table = saved.set_index("parcel_id").reindex(ids)
    score, low, high = (table[name].to_numpy(float) for name in ("score", "score_low", "score_high"))
    return score, np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), FULL, high)


def _costs(parcels: Parcels, rows: np.ndarray, terms: Terms) -> tuple[np.ndarray, str, bool]:
    """What each parcel costs in 万元: as its own column says, else as it is assessed in the mode; NaN where unknown."""
    if COST in parcels.frame:
        own = as_numbers(column_from(parcels.frame[COST]))[rows]
        return np.where(own >= 0, own, np.nan), COST, True
    found = assess(parcels.land.at(rows), np.full(len(rows), terms.mode, dtype=object), terms.prices)
    cost = np.full(len(rows), np.nan)
    cost[found.kept] = totals(found.amounts)["cost_wan"]
    return cost, terms.prices.id, False


def _course(project: Project, ids: np.ndarray, blockers: Series | None) -> tuple[np.ndarray, np.ndarray]:
    """Whether each parcel is renovated today, and whether its holder agrees: 1 signed, 0 something is against it."""
    day = project.today()
    state, land = Register(project).reached(as_of=day.toordinal())
    at = land.parcel_ids.get_indexer(pd.Index(ids, dtype=object))
    known = at != NOBODY
    renovated = known & (state.renovated[at] <= day.toordinal())
    signed = known & (state.day[at, CODES["SIGNED"]] <= day.toordinal())
    against = (
        np.zeros(len(ids), bool) if blockers is None else blockers.fillna("").astype(str).str.strip().ne("").to_numpy()
    )
    return renovated, np.where(signed, 1.0, np.where(against, 0.0, np.nan))


def _drawn(project: Project, parcels: Parcels, rows: np.ndarray) -> np.ndarray:
    """Outlines in the CRS that areas are measured in, None where unmeasurable."""
    frame = parcels.frame.iloc[rows].reset_index(drop=True)
    read = as_read(parcels.frame, project.store.where, "parcels")
    measured_in = measuring_crs(read, project.settings.get("measure_crs"))
    return outlines(as_read(frame, project.store.where, "parcels"), "parcel_id", measured_in, Log()).geometry


def positions_of(found: Candidates, here: np.ndarray, wanted: Sequence[str], *, inside: bool) -> tuple[int, ...]:
    """Positions in `here` of parcels that are to be in (or out); InputRefused with each that cannot be, and why.

    What no site can hold is out already.
    """
    place = {str(found.parcel_ids[row]): at for at, row in enumerate(here.tolist())}
    reasons = dict(zip(found.parcel_ids.tolist(), found.left_out.tolist(), strict=True))
    field, problems = "--in" if inside else "--out-parcel", []
    for key in dict.fromkeys(wanted):
        if key not in reasons:
            message = Message(N_("there is no parcel {key} in this block"), {"key": key})
            problems.append(Problem("E-PARCEL-UNKNOWN", message, Place(field=field), key))
        elif inside and key not in place:
            message = Message(
                N_("{key} cannot be in a site: it {why}"), {"key": key, "why": Message(LEFT_OUT[reasons[key]])}
            )
            problems.append(Problem("E-SITE-PARCEL", message, Place(field=field), key))
    if problems:
        raise InputRefused(problems)
    return tuple(place[key] for key in dict.fromkeys(wanted) if key in place)
