"""A ledger as a text file, a JSON object a line: for a copy in other hands, and to check its hashes without landgis."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson

from landgis.errors import InputRefused, Place, Problem
from landgis.io.atomic import atomic_file
from landgis.phases.ledger import Entry
from landgis.text import N_, Message

LEDGER_SUFFIX = ".jsonl"


def read_ledger(path: Path) -> list[Entry]:
    """The lines of an exported ledger; fields that it lacks are unknown, as in a ledger of another program."""
    lines, problems = [], []
    try:
        texts = path.read_bytes().splitlines()
    except OSError as error:
        message = Message(N_("the file cannot be read ({reason})"), {"reason": error.strerror or str(error)})
        raise InputRefused([Problem("E-FILE", message, Place(str(path)))]) from error
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            record = orjson.loads(text)
            lines.append(Entry(**{name: record.get(name) for name in Entry._fields}))
        except (orjson.JSONDecodeError, AttributeError) as error:
            message = Message(N_("this is no line of a ledger ({reason})"), {"reason": str(error)[:80]})
            problems.append(Problem("E-LEDGER-LINE", message, Place(str(path), row=number)))
    problems += [
        Problem(
            "E-LEDGER-LINE", Message(N_("the line has no number or hash (seq, prev, hash)")), Place(str(path), row=at)
        )
        for at, line in enumerate(lines, start=1)
        if not isinstance(line.seq, int) or not isinstance(line.prev, str) or not isinstance(line.hash, str)
    ]
    if problems:
        raise InputRefused(problems)
    return lines


def write_ledger(entries: Iterable[Entry], path: Path, *, overwrite: bool) -> int:
    """Write the ledger, a JSON object a line, so that anybody can check its hashes; returns how many lines."""
    count = 0
    with atomic_file(path, overwrite=overwrite) as temporary, temporary.open("wb") as out:
        for entry in entries:
            out.write(orjson.dumps(entry._asdict()) + b"\n")
            count += 1
    return count
