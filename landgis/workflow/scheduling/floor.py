"""Swing space by kind of floor: what the firms of each site need elsewhere, what comes back, what stands vacant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.errors import Place, Problem, UsageError
from landgis.rules.prices import Prices
from landgis.rules.scheduling import KINDS, ScheduleTerms
from landgis.text import N_, Message
from landgis.workflow.scheduling.modes import Assessed
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Vacant:
    """Floor that can be moved into in quarter 0, float64[kinds] each."""

    m2: np.ndarray  # promised to nobody
    assumed: np.ndarray  # bool: nobody said it, it is the rules' share of what stands
    missing_m2: np.ndarray  # so much more than that is needed by what has begun


def kind_shares(ground: np.ndarray) -> np.ndarray:
    """float64[…, KINDS] of the share on ground floors."""
    return np.stack([ground, 1 - ground], axis=-1)


def needs_of(land: PlanLand, terms: ScheduleTerms, done: np.ndarray) -> np.ndarray:
    """Floor in use on each parcel that is not vacated, float64[n, KINDS], m²; the legal floor where nobody says."""
    legal = land.land.legal_floor_m2.sum(axis=1)
    used = np.where(np.isnan(land.occupied_m2), legal, land.occupied_m2) * (1 - done[:, 0])
    floor: np.ndarray = used[:, None] * kind_shares(_ground(land, terms))
    return floor


def returns_of(found: Assessed, modes: tuple[str, ...], terms: ScheduleTerms, prices: Prices) -> np.ndarray:
    """New floor that displaced firms can move into, float64[n, modes, KINDS], m²: let or kept, not sold."""
    open_to = np.array([terms.modes[mode].return_share * (1 - prices.modes[mode].sold_share) for mode in modes])
    floor: np.ndarray = (found.amounts["new_floor_m2"] * open_to)[:, :, None] * kind_shares(
        np.array(terms.new_ground_share)
    )
    return floor


def standing_m2(land: PlanLand, terms: ScheduleTerms) -> np.ndarray:
    """Legal floor that stands in the whole project, float64[KINDS]; what is not known adds nothing."""
    legal = np.nan_to_num(land.land.legal_floor_m2.sum(axis=1))
    total: np.ndarray = (legal[:, None] * kind_shares(_ground(land, terms))).sum(axis=0)
    return total


def vacant_floor(scenario: Scenario, terms: ScheduleTerms, standing: np.ndarray, reserved: np.ndarray) -> Vacant:
    """What can be moved into: as the scenario says, else the rules' share of what stands, less what is `reserved`.

    Reserved is the floor that firms of begun sites need that have not moved yet.
    """
    problems = []
    for kind in scenario.vacant_m2:
        if kind not in KINDS:
            words = N_("there is no kind of floor {kind}; there are: {known}")
            message = Message(words, {"kind": kind, "known": ", ".join(KINDS)})
            problems.append(Problem("E-PLAN-KIND", message, Place(field="vacant_m2"), kind))
    if problems:
        raise UsageError(problems)
    assumed = np.array([kind not in scenario.vacant_m2 for kind in KINDS])
    said = np.array([scenario.vacant_m2.get(kind, 0.0) for kind in KINDS])
    left = terms.vacant_share * standing - reserved
    missing = np.where(assumed, np.maximum(-left, 0), 0)
    return Vacant(np.where(assumed, np.maximum(left, 0), said), assumed, missing)


def _ground(land: PlanLand, terms: ScheduleTerms) -> np.ndarray:
    share: np.ndarray = np.where(np.isnan(land.ground_share), terms.ground_share, land.ground_share)
    return share
