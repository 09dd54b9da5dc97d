"""What makes a site: the block, the street block, a column of the parcels, or a table of the office's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.io.read import read_table
from landgis.planning.siting.adjacency import neighbours
from landgis.planning.siting.connected import Graph, components
from landgis.rules.reading import nearest
from landgis.rules.siting import site_terms
from landgis.tables import PLANNED
from landgis.text import N_, Message
from landgis.workflow.scheduling.document import LeftOut
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.scenario import Scenario

BLOCK, STREET_BLOCK = "block_id", "street_block"
NO_SUCH_PARCEL = N_("there is no such parcel in the project")


def group_names(land: PlanLand, scenario: Scenario) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    """The site that each parcel would belong to, object[n], None for none; and parcels of a table that are not there.

    InputRefused or UsageError where what is to make the sites is not there.
    """
    if scenario.sites is not None:
        return _of_table(land, scenario.sites)
    if scenario.group == BLOCK:
        return land.block_id, ()
    if scenario.group == STREET_BLOCK:
        return _street_blocks(land), ()
    return _of_column(land, scenario.group), ()


def _of_table(land: PlanLand, file: str) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    """A parcel whose row names no site, or that has no row, is in none."""
    read = read_table(file, PLANNED)
    keys = read.frame["parcel_id"].astype(str).to_numpy(object)
    at = pd.Index(land.ids).get_indexer(pd.Index(keys))
    if not (at >= 0).any():
        words = N_("none of its parcels is in the project; check the column {name}")
        raise InputRefused([Problem("E-PARCEL-UNKNOWN", Message(words, {"name": "parcel_id"}), Place(file))])
    names = np.full(len(land.ids), None, dtype=object)
    names[at[at >= 0]] = read.frame["site_id"].astype(str).to_numpy(object)[at >= 0]
    return names, tuple(LeftOut(str(key), "no_such_parcel", NO_SUCH_PARCEL) for key in keys[at < 0])


def _of_column(land: PlanLand, column: str) -> np.ndarray:
    frame = land.parcels.frame
    known = [str(name) for name in frame.columns if name != frame.geometry.name]
    if column not in known:
        guess = nearest(column, [BLOCK, STREET_BLOCK, *known])
        like = N_("the parcels have no column {name}; do you mean {guess}?")
        unlike = N_("the parcels have no column {name}; they have: {names}")
        values = {"name": column, "guess": guess, "names": ", ".join([STREET_BLOCK, *known])}
        message = Message(like if guess else unlike, values)
        raise UsageError([Problem("E-COLUMN-MISSING", message, Place(field="group"))])
    words = frame[column].astype(object)
    return np.array([None if pd.isna(word) else _word(word) for word in words], dtype=object)


def _word(value: object) -> str:
    """A value of a column as the name of a site.

    >>> _word(3.0), _word("A1 ")
    ('3', 'A1')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _street_blocks(land: PlanLand) -> np.ndarray:
    """BLOCK-1, BLOCK-2 …: parcels of a block that touch, or touch the same ones, in the order of the layer.

    All parcels count, renovated ones too, so that a street block keeps its name.
    """
    terms = site_terms()
    touching = neighbours(land.outline, snap_m=terms.snap_m, least_m=terms.least_edge_m).touching_only()
    same = np.array([land.block_id[one] == land.block_id[other] for one, other in touching.pair.tolist()], dtype=bool)
    part = components(Graph(len(land.ids), touching.pair[same].reshape(-1, 2)))
    seen: dict[str, dict[int, int]] = {}
    names = np.full(len(land.ids), None, dtype=object)
    for at, block in enumerate(land.block_id.tolist()):
        if block is not None:
            numbers = seen.setdefault(block, {})
            names[at] = f"{block}-{numbers.setdefault(int(part[at]), len(numbers) + 1)}"
    return names


def not_known(wanted: Mapping[str, list[str]], known: list[str]) -> list[Problem]:
    """A problem for each site that is named and is not there; `wanted` is by the field of the scenario."""
    problems = []
    unlike = N_("there is no site {site}; there are: {known}")
    like = N_("there is no site {site}; do you mean {guess}?")
    shown = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
    for field, sites in wanted.items():
        for site in dict.fromkeys(sites):
            if site not in known:
                guess = nearest(site, known)
                message = Message(like if guess else unlike, {"site": site, "guess": guess, "known": shown})
                problems.append(Problem("E-PLAN-SITE", message, Place(field=field), site))
    return problems
