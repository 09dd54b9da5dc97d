"""Evaluate firms (亩均论英雄): files in, one row per enterprise and year out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from pandas import DataFrame, Series

from landgis.frames import columns_of, series_of
from landgis.io.raw import Read
from landgis.metrics.measure import area_of
from landgis.results import FIRM_NAMES
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.scoring.firms import evaluate_firms
from landgis.units import MU_DECIMALS
from landgis.workflow.inputs import Inputs
from landgis.workflow.log import Log
from landgis.workflow.prepare import outlines, pick_year, rows_of_year, settle_firms
from landgis.workflow.report import Report, count_rows, refuse_set_aside
from landgis.workflow.score import measuring_crs, read_tables


@dataclass(frozen=True)
class FirmsRun:
    """The evaluated firms in the order of the input, and the report."""

    frame: DataFrame
    report: Report
    rules: RuleSet


def evaluate_files(inputs: Inputs) -> FirmsRun:
    """Read and evaluate; every row of the enterprises comes out, of one year if one is asked for."""
    started, log = time.perf_counter(), Log()
    rules = load_rules(inputs.rules)
    tables = read_tables(replace(inputs, buildings=None, blocks=None), log)
    parcels, enterprises = tables["parcels"], tables["enterprises"]
    land = outlines(parcels, "parcel_id", measuring_crs(parcels, inputs.measure_crs), log)
    area, _source = area_of(columns_of(parcels.frame), land.area_m2, rules.area)
    area_m2 = Series(area, index=parcels.frame["parcel_id"].to_numpy())
    if inputs.year is not None:
        pick_year(enterprises, inputs.year)
    used = rows_of_year(enterprises, inputs.year, log)
    results = _by_year(used, tables.get("occupancies"), area_m2, parcels, rules, log)
    refuse_set_aside(log, strict=inputs.strict)
    rows, size = count_rows({name: read.source for name, read in tables.items()}, log), len(parcels.frame)
    facts = {"firms_in": int(enterprises.source.rows), "firms_out": len(results)}
    report = Report(rules.id, size, size, rows, log, time.perf_counter() - started, facts)
    return FirmsRun(results, report, rules)


def _by_year(
    used: DataFrame, occupancies: Read | None, area_m2: Series, parcels: Read, rules: RuleSet, log: Log
) -> DataFrame:
    """Firms are compared within a year, with the occupancies that were in force in it."""
    years = used["year"].fillna(-1) if "year" in used else Series(np.full(len(used), -1.0))
    out = DataFrame(index=used.index, columns=list(FIRM_NAMES), dtype=object)
    for number, year in enumerate(sorted(years.unique())):
        notes = log if number == 0 else Log()  # a row that is set aside is so once, not once a year
        rows = np.flatnonzero(years == year)
        part = used.iloc[rows].reset_index(drop=True)
        held = None if occupancies is None else _held(occupancies, part, parcels, year, notes)
        out.iloc[rows] = evaluate_firms(part, held, area_m2, rules)[list(FIRM_NAMES)].to_numpy(object)
    out = out.infer_objects()
    return out.assign(land_mu=out["land_mu"].astype(float).round(MU_DECIMALS))


def _held(occupancies: Read, part: DataFrame, parcels: Read, year: float, log: Log) -> DataFrame:
    firms, _floor = settle_firms(occupancies, part, parcels, None if year < 0 else int(year), log)
    return DataFrame({
        "enterprise_id": series_of(firms.ids.take(pa.array(firms.firm))),
        "parcel_id": parcels.frame["parcel_id"].to_numpy(object)[firms.parcel],
        "floor_area_m2": firms.floor_area_m2,
        "relation": series_of(firms.relation),
    })  # fmt: skip
