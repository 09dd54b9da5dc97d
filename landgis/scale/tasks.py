"""Tasks with what they need, run on a cluster: finished ones are skipped, lost ones are run again."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from landgis.errors import InputRefused, Problem
from landgis.scale.clusters import ClusterLost, lost, workers_of
from landgis.scale.folders import Folder
from landgis.scale.job import Job, mark_done, read_marker
from landgis.text import N_, Message

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 3  # of a task whose disk or network failed, and of one whose worker died
POLL_S = 1.0
Say = Callable[[Message], None]


@dataclass(frozen=True)
class Task:
    """A function of a module, called as `function(folder, **given)` on some worker.

    It writes files into the job's folder, the same ones however often it runs, and returns what it has to say as
    a JSON document. It begins when all of `needs` are done.
    """

    name: str
    function: Callable[..., Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """What a task found wrong with the input: an answer, as running it again would not help."""

    problems: Sequence[Problem]


def run_task(folder: str, name: str, function: Callable[..., Any], given: Mapping[str, Any], *_needs: object) -> Any:
    """What runs on the worker: the task, then its marker. Dask asks again for what a dead worker had: it is read."""
    place = Folder(folder)
    if (known := read_marker(place, name)) is not None:
        return known
    try:
        said = function(place, **given)
    except InputRefused as refusal:
        return Refused(refusal.problems)
    mark_done(place, name, said)
    return said


def run_tasks(
    client: Client, job: Job, tasks: Sequence[Task], *, say: Say, step: Message, patience_s: float
) -> dict[str, Any]:
    """What all the tasks said, by their names; `job.done` has it as well.

    Raises InputRefused with what all of them refused, and ClusterLost where the cluster is gone.
    """
    futures: dict[str, Future] = {}
    try:
        for task in tasks:
            if task.name not in job.done:
                needs = [futures[name] for name in task.needs if name in futures]
                futures[task.name] = client.submit(
                    run_task, job.folder.url, task.name, task.function, dict(task.given), *needs,
                    key=f"{job.name}-{task.name}", pure=False, retries=RETRIES,
                )  # fmt: skip
        _await(client, job, futures, say=say, step=step, patience_s=patience_s)
    except (OSError, TimeoutError, RuntimeError) as error:  # the client lost its connection in the middle of a call
        if isinstance(error, ClusterLost) or client.status == "running":
            raise
        raise _gone(client, job) from error
    finally:
        for future in futures.values():
            future.release()
    return {task.name: job.done[task.name] for task in tasks}


def _await(
    client: Client, job: Job, futures: Mapping[str, Future], *, say: Say, step: Message, patience_s: float
) -> None:
    ended: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name, future in futures.items():
        future.add_done_callback(lambda _, name=name: ended.put(name))
    left, refused = set(futures), list[Problem]()
    last_seen = time.monotonic()
    while left:
        say(_progress(step, len(futures) - len(left), len(futures)))
        for name in _next(ended):
            last_seen = time.monotonic()
            problems = _take(client, job, name, futures[name])
            if problems is None:  # its worker died with what it said, and it runs again
                futures[name].add_done_callback(lambda _, name=name: ended.put(name))
                continue
            left.discard(name)
            refused += problems
        if client.status != "running":
            raise _gone(client, job)
        if time.monotonic() - last_seen > min(patience_s, 5.0):
            if workers_of(client):
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen > patience_s:
                words = N_("no worker is left, and none has come back for {seconds} s; start workers and run the same"
                           " command again: {count} finished tasks are kept")  # fmt: skip
                raise lost(words, job.folder.url, seconds=round(patience_s), count=len(job.done))
    if refused:
        raise InputRefused(refused)


def _next(ended: queue.SimpleQueue[str]) -> Iterable[str]:
    """Names of the tasks that have ended, waited for a moment where there is none."""
    try:
        names = [ended.get(timeout=POLL_S)]
    except queue.Empty:
        return []
    while not ended.empty():
        names.append(ended.get())
    return names


def _take(client: Client, job: Job, name: str, future: Future) -> Sequence[Problem] | None:
    """Keep what a task said; what it refused comes back, None where it is not done after all."""
    if (marked := read_marker(job.folder, name)) is not None:  # whatever has become of the worker since
        job.done[name] = marked
        return []
    if future.status == "pending":
        return None
    if future.status == "finished":
        said = future.result(timeout=60)
        return said.problems if isinstance(said, Refused) else []
    if future.status != "error" or client.status != "running":
        raise _gone(client, job)
    error = future.exception(timeout=60)
    if type(error).__name__ == "KilledWorker":
        words = N_("task {name} took {count} workers down with it, one after the other; give the workers more memory,"
                   " or make `parcels` smaller, and run again: what is finished is kept")  # fmt: skip
        raise lost(words, job.folder.url, name=name, count=RETRIES + 1) from error
    if isinstance(error, OSError):
        words = N_("task {name} cannot read or write ({reason}); every worker needs the files and the scratch folder"
                   " under the same address. What is finished is kept")  # fmt: skip
        raise lost(words, job.folder.url, name=name, reason=" ".join(str(error).split())[:200]) from error
    assert error is not None
    raise error


def _progress(step: Message, done: int, count: int) -> Message:
    return Message("{step} · {done}/{count}", {"step": step, "done": done, "count": count})


def _gone(client: Client, job: Job) -> ClusterLost:
    words = N_("the scheduler is gone; start it again and run the same command: {count} finished tasks are kept and not"
               " run again")  # fmt: skip
    return lost(words, getattr(client.scheduler, "address", None), count=len(job.done))
