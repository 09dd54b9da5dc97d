"""What a schedule counts with of each parcel that exists today: land, floor by kind, firms, how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from pandas import DataFrame

from landgis.frames import column_from
from landgis.metrics.built import Buildings, floors_of
from landgis.metrics.tenancy import hold
from landgis.metrics.tenants import Firms
from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.lines import NOBODY
from landgis.planning.feasibility import Land
from landgis.rules.scheduling import ScheduleTerms
from landgis.scoring.flags import as_numbers
from landgis.units import m2_to_mu
from landgis.workflow.assess_land import Parcels, parcels_of
from landgis.workflow.importing import as_read
from landgis.workflow.log import Log
from landgis.workflow.prepare import Outlines, outlines, settle_firms, stand_buildings
from landgis.workflow.project import Project
from landgis.workflow.register import Register, blocks_on
from landgis.workflow.score import measuring_crs

HAZARDS = "red_hazards"  # a column that an office may keep of its own
BEGUN = ("SIGNED", "VACATED", "DEMOLISHED", "CLEARED", "GRANTED", "HANDED_OVER", "STARTED", "TOPPED_OUT")
COMPLETE = ("COMPLETED", "OPERATING", "REACHED")


@dataclass(frozen=True, eq=False)
class PlanLand:
    """n parcels in the order of the layer; NaN, and None among texts, is unknown."""

    parcels: Parcels
    ids: np.ndarray  # object
    block_id: np.ndarray  # object
    block_names: dict[str, str]
    outline: np.ndarray  # shapely in the CRS that areas are measured in, None where unmeasurable
    mode: np.ndarray  # object: the mode that was declared
    day: np.ndarray  # int32[n, milestones]: when it was actually reached, by today; NEVER
    withdrawn: np.ndarray  # bool
    paused: np.ndarray  # bool
    complete: np.ndarray  # bool: renovated to the end
    occupied_m2: np.ndarray  # floor that firms are known to occupy; NaN where that of one is not known, or nobody is
    ground_share: np.ndarray  # of the legal floor; NaN where no building's storeys are known
    storeys_unknown: np.ndarray  # bool: those of some building are not known
    firm: np.ndarray  # int64[pairs]: a number for each firm
    firm_parcel: np.ndarray  # int64[pairs]: where it is
    value_added_per_mu: np.ndarray  # 万元/亩, as it is now
    low_efficiency: np.ndarray  # object: yes, no, unknown
    red_hazards: np.ndarray  # NaN: not known
    industrial: np.ndarray  # float64: 1, 0; NaN: not known

    @property
    def land(self) -> Land:
        """What an assessment counts with."""
        return self.parcels.land

    @property
    def area_mu(self) -> np.ndarray:
        """Land in mu; 0 where it is not known."""
        return np.nan_to_num(m2_to_mu(self.land.area_m2))

    @property
    def begun(self) -> np.ndarray:
        """bool[n]: agreements are signed or work has begun, and it is not at its end."""
        codes = [CODES[step] for step in BEGUN]
        return np.asarray((self.day[:, codes] < NEVER).any(axis=1)) & ~self.complete & ~self.withdrawn

    def in_effect(self, step: str) -> np.ndarray:
        """int32[n]: when a step was reached, or the first one behind it that was; NEVER."""
        behind = [CODES[name] for name in (*BEGUN, *COMPLETE) if CODES[name] >= CODES[step]]
        first: np.ndarray = self.day[:, behind].min(axis=1)
        return first


def read_land(project: Project, register: Register, terms: ScheduleTerms) -> PlanLand:
    """The land of a project as it is today."""
    parcels, layers, log = parcels_of(project), project.store.layers(), Log()
    frame, where = parcels.frame, project.store.where
    of_parcels = as_read(frame, where, "parcels")
    measured_in = measuring_crs(of_parcels, project.settings.get("measure_crs"))
    ground = outlines(of_parcels, "parcel_id", measured_in, log)
    stand = None
    if "buildings" in layers:
        stand = stand_buildings(as_read(layers["buildings"], where, "buildings"), of_parcels, ground, measured_in, log)
    firms = None
    if "occupancies" in layers:
        occupancies = as_read(layers["occupancies"], where, "occupancies")
        firms, _ = settle_firms(occupancies, None, of_parcels, project.today().year, log)
    return _put_together(project, register, terms, parcels=parcels, ground=ground, stand=stand, firms=firms)


def _put_together(
    project: Project, register: Register, terms: ScheduleTerms, *,
    parcels: Parcels, ground: Outlines, stand: Buildings | None, firms: Firms | None,
) -> PlanLand:  # fmt: skip
    frame, size = parcels.frame, len(parcels.frame)
    ids = frame["parcel_id"].to_numpy(object)
    day, side = _course(project, register, ids)
    mode = _words(frame, "renovation_mode")
    occupied, firm, firm_parcel = _occupied(firms, size)
    share, unclear = _ground(stand, project, size)
    value_added, low = _scores(project, ids)
    hazards = as_numbers(column_from(frame[HAZARDS])) if HAZARDS in frame else np.full(size, np.nan)
    return PlanLand(
        parcels=parcels, ids=ids, block_id=_plain(parcels.block_id), block_names=_block_names(project, register),
        outline=ground.geometry, mode=mode, day=day, withdrawn=side == CODES["WITHDRAWN"],
        paused=side == CODES["PAUSED"], complete=_complete(project, day, mode),
        occupied_m2=occupied, ground_share=share, storeys_unknown=unclear, firm=firm, firm_parcel=firm_parcel,
        value_added_per_mu=value_added, low_efficiency=low, red_hazards=np.where(hazards >= 0, hazards, np.nan),
        industrial=_industrial(_words(frame, "land_use"), terms.industrial_codes),
    )  # fmt: skip


def _plain(column: pd.Series) -> np.ndarray:
    words = column.astype(object)
    return words.where(words.notna(), None).to_numpy(object)


def _words(frame: DataFrame, name: str) -> np.ndarray:
    return _plain(frame[name]) if name in frame else np.full(len(frame), None, dtype=object)


def _course(project: Project, register: Register, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Actual days up to today, int32[n, milestones], and the side step that each parcel stands at, NOBODY for none."""
    today = project.today().toordinal()
    state, land = register.reached(as_of=today)
    at = land.parcel_ids.get_indexer(pd.Index(ids, dtype=object))
    known = at != NOBODY
    day = np.full((len(ids), len(NAMES)), NEVER, dtype=np.int32)
    day[known] = np.where(state.day[at[known]] <= today, state.day[at[known]], NEVER)
    side = np.full(len(ids), NOBODY, dtype=np.int64)
    side[known] = state.side[at[known]]
    return day, side


def _complete(project: Project, day: np.ndarray, mode: np.ndarray) -> np.ndarray:
    """Completed or beyond it, or at the end of a path that has no such step."""
    done = np.asarray((day[:, [CODES[step] for step in COMPLETE]] < NEVER).any(axis=1))
    for name, known in project.life.modes.items():
        of_mode = np.flatnonzero(mode == name)
        done[of_mode] |= day[of_mode, CODES[known.path[-1]]] < NEVER
    return done


def _occupied(firms: Firms | None, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Floor in use on each parcel (NaN where it is not known), and which firm is where."""
    if firms is None or not len(firms.parcel):
        nobody = np.empty(0, dtype=np.int64)
        return np.full(size, np.nan), nobody, nobody
    held = hold(firms.parcel, firms.firm, firms.floor_area_m2)
    total = np.bincount(held.parcel, held.area_m2, minlength=size)
    unknown = np.ones(size, bool)
    unknown[held.parcel] = False
    unknown[held.parcel[held.area_unknown]] = True
    return np.where(unknown, np.nan, total), held.firm, held.parcel


def _ground(stand: Buildings | None, project: Project, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The share of legal floor on ground floors, one storey of each building; and where storeys are not known."""
    if stand is None:
        return np.full(size, np.nan), np.zeros(size, bool)
    where = stand.placement
    storeys, floor = floors_of(stand, project.rules.storey)
    legal = ~np.asarray(pc.equal(stand.columns.text("legality"), "unlicensed").fill_null(False))
    counted = np.where(legal & floor.known & storeys.storeys_known, floor.floor_area_m2, 0.0)
    total = where.sum_by_parcel(counted, size)
    ground = where.sum_by_parcel(counted / np.maximum(storeys.storeys, 1), size)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, ground / total, np.nan)
    return share, where.any_by_parcel(legal & ~storeys.storeys_known, size)


def _scores(project: Project, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scores = project.store.scores()
    if scores is None:
        return np.full(len(ids), np.nan), np.full(len(ids), "unknown", dtype=object)
    table = scores.set_index("parcel_id").reindex(ids)
    low = table["low_efficiency"].astype(object).fillna("unknown").to_numpy(object)
    return table["value_added_per_mu"].to_numpy(float), low


def _block_names(project: Project, register: Register) -> dict[str, str]:
    """Block → what it is called, where the outline that holds today has a name."""
    land, tables = register.land_known()
    named = blocks_on(tables, land, project.today()).table.dropna(subset=["name"])
    return dict(zip(named["block_id"].astype(str), named["name"].astype(str), strict=True))


def _industrial(codes: np.ndarray, prefixes: tuple[str, ...]) -> np.ndarray:
    return np.array([np.nan if code is None else float(str(code).startswith(prefixes)) for code in codes.tolist()])
