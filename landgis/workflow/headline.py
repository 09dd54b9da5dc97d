"""The figures above the map: how much land a filter leaves, how far it is, how well it is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.workflow.filtering import Filter, left
from landgis.workflow.zone import Zone


@dataclass(frozen=True)
class Headline:
    """Sums, and ratios of sums over the parcels that have both numbers; None where none has."""

    parcels: int
    area_m2: float
    renovated_mu_share: float | None  # of the land, 0…1
    floor_area_ratio: float | None
    output_per_mu: float | None  # 万元/亩
    overdue_parcels: int


def headline(zone: Zone, asked: Filter) -> Headline:
    """The figures of the parcels that a filter leaves."""
    chosen = left(zone, asked)
    land, _ = zone.register.land_known()
    area = np.nan_to_num(land.area_m2[chosen])
    total = float(area.sum())
    done = zone.reached[0].renovated[chosen] <= asked.day.toordinal()
    late = zone.codes("overdue", asked.day)[chosen] > 0
    ratio = output = None
    if zone.scores is not None:
        scored = zone.scores.reindex(zone.parcel_ids)[chosen]
        ratio = _share(scored["counted_floor_area_m2"], scored["area_m2"])
        output = _share(scored["output_per_mu"] * scored["area_mu"], scored["area_mu"])
    share = float(area[done].sum() / total) if total else None
    return Headline(int(chosen.sum()), total, share, ratio, output, int(late.sum()))


def _share(above: object, below: object) -> float | None:
    """Σ above ÷ Σ below over the rows that have both."""
    one, other = (np.asarray(column, dtype=float) for column in (above, below))
    both = ~(np.isnan(one) | np.isnan(other))
    total = other[both].sum()
    return float(one[both].sum() / total) if total > 0 else None
