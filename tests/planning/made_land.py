"""Parcels to assess, made in one line."""

import numpy as np

from landgis.planning.feasibility import Land
from landgis.rules.prices import USES

NAN = float("nan")


def land(
    area_m2, floor_m2, *, limit=NAN, tenure="state_granted", tax=8.0, years=NAN, condition=NAN, unlicensed=0.0, use="production"
):  # fmt: skip
    """Parcels from numbers or lists of one length; all floor is of one use."""
    area, floor, limit, tax, years, condition, unlicensed = np.broadcast_arrays(
        *np.atleast_1d(area_m2, floor_m2, limit, tax, years, condition, unlicensed)
    )
    by_use = np.zeros((len(area), len(USES)))
    by_use[:, USES.index(use)] = floor
    tenures = np.full(len(area), None, dtype=object)
    tenures[:] = tenure
    figures = (years, limit, by_use, condition, unlicensed, tax)
    return Land(area.astype(float), tenures, *(one.astype(float) for one in figures))


def modes(name, size=1):
    return np.array([name] * size, dtype=object)
