"""The built problem beside stored ones: a changed constraint shows as a diff.

To store anew after a change that is meant: `python -m tests.planning.scheduling.test_model`.
"""

from pathlib import Path

import pytest

from landgis.planning.scheduling.model import as_text, build
from tests.planning.scheduling.made_schedule import FAMILIES, tiny

FOLDER = Path(__file__).with_name("stored")
STORED = {family: {family} for family in FAMILIES} | {"everything": set(FAMILIES)}


def built(name: str) -> str:
    problem = tiny(2, periods=4, families=STORED[name])
    return as_text(problem, build(problem))


@pytest.mark.parametrize("name", STORED)
def test_the_built_problem_is_the_stored_one(name):
    assert built(name) == (FOLDER / f"schedule-{name}.txt").read_text("utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in STORED:
        (FOLDER / f"schedule-{name}.txt").write_text(built(name), "utf-8")
