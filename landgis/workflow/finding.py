"""Find parcels by what people type: a parcel's number, a firm, a right holder, an address."""

from __future__ import annotations

from dataclasses import dataclass

from pandas import DataFrame, Series

from landgis.text import N_
from landgis.workflow.zone import Zone

MOST = 12
IN_PARCELS = {"parcel_id": N_("parcel"), "address": N_("address"), "right_holder": N_("right holder")}


@dataclass(frozen=True)
class Hit:
    """A place where the text was found: `text` as it stands there, and the parcel that it is about."""

    field: str  # an English title
    text: str
    parcel_id: str


def find(zone: Zone, typed: str, *, most: int = MOST) -> list[Hit]:
    """Where a text stands, numbers of parcels first; at most `most` of each kind."""
    wanted = typed.strip().casefold()
    if not wanted:
        return []
    hits = []
    for column, title in IN_PARCELS.items():
        if column in zone.parcels:
            found = zone.parcels[_holding(zone.parcels[column], wanted)].head(most)
            hits += [Hit(title, str(text), str(key)) for key, text in zip(found.index, found[column], strict=True)]
    return hits + _firms(zone, wanted, most)


def _firms(zone: Zone, wanted: str, most: int) -> list[Hit]:
    """Firms by name or number, on each parcel that they occupy."""
    firms, occupied = zone.layers.get("enterprises"), zone.layers.get("occupancies")
    if firms is None or occupied is None:
        return []
    named = firms["name"] if "name" in firms else firms["enterprise_id"]
    found = firms[_holding(named, wanted) | _holding(firms["enterprise_id"], wanted)]
    found = found.assign(shown=named).drop_duplicates("enterprise_id")[["enterprise_id", "shown"]]
    places: DataFrame = occupied[["enterprise_id", "parcel_id"]].drop_duplicates().merge(found, on="enterprise_id")
    return [Hit(N_("firm"), str(row.shown), str(row.parcel_id)) for row in places.head(most).itertuples(index=False)]


def _holding(column: Series, wanted: str) -> Series:
    return column.astype("str").str.casefold().str.contains(wanted, regex=False, na=False)
