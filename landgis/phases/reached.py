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

from landgis.phases.curve import EPOCH, NEVER
from landgis.phases.history import CONSTRUCTION_STEPS, DEMOLITION_STEPS
from landgis.phases.lifecycle import CODES, NAMES, Lifecycle
from landgis.tables import KINDS_OF_DATE, SIDE_MILESTONES

COLUMNS = ("seq", "action", "parcel_id", "building_id", "milestone", "occurred_on", "precision", "kind", "corrects",
           "recorded_at", "details")  # fmt: skip
KINDS = tuple(KINDS_OF_DATE)
ACTUAL = KINDS.index("actual")
FIRST_SIDE = min(CODES[name] for name in SIDE_MILESTONES)  # they stand behind all steps
NOBODY = -1  # stands for "the whole parcel" where a building is named, and for "no event" where a milestone is


@dataclass(frozen=True)
class Lines:
    """The lines of a ledger as arrays, all of one length n; texts only where few lines have them."""

    seq: np.ndarray  # int64
    root: np.ndarray  # int64, the line that first recorded the event
    parcel: np.ndarray  # int64 position in `parcel_ids`, NOBODY where the line is about no parcel
    building: np.ndarray  # int64 position in `building_ids`, or NOBODY
    milestone: np.ndarray  # int8, or NOBODY where the line is no event, or a cancellation
    kind: np.ndarray  # int8
    first: np.ndarray  # int32, the day, or the first one where only a month or a year is known
    day: np.ndarray  # int32, the day by which it had surely happened
    recorded: np.ndarray  # datetime64[us], never falling, although clocks may
    corrections: np.ndarray  # int64 positions of the lines that correct or cancel
    parcel_ids: Index
    building_ids: Index
    lineage: tuple[tuple[int, str, str, int, Sequence[str]], ...]  # seq, action, parcel, day, the other parcels


def lines_of(rows: Sequence[tuple[Any, ...]]) -> Lines:
    """The lines of a ledger from rows of COLUMNS, in the order of the ledger."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    seq, action, parcel, building, milestone, occurred, precision, kind, corrects, at, details = columns
    size = len(rows)
    parcels, parcel_ids = factorize(np.array(parcel, dtype=object))
    buildings, building_ids = factorize(np.array(building, dtype=object))
    actions = np.array(action, dtype=object)
    code_of: dict[str | None, int] = {None: NOBODY}
    code_of.update(CODES)
    codes = np.array([code_of[name] for name in milestone], dtype=np.int8)
    codes[(actions == "cancel") | ~np.isin(actions, ["record", "correct"])] = NOBODY
    kinds: dict[str | None, int] = {None: NOBODY}
    kinds.update({name: code for code, name in enumerate(KINDS)})
    recorded = np.maximum.accumulate(np.array([text[:-1] for text in at], dtype="datetime64[us]")) if size else (
        np.empty(0, "datetime64[us]")
    )  # fmt: skip
    corrected = np.array([number or 0 for number in corrects], dtype=np.int64)
    numbers = np.array(seq, dtype=np.int64)
    kind_codes = np.array([kinds[name] for name in kind], dtype=np.int8)
    first, last = _days(occurred, precision, np.where(kind_codes == ACTUAL, recorded, np.datetime64("NaT")))
    return Lines(
        seq=numbers,
        root=np.where(corrected > 0, corrected, numbers),
        parcel=parcels,
        building=buildings,
        milestone=codes,
        kind=kind_codes,
        first=first,
        day=last,
        recorded=recorded,
        corrections=np.flatnonzero(np.isin(actions, ["correct", "cancel"])),
        parcel_ids=Index(parcel_ids, dtype=object),
        building_ids=Index(building_ids, dtype=object),
        lineage=_lineage(actions, seq, parcel, occurred, details),
    )


def _days(
    occurred: Sequence[object], precision: Sequence[object], written: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First day, and the last of a month or year, but not later than the day on which a fact was written down."""
    days = np.array([day or "NaT" for day in occurred], dtype="datetime64[D]")
    last = days.copy()
    coarse = np.array([word in ("month", "year") for word in precision], dtype=bool)
    if coarse.any():
        some, words = days[coarse], np.array(precision, dtype=object)[coarse]
        month = (some.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
        year = (some.astype("datetime64[Y]") + 1).astype("datetime64[D]") - 1
        ends = np.where(words == "month", month, year)
        last[coarse] = np.maximum(some, np.fmin(ends, written[coarse].astype("datetime64[D]")))
    return _ordinals(days), _ordinals(last)


def _ordinals(days: np.ndarray) -> np.ndarray:
    return np.where(np.isnat(days), NEVER, days.astype("int64") + EPOCH).astype(np.int32)


def _lineage(
    actions: np.ndarray,
    seq: Sequence[Any],
    parcel: Sequence[Any],
    occurred: Sequence[Any],
    details: Sequence[Any],
) -> tuple[tuple[int, str, str, int, Sequence[str]], ...]:
    import datetime
    import json

    found = []
    for at in np.flatnonzero(np.isin(actions, ["replace", "create"])).tolist():
        more = json.loads(str(details[at]))
        day = datetime.date.fromisoformat(str(occurred[at])).toordinal()
        others = more["new"] if actions[at] == "replace" else more["old"]
        found.append((int(str(seq[at])), str(actions[at]), str(parcel[at]), day, tuple(others)))
    return tuple(found)


def known_lines(lines: Lines, known_on: np.datetime64 | None) -> int:
    """How many lines the register had at a moment; all of them where no moment is given."""
    if known_on is None:
        return len(lines.seq)
    return int(np.searchsorted(lines.recorded, known_on, side="right"))


def counting(lines: Lines, size: int) -> np.ndarray:
    """Of the first `size` lines, the positions of those that count: events as their last correction has them.

    They come in the order in which the events were first recorded.
    """
    counts = lines.milestone[:size] != NOBODY
    corrections = lines.corrections[lines.corrections < size]
    if len(corrections):
        last: dict[int, int] = {}
        for at in corrections.tolist():
            last[int(lines.root[at])] = at
        counts[corrections] = False
        counts[np.searchsorted(lines.seq[:size], list(last))] = False
        stand = np.array(list(last.values()))
        counts[stand] = lines.milestone[stand] != NOBODY
    at = np.flatnonzero(counts)
    return at[np.argsort(lines.root[at], kind="stable")] if len(corrections) else at


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
