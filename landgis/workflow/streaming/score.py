"""Parquet in, GeoParquet out: the measures, scores and words of `workflow.score`, by stretches of parcels.

What only the plain readers can name is `Unusual`, and the caller takes the plain path. The outlines of the parcels are
read twice instead of being held, and a stretch is written as soon as the grades are known.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import Columns
from landgis.io.atomic import atomic_file
from landgis.io.crs import asked_crs, measures_in_metres
from landgis.io.mapping import read_mapping
from landgis.io.stream import Stream, Unusual, open_stream
from landgis.io.write_stream import LayerWriter
from landgis.land import Land
from landgis.metrics.measure import Prepared
from landgis.metrics.tenants import settle_tenants
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.scoring.means import settle_means
from landgis.scoring.score import Scored, Settled, populations, result_columns, score_stretch, settle
from landgis.text import Tell
from landgis.workflow.inputs import FILES, Inputs
from landgis.workflow.log import Log
from landgis.workflow.report import Report, count_rows, crs_name, file_facts, refuse_set_aside, require_conserved
from landgis.workflow.streaming.ahead import Behind, ahead
from landgis.workflow.streaming.firms import note_firms_nowhere, read_enterprises, read_occupancies
from landgis.workflow.streaming.land import Parcels, read_buildings, read_parcels
from landgis.workflow.summary import Overview, Summary


@dataclass(frozen=True)
class StreamRun:
    """What came out, beside the file: the report, and what is said at a glance."""

    report: Report
    rules: RuleSet
    summary: Summary


@dataclass(frozen=True)
class Job:
    """What every stretch of parcels is scored from."""

    streams: dict[str, Stream]
    parcels: Parcels
    prepared: Prepared
    year: int | None
    floor: dict[str, dict[str, float]]  # what became of the occupied floor area

    @property
    def rules(self) -> RuleSet:
        """The rule set."""
        return self.prepared.rules


def score_streams(inputs: Inputs, out: Path, *, overwrite: bool, tell: Tell = lambda _step: None) -> StreamRun:
    """Score Parquet files into a GeoParquet file; Unusual, with nothing written, where the plain path has to do it.

    Raises InputRefused where the rows that were set aside or the target do not allow it.
    """
    started, log = time.perf_counter(), Log()
    job = _prepared(inputs, log, tell)
    tell("score")
    scored, settled = _settled(job)
    conservation = _conservation(job, log)
    require_conserved(conservation)
    refuse_set_aside(log, strict=inputs.strict)
    tell("write")
    overview = Overview()
    with atomic_file(out, overwrite=overwrite) as temporary:
        _write(job, scored, settled, temporary, overview)
    log.problems[:0] = [problem for stream in job.streams.values() for problem in stream.problems]
    size, seconds = len(job.parcels), time.perf_counter() - started
    report = Report(job.rules.id, size, overview.parcels, conservation, log, seconds, _facts(job, scored, overview))
    return StreamRun(report, job.rules, overview.summary())


def open_streams(inputs: Inputs) -> dict[str, Stream]:
    """The files, opened; Unusual where one is no Parquet, or where outlines are not in one CRS in metres."""
    mapping = read_mapping(inputs.mapping) if inputs.mapping else {}
    if inputs.blocks is not None:
        raise Unusual("blocks are laid over the parcels by the plain path")
    streams = {
        name: open_stream(text, FILES[name], mapping=mapping.get(name), crs=inputs.crs, encoding=inputs.encoding)
        for name, text in inputs.named.items()
    }
    crs = streams["parcels"].crs
    if not measures_in_metres(crs) or (inputs.measure_crs and asked_crs(inputs.measure_crs, "--measure-crs") != crs):
        raise Unusual("areas are measured in another CRS")
    if "buildings" in streams and streams["buildings"].crs != crs:
        raise Unusual("buildings are in another CRS")
    return streams


def _prepared(inputs: Inputs, log: Log, tell: Tell) -> Job:
    """Everything that a parcel's numbers may depend on, of all files."""
    tell("read")
    rules, streams = load_rules(inputs.rules), open_streams(inputs)
    tell("geometry")
    parcels = read_parcels(streams["parcels"], rules, log)
    tell("overlay")
    buildings, enterprises, tenants, year, floor = None, None, None, inputs.year, {}
    if "buildings" in streams:
        buildings = read_buildings(streams["buildings"], parcels, rules, log)
    if "enterprises" in streams:
        enterprises = read_enterprises(streams["enterprises"], inputs.year, log)
        year = enterprises.year
    if "occupancies" in streams:
        firms, placed = read_occupancies(streams["occupancies"], parcels, enterprises, year, log)
        floor = {"occupied_floor_area_m2": placed}
        tenants = settle_tenants(firms, len(parcels))
        if enterprises is not None:
            note_firms_nowhere(enterprises, firms, log)
    prepared = Prepared(parcels.columns, parcels.land.area_m2, buildings, tenants, rules)
    return Job(streams, parcels, prepared, year, floor)


def _settled(job: Job) -> tuple[list[Scored], Settled]:
    """Every stretch scored, and then the grades and ranks over all of them."""
    prepared, columns = job.prepared, job.parcels.columns
    means = settle_means(lambda: (prepared.measures(*at) for at in prepared.stretches()), job.rules)
    scored = [
        score_stretch(prepared.measures(*at), columns.stretch(*at), job.rules, means) for at in prepared.stretches()
    ]
    rated = np.concatenate([one.rated for one in scored])
    population = populations(job.rules, columns.text("block_id"), columns.size)
    return scored, settle(rated, population, job.rules)


def _write(job: Job, scored: list[Scored], settled: Settled, target: Path, overview: Overview) -> None:
    """Write the stretches in the order of the parcels, each as soon as its words are made."""
    stream = job.streams["parcels"]
    batches = ahead(stream.batches(outlines=True))
    with (
        LayerWriter(target, crs=stream.crs, title=job.rules.title.zh, rules_id=job.rules.id) as writer,
        Behind() as behind,
    ):
        for batch, one, at in zip(batches, scored, job.prepared.stretches(), strict=True):
            columns = result_columns(job.prepared.measures(*at), one, settled, at, batch.columns, job.rules)
            own = {name: batch.columns[name] for name in stream.own}
            overview.add(columns)
            table = Columns({**columns, **own}, columns.size)
            behind.do(partial(writer.write, table, _redrawn(batch.wkb, job.parcels.land, at)))


def _redrawn(wkb: pa.Array, land: Land, at: tuple[int, int]) -> pa.Array:
    """The outlines as they came; those that were mended as they are now."""
    rows, drawn = land.mended(*at)
    if not len(rows):
        return wkb
    mask = np.zeros(len(wkb), dtype=bool)
    mask[rows - at[0]] = True
    return pc.replace_with_mask(wkb, pa.array(mask), drawn.cast(wkb.type))


def _conservation(job: Job, log: Log) -> dict[str, dict[str, float]]:
    tenants = job.prepared.tenants
    rows = count_rows({name: stream.source for name, stream in job.streams.items()}, log)
    return {**rows, **(tenants.conservation if tenants else {}), **job.floor}


def _facts(job: Job, scored: list[Scored], overview: Overview) -> dict[str, object]:
    counts = {name: dict(sorted(found.items())) for name, found in overview.counts.items()}
    return {
        "year": job.year,
        "measured_in": crs_name(job.streams["parcels"].crs),
        "area_sources": counts["area_source"],
        "floor_area_sources": counts["floor_area_source"],
        "grades": counts["grade"],
        "low_efficiency": counts["low_efficiency"],
        "rules_not_applied": [rule.id for rule in scored[0].verdict.not_applied],
        "block_names": {},
        "files": {name: file_facts(stream.source) for name, stream in job.streams.items()},
    }
