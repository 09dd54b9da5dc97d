"""The tools that keep the house tidy, run as the commit hook runs them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("command", ["ruff check .", "ruff format --check .", "mypy"])
def test_tidy(command):
    done = subprocess.run([sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_written_but_through_atomic():
    """One module may open a file for writing; the writers get a temporary path from it."""
    allowed = {
        "atomic.py",
        "write_geojson.py",
        "write_gdal.py",
        "write_shapefile.py",
        "write_parquet.py",
        "write_text.py",
        "pmtiles.py",
    }
    words = ('open("w', "open('w", "write_bytes(", "write_text(", ".to_file(", ".to_csv(", ".to_excel(", ".to_parquet(")
    found = [
        f"{path.name}: {word}"
        for path in (ROOT / "landgis").rglob("*.py")
        for word in words
        if path.name not in allowed and word in path.read_text("utf-8")
    ]
    # evidence, the report and a ledger, into temporary paths of atomic_file; an index made again, in a private copy
    assert sorted(found) == [
        "asking.py: write_bytes(", 'ledger_file.py: open("w', "reporting.py: write_bytes(",
        "shapefile.py: write_bytes(", "words.py: write_text(",
    ]  # fmt: skip
