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


def run_task(folder: str, name: str, function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """What runs on the worker: the task, then its marker. Dask asks again for what a dead worker had said."""
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

    Raises InputRefused with what they refused, and ClusterLost where the cluster is gone.
    """
    running = _Running(client, job, [task for task in tasks if task.name not in job.done])
    try:
        running.begin()
        running.await_all(say, step, patience_s)
    except (OSError, TimeoutError, RuntimeError) as error:  # the client lost its connection in the middle of a call
        if isinstance(error, ClusterLost) or client.status == "running":
            raise
        raise _gone(client, job) from error
    finally:
        for future in running.futures.values():
            future.release()
    return {task.name: job.done[task.name] for task in tasks}


class _Running:
    """Tasks of a step, each handed over when what it needs is done.

    Dask is not told what a task needs: it would put it where that was made, as if the files lay there, and all tasks
    that need the same small one would wait for one worker. It would also do again what a dead worker had done.
    """

    def __init__(self, client: Client, job: Job, tasks: Sequence[Task]) -> None:
        self._client, self._job, self._count = client, job, len(tasks)
        self.futures: dict[str, Future] = {}
        self._left: set[str] = set()
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lacks: dict[str, int] = {}  # how much of what it needs a task has still to wait for
        self._for: dict[str, list[Task]] = {}  # who waits for a task
        for task in tasks:
            needs = [name for name in task.needs if name not in job.done]
            self._lacks[task.name] = len(needs)
            for name in needs:
                self._for.setdefault(name, []).append(task)
        self._first = [task for task in tasks if not self._lacks[task.name]]

    def begin(self) -> None:
        """Hand over what needs nothing."""
        self._submit(self._first)

    def await_all(self, say: Say, step: Message, patience_s: float) -> None:
        """Wait until all are done, and hand over what can begin; what needs something that was refused is left."""
        refused, last_seen = list[Problem](), time.monotonic()
        while self._left:
            say(_progress(step, len(self.futures) - len(self._left), self._count))
            for name in _next(self._ended):
                last_seen = time.monotonic()
                refused += self._end(name)
            if self._client.status != "running":
                raise _gone(self._client, self._job)
            if time.monotonic() - last_seen > min(patience_s, 5.0):
                last_seen = self._seen(last_seen, patience_s)
        if refused:
            raise InputRefused(refused)

    def _submit(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self.futures[task.name] = self._client.submit(
                run_task, self._job.folder.url, task.name, task.function, dict(task.given),
                key=f"{self._job.name}-{task.name}", pure=False, retries=RETRIES,
            )  # fmt: skip
            self._left.add(task.name)
            self._listen(task.name)

    def _listen(self, name: str) -> None:
        self.futures[name].add_done_callback(lambda _: self._ended.put(name))

    def _end(self, name: str) -> Sequence[Problem]:
        """What a task refused; where its worker died with what it said, it runs again."""
        problems = _take(self._client, self._job, name, self.futures[name])
        if problems is None:
            self._listen(name)
            return ()
        self._left.discard(name)
        if name in self._job.done:
            for task in self._for.pop(name, ()):
                self._lacks[task.name] -= 1
                self._submit([task] if not self._lacks[task.name] else ())
        return problems

    def _seen(self, last_seen: float, patience_s: float) -> float:
        """When something was last heard, if only that there are workers."""
        if workers_of(self._client):
            return time.monotonic()
        if time.monotonic() - last_seen > patience_s:
            words = N_("no worker is left, and none has come back for {seconds} s; start workers and run the same"
                       " command again: {count} finished tasks are kept")  # fmt: skip
            raise lost(words, self._job.folder.url, seconds=round(patience_s), count=len(self._job.done))
        return last_seen


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
