"""What goes out of a site: the JSON document, and a row a parcel of the block."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from landgis.planning.siting.assembly import Found
from landgis.planning.siting.candidates import Site
from landgis.planning.siting.refusing import Refusal
from landgis.results import MU, POINTS_MU, WAN, column
from landgis.text import N_, Message, Translate
from landgis.units import MU_DECIMALS
from landgis.workflow.siting import Sited
from landgis.workflow.siting_land import LEFT_OUT

WAN_DECIMALS, POINT_DECIMALS, SHARE_DECIMALS, METRE_DECIMALS = 4, 4, 4, 2
CONSENT = {1.0: "yes", 0.0: "no"}


SITE_COLUMNS = (
    column("parcel_id", "key", "", "parcel_id", N_("parcel number"), N_("Number of the parcel, as in the input.")),
    column("block_id", "text", "", "block_id",
            N_("block"), N_("Block of the parcel: declared, else the block that covers most of it.")),
    column("street_block", "integer", "", "street_bl",
            N_("street block"), N_("Number of the street block: parcels that touch without a road between them.")),
    column("in_site", "text", "", "in_site", N_("in the site"), N_("yes or no.")),
    column("asked", "text", "", "asked", N_("asked for"), N_("in, out, or empty where the choice was free.")),
    column("splits", "text", "", "splits",
            N_("splits the site"), N_("yes where the site falls apart if this parcel refuses; empty outside it.")),
    column("area_mu", "number", MU, "area_mu",
            N_("land area, mu"), N_("Land area in mu = area_m2 × 3 ÷ 2000.")),
    column("score", "number", "0–100", "score",
            N_("score"), N_("Score as saved last by landgis score; empty where the parcel was not scored.")),
    column("benefit", "number", POINTS_MU, "benefit",
            N_("benefit"), N_("(100 − score) × area_mu; the least it can be where the score is not known.")),
    column("cost_wan", "number", WAN, "cost_wan",
            N_("cost, 10 000 CNY"), N_("Own column cost_wan, else all cost of the mode by the prices.")),
    column("consent", "text", "", "consent",
            N_("consent"), N_("yes: signed; no: something stands against it; empty: nobody knows.")),
    column("lost_mu", "number", MU, "lost_mu",
            N_("land lost by a refusal, mu"), N_("Land of the site less that of its best part without this parcel.")),
    column("lost_benefit", "number", POINTS_MU, "lost_ben",
            N_("benefit lost by a refusal"),
            N_("Benefit of the site less that of its best part without this parcel.")),
    column("left_out", "text", "", "left_out",
            N_("why in no site"),
            N_("Why the parcel can be in no site: outline, renovated or cost; empty where it can.")),
)  # fmt: skip


def site_document(sited: Sited, translate: Translate) -> dict[str, Any]:
    """One document: what was asked, the site, how good it is, what refusals cost, the front, what was left out."""
    asked, terms, found = sited.asked, sited.terms, sited.found
    there = sited.candidates
    return {
        "block": asked.block,
        "target_mu": asked.target_mu,
        "most_mu": round(sited.wish.most_mu, MU_DECIMALS),
        "budget_wan": asked.budget_wan,
        "consent_share": asked.consent_share,
        "compactness": asked.compactness,
        "whole_blocks": asked.whole_blocks,
        "road_width_m": terms.road_m,
        "mode": None if there.own_cost else terms.mode,
        "cost_from": there.cost_from,
        "seed": asked.seed,
        "candidates": int((there.left_out == "").sum()),
        "status": found.status,
        **_proof(found),
        "site": _site(sited, sited.site),
        "refusals": [_refusal(sited, one) for one in sited.refusals],
        "pareto": [
            {
                "budget_wan": _wan(point.budget_wan), "bound": round(point.bound, POINT_DECIMALS),
                **_site(sited, point.site),
            }
            for point in sited.front
        ],
        "left_out": [
            {"parcel_id": str(there.parcel_ids[row]), "reason": str(there.left_out[row]),
             "problem": translate(LEFT_OUT[there.left_out[row]])}
            for row in np.flatnonzero(there.left_out != "").tolist()
        ],
        "assumptions": [
            {"name": one.path, "value": one.value, "source": one.source}
            for one in (*terms.site.figures, *(() if there.own_cost else terms.prices.figures))
            if one.status != "verified"
        ],
    }  # fmt: skip


def _proof(found: Found) -> dict[str, Any]:
    return {
        "bound": round(found.bound, POINT_DECIMALS),
        "gap": None if np.isinf(found.gap) else round(found.gap, 6),
        "nodes": found.nodes,
        "cuts": found.cuts,
    }


def _wan(value: float) -> float:
    return round(float(value), WAN_DECIMALS)


def _site(sited: Sited, site: Site) -> dict[str, Any]:
    there, rows = sited.candidates, sited.rows(site)
    unknown = np.isnan(there.cost_wan[rows])
    return {
        "parcels": [str(key) for key in there.parcel_ids[rows]],
        "area_mu": round(site.area_mu, MU_DECIMALS),
        "benefit": round(site.benefit, POINT_DECIMALS),
        "benefit_high": round(float(there.benefit_high[rows].sum()), POINT_DECIMALS),
        "score_unknown": int(np.isnan(there.score[rows]).sum()),
        "cost_wan": None if unknown.any() else _wan(site.cost_wan),
        "cost_known_wan": _wan(float(there.cost_wan[rows[~unknown]].sum())),
        "cost_unknown": int(unknown.sum()),
        "consent_low": round(site.consent_low, SHARE_DECIMALS),
        "consent_high": round(site.consent_high, SHARE_DECIMALS),
        "perimeter_m": round(site.perimeter_m, METRE_DECIMALS),
        "compactness": round(site.compactness, SHARE_DECIMALS),
    }


def _refusal(sited: Sited, one: Refusal) -> dict[str, Any]:
    """Who refuses, what is left of the site, and where it falls apart the best site without them."""
    there, again = sited.candidates, sited.without.get(one.unit)
    names = [str(key) for key in there.parcel_ids[sited.unit == one.unit]]
    document: dict[str, Any] = {
        "parcels": names,
        "splits": one.splits,
        "parts": one.parts,
        "lost_mu": round(one.lost_mu, MU_DECIMALS),
        "lost_benefit": round(one.lost_benefit, POINT_DECIMALS),
        "target_kept": one.rest is not None and one.rest.area_mu >= sited.asked.target_mu,
    }
    if again is not None:
        best = None if again.site is None else _site(sited, again.site)
        lost = None if again.site is None else max(sited.site.benefit - again.site.benefit, 0.0)
        document["best_without"] = {
            "status": again.status, **_proof(again), "site": best,
            "lost_benefit": None if lost is None else round(lost, POINT_DECIMALS),
        }  # fmt: skip
        if again.site is None:
            document["best_without"]["bound"] = None
    return document


def site_layer(sited: Sited) -> gpd.GeoDataFrame:
    """SITE_COLUMNS of every parcel of the block, in the order of the layer."""
    there, size = sited.candidates, len(sited.candidates.parcel_ids)
    inside = np.zeros(size, bool)
    inside[sited.rows(sited.site)] = True
    by_unit = {one.unit: one for one in sited.refusals}
    one_of = [by_unit.get(int(unit)) for unit in sited.unit]
    asked = {**dict.fromkeys(sited.asked.inside, "in"), **dict.fromkeys(sited.asked.outside, "out")}
    table = {
        "parcel_id": there.parcel_ids.astype(str),
        "block_id": sited.asked.block,
        "street_block": there.street_block + 1,
        "in_site": np.where(inside, "yes", "no"),
        "asked": [asked.get(str(key)) for key in there.parcel_ids],
        "splits": [None if one is None else ("yes" if one.splits else "no") for one in one_of],
        "area_mu": there.area_mu.round(MU_DECIMALS),
        "score": there.score,
        "benefit": there.benefit.round(POINT_DECIMALS),
        "cost_wan": there.cost_wan.round(WAN_DECIMALS),
        "consent": [CONSENT.get(one) for one in there.consent.tolist()],
        "lost_mu": [np.nan if one is None else round(one.lost_mu, MU_DECIMALS) for one in one_of],
        "lost_benefit": [np.nan if one is None else round(one.lost_benefit, POINT_DECIMALS) for one in one_of],
        "left_out": [reason or None for reason in there.left_out.tolist()],
    }
    return gpd.GeoDataFrame(table, geometry=there.outline.to_numpy(), crs=there.outline.crs)


def said(sited: Sited) -> Message:
    """How good the site is, in a sentence."""
    words = {
        "optimal": N_("proven: no connected site is better"),
        "within_gap": N_("proven: no connected site is better by more than {gap}"),
        "stopped": N_("time was up: no connected site is better by more than {gap}"),
    }[sited.found.status]
    return Message(words, {"gap": f"{sited.found.gap:.2%}"})
