"""Parcels that become others: split, merged, renumbered. The land is the same before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from landgis.errors import Problem
from landgis.text import N_, Message

TOLERANCE = 0.001  # of the area; the issue's own number, for rounding between two surveys


def conserved(old_m2: Mapping[str, float], new_m2: Mapping[str, float]) -> list[Problem]:
    """What is wrong with the areas of the parcels before and after, in m²; [] where they are the same within 0.1 %."""
    unknown = sorted(parcel for parcel, area in (*old_m2.items(), *new_m2.items()) if not area > 0)
    if unknown:
        words = N_("the area of {parcels} is not known, so it cannot be compared; give a registered area or an outline")
        return [Problem("E-LINEAGE-AREA", Message(words, {"parcels": ", ".join(unknown)}))]
    before, after = sum(old_m2.values()), sum(new_m2.values())
    if abs(after - before) <= TOLERANCE * before:
        return []
    words = N_(
        "{old} have {before} m² and {new} have {after} m²: that differs by {share} %, and at most 0.1 % is rounding"
    )
    values = {"old": ", ".join(old_m2), "new": ", ".join(new_m2), "before": f"{before:.2f}", "after": f"{after:.2f}",
              "share": f"{100 * abs(after - before) / before:.2f}"}  # fmt: skip
    return [Problem("E-LINEAGE-AREA", Message(words, values))]


def untaken(old: Sequence[str], new: Sequence[str], known: frozenset[str], gone: frozenset[str]) -> list[Problem]:
    """Whether the old parcels are there and the new numbers are free."""
    problems = []
    for parcel in old:
        if parcel not in known:
            words = N_("there is no parcel {key} in the project; correct the number or import the parcel")
            problems.append(Problem("E-PARCEL-UNKNOWN", Message(words, {"key": parcel}), id=parcel))
        elif parcel in gone:
            words = N_("parcel {key} was replaced already")
            problems.append(Problem("E-PARCEL-REPLACED", Message(words, {"key": parcel}), id=parcel))
    for parcel in new:
        if parcel in known:
            words = N_("there is a parcel {key} already; a new parcel needs a new number")
            problems.append(Problem("E-PARCEL-EXISTS", Message(words, {"key": parcel}), id=parcel))
    if len(set(old)) < len(old) or len(set(new)) < len(new):
        problems.append(Problem("E-LINEAGE", Message(N_("a parcel is named twice"))))
    return problems
