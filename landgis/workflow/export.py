"""A project as a layer: each parcel with how far it is on a day, for the municipal GIS."""

from __future__ import annotations

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd

from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.reached import NOBODY
from landgis.results import PHASE_COLUMNS
from landgis.units import MU_DECIMALS, m2_to_mu
from landgis.workflow.progress import STEPS
from landgis.workflow.project import Project
from landgis.workflow.register import Register, Status

PHASE_NAMES = tuple(column.name for column in PHASE_COLUMNS)
SCORED = ("score", "grade", "low_efficiency")


def phases_layer(project: Project, *, as_of: datetime.date, known_on: np.datetime64 | None = None) -> gpd.GeoDataFrame:
    """The parcels that exist on a day, in the order of the layer; contract columns first, the user's own behind."""
    register = Register(project)
    status = register.status(as_of=as_of, known_on=known_on)
    plan, _ = register.planned(as_of=as_of.toordinal(), known_on=known_on)
    table = phases_table(status, plan.day)
    scores = project.store.scores()
    if scores is not None:
        named = scores.set_index("parcel_id")
        table = table.drop(columns=list(SCORED)).join(named[list(SCORED)])
    parcels = project.store.layers()["parcels"].set_index("parcel_id", drop=False)
    there = parcels.loc[parcels.index.isin(table.index)]
    own = [name for name in there.columns if name not in PHASE_NAMES and name != "geometry"]
    joined = pd.concat([table.loc[there.index, list(PHASE_NAMES)], there[own]], axis=1).reset_index(drop=True)
    return gpd.GeoDataFrame(joined, geometry=there.geometry.to_numpy(), crs=parcels.crs)


def phases_table(status: Status, planned: np.ndarray) -> pd.DataFrame:
    """PHASE_COLUMNS of every parcel that exists, the index being parcel_id; `planned` int32[parcels, milestones]."""
    state, land, day = status.state, status.land, status.as_of.toordinal()
    codes = np.array([CODES[step] for step in STEPS])
    done = np.where(state.day[:, codes] <= day, state.day[:, codes], NEVER)
    has = done < NEVER
    last = np.where(has.any(axis=1), _latest(done, has), NOBODY)
    rows = np.arange(len(last))
    frame = pd.DataFrame({
        "parcel_id": land.parcel_ids,
        "block_id": _words(status.blocks.of_parcel, status.blocks.table["block_id"].tolist()),
        "renovation_mode": land.mode,
        "area_mu": np.round(m2_to_mu(land.area_m2), MU_DECIMALS),
        "phase": _words(last, STEPS),
        "phase_on": _texts(np.where(last >= 0, done[rows, last], NEVER)),
        "standstill": _words(state.side, NAMES),
        "renovated": np.where(state.renovated <= day, "yes", "no"),
    })  # fmt: skip
    for at, step in enumerate(STEPS):
        frame[f"{step.lower()}_on"] = _texts(done[:, at])
    for step, share in (("VACATED", "vacated_share"), ("DEMOLISHED", "demolished_share")):
        frame[share] = np.nan
        positions = [position for position, _ in status.shares[step]]
        frame.loc[positions, share] = [round(part, 4) for _, part in status.shares[step]]
    open_plan = np.where(has, NEVER, planned[:, codes])
    nearest = open_plan.argmin(axis=1)
    when = open_plan[rows, nearest]
    frame["next_milestone"] = _words(np.where(when < NEVER, nearest, NOBODY), STEPS)
    frame["next_planned_on"] = _texts(when)
    late = pd.Series(status.overdue.days).groupby(status.overdue.parcel).max()
    frame["overdue_days"] = pd.Series(late).reindex(rows).astype("Int64").to_numpy()
    for name in SCORED:
        frame[name] = np.nan if name == "score" else None
    kinds = {column.name: "str" for column in PHASE_COLUMNS if column.kind in ("key", "text")}
    return frame.astype(kinds | {"overdue_days": "Int64"})[state.exists].set_index("parcel_id", drop=False)


def _latest(done: np.ndarray, has: np.ndarray) -> np.ndarray:
    """The step reached last: by its day, and of those of one day the one farthest along."""
    steps = np.arange(done.shape[1])
    rank = np.where(has, done.astype(np.int64) * done.shape[1] + steps, -1)
    return rank.argmax(axis=1)


def _words(codes: np.ndarray, words: tuple[str, ...] | list[str]) -> np.ndarray:
    """The word of each code, None for NOBODY."""
    return np.array([*words, None], dtype=object)[codes]


def _texts(days: np.ndarray) -> np.ndarray:
    """ISO texts, None for NEVER."""
    distinct, where = np.unique(days, return_inverse=True)
    return np.array([None if day == NEVER else day_text(day) for day in distinct], dtype=object)[where]
