"""Write the sample zone: an invented industrial zone whose totals are those of the articles on Yongkang.

python data/parcels/make_zone.py [OUT_DIR] writes the same bytes every time.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import buildings as house
import firms
import geopandas as gpd
import layout
import ledger
import numpy as np
import pyogrio
from claims import CLAIMS
from indicators import indicators

SEED = 330_784
CRS = "EPSG:4549"
WRITTEN_AT = "2024-07-31T00:00:00.000Z"  # stands in the GeoPackage in place of the day it is made
TENURES = {"state_granted": 0.72, "collective": 0.14, "leased": 0.05, "state_allocated": 0.05, "unknown": 0.04}
EXEMPT = ("utilities", "court_sealed")
EVENT_COLUMNS = ("parcel_id", "building_id", "milestone", "occurred_on", "kind", "evidence", "note", "recorded_by")
BUILDING_COLUMNS = (
    "building_id", "parcel_id", "storeys", "storey_heights_m", "height_m", "floor_area_m2", "legality", "use",
    "built_year", "structure", "geometry",
)  # fmt: skip
PARCEL_COLUMNS = (
    "parcel_id", "block_id", "registered_area_m2", "tenure", "land_use", "right_holder", "max_floor_area_ratio",
    "industry_code", "address", "idle_months", "exempt_reason", "renovation_mode", "geometry",
)  # fmt: skip


def holder(tenure: str, block: str, number: int, rng: np.random.Generator) -> str:
    """An invented right holder that is not one of the firms."""
    if tenure == "collective":
        return f"样区{layout_name(block)}{'一二三四五六'[number % 6]}村股份经济合作社"
    first, second = rng.choice(list(firms.NAME_FIRST)), rng.choice(list(firms.NAME_SECOND))
    return f"样区{first}{second}实业有限公司"


def layout_name(block_id: str) -> str:
    """The Chinese name of a block without what stands in brackets."""
    return next(b.name for b in layout.BLOCKS if b.block_id == block_id).split("（")[0]


def address(lot: dict, number: int) -> str:
    """An invented address."""
    return f"样区{layout_name(lot['block_id'])}{lot['street_block_id'][-2:]}街坊{number % 97 + 1}号"


def parcel_rows(zone: layout.Zone, rng: np.random.Generator) -> list[dict]:
    """The parcels with what does not depend on firms and renovation."""
    rows = []
    codes = {block.block_id: number for number, block in enumerate(layout.BLOCKS, 1)}
    for number, lot in enumerate(zone.lots, 1):
        block = lot["block_id"]
        tenure = "collective" if block == "XZ" else str(rng.choice(list(TENURES), p=list(TENURES.values())))
        kind = "JB" if tenure == "collective" else "GB"
        area = lot["geometry"].area * (1 + rng.uniform(-0.001, 0.001))
        rows.append({
            "parcel_id": f"330784001{codes[block]:03}{kind}{number:05}", "block_id": block,
            "registered_area_m2": round(area, 2), "tenure": tenure,
            "land_use": str(rng.choice(["0601", "0604"], p=[0.94, 0.06])),
            "right_holder": holder(tenure, block, number, rng),
            "max_floor_area_ratio": float(rng.choice([1.5, 2.0, 2.5, 3.0, 3.5])) if rng.random() < 0.93 else None,
            "industry_code": None, "address": address(lot, number),
            "idle_months": 0.0, "exempt_reason": None, "renovation_mode": None, "geometry": lot["geometry"],
        })  # fmt: skip
    return rows


def floor_of(building: dict) -> float:
    """Floor area of a building, m²."""
    return building["floor_area_m2"] or building["storeys"] * building["geometry"].area


def old_buildings(parcels: list[dict], rng: np.random.Generator) -> dict[str, list[dict]]:
    """What stood on each parcel before any renovation; Xizhu as it is now."""
    stood = {}
    for parcel in parcels:
        if parcel["block_id"] == "XZ":
            rows = [
                house.describe(use, shape, storeys=storeys, year=2019, rng=rng)
                for use, shape, storeys in house.xizhu(parcel["geometry"])
            ]
            rows = [{**row, "floor_area_m2": None, "legality": "legal"} for row in rows]
        else:
            rows = house.build(parcel["geometry"], rng)
        stood[parcel["parcel_id"]] = rows
    return stood


def renew(stood: dict[str, list[dict]], cases: list[ledger.Case], rng: np.random.Generator) -> list[dict]:
    """Bring the buildings to the day of the survey; gives those that were demolished before it."""
    gone = []
    for case in cases:
        key, dates = case.parcel["parcel_id"], case.dates
        if dates.get("DEMOLISHED", ledger.LEDGER_DAY) > ledger.SURVEY:
            continue
        gone += [{**b, "parcel_id": key, "demolished_on": dates["DEMOLISHED"].isoformat()} for b in stood[key]]
        done = dates["COMPLETED"] <= ledger.SURVEY
        stood[key] = house.build(case.parcel["geometry"], rng, year=dates["COMPLETED"].year) if done else []
    return gone


def number_buildings(rows: list[dict], first: int) -> None:
    """Give building numbers."""
    for number, row in enumerate(rows, first):
        row["building_id"] = f"330784F{number:05}"


def standing(
    parcels: list[dict], stood: dict[str, list[dict]], rng: np.random.Generator
) -> tuple[list[dict], list[firms.Plant]]:
    """Buildings on the day of the survey, sheds among them, and the plants that firms can use."""
    rows = [row for parcel in parcels for row in stood[parcel["parcel_id"]]]
    built = [parcel for parcel in parcels if stood[parcel["parcel_id"]]]
    number_buildings(rows, 1)
    plants = []
    for parcel in built:
        own = stood[parcel["parcel_id"]]
        spaces = [
            firms.Space(b["building_id"], b["storeys"], min(floor_of(b), b["storeys"] * b["geometry"].area))
            for b in own
        ]
        plants.append(firms.Plant(parcel, spaces, max(b["built_year"] for b in own)))
        for b in own:
            b["parcel_id"] = parcel["parcel_id"] if rng.random() < 0.87 or parcel["block_id"] == "XZ" else None
    for at, shed in house.sheds(built, rows, rng):
        shed["parcel_id"] = built[at]["parcel_id"] if at is not None and rng.random() < 0.8 else None
        rows.append(shed)
    number_buildings(rows, 1)
    return rows, plants


def set_facts(
    parcels: list[dict], plants: list[firms.Plant], cases: list[ledger.Case], rng: np.random.Generator
) -> None:
    """Idle months and reasons for exemption; a few wrong or missing registered areas among the untouched parcels."""
    dates = {case.parcel["parcel_id"]: case.dates for case in cases}
    empty = {plant.parcel["parcel_id"] for plant in plants if not plant.firms}
    for parcel in parcels:
        key = parcel["parcel_id"]
        steps = {name: day <= ledger.SURVEY for name, day in dates.get(key, {}).items()}
        dice = rng.random()
        if key in empty and dice < 0.6:
            parcel["idle_months"] = float(rng.integers(12, 31))
        elif dice > 0.975:
            parcel["idle_months"] = None
        if steps.get("DEMOLISHED") and not steps.get("COMPLETED"):
            parcel["exempt_reason"] = "new_project_in_build"
        elif steps.get("OPERATING") and (ledger.SURVEY - dates[key]["OPERATING"]).days < 730:
            parcel["exempt_reason"] = "within_2y_of_production"
        elif key not in dates:
            parcel["exempt_reason"] = str(rng.choice(EXEMPT)) if rng.random() < 0.018 else None
            spoil_area(parcel, rng)


def spoil_area(parcel: dict, rng: np.random.Generator) -> None:
    """Registers are not perfect: a few areas are off by some per cent or missing."""
    dice = rng.random()
    if dice < 0.02:
        parcel["registered_area_m2"] = None
    elif dice < 0.05:
        parcel["registered_area_m2"] = round(parcel["registered_area_m2"] * (1 + rng.uniform(-0.06, 0.06)), 2)


def building_events(events: list[dict], rows: list[dict]) -> list[dict]:
    """Where a parcel was demolished after the survey, a line for each of its buildings too."""
    by_parcel: dict[str, list[str]] = {}
    for row in rows:
        if row["parcel_id"] and row["legality"] == "legal":
            by_parcel.setdefault(row["parcel_id"], []).append(row["building_id"])
    after = ledger.SURVEY.isoformat()
    made = []
    for event in events:
        made.append(event)
        if event["milestone"] == "DEMOLISHED" and event["kind"] == "actual" and event["occurred_on"] > after:
            made += [{**event, "building_id": key, "note": ""} for key in by_parcel.get(event["parcel_id"], [])]
    return made


def write_layers(path: Path, layers: dict[str, tuple[list[dict], tuple[str, ...] | None]]) -> None:
    """The GeoPackage, with a fixed day in it."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    for name, (rows, columns) in layers.items():
        frame = gpd.GeoDataFrame(rows, crs=CRS)
        frame = frame[list(columns)] if columns else frame
        frame.to_file(path, layer=name, driver="GPKG", mode="a" if path.exists() else "w")


def write_csv(path: Path, columns: list[str], rows: list[list]) -> None:
    """A CSV in UTF-8 with one newline a line."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(["" if v is None else f"{v:.10g}" if isinstance(v, float) else v for v in row] for row in rows)


def write_dicts(path: Path, rows: list[dict]) -> None:
    """Rows with the same keys."""
    write_csv(path, list(rows[0]), [list(row.values()) for row in rows])


def make(folder: Path) -> None:
    """All files of the zone."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    zone = layout.draw(rng)
    parcels = parcel_rows(zone, rng)
    stood = old_buildings(parcels, rng)
    cases, events = ledger.keep_ledger(parcels, {key: sum(map(floor_of, b)) for key, b in stood.items()}, rng)
    gone = renew(stood, cases, rng)
    rows, plants = standing(parcels, stood, rng)
    number_buildings(gone, 90_001)
    people = firms.invent(plants, rng)
    set_facts(parcels, plants, cases, rng)
    write_layers(folder / "zone.gpkg", {
        "parcels": (parcels, PARCEL_COLUMNS), "buildings": (rows, BUILDING_COLUMNS), "blocks": (zone.blocks, None),
        "street_blocks": (zone.street_blocks, None), "streets": (zone.streets, None),
        "buildings_demolished": (gone, (*BUILDING_COLUMNS[:-1], "demolished_on", "geometry")),
    })  # fmt: skip
    table = people.enterprises
    write_csv(folder / "enterprises.csv", list(table), [list(row) for row in zip(*table.values(), strict=True)])
    write_dicts(folder / "indicators.csv", [
        {"column": i.column, "unit": i.unit, "zh": i.zh, "en": i.en, "group": i.group} for i in indicators()
    ])  # fmt: skip
    write_dicts(folder / "occupancies.csv", people.occupancies)
    write_csv(
        folder / "events.csv",
        list(EVENT_COLUMNS),
        [[e[c] for c in EVENT_COLUMNS] for e in building_events(events, rows)],
    )
    write_dicts(folder / "claims.csv", CLAIMS)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
