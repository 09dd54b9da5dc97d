"""The invented firms: names, credit codes, where they are and their indicators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from indicators import table

FIRMS = 2_271
FIRMS_IN_OLD_BLOCKS = 740
OLD_BLOCKS = ("LCC", "XYSB", "LT")
YEAR = 2023
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
NAME_FIRST = "澄砺昕垚炜锘骁翊钰澔霁栩琰璟珩岚沅汐朔昀"
NAME_SECOND = "衡铖煦岑屹垣峤祁畅澍笙迪恺朗韬珂晟弛溥曜"
INDUSTRIES = {  # code: weight, kind of goods in a name
    "3312": (9, "门业"), "3322": (11, "手工具"), "3324": (4, "刀剪"), "3351": (5, "五金配件"), "3381": (4, "厨具"),
    "3382": (14, "杯业"), "3389": (7, "日用五金"), "3360": (3, "表面处理"), "3391": (4, "铸造"),
    "3465": (12, "电动工具"),
    "3484": (5, "机械零部件"), "3441": (2, "泵业"), "3499": (2, "机械"), "3812": (4, "电机"), "3854": (5, "厨房电器"),
    "3857": (3, "小家电"), "3874": (2, "灯具"), "2444": (3, "健身器材"), "3752": (2, "车业"), "2926": (3, "塑料包装"),
}  # fmt: skip


@dataclass
class Space:
    """One building that firms can use."""

    building_id: str
    storeys: int
    floor_m2: float


@dataclass
class Plant:
    """What stands on one parcel, and how many firms are in it."""

    parcel: dict
    spaces: list[Space]
    built: int  # the latest year
    firms: int = 0

    def floor(self) -> float:
        """Floor area on the parcel, m²."""
        return sum(space.floor_m2 for space in self.spaces)


def organisation_code(body: str) -> str:
    """Eight characters with the check character of GB 11714."""
    total = sum(int(c, 36) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(kind: str, body: str) -> str:
    """Unified social credit code of GB 32100-2015: 91 company, 92 sole trader; body of eight characters."""
    text = f"{kind}330784{organisation_code(body)}"
    total = sum(ALPHABET.index(c) * w for c, w in zip(text, CREDIT_WEIGHTS, strict=True))
    return text + ALPHABET[(31 - total % 31) % 31]


def credit_codes(kinds: list[str], rng: np.random.Generator) -> list[str]:
    """Distinct codes; the series MAY is far from being issued, so that no real firm is meant."""
    bodies: dict[str, None] = {}
    while len(bodies) < len(kinds):
        bodies["MAY" + "".join(ALPHABET[i] for i in rng.integers(0, 31, 5))] = None
    return [credit_code(kind, body) for kind, body in zip(kinds, bodies, strict=True)]


def names(kinds: list[str], codes: list[str], rng: np.random.Generator) -> list[str]:
    """Distinct names that begin with 样区 (sample zone), so that no real firm is meant."""
    made: dict[str, None] = {}
    for kind, code in zip(kinds, codes, strict=True):
        end = "有限公司" if kind == "91" else "厂"
        name = ""
        while not name or name in made:
            name = f"样区{rng.choice(list(NAME_FIRST))}{rng.choice(list(NAME_SECOND))}{INDUSTRIES[code][1]}{end}"
        made[name] = None
    return list(made)


def tenants_wanted(plant: Plant, rng: np.random.Generator) -> int:
    """How many firms a plant would hold: a good half one owner, many three to twelve tenants."""
    floor = plant.floor()
    if plant.parcel["block_id"] == "XZ":
        return 46
    most = int(min(12, floor // 220))
    if most < 1:
        return 0
    dice = rng.random()
    if dice < 0.06:
        return 0
    if dice < 0.56 or most < 2:
        return 1
    return 2 if dice < 0.66 or most < 3 else int(min(most, 3 + rng.poisson(2.4)))


def settle(plants: list[Plant], total: int, rng: np.random.Generator) -> None:
    """Give the plants exactly `total` firms."""
    for plant in plants:
        plant.firms = tenants_wanted(plant, rng)
    while (gap := total - sum(plant.firms for plant in plants)) != 0:
        plant = plants[int(rng.integers(len(plants)))]
        if gap < 0 and 3 < plant.firms < 20:
            plant.firms -= 1
        elif gap > 0 and 2 <= plant.firms < min(12, plant.floor() // 220):
            plant.firms += 1


def storeys_text(first: int, last: int) -> str:
    """`3` or `1-3`."""
    return str(first) if first == last else f"{first}-{last}"


def share_out(plant: Plant, areas: list[float]) -> list[tuple[int, Space, str, float]]:
    """Fill the storeys of a plant one after the other: number of the firm in the plant, building, storeys, m²."""
    floors = [(s, level, s.floor_m2 / s.storeys) for s in plant.spaces for level in range(1, s.storeys + 1)]
    made: dict[tuple[int, str], list] = {}
    at, left = 0, floors[0][2] if floors else 0.0
    for firm, area in enumerate(areas):
        need = area
        while need > 0.5 and at < len(floors):
            space, level, _ = floors[at]
            part = min(need, left)
            entry = made.setdefault((firm, space.building_id), [space, level, level, 0.0])
            entry[2], entry[3] = level, entry[3] + part
            need, left = need - part, left - part
            if left < 0.5:
                at += 1
                left = floors[at][2] if at < len(floors) else 0.0
    return [(firm, e[0], storeys_text(e[1], e[2]), e[3]) for (firm, _), e in made.items() if e[3] >= 8]


def day_between(first: int, last: int, rng: np.random.Generator) -> date:
    """A day between two years."""
    return date(first, 1, 1) + timedelta(days=int(rng.integers(0, 365 * (last - first + 1) - 1)))


def occupancy(firm: int, plant: Plant, space: Space, storey: str, area: float) -> dict:
    """A row without relation and dates; `firm` is still a number."""
    return {
        "enterprise_id": firm, "parcel_id": plant.parcel["parcel_id"], "building_id": space.building_id,
        "storey": storey, "floor_area_m2": round(area - 0.05, 1),
        "relation": "tenant", "start_date": "", "end_date": "",
    }  # fmt: skip


def owner_first(plant: Plant, rng: np.random.Generator) -> bool:
    """Whether the first firm of a plant owns it."""
    village = plant.parcel["tenure"] == "collective"
    return rng.random() < (0.3 if village else 0.95 if plant.firms == 1 else 0.5)


def occupy(plants: list[Plant], rng: np.random.Generator) -> tuple[list[dict], list[float], dict[int, int]]:
    """Rows, floor area by firm, and the owner of each plant by number, where a firm owns it."""
    rows: list[dict] = []
    areas: list[float] = []
    owners: dict[int, int] = {}
    for number, plant in enumerate(plants):
        if not plant.firms:
            continue
        used = plant.floor() * rng.uniform(0.72, 0.96)
        shares = rng.dirichlet([2.2] * plant.firms) * 0.9 + 0.1 / plant.firms
        owned = owner_first(plant, rng)
        if owned:
            owners[number] = len(areas)
            shares = np.sort(shares)[::-1]
        dated = {f: start_and_end(plant, rng, owner=owned and f == 0) for f in range(plant.firms)}
        for firm, space, storey, area in share_out(plant, list(shares * used)):
            row = occupancy(len(areas) + firm, plant, space, storey, area)
            rows.append({**row, **dated[firm]})
        areas += list(shares * used)
    return rows, areas, owners


def start_and_end(plant: Plant, rng: np.random.Generator, *, owner: bool) -> dict[str, str]:
    """Relation, start and end of an occupancy that holds in the year of the figures."""
    if plant.built >= 2022:
        start = date(2023, 7, 1) + timedelta(days=int(rng.integers(0, 80)))
    else:
        start = day_between(max(plant.built + 1, 2004 if owner else 2016), 2022, rng)
    relation = "owner" if owner else "subtenant" if rng.random() < 0.09 else "tenant"
    fixed_term = not owner and rng.random() < 0.55
    end = date(int(rng.integers(2024, 2029)), 12, 31).isoformat() if fixed_term else ""
    return {"relation": relation, "start_date": start.isoformat(), "end_date": end}


def more_rows(plants: list[Plant], rows: list[dict], rng: np.random.Generator) -> list[dict]:
    """A few firms also use a second parcel; a few left another one before the year of the figures."""
    used: dict[str, float] = {}
    for row in rows:
        used[row["parcel_id"]] = used.get(row["parcel_id"], 0.0) + row["floor_area_m2"]
    roomy = [p for p in plants if p.firms and p.floor() - used.get(p.parcel["parcel_id"], 0.0) > 250]
    old = {p.parcel["parcel_id"] for p in plants if p.parcel["block_id"] in OLD_BLOCKS}
    firms_of = {
        side: sorted({r["enterprise_id"] for r in rows if (r["parcel_id"] in old) == side}) for side in (True, False)
    }
    made = []
    for number, i in enumerate(rng.choice(len(roomy), 95, replace=False)):
        plant = roomy[i]
        firm = int(rng.choice(firms_of[plant.parcel["block_id"] in OLD_BLOCKS]))
        space = max(plant.spaces, key=lambda s: s.floor_m2)
        area = (plant.floor() - used[plant.parcel["parcel_id"]]) * rng.uniform(0.3, 0.8)
        row = occupancy(firm, plant, space, str(space.storeys), min(area, space.floor_m2 / space.storeys))
        start = day_between(2014, 2018, rng)
        ended = number >= 35
        end = day_between(2019, 2022, rng).isoformat() if ended else ""
        made.append({**row, "start_date": start.isoformat(), "end_date": end})
    return made


def sizes(areas: list[float], rng: np.random.Generator) -> np.ndarray:
    """A standard normal size for each firm, larger where it has more floor."""
    floor = np.log(np.maximum(np.array(areas), 20))
    size = 0.6 * (floor - floor.mean()) / floor.std() + 0.8 * rng.normal(size=len(areas))
    return (size - size.mean()) / size.std()


@dataclass
class Firms:
    """The three tables of firms."""

    enterprises: dict[str, list]
    occupancies: list[dict]
    plants: list[Plant]


def fill_parcels(
    plants: list[Plant], rows: list[dict], owners: dict[int, int], people: dict, rng: np.random.Generator
) -> None:
    """Right holder and industry of the parcels."""
    largest: dict[str, tuple[float, int]] = {}
    for row in rows:
        key = row["parcel_id"]
        largest[key] = max(largest.get(key, (0.0, 0)), (row["floor_area_m2"], row["enterprise_id"]))
    for number, plant in enumerate(plants):
        if number in owners:
            plant.parcel["right_holder"] = people["names"][owners[number]]
        if plant.parcel["parcel_id"] in largest and rng.random() < 0.62:
            plant.parcel["industry_code"] = people["codes"][largest[plant.parcel["parcel_id"]][1]]


def invent(plants: list[Plant], rng: np.random.Generator) -> Firms:
    """Firms in the plants; sets right holder and industry of the parcels."""
    old = [p for p in plants if p.parcel["block_id"] in OLD_BLOCKS]
    new = [p for p in plants if p.parcel["block_id"] not in OLD_BLOCKS]
    settle(old, FIRMS_IN_OLD_BLOCKS, rng)
    settle(new, FIRMS - FIRMS_IN_OLD_BLOCKS, rng)
    plants = old + new
    rows, areas, owners = occupy(plants, rng)
    size = sizes(areas, rng)
    weights = np.array([w for w, _ in INDUSTRIES.values()], float)
    codes = [str(c) for c in rng.choice(list(INDUSTRIES), len(areas), p=weights / weights.sum())]
    kinds = ["92" if s < -0.3 and rng.random() < 0.55 else "91" for s in size]
    people = {"names": names(kinds, codes, rng), "codes": codes, "ids": credit_codes(kinds, rng)}
    fill_parcels(plants, rows, owners, people, rng)
    rows += more_rows(plants, rows, rng)
    for row in rows:
        row["enterprise_id"] = people["ids"][row["enterprise_id"]]
        row["floor_area_m2"] = None if rng.random() < 0.03 else row["floor_area_m2"]
    head = {"enterprise_id": people["ids"], "name": people["names"], "year": [YEAR] * len(areas)}
    return Firms({**head, **table(size, codes, rng)}, rows, plants)
