"""A project made from files, and its layers replaced."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
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
from landgis.roles import require
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.store.base import Clock, Store
from landgis.store.opening import making, open_store
from landgis.text import N_, Message, Tell
from landgis.workflow.land import land_of
from landgis.workflow.log import Log
from landgis.workflow.prepare import collect, outlines, report_overlaps, require_measurable
from landgis.workflow.project import DEFAULTS, Project, enter
from landgis.workflow.score import measuring_crs

PROJECT = "parcels.gpkg"  # what messages call the layers that a project has already


@dataclass(frozen=True)
class Layers:
    """Files to take over, FILE or FILE:LAYER each, and how to read them."""

    parcels: str | None = None
    buildings: str | None = None
    demolished: str | None = None  # buildings that fell before `buildings` was surveyed
    enterprises: str | None = None
    occupancies: str | None = None
    blocks: str | None = None
    streets: str | None = None  # centre lines, drawn behind the parcels
    crs: str | None = None
    encoding: str | None = None
    mapping: str | None = None
    strict: bool = False
    names: Mapping[str, str] = field(default_factory=dict)  # path → what its owner calls the file, where that differs

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
    where: str,
    layers: Layers,
    *,
    rules: str = DEFAULTS["rules"],
    measure_crs: str | None = None,
    by: str | None = None,
    nobody: str = "",
    clock: Clock | None = None,
    tell: Tell = lambda _step: None,
) -> tuple[Project, Imported]:
    """Make a project from files, all of which are judged before anything is made; `by` and `nobody` as in opening."""
    if layers.parcels is None:
        raise UsageError([Problem("E-USAGE", Message(N_("--parcels is needed: a project is about parcels")))])
    found = load_rules(rules)
    rules = str(Path(rules).resolve()) if rules.endswith(".toml") else rules  # found from every folder
    log = Log()
    reads = _read(layers, log, tell)
    tell("check")
    ready = _prepare(layers, reads, {}, found, measure_crs, log)
    tell("write")
    with making(where, clock) as store:
        store.save_settings({"rules": rules} | ({"measure_crs": measure_crs} if measure_crs else {}))
        done = _save(enter(store, by, nobody), ready, log)
    return enter(open_store(where, clock), by, nobody), done


def import_layers(project: Project, layers: Layers, tell: Tell = lambda _step: None) -> Imported:
    """Take over new files in place of the old ones; parcels with a history may not vanish."""
    require(project.actor, "import")
    if not layers.named:
        raise UsageError([Problem("E-USAGE", Message(N_("name at least one file, as --parcels or --buildings")))])
    log, store = Log(), project.store
    reads, before = _read(layers, log, tell), store.layers()
    tell("check")
    ready = _prepare(layers, reads, before, project.rules, project.settings.get("measure_crs"), log)
    _require_histories(reads.get("parcels"), ready.changes.get("parcels_gone", []), store)
    tell("write")
    return _save(project, ready, log)


def _read(layers: Layers, log: Log, tell: Tell) -> dict[str, Read]:
    mapping = read_mapping(layers.mapping) if layers.mapping else {}

    def reader(name: str, text: str) -> Callable[[], Read]:
        table = TABLES[name]
        how = mapping.get(table.name)

        def read() -> Read:
            tell("read")
            return read_table(text, table, mapping=how, crs=layers.crs, encoding=layers.encoding)

        return read

    named = layers.named
    reads = dict(zip(named, collect([reader(*item) for item in named.items()]), strict=True))
    for name, read in reads.items():
        log.take(name, read)
    return reads


@dataclass(frozen=True)
class _Ready:
    """Layers that were judged and measured, and the line about them."""

    frames: Mapping[str, pd.DataFrame]
    land: Mapping[str, pd.DataFrame]
    draft: Draft
    rows: Mapping[str, int]
    changes: Mapping[str, Any]


def _prepare(
    layers: Layers,
    reads: dict[str, Read],
    before: Mapping[str, pd.DataFrame],
    rules: RuleSet,
    measure_crs: str | None,
    log: Log,
) -> _Ready:
    """Judge and measure new layers together with those that stay; raises InputRefused with what is wrong."""
    if "blocks" in reads and "blocks" in before:
        reads["blocks"] = _with_older_outlines(reads["blocks"], before["blocks"])
    tables = {name: as_read(frame, PROJECT, name) for name, frame in before.items()} | reads
    changes = _compare(reads["parcels"], before.get("parcels")) if "parcels" in reads else {}
    if "parcels" in reads:
        ground = outlines(reads["parcels"], "parcel_id", measuring_crs(reads["parcels"], measure_crs), Log())
        require_measurable(reads["parcels"], ground, log)
        report_overlaps(reads["parcels"], ground, log)
    require_modes(tables["parcels"], rules)
    land = land_of(tables, rules, measure_crs, log)
    if layers.strict and log.set_aside:
        raise InputRefused([one.row.problem for one in log.set_aside])
    details = {"files": _files(layers, reads), "set_aside": len(log.set_aside), **changes}
    rows = {name: len(read.frame) for name, read in reads.items()}
    frames = {name: read.frame for name, read in tables.items()}
    return _Ready(frames, land, Draft("import", details=packed(details)), rows, changes)


def _save(project: Project, ready: _Ready, log: Log) -> Imported:
    made = project.store.save_layers(ready.frames, ready.land, [ready.draft], by=project.actor.name)
    return Imported(ready.rows, log, made[0].seq, ready.changes)


def as_read(frame: pd.DataFrame, where: str, name: str) -> Read:
    """A layer of a project as if it had been read from a file."""
    return Read(frame, np.arange(1, len(frame) + 1), Source(where, name, rows=len(frame)))


def require_modes(parcels: Read, rules: RuleSet) -> None:
    """Refuse modes of renovation that the rule set does not have."""
    if "renovation_mode" not in parcels.frame:
        return
    modes = parcels.frame["renovation_mode"]
    problems = []
    for position in np.flatnonzero(modes.notna() & ~modes.isin(list(rules.modes))):
        words = N_("{mode} is no mode of renovation of the rule set; its modes are: {known}")
        values = {"mode": modes.iloc[position], "known": ", ".join(rules.modes)}
        place = Place(parcels.source.file, parcels.source.layer, int(parcels.rows[position]), "renovation_mode")
        problems.append(Problem("E-MODE", Message(words, values), place))
    if problems:
        raise InputRefused(problems[:50])


def _files(layers: Layers, reads: Mapping[str, Read]) -> dict[str, Any]:
    facts = {}
    for name, text in layers.named.items():
        path, layer = split_layer(text)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        called = layers.names.get(str(path), path.name)
        facts[name] = {"file": called, "layer": layer, "sha256": digest, "rows": len(reads[name].frame)}
    return facts


def _compare(parcels: Read, before: pd.DataFrame | None) -> dict[str, Any]:
    """How many parcels are new, and which are no longer there."""
    if before is None:
        return {}
    new, old = set(parcels.frame["parcel_id"]), set(before["parcel_id"])
    return {"parcels_new": len(new - old), "parcels_gone": sorted(old - new)}


def _require_histories(parcels: Read | None, gone: Sequence[str], store: Store) -> None:
    """Refuse where a parcel with a history is no longer there."""
    kept = {parcel for (parcel,) in store.columns(["parcel_id"])} & set(gone) if gone else set()
    if parcels is not None and kept:
        words = N_(
            "{key} has a history in the register and is not in the file; say with landgis lineage what became of it"
        )
        place = Place(parcels.source.file, parcels.source.layer)
        raise InputRefused([Problem("E-PARCEL-GONE", Message(words, {"key": key}), place, key) for key in sorted(kept)])


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
