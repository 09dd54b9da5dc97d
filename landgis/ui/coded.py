"""What codes of the tables are called: tenure, legality, use, relation, what is missing, where a value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from landgis.text import N_
from landgis.ui.words import NOTHING, Words

CODES: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "tenure": {
        "state_granted": N_("state land, granted"), "state_allocated": N_("state land, allocated"),
        "collective": N_("collective land"), "leased": N_("leased land"), "unknown": N_("unknown"),
    },
    "legality": {"legal": N_("legal"), "unlicensed": N_("unlicensed"), "unknown": N_("unknown")},
    "use": {
        "production": N_("production"), "warehouse": N_("warehouse"), "office_living": N_("office and dormitory"),
        "other": N_("other"),
    },
    "relation": {"owner": N_("owner"), "tenant": N_("tenant"), "subtenant": N_("subtenant")},
    "how": {
        "registered": N_("as registered"), "geometry": N_("from the outline"), "declared": N_("as declared"),
        "footprint": N_("footprint × storeys"), "mixed": N_("declared and footprint × storeys"),
        "scored": N_("computed with the score"),
    },
    "low_efficiency": {"yes": N_("yes"), "no": N_("no"), "unknown": N_("unknown")},
    "data_gaps": {
        "geometry": N_("outline"), "area_gap": N_("registered and drawn area lie apart"),
        "registered_area": N_("registered area"), "buildings": N_("buildings"), "occupancies": N_("occupancies"),
        "enterprises": N_("enterprises"), "storeys": N_("storeys"), "floor_area": N_("floor area"),
        "storey_heights": N_("storey heights"), "storey_heights_estimated": N_("storey heights, estimated"),
        "legality": N_("legality"), "no_occupancy": N_("no occupancy recorded"),
        "occupied_floor_area": N_("occupied floor area"), "relation": N_("relation"), "output_wan": N_("output"),
        "revenue_wan": N_("revenue"), "value_added_wan": N_("value added"), "tax_wan": N_("tax paid"),
        "allocation": N_("how firms split over parcels"), "above_scale": N_("above the statistical scale"),
    },
    "parts": {"intensity": N_("intensity"), "tenancy": N_("tenancy"), "output": N_("output")},
    "kind": {"planned": N_("planned"), "forecast": N_("forecast"), "actual": N_("actual")},
    "field": {
        "occurred_on": N_("date"), "milestone": N_("milestone"), "kind": N_("kind"), "building_id": N_("building"),
        "evidence": N_("evidence"), "note": N_("note"), "action": N_("line of the register"),
    },
    "action": {
        "record": N_("recorded"), "correct": N_("corrected"), "cancel": N_("cancelled"), "approve": N_("approved"),
        "replace": N_("replaced"), "create": N_("created"),
    },
})  # fmt: skip


def coded(words: Words, column: str, code: object) -> str:
    """A code in words; as it stands where it has none, a dash where nothing is known."""
    if code is None or code == "":
        return NOTHING
    title = CODES.get(column, {}).get(str(code))
    return words(title) if title else str(code)
