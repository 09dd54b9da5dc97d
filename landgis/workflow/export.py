"""A project as a layer: each parcel with how far it is on a day, for the municipal GIS."""

from __future__ import annotations

import dataclasses
import datetime
import io
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from landgis.errors import InputRefused, Place, Problem
from landgis.io.write import Profile, write_layer
from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.lines import NOBODY
from landgis.results import PHASE_COLUMNS
from landgis.text import N_, Message
from landgis.units import MU_DECIMALS, m2_to_mu
from landgis.workflow.progress import STEPS
from landgis.workflow.project import Project
from landgis.workflow.register import Register, Status

PHASE_NAMES = tuple(column.name for column in PHASE_COLUMNS)
SCORED = ("score", "grade", "low_efficiency")
MOST_NAMED = 20  # parcels that a refusal names one by one
PACKED_ON = (2000, 1, 1, 0, 0, 0)  # in every zip file, so that equal parcels make equal bytes


@dataclass(frozen=True)
class Format:
    """A format that a project is exported in: the suffix of what is written, and of what is sent."""

    written: str
    sent: str
    mime: str


FORMATS: Mapping[str, Format] = MappingProxyType({
    "geojson": Format(".geojson", ".geojson", "application/geo+json"),
    "gpkg": Format(".gpkg", ".gpkg", "application/geopackage+sqlite3"),
    "shp": Format(".shp", ".zip", "application/zip"),
    "xlsx": Format(".xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": Format(".csv", ".csv", "text/csv"),
})  # fmt: skip
OUTLINED = ("geojson", "gpkg", "shp")  # those with geometry, in which a profile makes a difference


@dataclass(frozen=True)
class Wanted:
    """What is to be exported; without `parcel_ids` every parcel of the day. `profile` and `crs` as in `write_layer`."""

    form: str
    as_of: datetime.date
    parcel_ids: tuple[str, ...] | None = None
    profile: Profile = "web"
    crs: str | None = None

    @property
    def name(self) -> str:
        """What the file is called when it is sent."""
        profile = f"-{self.profile}" if self.form in OUTLINED else ""
        return f"parcels-{self.as_of.isoformat()}{profile}{FORMATS[self.form].sent}"


@dataclass(frozen=True)
class Exported:
    """A file to be sent, how many parcels are in it, and what was remarked while it was written."""

    content: bytes
    rows: int
    remarks: list[Problem] = field(default_factory=list)


def export_file(project: Project, wanted: Wanted) -> Exported:
    """A project, or some parcels of it, as the bytes of one file; a shapefile is packed with all that belongs to it."""
    layer = phases_layer(project, as_of=wanted.as_of, parcel_ids=wanted.parcel_ids)
    form = FORMATS[wanted.form]
    outlined = wanted.form in OUTLINED
    with tempfile.TemporaryDirectory(prefix="landgis-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"parcels{form.written}"
        remarks = write_layer(
            layer, path, columns=PHASE_COLUMNS, overwrite=False, title=project.rules.title.zh,
            profile=wanted.profile if outlined else "web", crs=wanted.crs if outlined else None,
        )  # fmt: skip
        content = _packed(Path(folder)) if form.sent == ".zip" else path.read_bytes()
    named = [
        dataclasses.replace(one, place=dataclasses.replace(one.place, file=wanted.name)) for one in remarks
    ]  # fmt: skip
    return Exported(content, len(layer), named)


def _packed(folder: Path) -> bytes:
    """All files of a folder in one zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(path.name, PACKED_ON)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


def phases_layer(
    project: Project,
    *,
    as_of: datetime.date,
    known_on: np.datetime64 | None = None,
    parcel_ids: Collection[str] | None = None,
) -> gpd.GeoDataFrame:
    """The parcels that exist on a day, in the order of the layer; contract columns first, the user's own behind.

    `parcel_ids` are those that are wanted; InputRefused where one of them is not there on that day.
    """
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
    if parcel_ids is not None:
        _require_there(parcel_ids, there.index, as_of, project.store.where)
        there = there.loc[there.index.isin(set(parcel_ids))]
    own = [name for name in there.columns if name not in PHASE_NAMES and name != "geometry"]
    joined = pd.concat([table.loc[there.index, list(PHASE_NAMES)], there[own]], axis=1).reset_index(drop=True)
    return gpd.GeoDataFrame(joined, geometry=there.geometry.to_numpy(), crs=parcels.crs)


def _require_there(wanted: Collection[str], there: pd.Index, day: datetime.date, where: str) -> None:
    """Refuse parcels that a day does not have, so that as many come out as were asked for."""
    absent = sorted(set(wanted) - set(there))
    words = N_("parcel {parcel} is not there on {day}; choose the parcels again")
    problems = [
        Problem("E-PARCEL-UNKNOWN", Message(words, {"parcel": parcel, "day": day}), Place(where), parcel)
        for parcel in absent[:MOST_NAMED]
    ]
    if len(absent) > MOST_NAMED:
        more = Message(N_("{count} more rows have the same fault"), {"count": len(absent) - MOST_NAMED})
        problems.append(Problem("E-PARCEL-UNKNOWN", more, Place(where)))
    if problems:
        raise InputRefused(problems)


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
