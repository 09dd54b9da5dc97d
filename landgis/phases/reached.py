"""When each parcel reached each milestone, as the register says it: all parcels at once, on two clocks.

*As of* is a day in the life of the land; *known on* is a moment in the life of the register. Days are ordinals, as
`datetime.date.toordinal` counts; NEVER where something has not happened. Codes of milestones are positions in NAMES.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pandas import DataFrame, Index, factorize

from landgis.phases.curve import NEVER
from landgis.phases.history import CONSTRUCTION_STEPS, DEMOLITION_STEPS
from landgis.phases.lifecycle import CODES, NAMES, Lifecycle
from landgis.phases.lines import ACTUAL, KINDS, NOBODY, Lines, counting, known_lines
from landgis.tables import SIDE_MILESTONES

FIRST_SIDE = min(CODES[name] for name in SIDE_MILESTONES)  # they stand behind all steps


@dataclass(frozen=True)
class Land:
    """What the register counts with, as arrays in the order of the parcels; firms and buildings as positions."""

    parcel_ids: Index
    mode: np.ndarray  # object
    area_m2: np.ndarray
    building_ids: np.ndarray  # object, a row for each parcel that a building stands on
    building_parcel: np.ndarray
    building_floor_m2: np.ndarray
    building_old: np.ndarray  # bool: among those that have to fall before the parcel is cleared
    building_main: np.ndarray  # bool: most of the building is on this parcel
    has_buildings: bool
    occupied: np.ndarray  # positions of parcels, a row for each parcel and firm
    firm: np.ndarray
    has_occupants: bool


def land_arrays(tables: Mapping[str, DataFrame]) -> Land:
    """The land from the tables that a store keeps of it."""
    parcels, buildings, occupants = (tables[name] for name in ("land_parcels", "land_buildings", "land_occupants"))
    ids = Index(parcels["parcel_id"].to_numpy(object), dtype=object)
    where = ids.get_indexer(Index(buildings["parcel_id"].to_numpy(object), dtype=object)).copy()
    fallen = buildings["fallen"].to_numpy(bool)
    any_fallen = np.zeros(len(ids), dtype=bool)
    any_fallen[where[fallen & buildings["main"].to_numpy(bool)]] = True
    return Land(
        parcel_ids=ids,
        mode=parcels["renovation_mode"].astype(object).where(parcels["renovation_mode"].notna(), None).to_numpy(object),
        area_m2=parcels["area_m2"].to_numpy(float),
        building_ids=buildings["building_id"].to_numpy(object),
        building_parcel=where,
        building_floor_m2=buildings["floor_area_m2"].to_numpy(float),
        building_old=fallen | ~any_fallen[where],
        building_main=buildings["main"].to_numpy(bool),
        has_buildings=len(buildings) > 0,
        occupied=ids.get_indexer(Index(occupants["parcel_id"].to_numpy(object), dtype=object)).copy(),
        firm=factorize(occupants["enterprise_id"].to_numpy(object))[0],
        has_occupants=len(occupants) > 0,
    )


@dataclass(frozen=True)
class Reached:
    """When each parcel (rows) reached each milestone (columns), and each building those that buildings reach."""

    day: np.ndarray  # int32[parcels, milestones], of one kind; side milestones NEVER
    renovated: np.ndarray  # int32[parcels]
    building_day: np.ndarray  # int32[building rows, milestones], as recorded for buildings
    side: np.ndarray  # int8[parcels]: PAUSED or WITHDRAWN as of the day, else NOBODY
    side_day: np.ndarray  # int32[parcels]: since when
    resumed: np.ndarray  # bool[parcels]
    exists: np.ndarray  # bool[parcels]: as of the day


def places(lines: Lines, land: Land) -> np.ndarray:
    """Where each parcel of the lines stands in the land; NOBODY where it does not."""
    return land.parcel_ids.get_indexer(lines.parcel_ids)


def coded(words: np.ndarray, codes: Mapping[Any, int], other: int) -> np.ndarray:
    """int64: the code of each word; `other` where it has none, or is None."""
    at, distinct = factorize(words)
    return np.array([*(codes.get(word, other) for word in distinct), other], dtype=np.int64)[at]


def reached(
    lines: Lines,
    land: Land,
    life: Lifecycle,
    *,
    kind: str = "actual",
    as_of: int,
    known_on: np.datetime64 | None = None,
    place: np.ndarray | None = None,
) -> Reached:
    """What had been reached, with all that the register knew at `known_on`; days after `as_of` are there too.

    `place` is `places(lines, land)`, where the caller has kept it.
    """
    size = known_lines(lines, known_on)
    last = int(lines.seq[size - 1]) if size else 0
    at = counting(lines, size)
    place = places(lines, land) if place is None else place
    code = KINDS.index(kind)
    of_kind = at[lines.kind[at] == code]
    steps = of_kind[lines.milestone[of_kind] < FIRST_SIDE]
    day = np.full((len(land.parcel_ids), len(NAMES)), NEVER, dtype=np.int32)
    whole = steps[lines.building[steps] == NOBODY]
    whole = whole[place[lines.parcel[whole]] >= 0]
    day[place[lines.parcel[whole]], lines.milestone[whole]] = lines.day[whole]  # the last line of a plan wins
    single = steps[lines.building[steps] != NOBODY]
    replaced = [parcel for seq, action, parcel, _, _ in lines.lineage if action == "replace" and seq <= last]
    gone = (place < 0) | lines.parcel_ids.isin(replaced)
    building_day = _of_buildings(lines, land, place, gone, single, day)
    exists = _inherit(lines, land, last, day, as_of)
    side, side_day, resumed = _sides(lines, land, place, at, as_of)
    return Reached(day, _renovated(day, land, life), building_day, side, side_day, resumed, exists)


def _of_buildings(
    lines: Lines, land: Land, place: np.ndarray, gone: np.ndarray, at: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """Days of single buildings; and where all of a parcel's buildings have a step, the parcel has it with the last.

    A building's number may stand on another parcel too, as 1幢 does: only a line about a parcel that it stands on, or
    that is no more (`gone`), is about this building.
    """
    building_day = np.full((len(land.building_ids), len(NAMES)), NEVER, dtype=np.int32)
    if not len(at):
        return building_day
    width = len(lines.building_ids)
    number = lines.building_ids.get_indexer(Index(land.building_ids, dtype=object))
    stands = (land.building_parcel * width + number)[number >= 0]
    here = at[gone[lines.parcel[at]] | np.isin(place[lines.parcel[at]] * width + lines.building[at], stands)]
    own = np.full((width, len(NAMES)), NEVER, dtype=np.int32)
    own[lines.building[here], lines.milestone[here]] = lines.day[here]
    building_day[number >= 0] = own[number[number >= 0]]
    old = np.flatnonzero(land.building_old & land.building_main)
    _complete(day, land.building_parcel[old], building_day[old], [CODES[name] for name in DEMOLITION_STEPS])
    construction = [CODES[name] for name in CONSTRUCTION_STEPS]
    rising = at[np.isin(lines.milestone[at], construction)]
    pairs, pair = np.unique(lines.parcel[rising] * width + lines.building[rising], return_inverse=True)
    new = np.full((len(pairs), len(NAMES)), NEVER, dtype=np.int32)
    new[pair, lines.milestone[rising]] = lines.day[rising]
    parcels = place[pairs // width]
    _complete(day, parcels[parcels >= 0], new[parcels >= 0], construction)
    return building_day


def _complete(day: np.ndarray, parcel: np.ndarray, building_day: np.ndarray, steps: Sequence[int]) -> None:
    """Where a parcel has no day of its own, that of the last of its buildings, if all have one."""
    for step in steps:
        last = np.full(len(day), -1, dtype=np.int32)
        np.maximum.at(last, parcel, building_day[:, step])
        fill = (day[:, step] == NEVER) & (last >= 0)
        day[fill, step] = last[fill]


def _inherit(lines: Lines, land: Land, last: int, day: np.ndarray, as_of: int) -> np.ndarray:
    """Let new parcels take over what all their parents had reached; return which parcels exist on the day."""
    exists = np.ones(len(land.parcel_ids), dtype=bool)
    for seq, action, parcel, since, others in lines.lineage:
        here = land.parcel_ids.get_indexer(Index([parcel]))[0]
        if here < 0:
            continue
        if action == "create":
            exists[here] = seq <= last and since <= as_of
            parents = land.parcel_ids.get_indexer(Index(list(others), dtype=object))
            if seq <= last and (parents >= 0).all() and len(parents):
                taken = day[parents].max(axis=0)
                day[here] = np.where(day[here] == NEVER, taken, day[here])
        elif seq <= last and since <= as_of:
            exists[here] = False
    return exists


def _sides(
    lines: Lines, land: Land, place: np.ndarray, at: np.ndarray, as_of: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which parcels stand still as of a day, since when, and which were resumed."""
    size = len(land.parcel_ids)
    side = np.full(size, NOBODY, dtype=np.int8)
    side_day = np.full(size, NEVER, dtype=np.int32)
    mine = at[np.isin(lines.milestone[at], [CODES[name] for name in SIDE_MILESTONES]) & (lines.kind[at] == ACTUAL)]
    mine = mine[(lines.day[mine] <= as_of) & (place[lines.parcel[mine]] >= 0)]
    mine = mine[np.lexsort((lines.root[mine], lines.day[mine], lines.first[mine]))]
    side[place[lines.parcel[mine]]] = lines.milestone[mine]
    side_day[place[lines.parcel[mine]]] = lines.day[mine]
    resumed = side == CODES["RESUMED"]
    side[resumed] = NOBODY
    return side, side_day, resumed


def _renovated(day: np.ndarray, land: Land, life: Lifecycle) -> np.ndarray:
    """When each parcel was renovated: demolished, or refurbished where its mode demolishes nothing."""
    codes = coded(
        land.mode, {mode: CODES[life.renovated_by(mode)] for mode in life.modes}, CODES[life.renovated_by(None)]
    )
    return day[np.arange(len(day)), codes] if len(day) else np.empty(0, np.int32)


def only(land: Land, parcels: np.ndarray) -> Land:
    """The land of some parcels (positions), with what stands and works on them."""
    chosen = np.zeros(len(land.parcel_ids), dtype=bool)
    chosen[parcels] = True
    place = np.cumsum(chosen) - 1
    built, firms = chosen[land.building_parcel], chosen[land.occupied]
    return replace(
        land,
        parcel_ids=land.parcel_ids[chosen],
        mode=land.mode[chosen],
        area_m2=land.area_m2[chosen],
        building_ids=land.building_ids[built],
        building_parcel=place[land.building_parcel[built]],
        building_floor_m2=land.building_floor_m2[built],
        building_old=land.building_old[built],
        building_main=land.building_main[built],
        occupied=place[land.occupied[firms]],
        firm=land.firm[firms],
    )
