"""The pictures of a report: the map of phases, plan against actual, phases by month."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from landgis.documents.content import Curve, Kind, Map, Paragraph, Part, Section, Shape, Stack, Tick
from landgis.io.write_geojson import lon_lat
from landgis.phases.curve import month_ends
from landgis.phases.earned import DatedSchedule
from landgis.text import N_
from landgis.workflow.progress import Progress, Question, progress
from landgis.workflow.reporting_words import Material
from landgis.workflow.themes import PHASE_TITLES, PHASES
from landgis.workflow.trend import phases_by_month

MONTHS_BETWEEN = (1, 3, 6, 12, 24, 60)  # ticks of a chart
MOST_TICKS = 12
LEAST_LABEL = 3  # characters of a parcel number on the map
CLASS_OF_STEP = {step: key for key, steps in PHASES.items() for step in steps}


def map_section(stuff: Material) -> Section:
    """The parcels by phase: those of a block with their numbers, those of the zone with its blocks."""
    words = stuff.words
    outlines, edges, streets = _in_metres(stuff)
    phases = stuff.table["phase"].reindex(stuff.parcel_ids)
    keys = [CLASS_OF_STEP.get(str(phase), "none") for phase in phases]
    order = list(PHASES)
    labels = short_labels([str(parcel) for parcel in stuff.parcel_ids]) if stuff.block is not None else None
    shapes = tuple(
        Shape(outline, order.index(key), labels[at] if labels else "")
        for at, (outline, key) in enumerate(zip(outlines, keys, strict=True)) if outline is not None
    )  # fmt: skip
    kinds = tuple(
        Kind(words(PHASE_TITLES[key]), *stuff.kinds[key], words.number(keys.count(key))) for key in order
    )  # fmt: skip
    alt = words(N_("Map of {place}: parcels by phase"), place=stuff.place_name)
    left_out = words(N_("{count} labels found no room"), count="{count}")
    drawn = Map(alt, shapes, kinds, edges, streets, words(N_("N")), left_out)
    return Section(words(N_("Map: parcels by phase")), (drawn, *_map_notes(stuff, labels)))


def _map_notes(stuff: Material, labels: list[str] | None) -> list[Part]:
    words = stuff.words
    text = words(N_("The numbers in the legend are parcels; a phase is the milestone that a parcel reached last."))
    if labels and any(label != parcel for label, parcel in zip(labels, stuff.parcel_ids, strict=True)):
        text += " " + words(N_("On the map stand the last characters of the parcel numbers."))
    return [Paragraph(text, style="note")]


def short_labels(parcels: list[str]) -> list[str]:
    """The last characters of each number, as many as tell them all apart.

    >>> short_labels(["33078400GB00001", "33078400GB00121"]), short_labels(["P1", "P2"])
    (['001', '121'], ['P1', 'P2'])
    """
    longest = max((len(parcel) for parcel in parcels), default=0)
    for size in range(LEAST_LABEL, longest):
        short = [parcel[-size:] for parcel in parcels]
        if len(set(short)) == len(set(parcels)):
            return short
    return parcels


Drawn = tuple[np.ndarray, tuple[tuple[Geometry, str], ...], tuple[Geometry, ...]]


def _in_metres(stuff: Material) -> Drawn:
    """Parcels (None where there is none), block boundaries with their labels, and streets, east and north in metres."""
    zone = stuff.zone
    outlines = zone.outlines[zone.parcel_ids.get_indexer(stuff.parcel_ids)]
    wanted = zone.block_outlines
    held = stuff.found.status.blocks.table
    since = dict(zip(held["block_id"], held["valid_from"].fillna(""), strict=True))
    same = [since.get(block) == (start or "") if isinstance(start, str | None) else False
            for block, start in zip(wanted["block_id"], wanted["valid_from"], strict=True)]  # fmt: skip
    wanted = wanted[same]
    if stuff.block is not None:
        wanted = wanted[wanted["block_id"] == stuff.block]
    drawn = [one for one in (*outlines, *wanted.geometry) if one is not None]
    west, south, east, north = shapely.total_bounds(drawn) if drawn else (0.0, 0.0, 0.0, 0.0)
    flat = f"+proj=tmerc +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84 +units=m"
    streets = _streets(stuff, shapely.box(west, south, east, north))
    parcels, edges, lines = (
        gpd.GeoSeries(some, crs=4326).to_crs(flat).to_numpy()
        for some in (outlines, wanted.geometry.to_numpy(), streets)
    )
    names = ["" if stuff.block is not None else stuff.block_name(block) for block in wanted["block_id"]]
    return parcels, tuple(zip(edges, names, strict=True)), tuple(line for line in lines if line is not None)


def _streets(stuff: Material, where: Geometry) -> np.ndarray:
    layer = stuff.zone.layers.get("streets")
    if not isinstance(layer, gpd.GeoDataFrame):
        return np.empty(0, dtype=object)
    lines, _ = lon_lat(layer.geometry)
    return lines[shapely.intersects(lines, where)]


def progress_section(stuff: Material) -> Section:
    """Plan against actual in mu, when it will end at this pace, and the phases by month."""
    words = stuff.words
    found = progress(stuff.zone.register, Question(stuff.as_of, measure="mu", block=stuff.block))
    stack = phases_by_month(stuff.found, measure="mu", block=stuff.block)
    kinds = tuple(Kind(words(PHASE_TITLES[key]), *stuff.kinds[key]) for key in stack.phases)
    areas = Stack(
        words(N_("Land in each phase, month by month")), tuple(stack.at.tolist()), _rows(stack.amount), kinds,
        stack.as_of, words.day(stack.as_of), words(N_("mu")), ticks(int(stack.at[0]), int(stack.at[-1]), stuff),
    )  # fmt: skip
    plan = words(N_("plan: {name}"), name=found.baseline or words(N_("as it is now, not frozen")))
    parts: tuple[Part, ...] = (
        Paragraph(words(N_("Land renovated, plan and actual")) + " · " + plan, "caption"), *_curve(stuff, found),
        *(Paragraph(text, "note") for text in _forecast(stuff, found.schedule)),
        Paragraph(words(N_("Land in each phase, month by month; what is planned is paler")), "caption"), areas,
    )  # fmt: skip
    return Section(words(N_("Plan and actual")), parts)


def _rows(amount: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in np.nan_to_num(amount).tolist())


def _curve(stuff: Material, found: Progress) -> Iterator[Curve]:
    """The S-curve, where something is planned or reached."""
    words, curve, plan = stuff.words, found.curve, found.schedule
    total = float(curve.planned[-1]) + plan.unplanned_weight  # what stands renovated once all that is planned is
    ends = [day for day in (plan.finish_day, plan.high_day) if day is not None]
    said = (words(N_("planned")), words(N_("actual")), words(N_("forecast, 80 % band")), words.day(stuff.as_of))
    actual = tuple(None if value != value else value for value in curve.actual.tolist())
    if not total and not any(actual):
        return
    yield Curve(
        words(N_("S-curve of the land renovated: planned, actual and forecast")), tuple(curve.at.tolist()),
        tuple(curve.planned.tolist()), actual, stuff.as_of.toordinal(), total,
        (plan.finish_day, plan.low_day, plan.high_day), said, words(N_("mu")),
        ticks(int(curve.at[0]), max([int(curve.at[-1]), *ends]), stuff),
    )  # fmt: skip


def _forecast(stuff: Material, plan: DatedSchedule) -> Iterator[str]:
    """What the earned schedule says, in sentences."""
    words, found = stuff.words, plan.schedule
    if plan.start_day is None:
        yield words(N_("nothing is planned, so there is nothing to measure by"))
        return
    yield words(
        N_("SPI(t) {spi_t} (SPI {spi}): {earned} months earned in {passed}; finish {finish}, between {low} and {high}"),
        spi_t=words.number(found.spi_t, 2), spi=words.number(found.spi, 2),
        earned=words.number(found.earned_schedule, 1), passed=words.number(found.actual_time, 1),
        finish=words.day(plan.finish_day), low=words.day(plan.low_day), high=words.day(plan.high_day),
    )  # fmt: skip
    if plan.unplanned_weight:
        unplanned = words.number(plan.unplanned_weight, 1)
        yield words(N_("Renovated without a plan, in no figure above: {mu} mu."), mu=unplanned)


def ticks(first: int, last: int, stuff: Material) -> tuple[Tick, ...]:
    """Starts of months, quarters or years, at most twelve; years by their number, others by the month's name."""
    starts = [int(day) + 1 for day in month_ends(first, last)]
    days = [datetime.date.fromordinal(day) for day in (first, *starts)]
    for months in MONTHS_BETWEEN:
        chosen = [day for before, day in pairwise([days[0] - datetime.timedelta(days=40), *days])
                  if day.day == 1 and (day.year * 12 + day.month - 1) % months == 0 and day != before]  # fmt: skip
        if len(chosen) <= MOST_TICKS:
            break
    label = (lambda day: str(day.year)) if months >= 12 else stuff.words.month
    return tuple(Tick(day.toordinal(), label(day)) for day in chosen)
