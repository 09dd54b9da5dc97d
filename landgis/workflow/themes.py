"""What the map can be coloured by: for each theme its classes, and in which of them each parcel is on a day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from landgis.text import N_, Message

_SPEC: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("themes.toml").read_text("utf-8"))
LIMITS_D: tuple[int, ...] = tuple(_SPEC["overdue"]["limits_d"])
PHASES: Mapping[str, Sequence[str]] = MappingProxyType({one["key"]: one["steps"] for one in _SPEC["phase"]})
GRADES = ("A", "B", "C", "D", "T")
UNKNOWN = "unknown"
PHASE_TITLES = {
    "none": N_("not begun"), "prepared": N_("in preparation"), "signed": N_("signed"), "vacated": N_("vacated"),
    "demolished": N_("demolished"), "cleared": N_("cleared, handed over"), "building": N_("under construction"),
    "rebuilt": N_("rebuilt"),
}  # fmt: skip
GRADE_TITLES = {"T": N_("T, not rated")}


@dataclass(frozen=True)
class Class:
    """One class of a theme: its key in links, and what it is called."""

    key: str
    title: Message


@dataclass(frozen=True)
class Theme:
    """One way to colour the map; `breaks` where its classes are ranges of a number."""

    key: str
    title: str
    unit: str
    classes: tuple[Class, ...]
    breaks: tuple[float, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its classes, whose positions are the codes."""
        return tuple(one.key for one in self.classes)


def _ranges(breaks: Sequence[float]) -> tuple[Class, ...]:
    """Below the first, from one to the next, from the last on; and unknown."""
    shown = [f"{limit:g}" for limit in breaks]
    middle = [
        Class(f"{low}-{high}", Message(N_("{low} to {high}"), {"low": low, "high": high}))
        for low, high in pairwise(shown)
    ]
    return (
        Class(f"lt{shown[0]}", Message(N_("below {high}"), {"high": shown[0]})),
        *middle,
        Class(f"ge{shown[-1]}", Message(N_("{low} and more"), {"low": shown[-1]})),
        Class(UNKNOWN, Message(N_("unknown"))),
    )


def _late() -> tuple[Class, ...]:
    classes = [Class("ontime", Message(N_("nothing overdue")))]
    for low, high in zip(LIMITS_D, (*LIMITS_D[1:], None), strict=True):
        words = N_("{low}–{high} days late") if high is not None else N_("over {low} days late")
        classes.append(Class(f"late{low}", Message(words, {"low": low + 1 if high is not None else low, "high": high})))
    return tuple(classes)


def _numeric(key: str, title: str, unit: str) -> Theme:
    breaks = tuple(float(limit) for limit in _SPEC["breaks"][key])
    return Theme(key, title, unit, _ranges(breaks), breaks)


THEMES: Mapping[str, Theme] = MappingProxyType({
    theme.key: theme
    for theme in (
        Theme("phase", N_("phase"), "", tuple(Class(key, Message(PHASE_TITLES[key])) for key in PHASES)),
        Theme("grade", N_("grade"), "", (
            *(Class(letter, Message(GRADE_TITLES.get(letter, letter))) for letter in GRADES),
            Class(UNKNOWN, Message(N_("not scored"))))),
        _numeric("score", N_("score"), ""),
        _numeric("floor_area_ratio", N_("floor area ratio"), ""),
        _numeric("tenancy_fragmentation", N_("tenancy fragmentation"), ""),
        _numeric("output_per_mu", N_("output per mu"), N_("10 000 CNY/mu")),
        Theme("overdue", N_("overdue"), "", _late()),
    )
})  # fmt: skip
DEFAULT_THEME = "phase"


def step_classes(steps: Sequence[str]) -> np.ndarray:
    """int8[steps + 1]: the phase class of each code of a phase course (0: before the first step)."""
    keys = list(PHASES)
    of_step = {step: at for at, key in enumerate(keys) for step in PHASES[key]}
    return np.array([keys.index("none"), *(of_step[step] for step in steps)], dtype=np.int8)


def static_codes(theme: Theme, scores: pd.DataFrame) -> np.ndarray:
    """int8[parcels]: the class of each parcel in a theme that no day changes; `scores` has a row a parcel."""
    unknown = len(theme.classes) - 1
    if theme.key not in scores:
        return np.full(len(scores), unknown, dtype=np.int8)
    if theme.key == "grade":
        codes = pd.Index(GRADES).get_indexer(pd.Index(scores["grade"]))
        return np.where(codes < 0, unknown, codes).astype(np.int8)
    value = scores[theme.key].to_numpy(float, na_value=np.nan)
    return np.where(np.isnan(value), unknown, np.digitize(value, theme.breaks)).astype(np.int8)
