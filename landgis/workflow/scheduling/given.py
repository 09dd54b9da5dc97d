"""A plan as a user names it: kept in the project, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.shelf import load_plan

SUFFIX = ".json"  # what no kept plan's name ends in
INSIDE = "document"  # where `landgis plan replan --json` has the plan


def given_plan(project: Project, text: str) -> PlanDocument:
    """The plan that is kept under a name, or that of a file, as `landgis plan schedule --json` or `replan` printed it.

    InputRefused where there is none, or it is none.
    """
    if not text.lower().endswith(SUFFIX):
        return load_plan(project, text)
    try:
        content = Path(text).read_bytes()
    except OSError as error:
        words = N_("the plan cannot be read ({reason}); check the path")
        message = Message(words, {"reason": error.strerror or str(error)})
        raise InputRefused([Problem("E-FILE", message, Place(text))]) from error
    try:
        value: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict) and INSIDE in value:
        return PlanDocument.from_json(value[INSIDE], text)
    return PlanDocument.from_bytes(content, text)
