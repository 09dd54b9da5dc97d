"""Phases told apart by everybody, and text that can be read: computed, not looked at.

Colour blindness as Machado, Oliveira and Fernandes simulate it (IEEE TVCG 15(6), 2009, severity 1.0: the matrices of their
table, on linear RGB); differences as CIE 1976 ΔE in L*a*b* (D65); contrast as WCAG 2.2 defines it.
"""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from landgis.ui.palette import (
    HATCHES,
    NONE,
    PHASE_COLORS,
    PHASE_HATCHES,
    STAGE_COLORS,
    STAGE_HATCHES,
    colors,
    hatches,
    rgb,
)
from landgis.ui.swatch import swatch
from landgis.workflow.scheduling.view import STAGES
from landgis.workflow.themes import THEMES

BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
CLEARLY = 10.0  # ΔE: several just noticeable differences (2.3)


def linear(color):
    share = np.array(rgb(color)) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(light):
    ratio = TO_XYZ @ np.clip(light, 0, 1) / WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def contrast(one, other):
    bright, dark = sorted((float(TO_XYZ[1] @ linear(color)) for color in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_measures_are_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)  # WCAG's own example
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)  # the published value of sRGB red


@pytest.mark.parametrize("sight", ["usual", *BLIND])
def test_any_two_phases_differ_in_colour_or_in_hatch(sight):
    matrix = np.array(BLIND[sight]) if sight in BLIND else np.eye(3)
    seen = {key: lab(matrix @ linear(color)) for key, color in PHASE_COLORS.items()}
    for one, other in itertools.combinations(seen, 2):
        distance = float(np.linalg.norm(seen[one] - seen[other]))
        hatched = {PHASE_HATCHES[one], PHASE_HATCHES[other]}
        assert distance >= CLEARLY, (sight, one, other, distance)
        assert len(hatched) == 2 or hatched == {NONE}, (one, other)


@pytest.mark.parametrize("sight", ["usual", *BLIND])
def test_any_two_stages_of_a_plan_differ_in_colour_or_in_hatch(sight):
    """Works are told apart by hatch, whatever the eye; land without a hatch by its colour."""
    matrix = np.array(BLIND[sight]) if sight in BLIND else np.eye(3)
    seen = {key: lab(matrix @ linear(color)) for key, color in STAGE_COLORS.items()}
    assert tuple(seen) == tuple(STAGE_HATCHES) == STAGES.keys
    for one, other in itertools.combinations(seen, 2):
        if STAGE_HATCHES[one] == STAGE_HATCHES[other]:
            distance = float(np.linalg.norm(seen[one] - seen[other]))
            assert STAGE_HATCHES[one] == NONE and distance >= CLEARLY, (sight, one, other, distance)


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_every_class_has_a_colour_and_a_hatch(theme):
    assert len(colors(theme)) == len(hatches(theme)) == len(THEMES[theme].classes)
    assert set(hatches(theme)) <= {NONE, *HATCHES}
    assert len(set(colors(theme))) == len(colors(theme))


@pytest.mark.parametrize("hatch", [NONE, *HATCHES])
def test_a_swatch_is_a_picture_of_colour_and_hatch(hatch):
    assert "#0072b2" in swatch("#0072b2", hatch)
    others = {swatch("#0072b2", other) for other in (NONE, *HATCHES) if other != hatch}
    assert swatch("#0072b2", hatch) not in others


@pytest.mark.parametrize(
    ("color", "hatch"), [("red", NONE), ("#0072b2", '"/><script>'), ("#0072b2<", NONE), ("#0072B2", NONE)]
)
def test_nothing_else_gets_into_a_swatch(color, hatch):
    with pytest.raises(ValueError):
        swatch(color, hatch)


def test_text_of_our_own_can_be_read():
    """Every pair of text and ground that our own styles set; Streamlit's own theme sets the rest."""
    assert contrast("#ffffff", "#1b1f27") >= 4.5  # tooltip
    assert contrast("#ffffff", "#0b5ca8") >= 4.5  # button of the sign-in form
    assert (
        contrast("#c62828", "#ffffff") >= 4.5 and contrast("#ff8a80", "#121212") >= 4.5
    )  # its refusal, light and dark
    source = Path("landgis/ui/sign_in.py").read_text("utf-8") + Path("landgis/ui/layers.py").read_text("utf-8")
    used = set(re.findall(r"#[0-9a-f]{6}\b", source))
    assert used <= {"#ffffff", "#1b1f27", "#0b5ca8", "#c62828", "#ff8a80"}, "a new colour: compute its contrast here"
