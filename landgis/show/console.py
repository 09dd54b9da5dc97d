"""The terminal: tables, numbers as people read them, and what is under way.

rich is imported where something is drawn with it: that takes as long as scoring ten thousand parcels.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from landgis.text import N_, Message, Translate

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_WHERE_PIPED = 110
STEPS = {
    "read": N_("reading the files"),
    "geometry": N_("mending and measuring outlines"),
    "overlay": N_("placing buildings and firms on parcels"),
    "score": N_("scoring"),
    "write": N_("writing"),
    "check": N_("checking the rows"),
    "verify": N_("computing the hash of every line again"),
}


def is_piped(stream: TextIO) -> bool:
    """Whether nobody looks at a stream through a terminal, or wants it as if they did."""
    return not (stream.isatty() or {"FORCE_COLOR", "TTY_COMPATIBLE"} & os.environ.keys())


def open_console() -> Console:
    """Standard output, of a fixed width where it is piped."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_WHERE_PIPED)


@contextmanager
def progress(translate: Translate) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says which step is under way; silent where that is no terminal."""
    with status_line() as say:
        yield lambda step: say(translate(STEPS[step]))


@contextmanager
def steps(translate: Translate) -> Iterator[Callable[[Message], None]]:
    """The same for work that counts: how many are done goes into the line, the rest is left standing above it."""
    from rich.console import Console

    console = Console(stderr=True)
    with status_line(console) as say:

        def told(message: Message) -> None:
            text = message.render(translate)
            if "done" in message.values:
                say(text)
            elif console.is_terminal:
                console.print(text, markup=False)

        yield told


@contextmanager
def status_line(console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """A line on standard error with the seconds so far, whose text can be changed; silent where that is no terminal."""
    if console is None and is_piped(sys.stderr):
        yield lambda _text: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True) if console is None else console
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console,
        transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=None)
        yield lambda text: bar.update(task, description=text)


def number(value: Any, decimals: int = 2) -> str:
    """A number as people read it; a dash where it is not known."""
    return "—" if value is None or math.isnan(value) else f"{value:,.{decimals}f}"


def plain_table(title: str, *heads: str) -> Table:
    """A table without lines, its first column to the left and the others to the right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, head in enumerate(heads):
        table.add_column(head, justify="left" if position == 0 else "right", overflow="fold")
    return table
