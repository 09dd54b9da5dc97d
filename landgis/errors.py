"""Every error of landgis. The faces turn them into words and exit codes; nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landgis.text import N_, Message, Translate


@dataclass(frozen=True)
class Place:
    """Where in the input something stands: rows count from 1 as the user's own program shows them."""

    file: str | None = None
    layer: str | None = None
    row: int | None = None
    field: str | None = None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where, and what to do; `code` (E-… or W-…) stays the same in every language."""

    code: str
    message: Message
    place: Place = Place()
    id: str | None = None

    def render(self, translate: Translate = str) -> str:
        """One line: code · file · layer · row · field: message."""
        place = self.place
        parts = [self.code, place.file, place.layer]
        if place.row is not None:
            parts.append(translate(N_("row {row}")).format(row=place.row))
        if place.field is not None:
            parts.append(translate(N_("field {field}")).format(field=place.field))
        head = " · ".join(part for part in parts if part)
        return " ".join(f"{head}: {self.message.render(translate)}".split())


class LandgisError(Exception):
    """Base of all errors; carries every problem that was found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problem.render() for problem in self.problems))


class UsageError(LandgisError):
    """The command was called wrongly (exit 2)."""


class InputRefused(LandgisError):
    """The input cannot be used, or the output may not be written; nothing was written (exit 3)."""


class RegisterRefused(LandgisError):
    """The register does not take it: an event that may not follow, or one that somebody else overtook (exit 4)."""


class StaleParcel(RegisterRefused):
    """Somebody else recorded something on the same parcel in between; says what, and nothing is overwritten."""


class Stopped(LandgisError):
    """The user stopped it; nothing was changed."""


class RulesError(InputRefused):
    """A rule file has mistakes."""
