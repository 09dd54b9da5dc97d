"""What all commands stand in: the command tree, its help in the user's language, and what they ask the user for."""

from __future__ import annotations

import datetime
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landgis.cli.words import translation
from landgis.errors import Place, Problem, UsageError
from landgis.text import N_, Message, Translate

if TYPE_CHECKING:
    import numpy as np

    from landgis.workflow.project import Project

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_("Score, track and plan the renovation of low-efficiency industrial land."),
)
rules_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help=N_("Rule sets: list them, show one, check your own.")
)
app.add_typer(rules_app, name="rules")


@app.callback()
def _root(
    lang: Annotated[str | None, typer.Option(help=N_("language of texts: zh or en"))] = None,
) -> None:
    pass  # --lang is taken out of the arguments before they get here, see `main.main`; this is its line in the help


@contextmanager
def enter(where: str, by: str | None) -> Iterator[Project]:
    """A project opened by the user, closed in the end."""
    from landgis.workflow.project import open_project

    project = open_project(where, by=by, nobody=user_name(None), ask=lambda: ask_password(N_("password")))
    try:
        yield project
    finally:
        project.store.close()


def user_name(by: str | None) -> str:
    """Who works here: as said, else as the system calls the user."""
    try:
        return by or getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"


def ask_password(prompt: str, *, confirm: bool = False) -> str | None:
    """The password from LANDGIS_PASSWORD, else typed in; None where nobody can be asked."""
    if (known := os.environ.get("LANDGIS_PASSWORD")) is not None:
        return known
    if not sys.stdin.isatty():
        return None
    asked: str = typer.prompt(translation()(prompt), hide_input=True, confirmation_prompt=confirm, err=True)
    return asked


def today_text() -> str:
    """Today, as ISO."""
    return datetime.date.today().isoformat()


def as_of_day(text: str | None) -> datetime.date:
    """The day that --as-of names, the last one where it names a month or a year; today where it is not given."""
    if text is None:
        return datetime.date.today()
    from landgis.io.days import read_day
    from landgis.phases.history import span_of

    found = read_day(text)
    if found is None:
        message = Message(N_("{value} is no date; write it as 2026-03-01"), {"value": text})
        raise UsageError([Problem("E-DATE", message, Place(field="--as-of"))])
    return datetime.date.fromordinal(span_of(found[0].isoformat(), found[1])[1])


def known_moment(text: str | None) -> np.datetime64 | None:
    """The moment that --known-on names: the end of a day where this machine stands, or a moment in ISO 8601."""
    if text is None:
        return None
    import numpy as np

    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        message = Message(N_("{value} is no date; write it as 2026-03-01"), {"value": text})
        raise UsageError([Problem("E-DATE", message, Place(field="--known-on"))]) from error
    if len(text) <= len("2026-03-01"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return np.datetime64(moment.astimezone(datetime.UTC).replace(tzinfo=None), "us")


def help_command() -> Any:
    """The command tree with its help in the user's language."""
    command = typer.main.get_command(app)
    _translate_help(command, translation())
    return command


def _translate_help(command: Any, translate: Translate) -> None:
    """Typer keeps help as text: put it into the user's language before it is shown."""
    if command.help:
        command.help = translate(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translate(parameter.help)
    for child in getattr(command, "commands", {}).values():
        _translate_help(child, translate)
