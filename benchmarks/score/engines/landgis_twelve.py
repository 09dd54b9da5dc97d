"""landgis's own functions on the bare job: what its engine takes for the peers' twelve columns.

The steps of `landgis.workflow.streaming` without what the peers do not do: overlaps between parcels, reasons, data gaps,
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
        from landgis.workflow.inputs import Inputs
        from landgis.workflow.log import Log
        from landgis.workflow.streaming.job import prepare, settled
    with clock.phase("read, validity, join, intersection, group"):
        inputs = Inputs(**{name: str(path) for name, path in files.all().items()})
        job = prepare(inputs, Log(), overlaps=False)
    with clock.phase("grade"):
        scored, grades = settled(job)
    with clock.phase("write"):
        parts = []
        for one, at in zip(scored, job.prepared.stretches(), strict=True):
            found = {**job.prepared.measures(*at).columns, "score": one.parts.score.value}
            found |= {"parcel_id": job.parcels.columns["parcel_id"][slice(*at)], "grade": grades.grade[slice(*at)]}
            parts.append(pa.table({name: found[name] for name in COLUMNS}))
        pq.write_table(pa.concat_tables(parts), out, use_dictionary=["grade"])


if __name__ == "__main__":
    main(run)
