"""What the stores in SQL share: ledger, land, evidence, settings. How a writer gets its turn is each one's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from landgis.phases.history import Facts
from landgis.phases.ledger import GENESIS, Draft, Entry, seal_all
from landgis.store.base import (
    LAND,
    File,
    Head,
    in_order,
    land_frame,
    land_rows,
    not_empty,
    not_yet,
    require_same,
    require_versions,
    standing,
)
from landgis.store.schema import ENTRIES, EVIDENCE, HEAD, LAND_TABLES, SETTINGS

if TYPE_CHECKING:
    from pandas import DataFrame

BATCH = 500  # keys in one question
STREAM = 5_000  # lines read at a time

_LINES = sa.select(*ENTRIES.c).order_by(ENTRIES.c.seq)
_HEAD = sa.select(HEAD.c.seq, HEAD.c.hash)
_OF_PARCEL = _LINES.where(ENTRIES.c.parcel_id == sa.bindparam("parcel"))
_AFTER = _LINES.where(ENTRIES.c.seq > sa.bindparam("after"))
_VERSION = sa.select(sa.func.max(ENTRIES.c.version)).where(ENTRIES.c.parcel_id == sa.bindparam("parcel"))
_VERSIONS = (
    sa.select(ENTRIES.c.parcel_id, sa.func.max(ENTRIES.c.version))
    .where(ENTRIES.c.parcel_id.is_not(None))
    .group_by(ENTRIES.c.parcel_id)
)
_KNOWN = sa.select(*ENTRIES.c).where(ENTRIES.c.uuid.in_(sa.bindparam("uuids", expanding=True)))
_PARCELS, _BUILT = LAND_TABLES["land_parcels"].c, LAND_TABLES["land_buildings"].c
_PARCEL = sa.select(_PARCELS.block_id, _PARCELS.renovation_mode, _PARCELS.sign_blockers).where(
    _PARCELS.parcel_id == sa.bindparam("parcel"), _PARCELS.until.is_(None)
)
_BUILDINGS = sa.select(_BUILT.building_id, _BUILT.fallen).where(
    _BUILT.parcel_id == sa.bindparam("parcel"), _BUILT.until.is_(None), _BUILT.main == 1
)


def _dated(name: str, *more: str) -> sa.TableClause:
    """A land table, to put rows into."""
    return sa.table(name, *(sa.column(column) for column in (*LAND[name], *more)))


def _held(name: str, at: int | None) -> sa.Select[Any]:
    """The rows of a land table that hold now, or that held when line `at` was the last."""
    table = LAND_TABLES[name].c
    question = sa.select(*(table[column] for column in LAND[name])).order_by(table.row)
    if at is None:
        return question.where(table.until.is_(None))
    return question.where(table.since <= at, sa.or_(table.until.is_(None), table.until > at))


class SqlStore(ABC):
    """The part of a store that is the same on SQLite and on PostgreSQL."""

    where: str

    def __init__(self, engine: sa.Engine, where: str) -> None:
        self.engine = engine
        self.where = where

    # what each engine does its own way
    @abstractmethod
    def _writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that no other writer shares; commits at the end, with everything on disk."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that sees one state of the database."""

    @abstractmethod
    def _now(self, connection: sa.Connection) -> str:
        """The moment that goes into a line."""

    @abstractmethod
    def _insert(self, connection: sa.Connection, table: sa.TableClause, rows: Iterable[Sequence[Any]]) -> None:
        """Many rows at once, the fast way."""

    @abstractmethod
    def _put_layers(self, connection: sa.Connection, layers: Mapping[str, DataFrame]) -> None:
        """Replace the layers as imported; the last thing in a transaction, so that a fault before it leaves the old."""

    # the ledger
    def append(
        self,
        drafts: Sequence[Draft],
        *,
        by: str,
        versions: Mapping[str, int] | None = None,
        files: Iterable[File] = (),
    ) -> list[Entry]:
        """See Store."""
        with self._writing() as connection:
            return self._append(connection, drafts, by=by, versions=versions, files=files)

    def _append(
        self,
        connection: sa.Connection,
        drafts: Sequence[Draft],
        *,
        by: str,
        versions: Mapping[str, int] | None = None,
        files: Iterable[File] = (),
    ) -> list[Entry]:
        known = self._known(connection, [draft.uuid for draft in drafts if draft.uuid])
        require_same(drafts, known)
        new = not_yet(drafts, known)
        if not new:
            return in_order(drafts, known, ())
        current = self._versions(connection, {draft.parcel_id for draft in new if draft.parcel_id is not None})
        require_versions(versions, current, lambda parcel, version: self._since(connection, parcel, version))
        seq, prev = connection.execute(_HEAD).one()
        made = list(seal_all(new, current, seq=seq, prev=prev, at=self._now(connection), by=by))
        self._insert(connection, ENTRIES, made)
        self._keep(connection, files)
        return in_order(drafts, known, made)

    def known(self, uuids: Sequence[str]) -> dict[str, Entry]:
        """See Store."""
        with self._reading() as connection:
            return self._known(connection, uuids)

    def _known(self, connection: sa.Connection, uuids: Sequence[str]) -> dict[str, Entry]:
        known = {}
        for start in range(0, len(uuids), BATCH):
            for row in connection.execute(_KNOWN, {"uuids": uuids[start : start + BATCH]}):
                known[row.uuid] = Entry(*row)
        return known

    def _versions(self, connection: sa.Connection, parcels: set[str]) -> dict[str, int]:
        if len(parcels) > BATCH:
            return {parcel: version for parcel, version in connection.execute(_VERSIONS) if parcel in parcels}
        found = {parcel: connection.scalar(_VERSION, {"parcel": parcel}) for parcel in parcels}
        return {parcel: version for parcel, version in found.items() if version is not None}

    def _since(self, connection: sa.Connection, parcel: str, version: int) -> list[Entry]:
        lines = (Entry(*row) for row in connection.execute(_OF_PARCEL, {"parcel": parcel}))
        return [line for line in lines if (line.version or 0) > version]

    def head(self) -> Head:
        """See Store."""
        with self._reading() as connection:
            row = connection.execute(_HEAD).one_or_none()
        return Head(*row) if row is not None else Head(0, "")

    def entries(self, *, after: int = 0, parcel_id: str | None = None) -> Iterator[Entry]:
        """See Store."""
        question = (_AFTER, {"after": after}) if parcel_id is None else (_OF_PARCEL, {"parcel": parcel_id})
        with self._reading() as connection, self._exact(connection):
            for row in connection.execution_options(yield_per=STREAM).execute(*question):
                if row.seq > after:
                    yield Entry(*row)

    @contextmanager
    def _exact(self, connection: sa.Connection) -> Iterator[None]:  # noqa: ARG002  (SQLite needs it)
        """While texts are read that somebody may have spoilt by hand: what is no text is given as it is."""
        yield

    def columns(self, names: Sequence[str], *, after: int = 0) -> list[tuple[Any, ...]]:
        """See Store."""
        question = sa.select(*(ENTRIES.c[name] for name in names)).order_by(ENTRIES.c.seq)
        text = str(question.compile(dialect=self.engine.dialect))
        place = text.index("ORDER BY")
        with self._reading() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(f"{text[:place]} WHERE entries.seq > {int(after)} {text[place:]}")
            return list(cursor.fetchall())

    # the land
    def facts(self, parcel_id: str) -> Facts | None:
        """See Store."""
        with self._reading() as connection:
            row = connection.execute(_PARCEL, {"parcel": parcel_id}).one_or_none()
            if row is None:
                return None
            buildings = connection.execute(_BUILDINGS, {"parcel": parcel_id}).all()
        return Facts(parcel_id, row.block_id, row.renovation_mode, row.sign_blockers, standing(buildings))

    def block_parcels(self, block_id: str) -> list[str]:
        """See Store."""
        question = sa.select(_PARCELS.parcel_id).where(_PARCELS.block_id == block_id, _PARCELS.until.is_(None))
        with self._reading() as connection:
            return list(connection.scalars(question.order_by(_PARCELS.parcel_id)))

    def land(self, at: int | None = None) -> dict[str, DataFrame]:
        """See Store."""
        with self._reading() as connection:
            return {name: land_frame(name, connection.execute(_held(name, at)).all()) for name in LAND}

    def land_versions(self) -> dict[str, list[tuple[Any, ...]]]:
        """See Store."""
        with self._reading() as connection:
            return {
                name: [tuple(row) for row in connection.execute(sa.select(*_dated(name, "since", "until").c))]
                for name in LAND
            }

    def save_layers(
        self, layers: Mapping[str, DataFrame], land: Mapping[str, DataFrame], drafts: Sequence[Draft], *, by: str
    ) -> list[Entry]:
        """See Store."""
        with self._writing() as connection:
            made = self._append(connection, drafts, by=by)
            self._save_land(connection, land, made[0].seq)
            self._put_layers(connection, layers)
        return made

    def _save_land(self, connection: sa.Connection, land: Mapping[str, DataFrame], since: int) -> None:
        """Close the rows that hold no longer and add the new ones; what did not change stays as it is."""
        for name, columns in LAND.items():
            table = LAND_TABLES[name]
            question = sa.select(table.c.row, *(table.c[column] for column in columns)).where(table.c.until.is_(None))
            there = {row[1:]: row[0] for row in connection.execute(question)}
            wanted = land_rows(land[name], columns)
            gone = [{"key": row} for values, row in there.items() if values not in wanted]
            if gone:
                connection.execute(sa.update(table).where(table.c.row == sa.bindparam("key")).values(until=since), gone)
            self._insert(
                connection, _dated(name, "since"), [(*values, since) for values in wanted if values not in there]
            )

    # scores, settings, evidence
    def scores(self) -> DataFrame | None:
        """See Store."""
        import pandas as pd

        with self._reading() as connection:
            if not sa.inspect(connection).has_table("scores"):
                return None
            return pd.read_sql(sa.select(sa.text("*")).select_from(sa.table("scores")), connection)

    def save_scores(self, scores: DataFrame) -> None:
        """See Store."""
        with self._writing() as connection:
            scores.to_sql("scores", connection, if_exists="replace", index=False, chunksize=10_000)

    def settings(self) -> dict[str, str]:
        """See Store."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(SETTINGS.c.name, SETTINGS.c.value)).all()
        return {name: value for name, value in rows if not name.startswith("_")}  # those are the store's own

    def save_settings(self, settings: Mapping[str, str]) -> None:
        """See Store."""
        with self._writing() as connection:
            connection.execute(sa.delete(SETTINGS).where(SETTINGS.c.name.in_(list(settings))))
            self._insert(connection, SETTINGS, list(settings.items()))

    def evidence(self, sha256: str) -> File | None:
        """See Store."""
        with self._reading() as connection:
            row = connection.execute(sa.select(*EVIDENCE.c).where(EVIDENCE.c.sha256 == sha256)).one_or_none()
            return None if row is None else File(row.sha256, row.name, bytes(row.content))

    def files(self) -> Iterator[File]:
        """See Store."""
        with self._reading() as connection:
            keys = list(connection.scalars(sa.select(EVIDENCE.c.sha256).order_by(EVIDENCE.c.sha256)))
        return (file for key in keys if (file := self.evidence(key)) is not None)

    def _keep(self, connection: sa.Connection, files: Iterable[File]) -> None:
        for file in files:
            there = connection.scalar(sa.select(EVIDENCE.c.sha256).where(EVIDENCE.c.sha256 == file.sha256))
            if there is None:
                self._insert(connection, EVIDENCE, [file])

    def restore(
        self,
        entries: Iterable[Entry],
        files: Iterable[File] = (),
        land: Mapping[str, Sequence[tuple[Any, ...]]] | None = None,
        layers: Mapping[str, DataFrame] | None = None,
    ) -> None:
        """See Store."""
        with self._writing() as connection:
            if connection.execute(_HEAD).one() != (0, GENESIS):
                raise not_empty(self.where)
            self._insert(connection, ENTRIES, entries)
            self._keep(connection, files)
            for name, rows in (land or {}).items():
                self._insert(connection, _dated(name, "since", "until"), rows)
            self._put_layers(connection, layers or {})

    def close(self) -> None:
        """See Store."""
        self.engine.dispose()
