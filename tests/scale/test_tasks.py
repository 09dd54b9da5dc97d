import os
import signal
import threading
import time
from pathlib import Path

import pytest

from landgis.errors import InputRefused
from landgis.scale.clusters import ClusterLost
from landgis.scale.folders import Folder
from landgis.scale.job import open_job, read_done
from landgis.scale.tasks import Task, run_tasks
from landgis.text import Message
from tests.scale import made_tasks


def run(client, job, tasks, said=None, patience_s=30.0):
    told = [] if said is None else said
    return run_tasks(
        client, job, tasks, say=lambda m: told.append(str(m)), step=Message("testing"), patience_s=patience_s
    )


def squares(numbers, seconds=0.0):
    return [Task(f"square-{n}", made_tasks.square, {"number": n, "seconds": seconds}) for n in numbers]


def folder_of(tmp_path) -> Path:
    (found,) = tmp_path.glob("landgis-job-*")
    return found


def test_tasks_run_after_what_they_need_and_progress_is_told(client, tmp_path):
    told = []
    with open_job(Folder(str(tmp_path)), {"a": 1}) as job:
        numbers = list(range(8))
        last = Task("sum", made_tasks.summed, {"numbers": numbers}, needs=tuple(f"square-{n}" for n in numbers))
        said = run(client, job, [*squares(numbers), last], told)
    assert said["sum"] == {"sum": sum(n * n for n in numbers)}
    assert told[0] == "testing · 0/9"
    assert not list(tmp_path.iterdir()), "a job that ended well leaves nothing"


def test_what_is_done_is_not_run_again(client, tmp_path):
    with pytest.raises(RuntimeError, match="stopped"), open_job(Folder(str(tmp_path)), {"a": 1}) as job:
        run(client, job, squares(range(3)))
        raise RuntimeError("stopped")
    with open_job(Folder(str(tmp_path)), {"a": 1}, keep=True) as job:
        assert job.resumed == 3
        said = run(client, job, squares(range(5)))
    assert [said[f"square-{n}"]["square"] for n in range(5)] == [0, 1, 4, 9, 16]
    assert made_tasks.ran(folder_of(tmp_path)) == dict.fromkeys(range(5), 1)


def test_a_changed_input_begins_anew(client, tmp_path):
    for size in (1, 2):
        with open_job(Folder(str(tmp_path)), {"size": size}, keep=True) as job:
            assert job.resumed == 0
            run(client, job, squares([size]))
    assert len(list(tmp_path.glob("landgis-job-*"))) == 2


def test_a_worker_killed_in_the_middle_costs_its_tasks_only(client, tmp_path):
    """kill -9 of the process that runs a task, seen from outside."""
    victims = []

    def kill():
        while not victims:
            running = [path for path in tmp_path.glob("landgis-job-*/ran-7-*") if path.read_text()]
            if running:
                victims.append(int(running[0].read_text()))
                os.kill(victims[0], signal.SIGKILL)
            time.sleep(0.02)

    killer = threading.Thread(target=kill)
    killer.start()
    with open_job(Folder(str(tmp_path)), {"a": 1}, keep=True) as job:
        said = run(client, job, squares(range(12), seconds=0.3))
    killer.join()
    counts = made_tasks.ran(folder_of(tmp_path))
    assert [said[f"square-{n}"]["square"] for n in range(12)] == [n * n for n in range(12)]
    assert counts[7] == 2
    assert sum(counts.values()) <= 14, "what was finished is kept, though its worker is gone"


def test_a_task_that_kills_every_worker_is_named(client, tmp_path):
    with pytest.raises(ClusterLost, match="task bad took 4 workers down"), open_job(Folder(str(tmp_path)), {}) as job:
        run(client, job, [Task("bad", made_tasks.die_always)])


def test_what_tasks_refuse_is_raised_all_at_once(client, tmp_path):
    tasks = [Task(f"refuse-{n}", made_tasks.refuse, {"row": n}) for n in range(3)]
    with pytest.raises(InputRefused) as raised, open_job(Folder(str(tmp_path)), {}) as job:
        run(client, job, [*tasks, *squares([1])])
    assert sorted(problem.place.row for problem in raised.value.problems) == [0, 1, 2]
    assert set(read_done(Folder(str(folder_of(tmp_path))))) == {"square-1"}


def test_what_needs_something_that_was_refused_is_left(client, tmp_path):
    tasks = [Task("refuse-0", made_tasks.refuse, {"row": 0}), *squares([2])]
    after = Task("square-3", made_tasks.square, {"number": 3, "seconds": 0}, needs=("refuse-0", "square-2"))
    with pytest.raises(InputRefused) as raised, open_job(Folder(str(tmp_path)), {}) as job:
        run(client, job, [after, *tasks])
    assert [problem.place.row for problem in raised.value.problems] == [0]
    assert made_tasks.ran(folder_of(tmp_path)) == {2: 1}


def test_a_disk_that_fails_is_said(client, tmp_path):
    with pytest.raises(ClusterLost, match="no space left on device"), open_job(Folder(str(tmp_path)), {}) as job:
        run(client, job, [Task("bad", made_tasks.fail)])
