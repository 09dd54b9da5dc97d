"""The ledger of the invented zone: which parcels are renovated, how and when; its totals are those of the articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

MU_M2 = 2_000 / 3
SURVEY = date(2023, 6, 30)  # the buildings and the firms are those of this day
LEDGER_DAY = date(2024, 6, 30)  # later dates are plans
FIRST_DAY = date(2018, 1, 8)
TOTALS = ((date(2022, 7, 31), 102, 1_580.0), (LEDGER_DAY, 189, 2_917.9))  # by day: parcels, mu
SELF_COUNT = 18
YANTOU_FIRST_FLOOR_M2 = 22_500

TAIL = ("STARTED", "TOPPED_OUT", "COMPLETED", "OPERATING", "REACHED")
HEAD = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED")
PATHS = {
    "GOV_ACQ": (*HEAD, "CLEARED", "GRANTED", "HANDED_OVER", *TAIL),
    "GOV_SWAP": (*HEAD, "GRANTED", "HANDED_OVER", *TAIL[:-1]),
    "SELF": (*HEAD, *TAIL),
    "JOINT": (*HEAD, *TAIL),
    "MSE_PARK": (*HEAD, "CLEARED", "GRANTED", "HANDED_OVER", *TAIL),
    "VILLAGE": ("PLANNED", "SIGNED", *TAIL[:-1]),  # Xizhu was built on empty land: nobody left, nothing was demolished
    "REMEDIATE": ("IDENTIFIED", "PLANNED", "STARTED", "COMPLETED"),
}
GAPS_DAYS = {
    "PLANNED": (40, 120), "NEGOTIATED": (20, 90), "SIGNED": (15, 70), "VACATED": (30, 100), "DEMOLISHED": (15, 60),
    "CLEARED": (30, 100), "GRANTED": (40, 150), "HANDED_OVER": (15, 50), "STARTED": (15, 90),
    "TOPPED_OUT": (180, 320), "COMPLETED": (90, 240), "OPERATING": (50, 160), "REACHED": (330, 480),
}  # fmt: skip
EVIDENCE = {
    "IDENTIFIED": "认定表", "PLANNED": "方案批复", "NEGOTIATED": "谈判记录", "SIGNED": "协议", "VACATED": "腾空验收单",
    "DEMOLISHED": "拆除验收单", "CLEARED": "净地验收单", "GRANTED": "出让合同", "HANDED_OVER": "交地确认书",
    "STARTED": "施工许可证", "TOPPED_OUT": "结顶记录", "COMPLETED": "竣工备案表", "OPERATING": "投产证明",
    "REACHED": "达产复核表", "PAUSED": "情况说明", "RESUMED": "情况说明", "WITHDRAWN": "退出说明",
}  # fmt: skip
WEIGHTS = (
    {"LCC": 4, "XYSB": 2.5, "LT": 2.5, "ZYFY": 3, "BQ": 2, "CT": 1.5, "XD": 1.5},
    {"LCC": 9, "XYSB": 3, "LT": 3, "ZYFY": 2.5, "BQ": 1.5, "CT": 2, "XD": 1.5, "TCC": 1},
)
MODES = {
    "LCC": {"GOV_ACQ": 6, "GOV_SWAP": 2, "JOINT": 2, "SELF": 1, "REMEDIATE": 1},
    "TCC": {"GOV_ACQ": 1},
    "YT": {"MSE_PARK": 1},
    "ZYFY": {"JOINT": 5, "SELF": 4, "GOV_ACQ": 1, "REMEDIATE": 1},
}
OTHER_MODES = {"GOV_ACQ": 4, "GOV_SWAP": 2, "SELF": 2, "JOINT": 2, "REMEDIATE": 2}


@dataclass
class Case:
    """One parcel under renovation: `pivot`: the day of demolition, of completion where nothing is demolished."""

    parcel: dict
    mode: str
    pivot: date
    fixed: dict[str, date] = field(default_factory=dict)
    note: str = ""
    dates: dict[str, date] = field(default_factory=dict)
    plan_shift: int | None = None  # days from the actual to the planned date

    def pivot_name(self) -> str:
        """The milestone that makes the parcel count as renovated."""
        return "DEMOLISHED" if "DEMOLISHED" in PATHS[self.mode] else "COMPLETED"


def between(first: date, last: date, rng: np.random.Generator) -> date:
    """A day between two days, on a weekday."""
    day = first + timedelta(days=int(rng.integers(0, (last - first).days + 1)))
    return min(max(day - timedelta(days=max(0, day.weekday() - 4)), first), last)


def pick_sum(pool: list[dict], count: int, target_m2: float, rng: np.random.Generator) -> list[dict]:
    """`count` parcels from the pool whose registered areas nearly give the target, by exchange of single parcels."""
    areas = np.array([p["registered_area_m2"] for p in pool])
    chosen = list(range(count))
    rest = list(range(count, len(pool)))
    for _ in range(60_000):
        gap = areas[chosen].sum() - target_m2
        if abs(gap) < 60:
            return [pool[i] for i in chosen]
        i, j = int(rng.integers(len(chosen))), int(rng.integers(len(rest)))
        if abs(gap - areas[chosen[i]] + areas[rest[j]]) < abs(gap):
            chosen[i], rest[j] = rest[j], chosen[i]
    raise ValueError(f"no {count} of {len(pool)} parcels give {target_m2:.0f} m²: {areas[chosen].sum():.0f}")


def shuffled(parcels: list[dict], weights: dict[str, float], rng: np.random.Generator) -> list[dict]:
    """The larger parcels of the blocks with a weight, in a random order that prefers heavy blocks."""
    pool = [p for p in parcels if p["block_id"] in weights and p["registered_area_m2"] > 4_500]
    keys = rng.exponential(size=len(pool)) / [weights[p["block_id"]] for p in pool]
    return [pool[i] for i in np.argsort(keys)]


def yantou_first(parcels: list[dict], floors: dict[str, float], rng: np.random.Generator) -> list[dict]:
    """A few parcels of Yantou with the floor area that fell on the first day of demolition."""
    pool = [p for p in parcels if p["block_id"] == "YT" and floors[p["parcel_id"]] > 1_000]
    tries = [rng.choice(len(pool), int(rng.integers(3, 7)), replace=False) for _ in range(4_000)]
    best = min(tries, key=lambda t: abs(sum(floors[pool[i]["parcel_id"]] for i in t) - YANTOU_FIRST_FLOOR_M2))
    return [pool[i] for i in best]


def yantou(parcels: list[dict], floors: dict[str, float], rng: np.random.Generator) -> list[Case]:
    """Yantou: the first day, the years after it, and the handing over of the cleared land."""
    first = yantou_first(parcels, floors, rng)
    keys = {p["parcel_id"] for p in first}
    rest = [p for p in parcels if p["block_id"] == "YT" and p["parcel_id"] not in keys]
    order = [rest[i] for i in rng.permutation(len(rest))][:15]
    cases = [Case(p, "MSE_PARK", date(2018, 5, 18), note="首批拆除 2.25 万 m² 老厂房") for p in first]
    cases += [Case(p, "MSE_PARK", between(date(2018, 11, 5), date(2021, 11, 30), rng)) for p in order]
    for case in cases[-9:]:
        granted = between(date(2023, 2, 6), date(2023, 3, 10), rng)
        case.fixed = {"GRANTED": granted, "HANDED_OVER": date(2023, 3, 30), "STARTED": date(2023, 3, 30)}
        case.note = "交地、开工"
    return cases


def ceramics(parcels: list[dict], rng: np.random.Generator) -> list[Case]:
    """The ceramics factory: emptied a quarter before the plan, then demolished."""
    pool = sorted((p for p in parcels if p["block_id"] == "TCC"), key=lambda p: p["geometry"].centroid.y)[:11]
    return [
        Case(p, "GOV_ACQ", between(date(2022, 7, 11), date(2022, 7, 27), rng), {"VACATED": date(2022, 6, 30)},
             "比计划提前一个季度腾空", plan_shift=92)
        for p in pool
    ]  # fmt: skip


def mode_for(block_id: str, rng: np.random.Generator, *, without: str = "") -> str:
    """A mode of renovation that fits a block."""
    weights = {m: w for m, w in MODES.get(block_id, OTHER_MODES).items() if m != without}
    total = sum(weights.values())
    return str(rng.choice(list(weights), p=[w / total for w in weights.values()]))


def renovated(parcels: list[dict], floors: dict[str, float], rng: np.random.Generator) -> list[Case]:
    """The parcels that are renovated by the two days of `TOTALS`."""
    cases = yantou(parcels, floors, rng) + ceramics(parcels, rng)
    spans = ((date(2018, 10, 8), TOTALS[0][0]), (date(2022, 8, 3), LEDGER_DAY))
    for (_, count, mu), (first, last), weights in zip(TOTALS, spans, WEIGHTS, strict=True):
        taken = {case.parcel["parcel_id"] for case in cases}
        pool = shuffled([p for p in parcels if p["parcel_id"] not in taken], weights, rng)
        done = sum(case.parcel["registered_area_m2"] for case in cases)
        picked = pick_sum(pool, count - len(cases), mu * MU_M2 - done, rng)
        early = last == TOTALS[0][0]
        own = own_ones(picked) if early else set()
        added = [
            Case(p, "SELF" if p["parcel_id"] in own else mode_for(p["block_id"], rng, without="SELF" if early else ""),
                 between(first, last, rng))
            for p in picked
        ]  # fmt: skip
        make_exact(cases + added, added, mu)
        cases += added
    return cases


def own_ones(picked: list[dict]) -> set[str]:
    """The parcels that their owners rebuild by the first day: half of them in Zhongyue–Feiying."""
    home = [p["parcel_id"] for p in picked if p["block_id"] == "ZYFY"][: SELF_COUNT // 2]
    other = [p["parcel_id"] for p in picked if p["parcel_id"] not in home and p["block_id"] != "LCC"]
    return {*home, *other[: SELF_COUNT - len(home)]}


def make_exact(cases: list[Case], movable: list[Case], mu: float) -> None:
    """Spread what is missing to the total over the registered areas of a few parcels."""
    few = sorted(movable, key=lambda case: -case.parcel["registered_area_m2"])[:8]
    for number, case in enumerate(few):
        gap = mu * MU_M2 - sum(c.parcel["registered_area_m2"] for c in cases)
        case.parcel["registered_area_m2"] = round(case.parcel["registered_area_m2"] + gap / (len(few) - number), 2)


def under_way(parcels: list[dict], taken: set[str], rng: np.random.Generator) -> list[Case]:
    """Parcels that are identified but not yet renovated on the day of the ledger."""
    free = [p for p in parcels if p["parcel_id"] not in taken]
    factory = shuffled(free, {"TCC": 1}, rng)[:7]
    pool = factory + shuffled(free, {**WEIGHTS[1], "YT": 3, "TCC": 0.01}, rng)[:70]
    distinct = list({p["parcel_id"]: p for p in pool}.values())
    cases = [Case(p, mode_for(p["block_id"], rng), between(date(2024, 9, 2), date(2026, 2, 27), rng)) for p in distinct]
    for case in cases[:5]:
        case.fixed = {"NEGOTIATED": date(2023, 6, 28)}
        case.note = "私企政策处理完成"
        case.pivot = between(date(2024, 8, 5), date(2025, 1, 24), rng)
    return cases


def xizhu(parcels: list[dict]) -> Case:
    """Xizhu: from plan to start in nine months."""
    days = {
        "PLANNED": date(2018, 2, 6), "SIGNED": date(2018, 5, 21), "STARTED": date(2018, 11, 9),
        "TOPPED_OUT": date(2019, 7, 25), "COMPLETED": date(2019, 12, 18), "OPERATING": date(2020, 3, 16),
    }  # fmt: skip
    parcel = next(p for p in parcels if p["block_id"] == "XZ")
    return Case(parcel, "VILLAGE", days["COMPLETED"], days, "从规划到开工 9 个月")


def spread(case: Case, rng: np.random.Generator) -> None:
    """Give every milestone of the mode a day, in order, around the pivot and the fixed days."""
    path, pivot = PATHS[case.mode], case.pivot_name()
    at = path.index(pivot)
    case.dates[pivot] = day = case.fixed.get(pivot, case.pivot)
    gaps = [int(rng.integers(*GAPS_DAYS.get(name, (1, 2)))) for name in path]
    room = (day - FIRST_DAY).days / max(1, sum(gaps[1 : at + 1]))
    for i in range(at - 1, -1, -1):
        day = case.fixed.get(path[i], day - timedelta(days=int(gaps[i + 1] * min(1, room))))
        case.dates[path[i]] = day
    day = case.dates[pivot]
    for i in range(at + 1, len(path)):
        day = case.fixed.get(path[i], day + timedelta(days=gaps[i]))
        case.dates[path[i]] = day
    case.dates = {name: case.dates[name] for name in path}


def row(case: Case, milestone: str, day: date, kind: str, **more: str) -> dict:
    """One line of the ledger."""
    block, actual = case.parcel["block_id"], kind == "actual"
    number = case.parcel["parcel_id"][-5:]
    return {
        "parcel_id": case.parcel["parcel_id"], "building_id": more.get("building_id", ""), "milestone": milestone,
        "occurred_on": day.isoformat(), "kind": kind,
        "evidence": f"{EVIDENCE[milestone]} {block}-{number}-{day:%y%m}" if actual else "",
        "note": more.get("note", ""), "recorded_by": f"{block} 专班" if actual else "改造办",
    }  # fmt: skip


def lines(case: Case, rng: np.random.Generator) -> list[dict]:
    """The ledger of one parcel: actual dates, the plan behind some of them, and the plan ahead."""
    shift = case.plan_shift if case.plan_shift is not None else -int(rng.integers(0, 75))
    tell = case.plan_shift is not None or rng.random() < 0.45
    noted = set(case.fixed) or {case.pivot_name()}
    made, forecast = [], False
    for name, day in case.dates.items():
        note = case.note if name in noted else ""
        if day <= LEDGER_DAY:
            made.append(row(case, name, day, "actual", note=note))
            if tell and name in ("VACATED", "DEMOLISHED", "STARTED", "COMPLETED") and (shift <= 0 or name == "VACATED"):
                made.append(row(case, name, day + timedelta(days=shift), "planned"))
        elif day.year <= 2026:
            made.append(row(case, name, day, "planned"))
            if not forecast and rng.random() < 0.4:
                late = day + timedelta(days=int(rng.integers(5, 60)))
                made.append(row(case, name, late, "forecast"))
            forecast = True
    return made


def quiet_days(case: Case) -> int:
    """Days from the last actual milestone to the day of the ledger."""
    return (LEDGER_DAY - max(day for day in case.dates.values() if day <= LEDGER_DAY)).days


def side_steps(cases: list[Case], events: list[dict], rng: np.random.Generator) -> list[dict]:
    """A few parcels pause, resume or withdraw."""
    begun = [case for case in cases if min(case.dates.values()) <= LEDGER_DAY and quiet_days(case) >= 40]
    some = [begun[i] for i in rng.choice(len(begun), 9, replace=False)]
    for number, case in enumerate(some):
        last = max(day for day in case.dates.values() if day <= LEDGER_DAY)
        stop = last + timedelta(days=int(rng.integers(10, quiet_days(case) - 20)))
        if number < 2:
            key = case.parcel["parcel_id"]
            events = [e for e in events if e["parcel_id"] != key or e["kind"] == "actual"]
            events.append(row(case, "WITHDRAWN", stop, "actual", note="权属有争议，退出本轮改造"))
            continue
        events.append(row(case, "PAUSED", stop, "actual", note="资金未到位，暂停"))
        if number > 4:
            resumed = stop + timedelta(days=int(rng.integers(5, 18)))
            events.append(row(case, "RESUMED", resumed, "actual"))
    return events


def keep_ledger(
    parcels: list[dict], floors: dict[str, float], rng: np.random.Generator
) -> tuple[list[Case], list[dict]]:
    """All cases with their dates, and the events; sets `renovation_mode` of the parcels."""
    cases = renovated(parcels, floors, rng)
    taken = {case.parcel["parcel_id"] for case in cases}
    ahead = under_way(parcels, taken, rng)
    cases += [*ahead, xizhu(parcels)]
    events: list[dict] = []
    for case in cases:
        case.parcel["renovation_mode"] = case.mode
        spread(case, rng)
        events += lines(case, rng)
    events = side_steps(ahead, events, rng)
    order = {name: i for i, name in enumerate(EVIDENCE)}
    return cases, sorted(events, key=lambda e: (e["parcel_id"], e["occurred_on"], order[e["milestone"]], e["kind"]))
