"""All that parcels are scored from, read once; then their scores, grades and ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeVar

import numpy as np

from landgis.ahead import in_step
from landgis.columns import Columns
from landgis.io.crs import asked_crs, measures_in_metres
from landgis.io.mapping import read_mapping
from landgis.io.stream import Stream, Unusual, open_stream
from landgis.land import Measured
from landgis.lean import keep_memory, release_memory
from landgis.metrics.measure import Measures, Prepared
from landgis.metrics.tenants import Tenants, settle_tenants
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.scoring.means import settle_means
from landgis.scoring.parts import Means
from landgis.scoring.score import Scored, Settled, populations, score_stretch, settle
from landgis.text import Tell
from landgis.workflow.inputs import FILES, Inputs
from landgis.workflow.log import Log
from landgis.workflow.streaming.firms import Enterprises, note_firms_nowhere, read_enterprises, read_occupancies
from landgis.workflow.streaming.land import index_parcels, read_buildings, read_parcels, report_overlaps

Made = TypeVar("Made")
Sums = dict[str, dict[str, float]]
SIDE_BY_SIDE = 3_000_000  # parcels; of more, land and firms together would need more memory than the job may


@dataclass(frozen=True)
class Job:
    """The opened files, what rules ask of the parcels, and everything that a parcel's numbers may depend on."""

    streams: dict[str, Stream]
    parcels: Columns
    outlines: Measured  # of the parcels
    prepared: Prepared
    year: int | None
    floor: Sums  # what became of the occupied floor area

    @property
    def rules(self) -> RuleSet:
        """The rule set."""
        return self.prepared.rules


def prepare(inputs: Inputs, log: Log, tell: Tell = lambda _step: None, *, overlaps: bool = True) -> Job:
    """Read all files; Unusual where the plain path has to do it.

    The firms are settled beside the buildings while memory allows, and what each noticed is said in the same order all
    the same. The land, on which buildings are laid, and the index of its keys are forgotten.
    """
    tell("read")
    rules, streams, logs = load_rules(inputs.rules), open_streams(inputs), [Log() for _ in range(5)]
    beside = streams["parcels"].rows <= SIDE_BY_SIDE
    keep_memory()
    with ThreadPoolExecutor(1) as pool:
        firms = _Firms(pool if beside else None, streams, inputs.year, (logs[3], logs[4]))
        tell("geometry")
        parcels = read_parcels(streams["parcels"], rules, logs[0], firms.settle)
        columns, outlines, index = parcels.columns, parcels.land.measured, firms.index()
        tell("overlay")
        if overlaps:
            report_overlaps(parcels, logs[1])
        buildings = None
        if "buildings" in streams:
            buildings = read_buildings(streams["buildings"], parcels, index, rules, logs[2])
        del parcels
        if not beside:
            release_memory()
        tenants, floor = firms.settled()
        enterprises = firms.listed()
    for one in logs:
        log.problems += one.problems
        log.set_aside += one.set_aside
    prepared = Prepared.of(columns, outlines.area_m2, buildings, tenants, rules)
    del buildings, tenants
    if not beside:
        release_memory()
    return Job(streams, columns, outlines, prepared, inputs.year if enterprises is None else enterprises.year, floor)


@dataclass
class _Firms:
    """Who is where: settled beside the land by a pool of one thread, or without one when it is asked for."""

    pool: ThreadPoolExecutor | None
    streams: dict[str, Stream]
    year: int | None
    logs: tuple[Log, Log]

    def __post_init__(self) -> None:
        self.listed = self._begun(self._list)

    def settle(self, parcels: Columns) -> None:
        """Begin, now that the parcels are known, to index their keys and to settle who is on them."""
        self.index = self._begun(partial(index_parcels, parcels))
        self.settled = self._begun(partial(self._settle, parcels.size))

    def _begun(self, work: Callable[[], Made]) -> Callable[[], Made]:
        return cache(work) if self.pool is None else self.pool.submit(work).result

    def _list(self) -> Enterprises | None:
        """The enterprises of the year that is scored."""
        stream = self.streams.get("enterprises")
        return None if stream is None else read_enterprises(stream, self.year, self.logs[0])

    def _settle(self, parcels: int) -> tuple[Tenants | None, Sums]:
        """Who is on which parcel, and what became of the occupied floor area."""
        enterprises, index, log = self.listed(), self.index(), self.logs[1]
        if "occupancies" not in self.streams:
            return None, {}
        year = self.year if enterprises is None else enterprises.year
        found, placed = read_occupancies(self.streams["occupancies"], index, enterprises, year, log)
        if enterprises is not None:
            note_firms_nowhere(enterprises, found, log)
        return settle_tenants(found, parcels), {"occupied_floor_area_m2": placed}


def open_streams(inputs: Inputs) -> dict[str, Stream]:
    """The files, opened; Unusual where one is no Parquet, or where outlines are not in one CRS in metres."""
    if inputs.blocks is not None:
        raise Unusual("blocks are laid over the parcels by the plain path")
    mapping = read_mapping(inputs.mapping) if inputs.mapping else {}
    streams = {
        name: open_stream(text, FILES[name], mapping=mapping.get(name), crs=inputs.crs, encoding=inputs.encoding)
        for name, text in inputs.named.items()
    }
    require_one_crs(streams, inputs.measure_crs)
    return streams


def require_one_crs(streams: Mapping[str, Stream], asked: str | None) -> None:
    """Outlines have to be in one CRS in metres, that which is asked for, or they are Unusual."""
    crs = streams["parcels"].crs
    if not measures_in_metres(crs) or (asked and asked_crs(asked, "--measure-crs") != crs):
        raise Unusual("areas are measured in another CRS")
    if "buildings" in streams and streams["buildings"].crs != crs:
        raise Unusual("buildings are in another CRS")


@dataclass(frozen=True)
class Graded:
    """Grades and ranks of all parcels, and with them whatever a stretch cannot know of itself."""

    job: Job
    means: Means | None
    settled: Settled

    def stretch(self, first: int, last: int) -> tuple[Measures, Scored]:
        """Measures and scores of some parcels; made anew, as those of all would not fit into memory."""
        measures = self.job.prepared.measures(first, last)
        return measures, _scored(self.job, measures, (first, last), self.means)


def graded(job: Job) -> Graded:
    """Score every stretch, and grade and rank all of them."""
    prepared, rules = job.prepared, job.rules
    means = settle_means(lambda: (prepared.measures(*at) for at in prepared.stretches()), rules)
    found = in_step(lambda at: _scored(job, prepared.measures(*at), at, means).rated, prepared.stretches())
    rated = np.concatenate(list(found))
    population = populations(rules, job.parcels.text("block_id"), job.parcels.size)
    return Graded(job, means, settle(rated, population, rules))


def _scored(job: Job, measures: Measures, at: tuple[int, int], means: Means | None) -> Scored:
    return score_stretch(measures, job.parcels.stretch(*at), job.rules, means)
