"""Imports go down: the table below is the architecture, and the architecture page is made from it."""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "landgis"
ROWS = {  # part → row; a part may import rows below its own, and of its own row what stands before it here
    "units": 1, "text": 1, "errors": 1, "roles": 1, "tables": 1, "results": 1, "dictionary": 1, "columns": 1,
    "lean": 1, "ahead": 1, "frames": 1, "rules": 1,
    "compiled": 2, "geometry": 2, "overlay": 2, "land": 2, "metrics": 2, "scoring": 2, "phases": 2, "planning": 2,
    "io": 3, "scale": 3, "store": 3, "documents": 3,
    "workflow": 4,
    "show": 5, "ui": 5, "cli": 5, "__main__": 5,
}  # fmt: skip
ORDER = list(ROWS)
CORE_NEVER = {"streamlit", "pydeck", "pyogrio", "fiona", "sqlite3", "sqlalchemy", "dask", "os", "logging"}
NEVER = {1: CORE_NEVER, 2: CORE_NEVER, 3: set(), 4: {"streamlit", "typer"}, 5: set()}
ALLOWED = {("text", "os")}  # the language is looked up in an environment that is passed in; os.environ is its default
FREE = {"__init__"}  # the public names, no code


def part_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the row"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "landgis" else {str(node.module)}
    return found


MODULES = sorted(path for path in HOUSE.rglob("*.py") if part_of(path) not in FREE and part_of(path) != "locale")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_down(path):
    part = part_of(path)
    assert part in ROWS, f"{part} has no row yet"
    for name in imports_of(path):
        head, _, rest = name.partition(".")
        assert head not in NEVER[ROWS[part]] or (part, head) in ALLOWED, f"{part} must not import {name}"
        if head == "landgis" and rest:
            other = rest.split(".")[0]
            below = ROWS[other] < ROWS[part] or ORDER.index(other) <= ORDER.index(part)
            assert below, f"{part} (row {ROWS[part]}) must not import {name} (row {ROWS[other]})"


def test_every_part_is_in_the_table():
    assert {part_of(path) for path in MODULES} == set(ROWS)
