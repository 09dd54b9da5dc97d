"""一地一档: everything that is known of one parcel, for the page and for print."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from landgis.errors import RegisterRefused
from landgis.phases.ledger import Entry
from landgis.roles import require
from landgis.workflow.dossier_course import (
    Course,
    Evidence,
    HistoryLine,
    Recorded,
    course_of,
    evidence_of,
    history_of,
    said_by,
)
from landgis.workflow.dossier_land import (
    BuildingRow,
    Fact,
    Occupant,
    Source,
    buildings_of,
    facts_of,
    occupants_of,
    plain,
    sources_of,
)
from landgis.workflow.dossier_score import ScoreCard, score_of
from landgis.workflow.past import unknown_parcel
from landgis.workflow.project import Project
from landgis.workflow.zone import Zone


@dataclass(frozen=True)
class Note:
    """What somebody wrote about the parcel, or the reason that they gave."""

    text: str
    by: str
    at: str
    line: int


@dataclass(frozen=True)
class Dossier:
    """One parcel on a day, as known at a moment; what is not known is None."""

    parcel_id: str
    block_id: str | None
    block_name: str | None
    block_name_en: str | None
    area_m2: float | None
    facts: tuple[Fact, ...]
    buildings: tuple[BuildingRow, ...]
    occupants: tuple[Occupant, ...]
    score: ScoreCard | None
    course: Course
    history: tuple[HistoryLine, ...]
    notes: tuple[Note, ...]
    came_from: tuple[str, ...]
    became: tuple[str, ...]
    has_occupancies: bool  # False: that table was never imported, so who is here is not known

    @property
    def photos(self) -> tuple[Evidence, ...]:
        """The evidence files that are pictures, each once."""
        shown = [evidence for line in self.history if (evidence := evidence_of(line.entry)) and evidence.is_picture]
        return tuple({one.sha256: one for one in shown}.values())

    @property
    def records(self) -> tuple[Recorded, ...]:
        """All events that count, those beside the path among them."""
        return tuple(one for row in self.course.rows for one in row.records) + self.course.sides


def dossier(
    project: Project,
    zone: Zone,
    parcel: str,
    *,
    as_of: datetime.date | None = None,
    known_on: np.datetime64 | None = None,
) -> Dossier:
    """Everything of one parcel on a day (today), as the register knew it at a moment (now).

    Land, firms and scores are those imported and computed last. RegisterRefused where there is no such parcel.
    """
    require(project.actor, "read")
    if parcel not in zone.parcel_ids:
        raise RegisterRefused([unknown_parcel(parcel)])
    day = project.today() if as_of is None else as_of
    history = history_of(project, zone, parcel, known_on=known_on)
    sources = sources_of(project, zone)
    made = next(
        (line.entry for line in history if (line.entry.action, line.entry.parcel_id) == ("create", parcel)), None
    )
    if made is not None:  # its outline came with the succession
        sources["parcels"] = Source(line=made.seq, at=made.recorded_at, by=made.recorded_by)
    land, _ = zone.register.land_known()
    area = plain(land.area_m2[land.parcel_ids.get_loc(parcel)])
    return Dossier(
        parcel, *_block(zone, parcel, day), None if area is None else float(area),
        facts_of(zone, parcel, sources, _scored(project)), buildings_of(zone, parcel, sources),
        occupants_of(zone, parcel), score_of(project, zone, parcel),
        course_of(project, zone, parcel, as_of=day, known_on=known_on), history,
        tuple(note for line in history for note in _notes(line.entry)), *_lineage(history, parcel),
        has_occupancies="occupancies" in zone.layers,
    )  # fmt: skip


def _block(zone: Zone, parcel: str, day: datetime.date) -> tuple[str | None, str | None, str | None]:
    """Number, name and English name of the block that the parcel lies in on a day."""
    blocks = zone.blocks(day)
    at = int(blocks.of_parcel[zone.parcel_ids.get_loc(parcel)])
    if at < 0:
        return None, None, None
    row = blocks.table.iloc[at]
    key, name, english = (plain(row[column]) for column in ("block_id", "name", "name_en"))
    return str(key), None if name is None else str(name), None if english is None else str(english)


def _scored(project: Project) -> Source:
    """When the parcels were scored, and behind which line."""
    line, _, at = project.store.settings().get("scored", "").partition(" ")
    return Source(line=int(line) if line else None, at=at or None)


def _notes(line: Entry) -> list[Note]:
    """The note of a line where it is new, and the reason of a correction."""
    texts = [line.note if line.action in ("record", "replace", "create") else None, line.more.get("why")]
    if line.action == "correct" and line.more.get("field") == "note":
        texts.insert(0, line.note)
    return [Note(str(text), said_by(line), line.recorded_at, line.seq) for text in texts if text]


def _lineage(history: tuple[HistoryLine, ...], parcel: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parcels that this one came from, and those that took its place."""
    mine = [line.entry for line in history if line.entry.parcel_id == parcel]
    before = [str(key) for line in mine if line.action == "create" for key in line.more["old"]]
    after = [str(key) for line in mine if line.action == "replace" for key in line.more["new"]]
    return tuple(before), tuple(after)
