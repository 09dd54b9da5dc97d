"""What several test files ask for."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def report(self):
        return json.loads(self.out)


def shared(folder: str) -> Path:
    """A folder of files that others made and that do not belong in the repository; skips where it is absent."""
    path = SHARED / folder
    if not path.exists():
        pytest.skip(f"shared/{folder} is not beside this checkout")
    return path


@pytest.fixture
def landgis():
    """Run a command as a user does, in a process of its own; no traceback may ever come out of it."""

    def run(*arguments, language="en", timeout=60, **more) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "landgis", *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
            env=os.environ | {"LANDGIS_LANG": language}, stdin=subprocess.DEVNULL, **more,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def real() -> Path:
    return shared("real")
