"""A project made from files, and its layers replaced."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.io.formats import split_layer
from landgis.io.mapping import read_mapping
from landgis.io.project_layers import TABLES
from landgis.io.raw import Read, Source
from landgis.io.read import read_table
from landgis.phases.ledger import Draft, packed
from landgis.phases.lifecycle import Lifecycle
from landgis.roles import require
from landgis.rules import load_rules
from landgis.store.base import Clock, Store
from landgis.store.opening import create_store
from landgis.text import N_, Message
from landgis.workflow.land import land_of
from landgis.workflow.prepare import Log, collect, outlines, report_overlaps, require_measurable
from landgis.workflow.project import DEFAULTS, Project
from landgis.workflow.score import measuring_crs


@dataclass(frozen=True)
class Layers:
    """Files to take over, FILE or FILE:LAYER each, and how to read them."""

    parcels: str | None = None
    buildings: str | None = None
    demolished: str | None = None  # buildings that fell before `buildings` was surveyed
    enterprises: str | None = None
    occupancies: str | None = None
    blocks: str | None = None
    crs: str | None = None
    encoding: str | None = None
    mapping: str | None = None
    strict: bool = False

    @property
    def named(self) -> dict[str, str]:
        """The files that were named, by table."""
        return {name: text for name in TABLES if (text := getattr(self, name)) is not None}


@dataclass(frozen=True)
class Imported:
    """The receipt of an import: rows in and set aside, per table, and what was noticed."""

    rows: Mapping[str, int]
    log: Log
    line: int
    changes: Mapping[str, Any] = field(default_factory=dict)


def create_project(
    where: str, layers: Layers, *, rules: str = DEFAULTS["rules"], measure_crs: str | None = None,
    by: str | None = None, clock: Clock | None = None,
) -> tuple[Project, Imported]:  # fmt: skip
    """Make a project from files; nothing is left behind where they are refused."""
    if layers.parcels is None:
        raise UsageError([Problem("E-USAGE", Message(N_("--parcels is needed: a project is about parcels")))])
    load_rules(rules)
    log = Log()
    reads = _read(layers, log)
    store = create_store(where, clock)
    settings = {"rules": rules} | ({"measure_crs": measure_crs} if measure_crs else {})
    try:
        store.save_settings(settings)
        project = Project(store, store.sign_in(by, None))
        return project, _save(project, layers, reads, log)
    except BaseException:
        store.close()
        discard(where)
        raise


def discard(where: str) -> None:
    """Take away a project folder that could not be finished; a database is left, empty."""
    import shutil

    if "://" not in where:
        shutil.rmtree(where, ignore_errors=True)


def import_layers(project: Project, layers: Layers) -> Imported:
    """Take over new files in place of the old ones; parcels with a history may not vanish."""
    require(project.actor, "import")
    if not layers.named:
        raise UsageError([Problem("E-USAGE", Message(N_("name at least one file, as --parcels or --buildings")))])
    log = Log()
    return _save(project, layers, _read(layers, log), log)


def _read(layers: Layers, log: Log) -> dict[str, Read]:
    mapping = read_mapping(layers.mapping) if layers.mapping else {}

    def reader(name: str, text: str) -> Callable[[], Read]:
        table = TABLES[name]
        how = mapping.get(table.name)
        return lambda: read_table(text, table, mapping=how, crs=layers.crs, encoding=layers.encoding)

    named = layers.named
    reads = dict(zip(named, collect([reader(*item) for item in named.items()]), strict=True))
    for name, read in reads.items():
        log.take(name, read)
    return reads


def _save(project: Project, layers: Layers, reads: dict[str, Read], log: Log) -> Imported:
    store = project.store
    before = store.layers()
    if "blocks" in reads and "blocks" in before:
        reads["blocks"] = _with_older_outlines(reads["blocks"], before["blocks"])
    tables = {name: as_read(frame, store.where, name) for name, frame in before.items()} | reads
    changes = {}
    if "parcels" in reads:
        ground = outlines(reads["parcels"], "parcel_id", measuring_crs(reads["parcels"], _crs(project)), Log())
        require_measurable(reads["parcels"], ground, log)
        report_overlaps(reads["parcels"], ground, log)
        changes = _compare(reads["parcels"], before.get("parcels"), store)
    require_modes(tables["parcels"], project.life)
    land = land_of(tables, project.rules, _crs(project), log)
    if layers.strict and log.set_aside:
        raise InputRefused([one.row.problem for one in log.set_aside])
    rows = {name: len(read.frame) for name, read in reads.items()}
    draft = Draft(
        "import", details=packed({"files": _files(layers, reads), "set_aside": len(log.set_aside), **changes})
    )
    frames = {name: read.frame for name, read in tables.items()}
    made = store.save_layers(frames, land, [draft], by=project.actor.name)
    return Imported(rows, log, made[0].seq, changes)


def _crs(project: Project) -> str | None:
    return project.settings.get("measure_crs")


def as_read(frame: pd.DataFrame, where: str, name: str) -> Read:
    """A layer of a project as if it had been read from a file."""
    return Read(frame, np.arange(1, len(frame) + 1), Source(where, name, rows=len(frame)))


def require_modes(parcels: Read, life: Lifecycle) -> None:
    """Refuse modes of renovation that the rule set does not have."""
    if "renovation_mode" not in parcels.frame:
        return
    modes = parcels.frame["renovation_mode"]
    problems = []
    for position in np.flatnonzero(modes.notna() & ~modes.isin(list(life.modes))):
        words = N_("{mode} is no mode of renovation of the rule set; its modes are: {known}")
        values = {"mode": modes.iloc[position], "known": ", ".join(life.modes)}
        place = Place(parcels.source.file, parcels.source.layer, int(parcels.rows[position]), "renovation_mode")
        problems.append(Problem("E-MODE", Message(words, values), place))
    if problems:
        raise InputRefused(problems[:50])


def _files(layers: Layers, reads: Mapping[str, Read]) -> dict[str, Any]:
    facts = {}
    for name, text in layers.named.items():
        path, layer = split_layer(text)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        facts[name] = {"file": path.name, "layer": layer, "sha256": digest, "rows": len(reads[name].frame)}
    return facts


def _compare(parcels: Read, before: pd.DataFrame | None, store: Store) -> dict[str, Any]:
    """What is new; refused where a parcel with a history is no longer there."""
    if before is None:
        return {}
    gone = sorted(set(before["parcel_id"]) - set(parcels.frame["parcel_id"]))
    with_history = {parcel for (parcel,) in store.columns(["parcel_id"]) if parcel is not None} & set(gone)
    if with_history:
        words = N_(
            "{key} has a history in the register and is not in the file; say with landgis lineage what became of it"
        )
        place = Place(parcels.source.file, parcels.source.layer)
        raise InputRefused(
            [Problem("E-PARCEL-GONE", Message(words, {"key": key}), place, key) for key in sorted(with_history)]
        )
    new = set(parcels.frame["parcel_id"]) - set(before["parcel_id"])
    return {"parcels_new": len(new), "parcels_gone": gone}


def _with_older_outlines(blocks: Read, before: gpd.GeoDataFrame) -> Read:
    """Outlines that the file does not have stay: a block's outline gets another version, never another past."""
    new, old = (frame.assign(_key=_version_keys(frame)) for frame in (blocks.frame, before.to_crs(blocks.frame.crs)))
    problems = []
    for key, outline in zip(new["_key"], new.geometry, strict=True):
        there = old[old["_key"] == key]
        if len(there) and outline is not None and not _alike(outline, there.geometry.iloc[0]):
            words = N_("block {key} has another outline in the project; give the new one another valid_from")
            problems.append(Problem("E-BLOCK-VERSION", Message(words, {"key": key}), Place(blocks.source.file)))
    if problems:
        raise InputRefused(problems)
    kept = old[~old["_key"].isin(new["_key"])]
    frame = pd.concat([kept, new], ignore_index=True).drop(columns="_key")
    return dataclasses.replace(blocks, frame=frame, rows=np.arange(1, len(frame) + 1))


def _version_keys(frame: pd.DataFrame) -> pd.Series:
    since = frame["valid_from"].dt.strftime("%Y-%m-%d").fillna("") if "valid_from" in frame else ""
    return frame["block_id"].astype(str) + " " + since


def _alike(one: Any, other: Any) -> bool:
    """Whether two outlines cover the same ground within 0.1 %."""
    return bool(other is not None and one.symmetric_difference(other).area <= 0.001 * max(one.area, other.area))
