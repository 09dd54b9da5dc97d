"""Rows of a Parquet file, some columns and so many rows at a time.

pyarrow decodes page by page if it is told not to read row groups ahead (`pre_buffer`), so that memory is that of a
batch: 45 MB of Arrow's for a row group of five million outlines, where reading ahead takes the 750 MB of the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from landgis.errors import Place
from landgis.io.geoparquet import Far, open_parquet

_READ_AHEAD = 1 << 20  # bytes a column; what a memory map reads stays in the process's memory


def read_rows(
    path: Path | Far,
    place: Place,
    names: Sequence[str],
    rows: int,
    *,
    groups: tuple[int, int] | None = None,
    dictionaries: Collection[str] = (),
) -> Iterator[pa.RecordBatch]:
    """Batches of `rows` rows, but for the last; of row groups `first` up to `last` where these are given.

    `dictionaries` are columns that come as such. Raises InputRefused, later what `geoparquet.ERRORS` has of damage.
    """
    how = {"memory_map": False, "pre_buffer": False, "buffer_size": _READ_AHEAD}
    opened = open_parquet(path, place, **how, read_dictionary=[name for name in dictionaries if name in names])
    some = None if groups is None else range(*groups)
    yield from _evenly(opened.iter_batches(rows, columns=names, row_groups=some, use_threads=False), rows)


def _evenly(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of so many, but for the last: pyarrow's own end with each row group."""
    held, count = list[pa.RecordBatch](), 0
    for batch in batches:
        while batch.num_rows:
            part = batch.slice(0, rows - count)
            held, count, batch = [*held, part], count + part.num_rows, batch.slice(part.num_rows)
            if count == rows:
                yield pa.concat_batches(held) if len(held) > 1 else held[0]
                held, count = [], 0
    if held:
        yield pa.concat_batches(held) if len(held) > 1 else held[0]
