"""`landgis`: what is asked for is found out, and done."""

from __future__ import annotations

import gc
import sys

from landgis.cli.quick import plain_score
from landgis.cli.words import exit_codes, split_language


def main() -> None:
    """Run a command; every error becomes one line a problem, and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = split_language(sys.argv[1:])[1]
    try:
        with exit_codes():
            if not plain_score(arguments):
                from landgis.cli.tree import help_command

                help_command()(arguments, prog_name="landgis")
    finally:
        gc.freeze()  # Python would look through all that there is once more before it ends
