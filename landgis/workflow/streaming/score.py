"""Parquet in, GeoParquet out: the measures, scores and words of `workflow.score`, by stretches of parcels.

What only the plain readers can name is `Unusual`, and the caller takes the plain path. The outlines of the parcels are
read twice instead of being held, and a stretch is written as soon as the grades are known.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.ahead import Behind, ahead, in_step
from landgis.columns import Columns
from landgis.geometry import MISSING
from landgis.io.atomic import atomic_file
from landgis.io.stream import Batch, Stream, Unusual
from landgis.io.write_stream import Layer, LayerWriter
from landgis.land import STATES, Measured
from landgis.results import RESULT_COLUMNS
from landgis.rules.model import RuleSet
from landgis.scoring.low_efficiency import not_applied
from landgis.scoring.score import result_columns
from landgis.text import Tell
from landgis.workflow.inputs import Inputs
from landgis.workflow.log import Log
from landgis.workflow.report import Report, count_rows, crs_name, file_facts, refuse_set_aside, require_conserved
from landgis.workflow.streaming.job import Graded, Job, Sums, graded, prepare
from landgis.workflow.streaming.land import box_around
from landgis.workflow.summary import Overview, Summary

__all__ = ["StreamRun", "Unusual", "score_streams"]


@dataclass(frozen=True)
class StreamRun:
    """What came out, beside the file: the report, and what is said at a glance."""

    report: Report
    rules: RuleSet
    summary: Summary


def score_streams(inputs: Inputs, out: Path, *, overwrite: bool, tell: Tell = lambda _step: None) -> StreamRun:
    """Score Parquet files into a GeoParquet file; Unusual, with nothing written, where the plain path has to do it.

    Raises InputRefused where the rows that were set aside or the target do not allow it.
    """
    started, log = time.perf_counter(), Log()
    job = prepare(inputs, log, tell)
    tell("score")
    found = graded(job)
    conservation = _conservation(job, log)
    require_conserved(conservation)
    refuse_set_aside(log, strict=inputs.strict)
    tell("write")
    overview = Overview()
    with atomic_file(out, overwrite=overwrite) as temporary:
        _write(found, writer_of(job, temporary, str(out), log), overview)
    log.problems[:0] = [problem for stream in job.streams.values() for problem in stream.problems]
    size, seconds = job.parcels.size, time.perf_counter() - started
    report = Report(
        job.rules.id,
        size,
        overview.parcels,
        conservation,
        log,
        seconds,
        facts_of(job.streams, job.year, overview, job.rules),
    )
    return StreamRun(report, job.rules, overview.summary())


def writer_of(job: Job, target: Path, file: str, log: Log) -> LayerWriter:
    """What writes the results; `file` is what remarks call it, and they go into the log."""
    crs, measured = job.streams["parcels"].crs, job.outlines
    whole = bool((measured.measurable | (measured.state == STATES.index(MISSING))).all())
    bounds = box_around(measured.bounds[None]) if whole else None
    layer = Layer(crs, title=job.rules.title.zh, bounds=bounds)
    return LayerWriter(target, RESULT_COLUMNS, layer, job.rules.id, file, log.problems)


def _write(found: Graded, writer: LayerWriter, overview: Overview) -> None:
    """Write the stretches in the order of the parcels, each as soon as its words are made."""
    job, stream = found.job, found.job.streams["parcels"]
    others = [name for name in stream.names if name not in job.parcels]
    batches = zip(ahead(stream.batches(others, outlines=True)), job.prepared.stretches(), strict=True)

    def made(batch: Batch, at: tuple[int, int]) -> tuple[Columns, pa.RecordBatch]:
        columns, wkb = _rows(found, batch, at)
        return columns, writer.group(columns, wkb)

    with writer, Behind() as behind:
        for columns, group in in_step(lambda one: made(*one), batches):
            behind.do(partial(writer.put, group))
            overview.add(columns)


def _rows(found: Graded, batch: Batch, at: tuple[int, int]) -> tuple[Columns, pa.Array]:
    """The columns and outlines of a stretch, as they are written: those of the contract, then the user's own."""
    measures, scored = found.stretch(*at)
    job, held = found.job, found.job.parcels.stretch(*at)
    columns = result_columns(measures, scored, found.settled, at, held, job.rules)
    given = {**held, **batch.columns}
    own = {name: given[name] for name in job.streams["parcels"].names if name not in columns}
    return Columns({**columns, **own}, columns.size), _redrawn(batch.wkb, job.outlines, at)


def _redrawn(wkb: pa.Array, outlines: Measured, at: tuple[int, int]) -> pa.Array:
    """The outlines as they came; those that were mended as they are now."""
    rows, drawn = outlines.redrawn(*at)
    if not len(rows):
        return wkb
    mask = np.zeros(len(wkb), dtype=bool)
    mask[rows - at[0]] = True
    return pc.replace_with_mask(wkb, pa.array(mask), drawn.cast(wkb.type))


def _conservation(job: Job, log: Log) -> Sums:
    tenants = job.prepared.tenants
    rows = count_rows({name: stream.source for name, stream in job.streams.items()}, log)
    return {**rows, **(tenants.conservation if tenants else {}), **job.floor}


def facts_of(streams: Mapping[str, Stream], year: int | None, overview: Overview, rules: RuleSet) -> dict[str, object]:
    """What a report says beside the sums."""
    counts = {name: dict(sorted(found.items())) for name, found in overview.counts.items()}
    return {
        "year": year,
        "measured_in": crs_name(streams["parcels"].crs),
        "area_sources": counts["area_source"],
        "floor_area_sources": counts["floor_area_source"],
        "grades": counts["grade"],
        "low_efficiency": counts["low_efficiency"],
        "rules_not_applied": [rule.id for rule in not_applied(streams["parcels"].names, rules)],
        "block_names": {},
        "files": {name: file_facts(stream.source) for name, stream in streams.items()},
    }
