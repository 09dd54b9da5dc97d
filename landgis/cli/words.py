"""What all commands say, in the user's language: problems, reports, and errors as one line each and an exit code.

Without typer, so that a command may be understood without it (`quick`).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, LandgisError, Problem, RegisterRefused, UsageError
from landgis.text import N_, Translate, pick_language, translator

EXIT_DONE, EXIT_FAULT, EXIT_USAGE, EXIT_REFUSED, EXIT_REGISTER = 0, 1, 2, 3, 4
EXIT_CODES: dict[type[LandgisError], int] = {
    UsageError: EXIT_USAGE,
    InputRefused: EXIT_REFUSED,
    RegisterRefused: EXIT_REGISTER,
}


def say_problems(problems: Iterable[Problem]) -> None:
    """Each on a line of standard error."""
    for problem in problems:
        print(f"landgis: {problem.render(translation())}", file=sys.stderr)


def write_report(document: dict[str, Any], report: Path | None, *, overwrite: bool) -> None:
    """The report of a run, where one is asked for."""
    if report is not None:
        from landgis.io.atomic import atomic_file

        with atomic_file(report, overwrite=overwrite) as temporary:
            temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def say_set_aside(document: dict[str, Any]) -> None:
    """How many rows were set aside, on standard error."""
    if document["set_aside"]:
        text = translation()(N_("{count} rows were set aside; the report lists each with its reason (--report)"))
        print("landgis: " + text.format(count=len(document["set_aside"])), file=sys.stderr)


def say_document(
    document: dict[str, Any], report: Path | None, show: Callable[[], None], *, overwrite: bool, as_json: bool
) -> None:
    """The report of a run, where it is asked for; then what came out, as JSON or as `show` prints it."""
    write_report(document, report, overwrite=overwrite)
    say_set_aside(document)
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        show()


def split_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """What --lang says, wherever it stands, and the other arguments."""
    asked, rest, words = None, [], iter(arguments)
    for word in words:
        if word == "--lang":
            asked = next(words, None)
        elif word.startswith("--lang="):
            asked = word.partition("=")[2]
        else:
            rest.append(word)
    return asked, rest


def language() -> str:
    """The language of texts: as said, else as the system has it."""
    return pick_language(split_language(sys.argv[1:])[0])


def translation() -> Translate:
    """The gettext function of that language."""
    return translator(language())


@contextmanager
def exit_codes() -> Iterator[None]:
    """Every error becomes one line a problem, and an exit code (contract §3)."""
    try:
        yield
    except LandgisError as error:
        say_problems(error.problems)
        sys.exit(next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), EXIT_FAULT))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_DONE)
    except Exception as fault:
        if os.environ.get("LANDGIS_DEBUG"):
            traceback.print_exc()
        text = N_("this is a fault of landgis itself: {fault}; run again with LANDGIS_DEBUG=1 and report it")
        said = translation()(text).format(fault=f"{type(fault).__name__}: {fault}")
        print("landgis: E-FAULT: " + said, file=sys.stderr)
        sys.exit(EXIT_FAULT)
