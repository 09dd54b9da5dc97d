"""Which parcels a filter leaves: the one place that legend, table and export ask."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from landgis.workflow.themes import THEMES
from landgis.workflow.zone import Zone


@dataclass(frozen=True)
class Filter:
    """A day, a block (None: the zone), and of some themes the classes that are wanted (none named: all)."""

    day: datetime.date
    block: str | None = None
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)


def left(zone: Zone, asked: Filter, *, but: str | None = None) -> np.ndarray:
    """bool[parcels]: those that the filter leaves; `but` names a theme whose choice does not count."""
    there = zone.exists(asked.day) & in_block(zone, asked)
    for theme, wanted in asked.chosen.items():
        if wanted and theme != but:
            codes = [code for code, key in enumerate(THEMES[theme].keys) if key in wanted]
            there = there & np.isin(zone.codes(theme, asked.day), codes)
    return there


def in_block(zone: Zone, asked: Filter) -> np.ndarray:
    """bool[parcels]: those of the block on that day; all where no block is named."""
    if asked.block is None:
        return np.ones(len(zone.parcel_ids), dtype=bool)
    blocks = zone.blocks(asked.day)
    found = np.flatnonzero(blocks.table["block_id"] == asked.block)
    return blocks.of_parcel == found[0] if len(found) else np.zeros(len(zone.parcel_ids), dtype=bool)


def chosen_parcels(zone: Zone, asked: Filter) -> list[str]:
    """The parcels that the filter leaves, in the order of the register."""
    return [str(parcel) for parcel in zone.parcel_ids[left(zone, asked)]]


def legend(zone: Zone, asked: Filter, theme: str) -> dict[str, int]:
    """How many parcels are in each class of a theme, whatever is chosen of that theme itself."""
    codes = zone.codes(theme, asked.day)[left(zone, asked, but=theme)]
    counts = np.bincount(codes, minlength=len(THEMES[theme].classes))
    return {key: int(count) for key, count in zip(THEMES[theme].keys, counts, strict=True)}
