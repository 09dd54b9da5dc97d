"""What the options of `landgis plan schedule` say, laid over a scenario's file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NoReturn, TypeVar

from landgis.errors import Place, Problem, UsageError
from landgis.text import N_, Message
from landgis.workflow.scheduling.quarters import quarter_of
from landgis.workflow.scheduling.scenario import Before, Scenario

DEFAULT_NAME = "plan"
Value = TypeVar("Value")


@dataclass(frozen=True)
class Overrides:
    """The options as typed; None and empty: not given. Names are those of `Scenario`."""

    name: str | None = None
    rules: str | None = None
    prices: str | None = None
    group: str | None = None
    sites: str | None = None
    first: str | None = None
    quarters: int | None = None
    modes: tuple[str, ...] = ()
    budget_wan: str | None = None
    vacant_m2: tuple[str, ...] = ()
    crews: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    seconds: float | None = None
    gap: float | None = None
    seed: int | None = None
    horizon: int | None = None
    step: int | None = None
    draws: int | None = None
    buffer_quarters: int | None = None


def scenario_of(file: str | None, overrides: Overrides) -> Scenario:
    """The scenario of a file, or an empty one, with what the options say instead; UsageError where they say nothing."""
    scenario = Scenario(DEFAULT_NAME) if file is None else Scenario.from_file(file)
    given = {one.name: getattr(overrides, one.name) for one in fields(Overrides)}
    given = {name: value for name, value in given.items() if value is not None and value != ()}
    readers: dict[str, Callable[[Any], Any]] = {
        "first": lambda text: quarter_of(text, field="--first"), "budget_wan": _budget, "before": _before,
        "vacant_m2": lambda texts: {**scenario.vacant_m2, **_amounts(texts, "--vacant")},
        "crews": lambda texts: {**scenario.crews, **_amounts(texts, "--crew")},
    }  # fmt: skip
    return replace(scenario, **{name: readers.get(name, _as_given)(value) for name, value in given.items()})


def _as_given(value: Value) -> Value:
    return value


def _budget(text: str) -> tuple[float, ...]:
    """One figure for every quarter, or one for each."""
    return tuple(_number(part, "--budget-wan", N_("{value} is no amount of money")) for part in text.split(","))


def _amounts(texts: Iterable[str], option: str) -> Mapping[str, float]:
    """NAME=figure, each."""
    found = {}
    for text in texts:
        name, _, amount = text.rpartition("=")
        if not name.strip():
            _refuse(option, N_("{value} is not of the form NAME=NUMBER"), text)
        found[name.strip()] = _number(amount, option, N_("{value} is no number"))
    return found


def _before(texts: Iterable[str]) -> tuple[Before, ...]:
    """A:B or A:B:LAG, each: B starts no earlier than so many quarters after A is finished."""
    found = []
    for text in texts:
        first, *rest = text.split(":")
        lag = rest[1] if len(rest) == 2 else "0"
        if not first or not rest or not rest[0] or len(rest) > 2 or not lag.isdecimal():
            _refuse("--before", N_("{value} is not of the form FIRST:SECOND or FIRST:SECOND:QUARTERS"), text)
        found.append(Before(first, rest[0], int(lag)))
    return tuple(found)


def _number(text: str, option: str, words: str) -> float:
    try:
        return float(text)
    except ValueError:
        _refuse(option, words, text)


def _refuse(option: str, words: str, value: str) -> NoReturn:
    raise UsageError([Problem("E-SCENARIO-OPTION", Message(words, {"value": value}), Place(field=option))]) from None
