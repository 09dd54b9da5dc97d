"""What was published about the zone, beside what the register says: the same, or different by how much."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landgis.errors import Place, Problem, RegisterRefused
from landgis.io.read import read_table
from landgis.phases.ledger import Draft, Entry, packed
from landgis.phases.lines import NOBODY
from landgis.phases.status import MEASURED, tally
from landgis.roles import require
from landgis.tables import CLAIMS
from landgis.text import N_, Message
from landgis.units import m2_to_mu
from landgis.workflow.project import Project
from landgis.workflow.register import Register, blocks_on

MEASURE_OF_UNIT = {"parcels": "parcels", "宗": "parcels", "mu": "mu", "亩": "mu", "m²": "floor_area_m2",
                   "firms": "occupants", "家": "occupants"}  # fmt: skip
AREA_UNITS = {"ha": 1 / 10_000, "公顷": 1 / 10_000, "mu": None, "亩": None, "m²": 1.0}
SAME = 0.005  # of the value: published figures are rounded


@dataclass(frozen=True)
class Compared:
    """A published figure and the register's."""

    claim: dict[str, Any]
    line: int
    computed: float | None
    why_not: Message | None = None  # why it cannot be computed
    outline: str | None = None  # the version of the block's outline that was measured

    @property
    def difference(self) -> float | None:
        """Published − computed."""
        published = number_of(self.claim["value"])
        return None if self.computed is None or published is None else published - self.computed

    @property
    def verdict(self) -> str:
        """same, differs or not_computed."""
        if self.difference is None or self.computed is None:
            return "not_computed"
        return "same" if abs(self.difference) <= SAME * max(1.0, abs(self.computed)) else "differs"


def number_of(text: str) -> float | None:
    """The published value as a number; None where it is a day or words."""
    try:
        return float(text)
    except ValueError:
        return None


def import_claims(project: Project, file: str) -> list[Entry]:
    """Put published figures into the ledger, each with its date and source; one that is there already stays one."""
    require(project.actor, "claim")
    read = read_table(file, CLAIMS)
    known = {entry.uuid: entry for entry in project.store.entries() if entry.action == "claim"}
    drafts, problems = [], []
    for position, row in enumerate(read.frame.to_dict("records")):
        claim = {name: _plain(value) for name, value in row.items() if not pd.isna(value)}
        draft = Draft("claim", details=packed(claim), uuid=f"claim:{claim['claim_id']}")
        there = known.get(draft.uuid)
        if there is not None and there.more != claim:
            words = N_(
                "figure {key} is in the register with another value or source; give this one a number of its own"
            )
            place = Place(read.source.file, read.source.layer, int(read.rows[position]))
            problems.append(Problem("E-CLAIM", Message(words, {"key": claim["claim_id"]}), place))
        drafts.append(draft)
    if problems:
        raise RegisterRefused(problems)
    return project.store.append(drafts, by=project.actor.name)


def _plain(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, datetime.datetime) else value


def compare_claims(project: Project) -> list[Compared]:
    """Every published figure in the register, beside what the register computes for the day that it is about."""
    register = Register(project)
    lines = [entry for entry in project.store.entries() if entry.action == "claim"]
    return [_compare(entry, register) for entry in lines]


def _compare(entry: Entry, register: Register) -> Compared:
    claim = entry.more
    subject = claim.get("milestone")
    if subject is None:
        return Compared(
            claim, entry.seq, None, Message(N_("nothing says how the register would compute it (milestone)"))
        )
    day = datetime.date.fromisoformat(claim["counted_on"]) if "counted_on" in claim else register.project.today()
    if subject == "area":
        return _area(entry, claim, register, day)
    measure = MEASURE_OF_UNIT.get(claim["unit"])
    if measure is None or (subject not in MEASURED and subject != "firms"):
        return Compared(claim, entry.seq, None, Message(N_("the register does not count {unit} of {subject}"), {
            "unit": claim["unit"], "subject": subject}))  # fmt: skip
    state, land = register.reached(as_of=day.toordinal())
    chosen = _chosen(claim, register, day)
    if subject == "firms":
        firms = len(np.unique(land.firm[chosen[land.occupied]])) if land.has_occupants else None
        return Compared(claim, entry.seq, firms)
    group = np.where(chosen, 0, NOBODY)
    counted = tally(state, land, as_of=day.toordinal(), group=group).figures(0)[subject][measure]
    if counted is None:
        return Compared(claim, entry.seq, None, Message(N_("the project does not have what this is counted from")))
    return Compared(claim, entry.seq, float(counted))


def _chosen(claim: dict[str, Any], register: Register, day: datetime.date) -> np.ndarray:
    """bool a parcel: those of the blocks and the mode that a figure is about."""
    land, tables = register.land_known()
    chosen = np.ones(len(land.parcel_ids), dtype=bool)
    if "block_id" in claim:
        blocks = blocks_on(tables, land, day)
        wanted = blocks.table["block_id"].isin(claim["block_id"].split(";")).to_numpy()
        chosen &= np.append(wanted, False)[blocks.of_parcel]
    if "renovation_mode" in claim:
        chosen &= land.mode == claim["renovation_mode"]
    return chosen


def _area(entry: Entry, claim: dict[str, Any], register: Register, day: datetime.date) -> Compared:
    land, tables = register.land_known()
    outlines = blocks_on(tables, land, day).table
    rows = outlines[outlines["block_id"] == claim.get("block_id")]
    if rows.empty or math.isnan(rows["area_m2"].iloc[0]) or claim["unit"] not in AREA_UNITS:
        return Compared(claim, entry.seq, None, Message(N_("no outline of the block is known for that day")))
    area_m2 = float(rows["area_m2"].iloc[0])
    factor = AREA_UNITS[claim["unit"]]
    since = rows["valid_from"].iloc[0]
    value = m2_to_mu(area_m2) if factor is None else area_m2 * factor
    return Compared(claim, entry.seq, round(value, 4), outline=since if isinstance(since, str) else None)
