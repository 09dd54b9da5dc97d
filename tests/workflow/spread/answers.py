"""Answers of one machine and of a cluster, to be compared byte by byte."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from landgis.workflow.report import Report


def rows_of(out: Path) -> pa.Table:
    """A file or a folder of parts, the rows sorted by parcel."""
    paths = sorted(out.glob("part-*.parquet")) if out.is_dir() else [out]
    parts = [pq.ParquetFile(path).read().replace_schema_metadata() for path in paths]
    return pa.concat_tables(parts).sort_by("parcel_id").combine_chunks()


def same_bytes(one: pa.Table, other: pa.Table) -> list[str]:
    """Names of columns that are not the same, to the last bit of each number."""
    assert one.schema.equals(other.schema)
    return [name for name in one.column_names if bytes_of(one[name]) != bytes_of(other[name])]


def bytes_of(column: pa.ChunkedArray) -> list[bytes | None]:
    array = pa.concat_arrays([pa.array([], column.type), *column.chunks])
    return [None if buffer is None else buffer.to_pybytes() for buffer in array.buffers()]


def said(report: Report) -> list[str]:
    """Everything that a report says of rows, whoever noticed it first."""
    remarks = [str(problem.render()) for problem in report.log.problems]
    aside = [f"{one.table} {one.row.row} {one.row.id} {one.row.problem.render()}" for one in report.log.set_aside]
    return sorted(map(without_folders, remarks)) + sorted(map(without_folders, aside))


def without_folders(text: str) -> str:
    """Files by their names alone."""
    return re.sub(r"/[^ ']*/", "", text)
