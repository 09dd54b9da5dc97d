"""A scheduler and workers as processes of their own, as an administrator starts them."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def started(folder: Path, *, workers: int) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The scheduler's address, and the processes: it first, then the workers (without a nanny)."""
    file = folder / f"scheduler-{secrets.token_hex(4)}.json"
    scheduler = _start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    processes = [scheduler]
    try:
        address = _address(file, scheduler)
        processes += [_start("dask_worker", address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1",
                             "--local-directory", str(folder)) for _ in range(workers)]  # fmt: skip
        yield address, processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(module: str, *words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *words, "--no-dashboard"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _address(file: Path, scheduler: subprocess.Popen) -> str:
    for _ in range(600):
        assert scheduler.poll() is None, "the scheduler did not start"
        try:
            return str(json.loads(file.read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise AssertionError("the scheduler did not say its address")
