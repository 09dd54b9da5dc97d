"""The contract of a store: what every one of them does, and how it says no."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from landgis.errors import Place, Problem, RegisterRefused, StaleParcel
from landgis.phases.history import Facts
from landgis.phases.ledger import Draft, Entry, packed
from landgis.roles import Actor
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_, Message

if TYPE_CHECKING:
    from pandas import DataFrame

SAID = ("action", "parcel_id", "building_id", "milestone", "occurred_on", "kind")  # what an event says
Clock = Callable[[], datetime.datetime]

# What the register counts with, derived from the layers at each import; columns of the tables behind `land`. Each row
# is kept with the lines of the ledger between which it held, so that a past status can be told again.
LAND: Mapping[str, tuple[str, ...]] = {
    "land_parcels": ("parcel_id", "block_id", "renovation_mode", "sign_blockers", "area_m2"),
    # a row for each parcel that a building stands on, with its share of the floor area; `main`: most of it is here
    "land_buildings": ("building_id", "parcel_id", "floor_area_m2", "fallen", "main"),
    "land_occupants": ("parcel_id", "enterprise_id"),
    "land_blocks": ("block_id", "name", "name_en", "valid_from", "valid_to", "area_m2", "planned_area_ha"),
    "land_coverage": ("parcel_id", "block_id", "valid_from", "covered_m2"),
}


class Head(NamedTuple):
    """The end of a ledger: how many lines, and the hash of the last one."""

    seq: int
    hash: str


class User(NamedTuple):
    """A named user of a store that keeps its own."""

    name: str
    role: str
    password_hash: str


class File(NamedTuple):
    """A piece of evidence."""

    sha256: str
    name: str
    content: bytes


class Store(Protocol):
    """A project: layers as imported, and the ledger, which only grows.

    Every change is one transaction that is on disk when the call returns. `append` and all `save_…` raise
    RegisterRefused or InputRefused, having changed nothing.
    """

    where: str  # the folder or address, without a password, as messages name it

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        by: str,
        versions: Mapping[str, int] | None = None,
        files: Iterable[File] = (),
    ) -> list[Entry]:
        """Put lines behind the ledger, all or none; lines whose uuid is there already come back as they are.

        `versions`: parcel → the version that was read before the lines were judged; StaleParcel where it is past that.
        """

    def known(self, uuids: Sequence[str]) -> dict[str, Entry]:
        """The lines that have these numbers of events, by number."""

    def head(self) -> Head:
        """Where the ledger ends, as the store keeps it."""

    def entries(self, *, after: int = 0, parcel_id: str | None = None) -> Iterator[Entry]:
        """The lines behind line `after`, in order; of one parcel only, if that is named."""

    def columns(self, names: Sequence[str], *, after: int = 0) -> list[tuple[Any, ...]]:
        """Some fields of the lines behind line `after`, in order: the fast way to read a million."""

    def facts(self, parcel_id: str) -> Facts | None:
        """What is known of a parcel; None where there is no such parcel."""

    def block_parcels(self, block_id: str) -> list[str]:
        """The parcels of a block; [] where there is none."""

    def land(self, at: int | None = None) -> dict[str, DataFrame]:
        """The tables named in LAND, in no order; as they were when line `at` was the last, if that is given."""

    def layers(self) -> dict[str, DataFrame]:
        """The tables and layers as imported, in canonical columns."""

    def save_layers(
        self, layers: Mapping[str, DataFrame], land: Mapping[str, DataFrame], drafts: Sequence[Draft], *, by: str
    ) -> list[Entry]:
        """Replace all layers and the land tables, and put the lines about it, at least one, behind the ledger."""

    def scores(self) -> DataFrame | None:
        """The scores as saved last; None where nothing was scored."""

    def save_scores(self, scores: DataFrame) -> None:
        """Replace the scores."""

    def settings(self) -> dict[str, str]:
        """What was set for the project: rules, crs."""

    def save_settings(self, settings: Mapping[str, str]) -> None:
        """Set some of them."""

    def evidence(self, sha256: str) -> File | None:
        """A piece of evidence by its hash."""

    def files(self) -> Iterator[File]:
        """All evidence."""

    def users(self) -> list[User]:
        """The users that the store keeps itself; [] where nobody has to sign in, or the database does that."""

    def save_user(self, user: User, *, by: str) -> None:
        """Add or change a user, and put a line about it behind the ledger."""

    def keep_user(self, user: User) -> None:
        """Take a user over from another store, whose ledger has the line already."""

    def sign_in(self, name: str | None, password: str | None) -> Actor:
        """Who works with the store; RegisterRefused where name and password do not go together."""

    def land_versions(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the land tables that ever held, each with the lines `since` and `until`."""

    def restore(
        self,
        entries: Iterable[Entry],
        files: Iterable[File] = (),
        land: Mapping[str, Sequence[tuple[Any, ...]]] | None = None,
        layers: Mapping[str, DataFrame] | None = None,
    ) -> None:
        """Take over the ledger of another store, line by line as it is, and its land; only into an empty one."""

    def engine_note(self) -> str:
        """Which engine keeps it, and how it makes a change durable."""

    def close(self) -> None:
        """Let go of files and connections."""


def require_versions(
    versions: Mapping[str, int] | None, current: Mapping[str, int], since: Callable[[str, int], Iterable[Entry]]
) -> None:
    """Raise StaleParcel, naming what was recorded, where a parcel is past the version that was read."""
    problems = []
    for parcel, version in (versions or {}).items():
        if current.get(parcel, 0) == version:
            continue
        newer = list(since(parcel, version))
        if not newer:
            words = N_("{parcel} is at version {now}, and {version} was named; read the parcel again, then decide")
            values = {"parcel": parcel, "now": current.get(parcel, 0), "version": version}
            problems.append(Problem("E-PARCEL-STALE", Message(words, values), id=parcel))
        for entry in newer:
            words = N_(
                "{by} recorded this on {parcel} at {at} (line {seq}): {what}; read the parcel again, then decide"
            )
            values = {"by": entry.recorded_by, "parcel": parcel, "at": entry.recorded_at, "seq": entry.seq,
                      "what": described(entry)}  # fmt: skip
            problems.append(Problem("E-PARCEL-STALE", Message(words, values), id=parcel))
    if problems:
        raise StaleParcel(problems)


def described(entry: Entry) -> Message:
    """What a line says, on one line."""
    title = Message(MILESTONE_TITLES[entry.milestone]) if entry.milestone else entry.action
    parts = (entry.action, entry.kind, entry.building_id, entry.occurred_on, entry.note)
    return Message("{title} ({more})", {"title": title, "more": ", ".join(part for part in parts if part)})


def not_yet(drafts: Iterable[Draft], known: Iterable[str]) -> list[Draft]:
    """The drafts that become lines: those whose uuid is neither known nor that of a draft before."""
    seen, new = set(known), []
    for draft in drafts:
        if not draft.uuid or draft.uuid not in seen:
            new.append(draft)
            seen.add(draft.uuid)
    return new


def in_order(drafts: Sequence[Draft], known: Mapping[str, Entry], made: Iterable[Entry]) -> list[Entry]:
    """The line of each draft: the one that was there already, or the one that was made."""
    named = {draft.uuid for draft in drafts}
    new = list(made)
    lines = {**known, **{entry.uuid: entry for entry in new}}
    unnamed = (entry for entry in new if entry.uuid not in named)
    return [lines[draft.uuid] if draft.uuid else next(unnamed) for draft in drafts]


def require_same(drafts: Iterable[Draft], known: Mapping[str, Entry]) -> None:
    """Raise RegisterRefused where a number of an event is there already and says something else."""
    problems = []
    seen: dict[str, Draft | Entry] = dict(known)
    for draft in drafts:
        there = seen.setdefault(draft.uuid, draft) if draft.uuid else draft
        if there is not draft and any(getattr(there, name) != getattr(draft, name) for name in SAID):
            words = N_("event {uuid} is there already and says something else; give this one a number of its own")
            problems.append(Problem("E-EVENT-ID", Message(words, {"uuid": draft.uuid}), id=draft.parcel_id))
    if problems:
        raise RegisterRefused(problems)


def standing(buildings: Iterable[tuple[str, object]]) -> frozenset[str]:
    """The buildings that have to fall for a parcel to be cleared: those that fell, where such are known, else all."""
    known = list(buildings)
    fallen = frozenset(building for building, fell in known if fell)
    return fallen or frozenset(building for building, _ in known)


def user_draft(user: User) -> Draft:
    """The line that says who was given which role."""
    return Draft("user", details=packed({"name": user.name, "role": user.role}))


def not_empty(where: str) -> RegisterRefused:
    """The refusal to put a ledger on top of another."""
    words = N_("this project holds a register already; name a new one")
    return RegisterRefused([Problem("E-PROJECT-EXISTS", Message(words), Place(where))])


def land_frame(name: str, rows: Iterable[Sequence[Any]]) -> DataFrame:
    """Rows of a land table as a frame; a number that is not known is NaN, whatever the column holds beside it."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(LAND[name]))
    numbers = [column for column in LAND[name] if column.endswith(("_m2", "_ha"))]
    return frame.astype(dict.fromkeys(numbers, float))


def land_rows(frame: DataFrame, columns: Sequence[str]) -> dict[tuple[Any, ...], None]:
    """The rows of a land table as plain values, each once, in their order; None where nothing is known."""
    plain = frame[list(columns)].astype(object)
    return dict.fromkeys(plain.where(plain.notna(), None).itertuples(index=False, name=None))
