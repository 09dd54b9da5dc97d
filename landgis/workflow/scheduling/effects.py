"""What the work on each site brings and costs others, and what the sites are today."""

from __future__ import annotations

import numpy as np

from landgis.phases.lines import NOBODY
from landgis.planning.scheduling.value import Effects
from landgis.rules.scheduling import ScheduleTerms
from landgis.workflow.scheduling.basis import SiteFacts
from landgis.workflow.scheduling.modes import Assessed
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.sites import MARK, Allotment

MU_DECIMALS, M2_DECIMALS = 4, 2


def sums(values: np.ndarray, sites: Allotment) -> np.ndarray:
    """Σ over the parcels of each site of float64[n, …], as float64[sites, …]."""
    total = np.zeros((len(sites.site_ids), *values.shape[1:]))
    inside = sites.of_parcel != NOBODY
    np.add.at(total, sites.of_parcel[inside], values[inside])
    return total


def effects_of(
    land: PlanLand, sites: Allotment, found: Assessed, terms: ScheduleTerms, *,
    tax_before: float, modes: tuple[str, ...], admitted: np.ndarray,
) -> Effects:  # fmt: skip
    """Gains of renovated land over today's; a gain in tax or value added that is not known for a parcel counts nothing.

    `tax_before` is the tax per mu that stands for one that is not known, NaN for none. Figures in a mode that a site
    cannot have are 0.
    """
    amounts, area = found.amounts, land.area_mu[:, None]
    tax_now = np.where(np.isnan(land.land.tax_per_mu), tax_before, land.land.tax_per_mu)[:, None]
    tax = amounts["tax_after_wan_year"] - tax_now * area
    added = amounts["taxed_mu"] * terms.value_added_wan_per_mu_year - land.value_added_per_mu[:, None] * area
    moved = np.array([terms.modes[mode].moved_share for mode in modes])
    return Effects(
        area_gain_m2=_where(admitted, sums(amounts["new_floor_m2"] - amounts["legal_floor_m2"], sites)),
        tax_gain_wan=_where(admitted, sums(np.nan_to_num(tax), sites)),
        value_added_gain_wan=_where(admitted, sums(np.nan_to_num(added), sites)),
        displaced_firms=_where(admitted, firms_of(land, sites)[:, None] * moved),
        red_hazards=sums(np.nan_to_num(land.red_hazards), sites),
    )


def firms_of(land: PlanLand, sites: Allotment) -> np.ndarray:
    """How many firms are on each site, int64[sites]; one with rooms on several of its parcels counts once."""
    site = sites.of_parcel[land.firm_parcel]
    inside = site != NOBODY
    pairs = np.unique(np.column_stack([site[inside], land.firm[inside]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=len(sites.site_ids))


def facts_of(land: PlanLand, sites: Allotment) -> tuple[SiteFacts, ...]:
    """The sites as they stand today."""
    area, legal = land.area_mu, np.nan_to_num(land.land.legal_floor_m2.sum(axis=1))
    hazards, firms = np.nan_to_num(land.red_hazards), firms_of(land, sites)
    facts = []
    for at, site_id in enumerate(sites.site_ids):
        rows = np.flatnonzero(sites.of_parcel == at)
        facts.append(
            SiteFacts(
                site_id=site_id,
                name=_name(land, rows) or site_id.removesuffix(MARK),
                block_id=_block(land, rows),
                parcel_ids=tuple(land.ids[rows].tolist()),
                area_mu=round(float(area[rows].sum()), MU_DECIMALS),
                old_floor_m2=round(float(legal[rows].sum()), M2_DECIMALS),
                firms=int(firms[at]),
                red_hazards=round(float(hazards[rows].sum())),
                begun=bool(sites.begun[at]),
            )
        )
    return tuple(facts)


def _name(land: PlanLand, rows: np.ndarray) -> str | None:
    """The name of the block that all of some land lies in."""
    blocks = set(land.block_id[rows].tolist())
    return land.block_names.get(str(blocks.pop())) if len(blocks) == 1 else None


def _block(land: PlanLand, rows: np.ndarray) -> str | None:
    """The block of most of some land."""
    area: dict[str | None, float] = {}
    for row in rows.tolist():
        area[land.block_id[row]] = area.get(land.block_id[row], 0.0) + float(land.area_mu[row])
    return max(area, key=lambda block: area[block]) if area else None


def _where(admitted: np.ndarray, values: np.ndarray) -> np.ndarray:
    there: np.ndarray = np.where(admitted, values, 0.0)
    return there
