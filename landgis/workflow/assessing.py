"""What renovating the parcels of a project would cost and bring, in their mode or in others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame, Series

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.frames import series_of
from landgis.planning.feasibility import YEARLY, Assessment, assess, returns, summed
from landgis.planning.sensitivity import Lever, tornado
from landgis.rules.prices import Prices
from landgis.scoring.flags import SEPARATOR, join_flags
from landgis.text import N_, Message, Translate
from landgis.units import MU_DECIMALS, m2_to_mu
from landgis.workflow.assess_columns import COLUMNS, GROUP_COLUMNS
from landgis.workflow.assess_land import Parcels, parcels_of
from landgis.workflow.project import Project

DECIMALS = 6  # of 万元: 0.01 元
EVERY_MODE = "all"
NOWHERE = -1
GAINS = (*YEARLY, "static_payback_years", "discounted_payback_years", "npv_wan", "irr")
REFUSED = {
    "mode": N_("the mode {mode} has no terms in the prices, which have {known}"),
    "area": N_("the land area is not known; draw the outline or register an area"),
    "floor_area": N_("the floor area that stands is not known; give floor_area_m2 or storeys of its buildings"),
    "building_use": N_("the use of a building is not known, and the prices have none for it"),
    "tenure": N_("the tenure {tenure} has no factor in the prices, which have {tenures}"),
}
NO_MODE = N_("no mode of renovation is said; fill in renovation_mode, or give --mode")


@dataclass(frozen=True, eq=False)
class Asked:
    """What is to be assessed: all parcels in one mode, in every mode ("all"), or each in its own (None)."""

    prices: Prices
    mode: str | None = None
    group: str | None = None  # a column of the parcels (or block_id): its values are summed up
    share: float = 0.1  # of each price, up and down


@dataclass(frozen=True, eq=False)
class Assessed:
    """Rows in = rows with figures + rows refused."""

    asked: Asked
    rows_in: int
    frame: gpd.GeoDataFrame  # `columns`: a row a parcel and mode, or a row a group
    refused: tuple[Problem, ...]  # one a row without figures, in their order
    modes: DataFrame  # index mode: sums and returns of all its rows
    levers: tuple[Lever, ...]

    @property
    def columns(self) -> tuple[Any, ...]:
        """The columns of the frame."""
        return COLUMNS if self.asked.group is None else GROUP_COLUMNS

    def as_json(self, translate: Translate) -> dict[str, Any]:
        """One document: sums by mode, what each price moves, every row, every refusal."""
        return {
            "prices_id": self.asked.prices.id,
            "status": self.asked.prices.status,
            "rows_in": self.rows_in,
            "rows_out": self.rows_in - len(self.refused),
            "refused": [{"parcel_id": one.id, "problem": one.render(translate)} for one in self.refused],
            "modes": _records(self.modes.reset_index()),
            "share": self.asked.share,
            "tornado": [
                {"price": one.name, **{name: round(getattr(one, name), DECIMALS) for name in _LEVER}}
                for one in self.levers
            ],
            "groups" if self.asked.group else "parcels": _records(DataFrame(self.frame.drop(columns="geometry"))),
        }


_LEVER = ("gap_low_wan", "gap_high_wan", "npv_low_wan", "npv_high_wan")


def assess_project(project: Project, asked: Asked) -> Assessed:
    """Assess the parcels that exist today; InputRefused or UsageError where what is asked for is not there."""
    _require_mode(asked)
    parcels = parcels_of(project)
    groups = None if asked.group is None else _groups(parcels, asked.group, project.store.where)
    row, modes = _rows(parcels, asked)
    land = parcels.land.at(row)
    found = assess(land, modes, asked.prices)
    refused = _refusals(found, parcels, row, modes=modes, asked=asked, where=project.store.where)
    kept = row[found.kept]
    named = _with_names(found, parcels, modes[found.kept], kept, asked.prices)
    if groups is not None:
        named = _by_group(named, found, parcels, groups=groups, row=row, prices=asked.prices)
    levers = tornado(land, modes, asked.prices, share=asked.share)
    return Assessed(asked, len(row), named, refused, _by_mode(found, modes[found.kept], asked.prices), levers)


def _require_mode(asked: Asked) -> None:
    known = asked.prices.modes
    if asked.mode is not None and asked.mode not in (*known, EVERY_MODE):
        words = N_("{mode} has no terms in the prices {prices}; they have: {known}, or all")
        values = {"mode": asked.mode, "prices": asked.prices.id, "known": ", ".join(known)}
        raise UsageError([Problem("E-MODE", Message(words, values), Place(field="--mode"))])


def _rows(parcels: Parcels, asked: Asked) -> tuple[np.ndarray, np.ndarray]:
    """Position of the parcel of each row, and its mode."""
    size = len(parcels.frame)
    every = np.arange(size)
    if asked.mode == EVERY_MODE:
        names = np.array(list(asked.prices.modes), dtype=object)
        return np.repeat(every, len(names)), np.tile(names, size)
    if asked.mode is not None:
        return every, np.full(size, asked.mode, dtype=object)
    own = parcels.frame.get("renovation_mode", Series(np.full(size, None))).astype(object)
    return every, own.where(own.notna(), None).to_numpy(object)


def _refusals(
    found: Assessment, parcels: Parcels, row: np.ndarray, *, modes: np.ndarray, asked: Asked, where: str
) -> tuple[Problem, ...]:
    """Why each row without figures has none: its first reason."""
    reasons = list(found.refused)
    masks = np.stack([found.refused[reason] for reason in reasons])
    ids = parcels.frame["parcel_id"].to_numpy(object)
    problems = []
    for at in np.flatnonzero(masks.any(axis=0)):
        reason = reasons[int(masks[:, at].argmax())]
        values = {
            "mode": modes[at], "known": ", ".join(asked.prices.modes),
            "tenure": parcels.land.tenure[row[at]] or "—", "tenures": ", ".join(asked.prices.tenure_factors),
        }  # fmt: skip
        words = NO_MODE if reason == "mode" and modes[at] is None else REFUSED[reason]
        place = Place(where, "parcels", int(row[at]) + 1)
        key = str(ids[row[at]])
        problems.append(Problem(f"W-ASSESS-{reason.upper().replace('_', '-')}", Message(words, values), place, key))
    return tuple(problems)


def _with_names(
    found: Assessment, parcels: Parcels, modes: np.ndarray, kept: np.ndarray, prices: Prices
) -> gpd.GeoDataFrame:
    more = {"legality": parcels.legality_unknown[kept], "demolished": parcels.fallen[kept]}
    keys = {
        "parcel_id": parcels.frame["parcel_id"].to_numpy(object)[kept],
        "block_id": parcels.block_id.to_numpy(object)[kept],
    }
    table = _figures(found.amounts, prices).assign(
        **keys,
        renovation_mode=modes,
        prices_id=prices.id,
        data_gaps=series_of(join_flags({**found.gaps, **more}, len(kept))).to_numpy(object),
    )
    outline = parcels.frame.geometry.to_numpy()[kept]
    return gpd.GeoDataFrame(table[[column.name for column in COLUMNS]], geometry=outline, crs=parcels.frame.crs)


def _figures(amounts: Mapping[str, np.ndarray], prices: Prices) -> DataFrame:
    table = DataFrame({**amounts, **returns(amounts, prices)})
    return table.assign(area_mu=m2_to_mu(table["area_m2"]).round(MU_DECIMALS)).round(DECIMALS)


def _groups(parcels: Parcels, column: str, where: str) -> Series:
    own = parcels.block_id if column == "block_id" else parcels.frame.get(column)
    if own is None:
        names = [str(name) for name in parcels.frame.columns if name != "geometry"]
        words = N_("the parcels have no column {name}; they have: {names}")
        values = {"name": column, "names": ", ".join(names)}
        raise InputRefused([Problem("E-COLUMN-MISSING", Message(words, values), Place(where, "parcels", field=column))])
    return Series(own).reset_index(drop=True)


def _by_group(
    named: gpd.GeoDataFrame, found: Assessment, parcels: Parcels, *, groups: Series, row: np.ndarray, prices: Prices
) -> gpd.GeoDataFrame:
    """A row a group, in the order in which they first come; parcels that are in no group are in none of the rows."""
    codes, names = pd.factorize(groups)
    of_row, count = codes[row], len(names)
    of_kept = of_row[found.kept]
    with_figures = np.bincount(of_kept[of_kept >= 0], minlength=count)
    table = _figures(summed(found.amounts, of_kept, count), prices).assign(
        group=np.asarray(names, dtype=object).astype(str),
        parcels=with_figures,
        parcels_refused=np.bincount(of_row[of_row >= 0], minlength=count) - with_figures,
        prices_id=prices.id,
        **{name: _all_words(named[name], of_kept, count) for name in ("renovation_mode", "data_gaps")},
    )
    outlines = parcels.frame.geometry.to_numpy()
    whole = np.array([shapely.union_all(outlines[codes == at]) for at in range(count)], dtype=object)
    there = with_figures > 0
    shown = table.loc[there, [column.name for column in GROUP_COLUMNS]].reset_index(drop=True)
    return gpd.GeoDataFrame(shown, geometry=whole[there], crs=parcels.frame.crs)


def _all_words(texts: Series, group: np.ndarray, count: int) -> np.ndarray:
    """Every word that stands in a row of each group, once."""
    found: list[dict[str, None]] = [{} for _ in range(count)]
    for text, at in zip(texts, group, strict=True):
        if at != NOWHERE:
            found[at].update(dict.fromkeys(word for word in str(text).split(SEPARATOR) if word))
    return np.array([SEPARATOR.join(sorted(words)) for words in found], dtype=object)


def _by_mode(found: Assessment, modes: np.ndarray, prices: Prices) -> DataFrame:
    """Sums of all rows of each mode that has one; gain, payback and returns are those of its `rows_with_gain`."""
    present = [name for name in prices.modes if (modes == name).any()]
    code = np.array([present.index(mode) for mode in modes], dtype=np.intp)
    known = np.where(np.isnan(found.amounts["gain_wan_year"]), NOWHERE, code)
    table, gaining = (_figures(summed(found.amounts, group, len(present)), prices) for group in (code, known))
    counts = {name: np.bincount(group[group >= 0], minlength=len(present)) for name, group in
              (("rows", code), ("rows_with_gain", known))}  # fmt: skip
    table = table.assign(**gaining[list(GAINS)], **counts)
    table.index = pd.Index(present, name="renovation_mode")
    return table


def _records(table: DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON: what is not known is null."""
    plain = table.astype(object)
    return [
        {str(name): value for name, value in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")
    ]
