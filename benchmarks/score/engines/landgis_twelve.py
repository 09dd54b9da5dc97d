"""landgis's own functions on the bare job: what its engine takes for the peers' twelve columns.

The steps of `landgis.workflow.streaming` without what the peers do not do: overlaps of parcels, reasons, data gaps,
the other columns, outlines written again, the report.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.files import Files


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import"):
        from landgis.lean import spare_pandas

        spare_pandas()
        import pyarrow as pa
        import pyarrow.parquet as pq

        from benchmarks.score.job import COLUMNS
        from landgis.ahead import in_step
        from landgis.workflow.inputs import Inputs
        from landgis.workflow.log import Log
        from landgis.workflow.streaming.job import graded, prepare
    with clock.phase("read, validity, join, intersection, group"):
        inputs = Inputs(**{name: str(path) for name, path in files.all().items()})
        job = prepare(inputs, Log(), overlaps=False)
    with clock.phase("grade"):
        found = graded(job)
    with clock.phase("write"):

        def rows(at: tuple[int, int]) -> pa.Table:
            measures, scored = found.stretch(*at)
            columns = {**measures.columns, "score": scored.parts.score.value, "grade": found.settled.grade[slice(*at)]}
            columns["parcel_id"] = job.parcels["parcel_id"][slice(*at)]
            return pa.table({name: columns[name] for name in COLUMNS})

        parts = in_step(rows, job.prepared.stretches())
        pq.write_table(pa.concat_tables(parts), out, use_dictionary=["grade"])


if __name__ == "__main__":
    main(run)
