"""A project that lives as long as the process: for tests, trials and as the plainest reading of the contract."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from landgis.phases.history import Facts
from landgis.phases.ledger import GENESIS, Draft, Entry, instant, seal_all
from landgis.roles import Actor
from landgis.store.base import (
    LAND,
    Clock,
    File,
    Head,
    User,
    in_order,
    land_frame,
    land_rows,
    not_empty,
    not_yet,
    require_same,
    require_versions,
    standing,
    user_draft,
)
from landgis.store.passwords import signed_in

if TYPE_CHECKING:
    from pandas import DataFrame


class MemoryStore:
    """A project in memory."""

    where = "memory"

    def __init__(self, clock: Clock = lambda: datetime.datetime.now(datetime.UTC)) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._lines: list[Entry] = []
        self._files: dict[str, File] = {}
        self._land: list[tuple[int, dict[str, DataFrame]]] = []  # from which line on, and what
        self._layers: dict[str, DataFrame] = {}
        self._scores: DataFrame | None = None
        self._settings: dict[str, str] = {}
        self._users: dict[str, User] = {}

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        by: str,
        versions: Mapping[str, int] | None = None,
        files: Iterable[File] = (),
    ) -> list[Entry]:
        """See Store."""
        with self._lock:
            known = {entry.uuid: entry for entry in self._lines}
            require_same(drafts, known)
            if drafts and all(draft.uuid in known for draft in drafts):
                return [known[draft.uuid] for draft in drafts]
            current: dict[str, int] = {}
            for entry in self._lines:
                if entry.parcel_id is not None:
                    current[entry.parcel_id] = entry.version or 0
            require_versions(versions, current, self._since)
            at, head = instant(self._clock()), self.head()
            new = not_yet(drafts, known)
            made = list(seal_all(new, current, seq=head.seq, prev=head.hash, at=at, by=by))
            kept = {file.sha256: file for file in files}
            self._lines += made
            self._files = kept | self._files
            return in_order(drafts, known, made)

    def _since(self, parcel: str, version: int) -> Iterator[Entry]:
        return (entry for entry in self.entries(parcel_id=parcel) if (entry.version or 0) > version)

    def known(self, uuids: Sequence[str]) -> dict[str, Entry]:
        """See Store."""
        return {entry.uuid: entry for entry in self._lines if entry.uuid in set(uuids)}

    def head(self) -> Head:
        """See Store."""
        return Head(self._lines[-1].seq, self._lines[-1].hash) if self._lines else Head(0, GENESIS)

    def entries(self, *, after: int = 0, parcel_id: str | None = None) -> Iterator[Entry]:
        """See Store."""
        return iter([e for e in self._lines[after:] if parcel_id is None or e.parcel_id == parcel_id])

    def columns(self, names: Sequence[str], *, after: int = 0) -> list[tuple[Any, ...]]:
        """See Store."""
        return [tuple(getattr(entry, name) for name in names) for entry in self._lines[after:]]

    def facts(self, parcel_id: str) -> Facts | None:
        """See Store."""
        land = self.land()
        rows = land["land_parcels"][land["land_parcels"]["parcel_id"] == parcel_id]
        if rows.empty:
            return None
        row = rows.astype(object).where(rows.notna(), None).iloc[0]
        buildings = land["land_buildings"]
        mine = buildings[(buildings["parcel_id"] == parcel_id) & (buildings["main"] == 1)]
        return Facts(parcel_id, row["block_id"], row["renovation_mode"], row["sign_blockers"], standing(
            zip(mine["building_id"], mine["fallen"], strict=True)
        ))  # fmt: skip

    def block_parcels(self, block_id: str) -> list[str]:
        """See Store."""
        parcels = self.land()["land_parcels"]
        return sorted(parcels["parcel_id"][parcels["block_id"] == block_id])

    def land(self, at: int | None = None) -> dict[str, DataFrame]:
        """See Store."""
        held = [land for since, land in self._land if at is None or since <= at]
        return held[-1] if held else {name: land_frame(name, []) for name in LAND}

    def layers(self) -> dict[str, DataFrame]:
        """See Store."""
        return {name: frame.copy() for name, frame in self._layers.items()}

    def save_layers(
        self, layers: Mapping[str, DataFrame], land: Mapping[str, DataFrame], drafts: Sequence[Draft], *, by: str
    ) -> list[Entry]:
        """See Store."""
        with self._lock:
            rows = {name: list(land_rows(land[name], columns)) for name, columns in LAND.items()}
            frames = {name: land_frame(name, rows[name]) for name in LAND}
            made = self.append(drafts, by=by)
            self._layers = {name: frame.copy() for name, frame in layers.items()}
            self._land.append((made[0].seq, frames))
            return made

    def scores(self) -> DataFrame | None:
        """See Store."""
        return None if self._scores is None else self._scores.copy()

    def save_scores(self, scores: DataFrame) -> None:
        """See Store."""
        self._scores = scores.copy()

    def settings(self) -> dict[str, str]:
        """See Store."""
        return dict(self._settings)

    def save_settings(self, settings: Mapping[str, str]) -> None:
        """See Store."""
        self._settings |= settings

    def evidence(self, sha256: str) -> File | None:
        """See Store."""
        return self._files.get(sha256)

    def files(self) -> Iterator[File]:
        """See Store."""
        return iter(list(self._files.values()))

    def users(self) -> list[User]:
        """See Store."""
        return [self._users[name] for name in sorted(self._users)]

    def save_user(self, user: User, *, by: str) -> None:
        """See Store."""
        with self._lock:
            self.append([user_draft(user)], by=by)
            self.keep_user(user)

    def keep_user(self, user: User) -> None:
        """See Store."""
        self._users[user.name] = user

    def sign_in(self, name: str | None, password: str | None) -> Actor:
        """See Store."""
        return signed_in(self._users, name, password)

    def land_versions(self) -> dict[str, list[tuple[Any, ...]]]:
        """See Store."""
        return {name: [row for rows in self._held(name) for row in rows] for name in LAND}

    def _held(self, name: str) -> Iterator[list[tuple[Any, ...]]]:
        """Each state of a land table, its rows with the lines between which that state held."""
        starts = [since for since, _ in self._land]
        for (since, land), until in zip(self._land, [*starts[1:], None], strict=True):
            yield [(*row, since, until) for row in land_rows(land[name], LAND[name])]

    def restore(
        self,
        entries: Iterable[Entry],
        files: Iterable[File] = (),
        land: Mapping[str, Sequence[tuple[Any, ...]]] | None = None,
        layers: Mapping[str, DataFrame] | None = None,
    ) -> None:
        """See Store."""
        if self._lines:
            raise not_empty(self.where)
        self._lines = list(entries)
        self._files = {file.sha256: file for file in files}
        self._layers = dict(layers or {})
        for since in sorted({row[-2] for rows in (land or {}).values() for row in rows}):
            held = {
                name: [row[:-2] for row in rows if row[-2] <= since and (row[-1] is None or row[-1] > since)]
                for name, rows in (land or {}).items()
            }
            frames = {name: land_frame(name, held.get(name, [])) for name in LAND}
            self._land.append((since, frames))

    def engine_note(self) -> str:
        """See Store."""
        return "memory"

    def close(self) -> None:
        """See Store."""
