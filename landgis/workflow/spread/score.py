"""`landgis score … --cluster`: the job as tasks, in three rounds, each of which begins when the one before is done."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from landgis.errors import InputRefused, Place, Problem
from landgis.io.mapping import read_mapping
from landgis.io.stream import Unusual
from landgis.rules import load_rules
from landgis.scale.arrays import load_arrays
from landgis.scale.clusters import connected, workers_of
from landgis.scale.folders import Folder, file_of, stamp
from landgis.scale.job import Job, name_of, open_job
from landgis.scale.settings import Cluster
from landgis.scale.tasks import Say, Task, run_tasks
from landgis.scoring.means import Points, means_from
from landgis.scoring.parts import Means
from landgis.text import N_, Message
from landgis.workflow.inputs import Inputs
from landgis.workflow.log import Log, Rows, note_nowhere
from landgis.workflow.report import Report, count_rows, refuse_set_aside, require_conserved
from landgis.workflow.spread import parts, settling, sorting, tenants
from landgis.workflow.spread.notes import take_notes
from landgis.workflow.spread.target import Target, target_of
from landgis.workflow.spread.work import Range, Work, ranges_of, require_good_place, usual
from landgis.workflow.spread.writing import write_part
from landgis.workflow.streaming.job import require_one_crs
from landgis.workflow.streaming.score import StreamRun, facts_of
from landgis.workflow.summary import Overview

if TYPE_CHECKING:
    from distributed import Client

SURVEY = Message(N_("looking where the parcels lie"))
MEASURE = Message(N_("sorting, measuring and placing"))
WRITE = Message(N_("grading and writing"))
LAYOUT = 1  # of the files in a job's folder: another number begins anew


@dataclass(frozen=True)
class _Running:
    """A job under way on a cluster."""

    client: Client
    job: Job
    work: Work
    cluster: Cluster
    say: Say

    def run(self, step: Message, tasks: Sequence[Task]) -> dict[str, Any]:
        return run_tasks(self.client, self.job, tasks, say=self.say, step=step, patience_s=self.cluster.patience_s)

    def over(self, kind: str, name: str, function: Any, needs: tuple[str, ...] = (), **given: Any) -> list[Task]:
        """A task for each range of a table."""
        ranges = self.work.ranges.get(name, ())
        return [Task(_name(kind, part.number), function, {**given, "part": part}, needs) for part in ranges]


def score_on_cluster(inputs: Inputs, cluster: Cluster, out: str, *, overwrite: bool, say: Say) -> StreamRun:
    """Score Parquet files on a cluster into a folder of GeoParquet parts. Raises InputRefused, and ClusterLost."""
    started, log = time.perf_counter(), Log()
    if inputs.blocks is not None:
        words = N_("a cluster does not lay blocks over parcels; give the parcels a block_id, or score on one machine")
        raise InputRefused([Problem("E-CLUSTER-INPUT", Message(words), Place(inputs.blocks))])
    work = _work(inputs)
    identity = _identity(work, cluster, out)
    target = target_of(out, name_of(identity), overwrite=overwrite)
    scratch = Folder(cluster.scratch) if cluster.scratch else file_of(out.rstrip("/"))[0]
    with connected(cluster) as client, open_job(scratch, identity, keep=cluster.keep) as job:
        _greet(client, job, say)
        running = _Running(client, job, work, cluster, say)
        partitions = _survey(running)
        found = _measure(running, partitions)
        with ThreadPoolExecutor(1) as pool:  # the workers go on meanwhile
            conserving = pool.submit(_conservation, work, found, log)
            graded = _grade(running, partitions)
            conservation = conserving.result()
        require_conserved(conservation)
        refuse_set_aside(log, strict=inputs.strict)
        overview = _write(running, target, graded, log)
        streams = {name: work.open(name) for name in work.inputs.named}
        facts = facts_of(streams, found["firms"]["year"], overview, work.rules)
        target.finish(partitions, {"job": job.name, "rules_id": work.rules.id, "parcels": overview.parcels,
                                   "parts": partitions, "landgis": version("landgis")})  # fmt: skip
    seconds = time.perf_counter() - started
    report = Report(work.rules.id, work.rows("parcels"), overview.parcels, conservation, log, seconds, facts)
    return StreamRun(report, work.rules, overview.summary())


def _work(inputs: Inputs) -> Work:
    mapping = read_mapping(inputs.mapping) if inputs.mapping else {}
    ranges: dict[str, tuple[Range, ...]] = {name: ranges_of(text) for name, text in inputs.named.items()}
    work = Work(inputs, load_rules(inputs.rules), mapping, ranges)
    try:
        require_one_crs({name: work.open(name) for name in inputs.named}, inputs.measure_crs)
    except Unusual as error:
        raise usual(inputs.parcels, error) from error
    return work


def _identity(work: Work, cluster: Cluster, out: str) -> dict[str, Any]:
    """Everything that decides what is in the job's folder."""
    return {
        "landgis": version("landgis"), "layout": LAYOUT, "out": out.rstrip("/"), "parcels": cluster.parcels,
        "inputs": asdict(work.inputs), "files": {name: stamp(text) for name, text in work.inputs.named.items()},
        "rules": repr(work.rules), "mapping": repr(work.mapping),
    }  # fmt: skip


def _greet(client: Client, job: Job, say: Say) -> None:
    values = {"count": workers_of(client), "dashboard": client.dashboard_link}
    say(Message(N_("{count} workers; dashboard: {dashboard}"), values))
    if job.resumed:
        say(Message(N_("going on where an earlier run was stopped: {count} tasks are done"), {"count": job.resumed}))


def _survey(running: _Running) -> int:
    """Where the parcels lie, and into how many partitions they are cut."""
    work = running.work
    surveyed, counted = (sorting.names_of(kind, work.ranges["parcels"]) for kind in ("survey", "cells"))
    said = running.run(SURVEY, [
        *running.over("survey", "parcels", sorting.survey, work=work),
        Task("grid", sorting.lay_grid, {"work": work}, surveyed),
        *running.over("cells", "parcels", sorting.count_cells, ("grid",)),
        Task("cut", sorting.cut_land, {"work": work, "parcels": running.cluster.parcels}, counted),
    ])  # fmt: skip
    bounds = np.array([said[name]["bounds"] for name in surveyed])
    total = np.append(np.fmin.reduce(bounds[:, :2]), np.fmax.reduce(bounds[:, 2:]))
    require_good_place(work.open("parcels"), total)
    return int(said["cut"]["partitions"])


def _measure(running: _Running, partitions: int) -> dict[str, Any]:
    """Every row sent to its partitions, every partition measured and, where no means are wanted, rated."""
    work = running.work
    sorted_names = tuple(
        _name(kind, part.number) for kind in ("parcels", "buildings") for part in work.ranges.get(kind, ())
    )
    measure = [
        Task(_name("measure", number), parts.measure_part, {"work": work, "partition": number}, sorted_names)
        for number in range(partitions)
    ]
    return running.run(MEASURE, [
        Task("keys", sorting.index_keys, {"work": work}),
        *running.over("parcels", "parcels", sorting.sort_parcels, work=work),
        Task("firms", tenants.settle_firms, {"work": work, "partitions": partitions}, ("keys",)),
        *running.over("buildings", "buildings", sorting.sort_buildings, ("keys",), work=work),
        *measure,
    ])  # fmt: skip


@dataclass(frozen=True)
class _Graded:
    """What writing a partition is told: the means, and the words of the grades."""

    partitions: int
    means: Means | None
    grades: list[str]


def _grade(running: _Running, partitions: int) -> _Graded:
    """Rate every partition, and settle grades and ranks over all of them."""
    work, means = running.work, _means(running, partitions)
    rate = [
        Task(_name("rate", number), parts.rate_part, {"work": work, "partition": number, "means": means})
        for number in range(partitions)
    ]
    rated = running.run(WRITE, rate)
    blocks = {str(number): rated[_name("rate", number)]["blocks"] for number in range(partitions)}
    settled = running.run(WRITE, [Task("settle", settling.settle_all, {"work": work, "blocks": blocks})])
    return _Graded(partitions, means, settled["settle"]["grades"])


def _write(running: _Running, target: Target, graded: _Graded, log: Log) -> Overview:
    """Write every partition."""
    for number in target.lacks(graded.partitions):  # the output was taken away after an earlier run had written it
        running.job.forget(_name("write", number))
    given = {"work": running.work, "means": graded.means, "grades": graded.grades, "target": target}
    written = running.run(WRITE, [
        Task(_name("write", number), write_part, {**given, "partition": number}) for number in range(graded.partitions)
    ])  # fmt: skip
    take_notes(log, written.values())
    overview = Overview()
    for one in written.values():
        overview.merge(one["overview"])
    return overview


def _means(running: _Running, partitions: int) -> Means | None:
    """The means over all parcels that the rule set asks for, if it does; the numbers of one column at a time."""
    job, work = running.job, running.work

    def points(means: Means | None) -> list[Points]:
        kind = "points" if means is None else "part-points"
        said = running.run(WRITE, [
            Task(_name(kind, number), parts.points_of_part, {"work": work, "partition": number, "means": means})
            for number in range(partitions)
        ])  # fmt: skip
        found = [load_arrays(job.folder, name) for name in said]
        return [
            {group: [arrays[f"{group}#{at}"] for at in range(count)] for group, count in one["groups"].items()}
            for one, arrays in zip(said.values(), found, strict=True)
        ]

    return means_from(points, work.rules)


def _conservation(work: Work, found: Mapping[str, Any], log: Log) -> dict[str, dict[str, float]]:
    """What came in, was used and was set aside; what the tasks noticed goes into the log."""
    take_notes(log, found.values())
    doubtful: dict[int, list[Any]] = {}
    for one in found.values():
        for key, row, copies in one.get("doubtful", ()):
            doubtful.setdefault(row, [key, copies, 0])[2] += 1
    streams = {name: work.open(name) for name in work.inputs.named}
    if "buildings" in streams:
        nowhere = sorted(row for row, (_, copies, found_on_none) in doubtful.items() if copies == found_on_none)
        rows = Rows("buildings", streams["buildings"].source, np.array(nowhere, int) + 1)
        note_nowhere(rows, [doubtful[row][0] for row in nowhere], range(len(nowhere)), log)
    if not any(one.get("measurable") for one in found.values()):
        raise InputRefused([Problem("E-GEOM-AREA0", fault.message, fault.place, fault.id)
                            for fault in log.problems if fault.code == "W-GEOM-AREA0"])  # fmt: skip
    firms = found["firms"]
    floor = {"occupied_floor_area_m2": firms["floor"]} if firms["floor"] else {}
    return {
        **count_rows({name: stream.source for name, stream in streams.items()}, log),
        **firms["conservation"],
        **floor,
    }


def _name(kind: str, number: int) -> str:
    return f"{kind}-{number:05d}"
