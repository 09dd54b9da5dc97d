"""What a firm yields (亩均论英雄), and which land and which figures count as its own.

Three ways to attribute land that several firms use, as counties have published them:
`owner_merge` (遂昌 2023), `lessee_includes_rented` (开化 2014), `tenant_separate` (慈溪 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pandas import DataFrame, Series, concat, factorize

from landgis.units import m2_to_mu

OWNER, RELATIONS = "owner", ("owner", "tenant", "subtenant")


@dataclass(frozen=True)
class Sites:
    """One row per firm and parcel, as positions in the sorted ids: rows of a firm on a parcel are added up."""

    firm: np.ndarray
    parcel: np.ndarray
    area_m2: np.ndarray  # NaN where no row of the pair has a floor area
    unsure: np.ndarray  # a row of the pair has none
    owns: np.ndarray
    silent: np.ndarray  # no row of the pair says what the firm is to the parcel
    parcel_mu: np.ndarray
    firms: int

    @property
    def parcels(self) -> int:
        """How many parcels are occupied."""
        return len(self.parcel_mu)


def sites(enterprise_id: Series, occupancies: DataFrame | None, parcel_area_m2: Series) -> tuple[Sites, np.ndarray]:
    """Where the firms are, and the position of each enterprise row in the sorted ids of all firms."""
    rows = _occupied(occupancies)
    both = concat([enterprise_id.astype("str").fillna(""), rows["enterprise_id"]], ignore_index=True)
    firm, firm_ids = factorize(both, sort=True)
    parcel, parcel_ids = factorize(rows["parcel_id"], sort=True)
    mine, firm = firm[: len(enterprise_id)], firm[len(enterprise_id) :]
    size = max(len(parcel_ids), 1)
    pair, place = np.unique(firm.astype(np.int64) * size + parcel, return_inverse=True)
    area = rows["floor_area_m2"].to_numpy(float)
    relation = rows["relation"].to_numpy(object)
    known = np.bincount(place, ~np.isnan(area), minlength=len(pair)) > 0
    order = np.lexsort((area, place))  # sums must not depend on the order of the rows
    total = np.bincount(place[order], np.nan_to_num(area[order]), minlength=len(pair))
    land = Series(parcel_area_m2.to_numpy(float), index=parcel_area_m2.index.astype("str"))
    found = Sites(
        firm=pair // size,
        parcel=pair % size,
        area_m2=np.where(known, total, np.nan),
        unsure=np.bincount(place, np.isnan(area), minlength=len(pair)) > 0,
        owns=np.bincount(place, relation == OWNER, minlength=len(pair)) > 0,
        silent=np.bincount(place, np.isin(relation.astype(str), RELATIONS), minlength=len(pair)) == 0,
        parcel_mu=m2_to_mu(land.where(land > 0).reindex(parcel_ids).to_numpy(float)),
        firms=len(firm_ids),
    )
    return found, mine


def _occupied(occupancies: DataFrame | None) -> DataFrame:
    """Occupancy rows that name firm and parcel, with the columns that are used here."""
    source = DataFrame() if occupancies is None else occupancies
    texts = {name: source.get(name, Series(dtype="str")).astype("str") for name in ("enterprise_id", "parcel_id")}
    rows = DataFrame(texts)
    rows["floor_area_m2"] = source["floor_area_m2"].astype("float64") if "floor_area_m2" in source else np.nan
    rows["relation"] = source["relation"].astype("object") if "relation" in source else None
    return rows[rows["enterprise_id"].notna() & rows["parcel_id"].notna()].reset_index(drop=True)


def share_of_parcel(where: Sites) -> np.ndarray:
    """Each firm's share of the occupied floor area of a parcel; the shares on a parcel sum to 1.

    A floor area that is not known counts as the mean of the known ones there; equal shares where none is known.
    """
    area = _filled(where)
    area = np.where(np.isnan(area), 1.0, area)
    return _shares(area, where.parcel, where.parcels)


def share_of_firm(where: Sites) -> np.ndarray:
    """Share of each firm that is on a parcel, by floor area; the shares of a firm sum to 1.

    A floor area that is not known counts as the mean of the known ones on that parcel; where there is none, as the mean
    of the firm's other areas; equal shares where there is none either.
    """
    area = _filled(where)
    mean = _means(area, where.firm, where.firms)[where.firm]
    area = np.where(np.isnan(area), mean, area)
    return _shares(np.where(np.isnan(area), 1.0, area), where.firm, where.firms)


def _filled(where: Sites) -> np.ndarray:
    mean = _means(where.area_m2, where.parcel, where.parcels)[where.parcel]
    return np.where(np.isnan(where.area_m2), mean, where.area_m2)


def _means(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Mean of the known values of each group; NaN where it has none."""
    known = np.bincount(group, ~np.isnan(values), minlength=groups)
    total = np.bincount(group, np.nan_to_num(values), minlength=groups)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)


def _shares(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    total = np.bincount(group, values, minlength=groups)
    values = np.where(total[group] > 0, values, 1.0)
    return np.asarray(values / np.bincount(group, values, minlength=groups)[group])


@dataclass(frozen=True)
class Units:
    """What is evaluated: which share of which firm goes to which unit, the land of each, whose result a firm gets.

    Units are numbered like the firms; behind them, under `owner_merge`, the parcels without an owner.
    """

    firm: np.ndarray
    unit: np.ndarray
    share: np.ndarray  # the shares of a firm sum to 1
    result: np.ndarray  # per firm: the unit whose result it gets
    land_mu: np.ndarray  # per unit; NaN where it has none
    tenant: np.ndarray  # per firm: it is somewhere and owns nowhere
    gaps: Mapping[str, np.ndarray]  # per unit


def attribute(where: Sites, attribution: str) -> Units:
    """Land and figures to units, in one of the three ways (see the module)."""
    ways = {"owner_merge": _merge, "lessee_includes_rented": _include_rented, "tenant_separate": _separate}
    return ways[attribution](where)


def _merge(where: Sites) -> Units:
    """All firms on a parcel are one with its owner; an owner's parcels are one unit."""
    owner = _main_owner(where)
    unit_of = np.where(owner >= 0, owner, where.firms + np.arange(where.parcels))
    units = where.firms + where.parcels
    share = share_of_firm(where)
    member, place = np.unique(where.firm * units + unit_of[where.parcel], return_inverse=True)
    firm, unit = member // units, member % units
    share = np.bincount(place, share, minlength=len(member))
    unsure = np.bincount(place, where.unsure, minlength=len(member)) > 0
    several = np.bincount(firm, minlength=where.firms)[firm] > 1
    silent = np.bincount(place, where.silent, minlength=len(member)) > 0
    landless = np.setdiff1d(np.arange(where.firms), firm)
    return Units(
        firm=np.r_[firm, landless],
        unit=np.r_[unit, landless],
        share=np.r_[share, np.ones(len(landless))],
        result=_result(firm, unit, share, where.firms),
        land_mu=_known_sum(where.parcel_mu, unit_of, units),
        tenant=_tenants(where),
        gaps={
            "occupied_floor_area": _any(unsure & several, unit, units),
            "relation": _any(silent, unit, units),
            "parcel_area": _any(np.isnan(where.parcel_mu), unit_of, units),
        },
    )


def _main_owner(where: Sites) -> np.ndarray:
    """The owner of each parcel with the most floor area there (then the smallest id); −1 where there is none."""
    area = np.nan_to_num(_filled(where))
    order = np.lexsort((where.firm, -area, where.parcel))
    order = order[where.owns[order]]
    owner = np.full(where.parcels, -1)
    owner[where.parcel[order][::-1]] = where.firm[order][::-1]  # the first of each parcel is written last
    return owner


def _result(firm: np.ndarray, unit: np.ndarray, share: np.ndarray, firms: int) -> np.ndarray:
    """An owner gets the result of its own unit, another firm that of the unit with most of its floor area."""
    own = (firm == unit) & (share > 0)
    order = np.lexsort((unit, -np.round(share, 12), ~own, firm))
    result = np.arange(firms)
    result[firm[order][::-1]] = unit[order][::-1]
    return result


def _include_rented(where: Sites) -> Units:
    """Each firm has its share of the land of every parcel where it is, by floor area."""
    return _alone(where, where.parcel_mu[where.parcel] * share_of_parcel(where), relation_matters=False)


def _separate(where: Sites) -> Units:
    """Owners have their whole parcels (co-owners by floor area); who owns nowhere has its share of what it rents."""
    rented = share_of_parcel(where)
    among_owners = np.where(where.owns, rented, 0.0)
    owned = np.bincount(where.parcel, among_owners, minlength=where.parcels)[where.parcel]
    owners = np.bincount(where.parcel, where.owns, minlength=where.parcels)[where.parcel]
    with np.errstate(invalid="ignore", divide="ignore"):
        kept = np.where(where.owns, np.where(owned > 0, among_owners / owned, 1 / owners), 0.0)
    share = np.where(_tenants(where)[where.firm], rented, kept)
    return _alone(where, where.parcel_mu[where.parcel] * share, relation_matters=True)


def _alone(where: Sites, land_mu: np.ndarray, *, relation_matters: bool) -> Units:
    """Every firm is a unit of its own."""
    everyone = np.arange(where.firms)
    open_share = (np.bincount(where.parcel, where.unsure, minlength=where.parcels) > 0)[where.parcel]
    return Units(
        firm=everyone,
        unit=everyone,
        share=np.ones(where.firms),
        result=everyone,
        land_mu=_known_sum(land_mu, where.firm, where.firms),
        tenant=_tenants(where),
        gaps={
            "occupied_floor_area": _any(open_share, where.firm, where.firms),
            "relation": _any(where.silent & relation_matters, where.firm, where.firms),
            "parcel_area": _any(np.isnan(land_mu), where.firm, where.firms),
        },
    )


def _tenants(where: Sites) -> np.ndarray:
    """True for each firm that is on some parcel and owns none."""
    present = np.bincount(where.firm, minlength=where.firms) > 0
    return np.asarray(present & ~_any(where.owns, where.firm, where.firms))


def _any(flag: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    return np.asarray(np.bincount(group, flag, minlength=groups) > 0)


def _known_sum(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Sum of the known values of each group; NaN where it has none."""
    known = np.bincount(group, ~np.isnan(values), minlength=groups) > 0
    return np.where(known, np.bincount(group, np.nan_to_num(values), minlength=groups), np.nan)


def add_figures(
    units: Units, firm: np.ndarray, year: np.ndarray, values: Mapping[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Sums of the figures of a row's unit in its year, and whether some firm of the unit has none.

    `firm` and `year` are positions, one per enterprise row. A sum is NaN where no firm of the unit has the figure.
    """
    kept = units.share > 0
    order = np.flatnonzero(kept)[np.argsort(units.firm[kept], kind="stable")]
    count = np.bincount(units.firm[kept], minlength=len(units.result))
    start = np.cumsum(count) - count
    row = np.repeat(np.arange(len(firm)), count[firm])
    step = np.arange(len(row)) - np.repeat(np.cumsum(count[firm]) - count[firm], count[firm])
    member = order[start[firm[row]] + step]
    years = int(year.max(initial=0)) + 1
    wanted = units.result[firm] * years + year
    key, place = np.unique(np.r_[units.unit[member] * years + year[row], wanted], return_inverse=True)
    group, mine = place[: len(row)], place[len(row) :]
    by_firm = np.lexsort((firm[row], group))  # sums must not depend on the order of the rows
    row, member, group = row[by_firm], member[by_firm], group[by_firm]
    sums = {n: _known_sum(v[row] * units.share[member], group, len(key))[mine] for n, v in values.items()}
    lacking = {name: _any(np.isnan(value[row]), group, len(key))[mine] for name, value in values.items()}
    return sums, lacking
