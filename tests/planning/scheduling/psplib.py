"""PSPLIB's single-mode form (.sm), as far as a test needs it."""

import re
from pathlib import Path

import numpy as np

from landgis.planning.scheduling.rcpsp_schedules import Jobs


def read_instance(path: Path) -> Jobs:
    text = path.read_text("utf-8")

    def numbers(after: str) -> list[list[int]]:
        part = text.split(after, 1)[1].split("***", 1)[0]
        return [[int(word) for word in line.split()] for line in part.splitlines() if re.fullmatch(r"[\d ]+", line)]

    edges = tuple((row[0] - 1, job - 1) for row in numbers("PRECEDENCE RELATIONS:") for job in row[3:])
    work = numbers("REQUESTS/DURATIONS:")
    return Jobs(
        duration=np.array([row[2] for row in work]), use=np.array([row[3:] for row in work]),
        limit=np.array(numbers("RESOURCEAVAILABILITIES:")[0]), edges=edges,
    )  # fmt: skip
