"""All that parcels are scored from, read once; then their scores, grades and ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.io.crs import asked_crs, measures_in_metres
from landgis.io.mapping import read_mapping
from landgis.io.stream import Stream, Unusual, open_stream
from landgis.metrics.measure import Measures, Prepared
from landgis.metrics.tenants import settle_tenants
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.scoring.means import settle_means
from landgis.scoring.parts import Means
from landgis.scoring.score import Scored, Settled, populations, score_stretch, settle
from landgis.text import Tell
from landgis.workflow.inputs import FILES, Inputs
from landgis.workflow.log import Log
from landgis.workflow.streaming.firms import note_firms_nowhere, read_enterprises, read_occupancies
from landgis.workflow.streaming.land import Parcels, read_buildings, read_parcels, report_overlaps

Sums = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Job:
    """The opened files, the parcels, and everything that a parcel's numbers may depend on."""

    streams: dict[str, Stream]
    parcels: Parcels
    prepared: Prepared
    year: int | None
    floor: Sums  # what became of the occupied floor area

    @property
    def rules(self) -> RuleSet:
        """The rule set."""
        return self.prepared.rules


def prepare(inputs: Inputs, log: Log, tell: Tell = lambda _step: None, *, overlaps: bool = True) -> Job:
    """Read all files; Unusual where the plain path has to do it."""
    tell("read")
    rules, streams = load_rules(inputs.rules), open_streams(inputs)
    tell("geometry")
    parcels = read_parcels(streams["parcels"], rules, log)
    if overlaps:
        report_overlaps(parcels, log)
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


def open_streams(inputs: Inputs) -> dict[str, Stream]:
    """The files, opened; Unusual where one is no Parquet, or where outlines are not in one CRS in metres."""
    if inputs.blocks is not None:
        raise Unusual("blocks are laid over the parcels by the plain path")
    mapping = read_mapping(inputs.mapping) if inputs.mapping else {}
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
    rated = [_scored(job, prepared.measures(*at), at, means).rated for at in prepared.stretches()]
    population = populations(rules, job.parcels.columns.text("block_id"), len(job.parcels))
    return Graded(job, means, settle(np.concatenate(rated), population, rules))


def _scored(job: Job, measures: Measures, at: tuple[int, int], means: Means | None) -> Scored:
    return score_stretch(measures, job.parcels.columns.stretch(*at), job.rules, means)
