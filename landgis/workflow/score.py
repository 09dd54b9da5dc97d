"""Score parcels: files in, one row per parcel out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas import Series
from pyproj import CRS

from landgis import geometry as polygons
from landgis.columns import Column, Columns, texts
from landgis.frames import column_from, columns_of, frame_of, series_of
from landgis.io.crs import measure_crs
from landgis.io.mapping import TableMapping, read_mapping
from landgis.io.raw import Read
from landgis.io.read import read_table
from landgis.metrics.built import Buildings
from landgis.metrics.measure import Measures, measure
from landgis.results import RESULT_NAMES
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.scoring.score import Scores, contract_columns, score
from landgis.tables import Table
from landgis.text import Tell
from landgis.workflow.inputs import FILES, Inputs
from landgis.workflow.log import Log
from landgis.workflow.prepare import (
    Outlines,
    collect,
    fill_blocks,
    outlines,
    pick_year,
    report_overlaps,
    require_measurable,
    rows_of_year,
    settle_firms,
    stand_buildings,
    unplaced_firms,
)
from landgis.workflow.report import Report, count_rows, crs_name, file_facts, refuse_set_aside, require_conserved
from landgis.workflow.summary import Overview, Summary


@dataclass(frozen=True)
class ScoreRun:
    """The scored parcels in the order and CRS of the input, the report, and what a page may want to explain them."""

    frame: gpd.GeoDataFrame
    report: Report
    rules: RuleSet
    measures: Measures
    scores: Scores

    @property
    def summary(self) -> Summary:
        """What is said of the run at a glance."""
        overview = Overview()
        overview.add(columns_of(self.frame))
        return overview.summary()


def score_files(inputs: Inputs, tell: Tell = lambda _step: None) -> ScoreRun:
    """Read, measure and score; raises InputRefused with every problem of every file, having written nothing."""
    log, rules = Log(), load_rules(inputs.rules)
    started = time.perf_counter()
    tell("read")
    return score_tables(read_tables(inputs, log), inputs, rules, log, tell=tell, started=started)


def score_tables(
    tables: dict[str, Read],
    inputs: Inputs,
    rules: RuleSet,
    log: Log,
    *,
    tell: Tell = lambda _step: None,
    started: float | None = None,
) -> ScoreRun:
    """Measure and score tables as read; of `inputs` only the year, the measuring CRS and strictness count."""
    started = time.perf_counter() if started is None else started
    parcels = tables["parcels"]
    measured_in = measuring_crs(parcels, inputs.measure_crs)
    tell("geometry")
    land = outlines(parcels, "parcel_id", measured_in, log)
    require_measurable(parcels, land, log)
    report_overlaps(parcels, land, log)
    block = fill_blocks(parcels.frame, land, tables.get("blocks"), measured_in, log)
    year = pick_year(tables.get("enterprises"), inputs.year)
    tell("overlay")
    buildings = _stand(tables.get("buildings"), parcels, land, measured_in, log)
    measures, floor = _measure(tables, land, buildings, year, rules, log)
    tell("score")
    columns = columns_of(parcels.frame)
    scores = score(measures, columns, rules, texts(column_from(block)))
    frame = result_frame(parcels, block, measures, scores, rules)
    rows = count_rows({name: read.source for name, read in tables.items()}, log)
    conservation = {**rows, **measures.conservation, **floor}
    require_conserved(conservation)
    refuse_set_aside(log, strict=inputs.strict)
    facts = _facts(year, measured_in, measures, scores, tables)
    seconds = time.perf_counter() - started
    return ScoreRun(
        frame,
        Report(rules.id, columns.size, len(frame), conservation, log, seconds, facts),
        rules,
        measures,
        scores,
    )


def read_tables(inputs: Inputs, log: Log) -> dict[str, Read]:
    """Every table that was named, all their faults raised together."""
    mapping = read_mapping(inputs.mapping) if inputs.mapping else {}
    readers = [
        partial(_read, text, FILES[name], mapping=mapping.get(name), inputs=inputs)
        for name, text in inputs.named.items()
    ]
    reads = dict(zip(inputs.named, collect(readers), strict=True))
    for name, read in reads.items():
        log.take(name, read)
    return reads


def _read(text: str, table: Table, *, mapping: TableMapping | None, inputs: Inputs) -> Read:
    return read_table(text, table, mapping=mapping, crs=inputs.crs, encoding=inputs.encoding)


def measuring_crs(parcels: Read, asked: str | None) -> CRS:
    """The CRS that areas are measured in (contract §3)."""
    frame = parcels.frame
    bounds = frame.total_bounds
    middle = shapely.box(*bounds) if np.isfinite(bounds).all() else shapely.box(0, 0, 0, 0)
    centre = gpd.GeoSeries([middle.centroid], crs=frame.crs).to_crs(4326).iloc[0]
    return measure_crs(CRS(frame.crs), centre.x, centre.y, asked)


def _stand(buildings: Read | None, parcels: Read, land: Outlines, measured_in: CRS, log: Log) -> Buildings | None:
    return None if buildings is None else stand_buildings(buildings, parcels, land, measured_in, log)


def _measure(
    tables: dict[str, Read],
    land: Outlines,
    buildings: Buildings | None,
    year: int | None,
    rules: RuleSet,
    log: Log,
) -> tuple[Measures, dict[str, dict[str, float]]]:
    parcels, enterprises, occupancies = (tables.get(name) for name in ("parcels", "enterprises", "occupancies"))
    assert parcels is not None
    used = None if enterprises is None else rows_of_year(enterprises, year, log)
    firms, floor = None, {}
    if occupancies is not None:
        firms, occupied = settle_firms(occupancies, used, parcels, year, log)
        floor = {"occupied_floor_area_m2": occupied}
        if enterprises is not None and used is not None:
            unplaced_firms(enterprises, used, firms, log)
    return measure(columns_of(parcels.frame), land.area_m2, buildings, firms, rules), floor


def result_frame(parcels: Read, block: Series, measures: Measures, scores: Scores, rules: RuleSet) -> gpd.GeoDataFrame:
    """Contract columns first, then the user's own; outlines as they came, mended where they were invalid."""
    given = parcels.frame
    keys = Columns({"parcel_id": column_from(given["parcel_id"]), "block_id": column_from(block)}, len(given))
    ours = frame_of(contract_columns(measures.columns, scores.columns, keys, rules))
    own = [name for name in given.columns if name not in RESULT_NAMES and name != "geometry"]
    table = pd.concat([ours, given[own].reset_index(drop=True)], axis=1)
    outline = given.geometry.to_numpy().copy()
    invalid = ~shapely.is_valid(outline) & ~shapely.is_missing(outline)
    outline[invalid] = polygons.made_valid(outline[invalid])
    return gpd.GeoDataFrame(table, geometry=outline, crs=given.crs)


def _facts(
    year: int | None, measured_in: CRS, measures: Measures, scores: Scores, tables: dict[str, Read]
) -> dict[str, object]:
    columns = measures.columns
    return {
        "year": year,
        "measured_in": crs_name(measured_in),
        "area_sources": _counts(columns["area_source"]),
        "floor_area_sources": _counts(columns["floor_area_source"]),
        "grades": _counts(scores.columns["grade"]),
        "low_efficiency": _counts(scores.columns["low_efficiency"]),
        "rules_not_applied": [rule.id for rule in scores.verdict.not_applied],
        "block_names": _block_names(tables.get("blocks")),
        "files": {name: file_facts(read.source) for name, read in tables.items()},
    }


def _block_names(blocks: Read | None) -> dict[str, dict[str, str]]:
    """What each block is called, in Chinese and in English, as far as the blocks say."""
    if blocks is None:
        return {}
    frame = blocks.frame
    zh, en = (frame[name].fillna("") if name in frame else [""] * len(frame) for name in ("name", "name_en"))
    return {
        str(block): {"zh": str(one), "en": str(two)} for block, one, two in zip(frame["block_id"], zh, en, strict=True)
    }


def _counts(column: Column) -> dict[str, int]:
    return {str(word): int(number) for word, number in series_of(column).value_counts().sort_index().items()}
