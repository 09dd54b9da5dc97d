"""A partition written: its result columns with the grades of the whole, and its outlines, as one part of the output."""

from __future__ import annotations

from typing import Any

from landgis.columns import Columns
from landgis.io.write_stream import Layer, LayerWriter
from landgis.results import RESULT_COLUMNS, RESULT_NAMES
from landgis.scale.folders import Folder
from landgis.scoring.parts import Means
from landgis.scoring.score import result_columns
from landgis.workflow.log import Log
from landgis.workflow.spread.notes import notes_of
from landgis.workflow.spread.parts import outlines_of, prepared, scored_stretches
from landgis.workflow.spread.settling import settled_of
from landgis.workflow.spread.tables import whole
from landgis.workflow.spread.target import Target
from landgis.workflow.spread.work import Work
from landgis.workflow.summary import Overview


def write_part(
    folder: Folder, *, work: Work, partition: int, means: Means | None, grades: list[str], target: Target
) -> dict[str, Any]:
    """Write a partition in the order of the file, a row group a stretch; says what the summary needs of it."""
    job, parcels = prepared(folder, work, partition)
    settled = settled_of(folder, partition, grades)
    wkb = outlines_of(folder, partition, whole(parcels["#wkb"]))
    overview, log = Overview(), Log()
    layer = Layer(work.open("parcels").crs, title=job.rules.title.zh)
    with (
        target.making.write(target.part(partition)) as stream,
        LayerWriter(stream, RESULT_COLUMNS, layer, job.rules.id, target.final.url, log.problems) as writer,
    ):
        for at, (measures, scored) in zip(job.stretches(), scored_stretches(job, means), strict=True):
            given = job.parcels.stretch(*at)
            columns = result_columns(measures, scored, settled, at, given, job.rules)
            overview.add(columns)
            own = {name: column for name, column in given.items() if name not in RESULT_NAMES}
            writer.write(Columns({**columns, **own}, columns.size), wkb.slice(at[0], at[1] - at[0]))
    return {"rows": job.parcels.size, "overview": overview.as_json(), **notes_of(log)}
