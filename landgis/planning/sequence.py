"""The relocation problem (滚动改造, 腾挪): the order of sites in which their firms need the least floor to move into.

Site i needs a_i m² before it falls and returns b_i m² when it is rebuilt; one site at a time. With a start of V m² the
order π is possible if V ≥ a_π(k) + Σ_{j<k} (a_π(j) − b_π(j)) for every k; the most of these is its swing space.
Johnson's rule reaches the least of all orders: first the sites with b ≥ a by growing a, then the others by falling b.
It is that of two machines in a row (Johnson 1954), and solves the relocation problem of Kaplan (Amir & Kaplan 1988,
"Relocation problems are hard", IJCM 25(2):101–110) in O(n log n).

Several kinds of floor space (`landgis.planning.kinds`) have no such rule.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


def johnson_order(needs_m2: ArrayLike, returns_m2: ArrayLike) -> IntArray:
    """int[n]: positions of the sites in an order of least swing space; ties stay in the order of the input.

    `needs_m2` and `returns_m2` are [n], m², at least 0 and known; ValueError where they are not.

    >>> johnson_order([38, 36, 50, 4, 58, 10], [6, 66, 20, 28, 62, 28]).tolist()
    [3, 5, 1, 4, 2, 0]
    """
    needs, returns = _checked(needs_m2, returns_m2)
    loses = returns < needs
    return np.lexsort((np.where(loses, -returns, needs), loses))


def swing_space(needs_m2: ArrayLike, returns_m2: ArrayLike, order: ArrayLike | None = None) -> FloatArray:
    """float[…]: the swing space of an order in m², that of the input where none is given.

    Sites [n] give a number, [n, kinds] give [kinds]. `order` may be [m, n], which gives [m] or [m, kinds]; it need not
    hold every site.

    >>> float(swing_space([38, 36, 50, 4, 58, 10], [6, 66, 20, 28, 62, 28]))
    68.0
    """
    rows = np.arange(len(np.asarray(needs_m2))) if order is None else np.asarray(order, dtype=np.intp)
    most: FloatArray = np.max(_wanted(needs_m2, returns_m2, rows), axis=rows.ndim - 1, initial=0.0)
    return most


def swing_space_so_far(needs_m2: ArrayLike, returns_m2: ArrayLike, order: ArrayLike) -> FloatArray:
    """float[n]: the swing space of the first site of an order, of the first two, and so on, m²; [n, kinds] likewise.

    >>> swing_space_so_far([38, 36], [6, 66], [0, 1]).tolist()
    [38.0, 68.0]
    """
    wanted = _wanted(needs_m2, returns_m2, np.asarray(order, dtype=np.intp))
    return np.maximum.accumulate(np.maximum(wanted, 0.0), axis=0)


def _wanted(needs_m2: ArrayLike, returns_m2: ArrayLike, rows: IntArray) -> FloatArray:
    """What must stand empty at the start so that each site of an order can fall: a_k + Σ_{j<k} (a_j − b_j)."""
    needs, returns = _checked(needs_m2, returns_m2)
    short = needs[rows] - returns[rows]
    wanted: FloatArray = needs[rows] + np.cumsum(short, axis=rows.ndim - 1) - short
    return wanted


def least_swing_space(needs_m2: ArrayLike, returns_m2: ArrayLike) -> FloatArray:
    """float: the least swing space of any order in m², that of Johnson's; [n, kinds] → [kinds], each kind for itself.

    The example of the brief (thousand m²: A 40→130, B 60→90, C 30→20, D 20→60), 20 in the order D, A, B, C:

    >>> float(least_swing_space([40, 60, 30, 20], [130, 90, 20, 60]))
    20.0
    """
    needs, returns = _checked(needs_m2, returns_m2)
    if needs.ndim == 1:
        return swing_space(needs, returns, johnson_order(needs, returns))
    kinds = range(needs.shape[1])
    return np.array([float(least_swing_space(needs[:, kind], returns[:, kind])) for kind in kinds])


def still_to_find(swing_m2: ArrayLike, vacant_m2: ArrayLike) -> FloatArray:
    """float[…]: what must be found beside the floor that stands empty already: max(0, swing − vacant), m².

    >>> still_to_find([68.0, 4.0], 10.0).tolist()
    [58.0, 0.0]
    """
    short: FloatArray = np.asarray(swing_m2, dtype=np.float64) - np.asarray(vacant_m2, dtype=np.float64)
    return np.maximum(short, 0.0)


def _checked(needs_m2: ArrayLike, returns_m2: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both as floats; ValueError where they differ in shape or hold what is unknown or negative."""
    needs, returns = np.asarray(needs_m2, dtype=np.float64), np.asarray(returns_m2, dtype=np.float64)
    if needs.shape != returns.shape or needs.ndim not in (1, 2):
        raise ValueError(f"needs and returns are [n] or [n, kinds], both alike: {needs.shape}, {returns.shape}")
    if not (np.isfinite(needs) & np.isfinite(returns) & (needs >= 0) & (returns >= 0)).all():
        raise ValueError("every need and return is known and at least 0; set the other sites aside first")
    return needs, returns
