"""Colours and hatches of every theme's classes: Okabe and Ito's for phases, cividis for what is measured.

Phases are told apart by hatch as well as by colour; `tests/ui/test_palette.py` computes how far apart the colours are
under three kinds of colour blindness, and the contrast of text on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from landgis.workflow.themes import THEMES, UNKNOWN

PHASE_COLORS: Mapping[str, str] = MappingProxyType({
    "none": "#c9ccd1", "prepared": "#f0e442", "signed": "#e69f00", "vacated": "#d55e00", "demolished": "#8c2d5a",
    "cleared": "#56b4e9", "building": "#0072b2", "rebuilt": "#009e73",
})  # fmt: skip
GRADE_COLORS: Mapping[str, str] = MappingProxyType({
    "A": "#009e73", "B": "#56b4e9", "C": "#e69f00", "D": "#b2182b", "T": "#c9ccd1", UNKNOWN: "#ffffff",
})  # fmt: skip
STAGE_COLORS: Mapping[str, str] = MappingProxyType({  # of a plan; works are coloured as the phase that they lead to
    "out": "#dfe1e5", "before": "#8fcfb8", "left": "#a9aeb8", "waiting": "#f0e442", "vacating": "#d55e00",
    "demolishing": "#8c2d5a", "rebuilding": "#0072b2", "completed": "#009e73",
})  # fmt: skip
LATE_COLORS = ("#c9ccd1", "#fee08b", "#fdae61", "#e0603c", "#8c1a2b")
# low use is what one looks for: the dark end of cividis stands for it
RAMP = ("#00224e", "#444f6b", "#7d7c78", "#bcae6c", "#fde737")
UNKNOWN_COLOR = "#ffffff"
FOCUS_COLOR, OUTLINE_COLOR, STREET_COLOR = "#d400b5", "#3a3f4b", "#8a8f99"

# Hatches in pixels, as deck.gl's FillStyleExtension takes them; NONE has none.
NONE = "none"
HATCHES: Mapping[str, Mapping[str, object]] = MappingProxyType({
    "dots": {"type": "dots", "radius": 1.4, "gap": 7},
    "rising": {"type": "hatch", "strokeWidth": 1.4, "gap": 6, "angle": 135},  # deck.gl turns clockwise
    "falling": {"type": "hatch", "strokeWidth": 1.4, "gap": 6, "angle": 45},
    "crossed": {"type": "cross-hatch", "strokeWidth": 1.2, "gap": 6},
    "level": {"type": "hatch", "strokeWidth": 1.4, "gap": 5, "angle": 0},
    "upright": {"type": "hatch", "strokeWidth": 1.4, "gap": 5, "angle": 90},
})  # fmt: skip
PHASE_HATCHES: Mapping[str, str] = MappingProxyType({
    "none": NONE, "prepared": "dots", "signed": "rising", "vacated": "falling", "demolished": "crossed",
    "cleared": "level", "building": "upright", "rebuilt": NONE,
})  # fmt: skip
STAGE_HATCHES: Mapping[str, str] = MappingProxyType({
    "out": NONE, "before": "rising", "left": NONE, "waiting": "dots", "vacating": "falling", "demolishing": "crossed",
    "rebuilding": "upright", "completed": NONE,
})  # fmt: skip


def colors(theme: str) -> tuple[str, ...]:
    """The colour of each class of a theme, or stage of a plan, in the order of its classes."""
    if theme == "plan":
        return tuple(STAGE_COLORS.values())
    keys = THEMES[theme].keys
    if theme == "phase":
        return tuple(PHASE_COLORS[key] for key in keys)
    if theme == "grade":
        return tuple(GRADE_COLORS[key] for key in keys)
    return LATE_COLORS if theme == "overdue" else ramp(theme)


def ramp(theme: str) -> tuple[str, ...]:
    """Dark where the land is used least; of fragmentation that is its high end."""
    steps = RAMP[::-1] if theme == "tenancy_fragmentation" else RAMP
    return (*steps, UNKNOWN_COLOR)


def hatches(theme: str) -> tuple[str, ...]:
    """The hatch of each class of a theme; what is unknown is dotted in every theme."""
    if theme == "plan":
        return tuple(STAGE_HATCHES.values())
    if theme == "phase":
        return tuple(PHASE_HATCHES[key] for key in THEMES[theme].keys)
    return tuple("dots" if key == UNKNOWN else NONE for key in THEMES[theme].keys)


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue (0…255).

    >>> rgb("#0072b2")
    (0, 114, 178)
    """
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
