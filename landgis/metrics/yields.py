"""What the firms on each parcel yield together: their figures summed once, over all parcels, for every stretch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from landgis.metrics.output import Allocation, Placed, place
from landgis.metrics.tenants import ABOVE, BELOW, UNSAID, Tenants

STRETCH = 65_536  # parcels at a time: what is made on the way stays in the processor's cache


@dataclass(frozen=True)
class Yields:
    """Sums by parcel; where no part is unsure, what can be there at the least and at the most is what is known."""

    count: np.ndarray  # firms on the parcel
    scale: np.ndarray  # ABOVE where any firm is, UNSAID where it is not known, else BELOW
    unsure: np.ndarray  # positions of the parcels with a part that is not sure, rising
    placed: Mapping[str, Placed]  # its two ends are of the parcels in `unsure` only

    def stretch(self, first: int, last: int) -> Yields:
        """Those of a stretch of parcels, which is counted from 0; the ends are of all its parcels."""
        here = slice(*np.searchsorted(self.unsure, [first, last]).tolist())
        unsure = self.unsure[here] - first

        def ends(known: np.ndarray, side: np.ndarray) -> np.ndarray:
            if not len(unsure):
                return known
            found = known.copy()
            found[unsure] = side[here]
            return found

        placed = {}
        for name, one in self.placed.items():
            known = one.known[first:last]
            low, high = (ends(known, side) for side in (one.unsure_low, one.unsure_high))
            placed[name] = Placed(known, one.any_known[first:last], one.more[first:last], low, high)
        return Yields(self.count[first:last], self.scale[first:last], unsure, placed)


def sum_yields(tenants: Tenants, allocation: Allocation, size: int, names: Sequence[str]) -> Yields:
    """Put the named figures of all firms on their parcels; firm after firm, so that a sum is the same bits always."""
    count, scale = np.zeros(size, dtype=np.int32), np.full(size, BELOW)
    sums = {name: (np.zeros(size), np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)) for name in names}
    unsure, ends = [np.empty(0, dtype=np.intp)], {name: [(np.empty(0), np.empty(0))] for name in names}
    for first in range(0, size, STRETCH):
        last = min(first + STRETCH, size)
        part = allocation.stretch(tenants.holdings.rows(first, last), first)
        count[first:last] = firms = np.bincount(part.parcel, minlength=last - first)
        said = tenants.scale[part.firm]
        for word in (UNSAID, ABOVE):
            scale[first + part.parcel[said == word]] = word
        at = part.doubt.parcel
        unsure.append(at + first)
        for name in names:
            one = place(tenants.figures[name], part, firms)
            for whole, here in zip(sums[name], (one.known, one.any_known, one.more), strict=True):
                whole[first:last] = here
            ends[name].append((one.unsure_low[at], one.unsure_high[at]))
    placed = {
        name: Placed(*sums[name], *(np.concatenate(side) for side in zip(*ends[name], strict=True))) for name in names
    }
    return Yields(count, scale, np.concatenate(unsure), placed)
