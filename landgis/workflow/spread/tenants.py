"""Occupants on a cluster: settled once over all parcels as on one machine, then sent to the partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from landgis.columns import TEXT, Columns
from landgis.io.stream import Unusual
from landgis.metrics.output import Allocation
from landgis.metrics.tenancy import Holdings
from landgis.metrics.tenants import NOBODY, Tenants, settle_tenants
from landgis.scale.arrays import load_arrays
from landgis.scale.curve import distinct
from landgis.scale.folders import Folder
from landgis.scale.pieces import read_pieces, write_pieces
from landgis.workflow.log import Log
from landgis.workflow.spread.notes import notes_of
from landgis.workflow.spread.sorting import locate
from landgis.workflow.spread.tables import column_of, columns_of, table_of
from landgis.workflow.spread.work import Work, usual
from landgis.workflow.streaming.firms import note_firms_nowhere, read_enterprises, read_occupancies

HELD, LAND, FIRMS = "tenants-held", "tenants-land", "tenants-firms"


@dataclass(frozen=True)
class _Index:
    """Stands in for the index of the parcels' keys: the one that lies in the job's folder."""

    folder: Folder

    def positions(self, keys: pa.Array) -> np.ndarray:
        """Position of each parcel in its file."""
        return locate(self.folder, keys)[0]


def settle_firms(folder: Folder, *, work: Work, partitions: int) -> dict[str, Any]:
    """Settle occupancies and enterprises over the whole job, and cut what was found by partition."""
    log, year, enterprises, floor = Log(), work.inputs.year, None, dict[str, float]()
    try:
        if "enterprises" in work.inputs.named:
            listed = work.open("enterprises")
            enterprises = read_enterprises(listed, year, log)
            year = enterprises.year
            log.problems += listed.problems
        if "occupancies" not in work.inputs.named:
            return {"year": year, "floor": floor, "conservation": {}, **notes_of(log)}
        held = work.open("occupancies")
        firms, floor = read_occupancies(held, _Index(folder), enterprises, year, log)
    except Unusual as error:
        raise usual(work.inputs.occupancies or work.inputs.enterprises or "", error) from error
    log.problems += held.problems
    tenants = settle_tenants(firms, work.rows("parcels"))
    if enterprises is not None:
        note_firms_nowhere(enterprises, firms, log)
    _cut(folder, tenants, partitions)
    return {"year": year, "floor": floor, "conservation": dict(tenants.conservation), **notes_of(log)}


def _cut(folder: Folder, tenants: Tenants, partitions: int) -> None:
    """Three tables by partition: what is held, what is known of each parcel, and the figures of the firms there."""
    home = _partition_of(folder)
    held, split = tenants.holdings, tenants.allocation
    rows = {"firm": held.firm, "area_m2": held.area_m2, "area_unknown": held.area_unknown}
    if split is not None:
        rows |= {"share": split.share, "sure": split.sure}
    at = home[held.parcel]
    _write(folder, HELD, rows, held.parcel, at, partitions)
    land: dict[str, Any] = {"leased_m2": tenants.leased_m2, "silent_m2": tenants.silent_m2}
    if tenants.industry is not None:
        largest = tenants.largest
        land["industry"] = tenants.industry.take(pa.array(largest, mask=largest == NOBODY)).cast(TEXT)
    _write(folder, LAND, land, np.arange(len(home)), home, partitions)
    if split is not None:
        pair = distinct(at.astype(np.int64) * len(tenants.scale) + held.firm)
        partition, firm = pair // len(tenants.scale), pair % len(tenants.scale)
        figures = {name: values[firm] for name, values in tenants.figures.items()}
        _write(folder, FIRMS, {**figures, "scale": tenants.scale[firm]}, firm, partition, partitions)


def _write(
    folder: Folder, name: str, columns: Mapping[str, Any], position: np.ndarray, at: np.ndarray, partitions: int
) -> None:
    table = table_of(Columns(columns, len(position)), position=position)
    write_pieces(folder, name, table, np.arange(len(position)), at, partitions)


def _partition_of(folder: Folder) -> np.ndarray:
    """Partition of each parcel, in file order."""
    index = load_arrays(folder, "keys")
    found = np.empty(len(index["position"]), np.int32)
    found[index["position"]] = index["partition"]
    return found


def read_tenants(folder: Folder, partition: int, position: np.ndarray, *, figures: bool) -> Tenants:
    """The tenants of one partition; `position` are those of its parcels, rising, which are counted from 0 here."""
    held = read_pieces(folder, [HELD], partition)
    land = columns_of(read_pieces(folder, [LAND], partition))
    rows = columns_of(held)
    parcel = np.searchsorted(position, column_of(held, "#position"))
    firm, area, unknown = rows["firm"], rows["area_m2"], rows["area_unknown"]
    industry = land.text("industry") if "industry" in land else None
    largest = np.arange(len(position)) if industry is not None else np.empty(0)
    leased, silent = land.number("leased_m2"), land.number("silent_m2")
    if not figures:
        nothing = np.empty(0)
        return Tenants(Holdings(parcel, firm, area, unknown), leased, silent, None, {}, nothing, None, nothing, {})
    listed = read_pieces(folder, [FIRMS], partition)
    known = columns_of(listed)
    firm = np.searchsorted(column_of(listed, "#position"), firm)
    return Tenants(
        Holdings(parcel, firm, area, unknown), leased, silent,
        Allocation(parcel, firm, rows["share"], rows["sure"]),
        {name: known.number(name) for name in known if name != "scale"}, known["scale"], industry, largest, {},
    )  # fmt: skip
