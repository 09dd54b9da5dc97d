"""Units of area and money, written once: m², mu (亩), hectare, 万元 (10 000 CNY)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Numbers = TypeVar("Numbers", float, np.ndarray, "pd.Series")

M2_PER_MU = Fraction(2000, 3)  # exact: 1 mu = 2000/3 m², 1 ha = 15 mu
M2_PER_HECTARE = 10_000
MU_DECIMALS = 4  # 0.0001 mu is 0.07 m²; mu are rounded once, on output


def m2_to_mu(area_m2: Numbers) -> Numbers:
    """Area in mu (亩), unrounded.

    >>> m2_to_mu(1_190_000.0)  # Old Changcheng, 119 ha
    1785.0
    """
    return area_m2 * M2_PER_MU.denominator / M2_PER_MU.numerator


def mu_to_m2(area_mu: Numbers) -> Numbers:
    """Area in m², unrounded.

    >>> mu_to_m2(1785.0)
    1190000.0
    """
    return area_mu * M2_PER_MU.numerator / M2_PER_MU.denominator


def hectare_to_m2(area_ha: Numbers) -> Numbers:
    """Area in m².

    >>> hectare_to_m2(31.78)
    317800.0
    """
    return area_ha * M2_PER_HECTARE
