"""Rows sorted by partition: one Arrow file per sorting task, one record batch per partition, read batch by batch.

As in the shuffle of MapReduce, nothing is put together on disk: a partition reads its batch out of every task's file,
in the order of the tasks, and so gets its rows in the order of the input. Files are N, not N × partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from landgis.scale.folders import Folder

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


def write_pieces(
    folder: Folder, name: str, rows: pa.Table, at: np.ndarray, partition: np.ndarray, partitions: int
) -> int:
    """Write rows `at` of a table for the partitions, keeping their order; returns how many were written."""
    order = np.argsort(partition, kind="stable")
    bounds = np.searchsorted(partition[order], np.arange(partitions + 1))
    at = at[order]
    with folder.write(name) as stream, pa.ipc.new_file(stream, rows.schema, options=_OPTIONS) as writer:
        for low, high in pairwise(bounds):
            writer.write_batch(_one_batch(rows.take(pa.array(at[low:high]))))
    return len(at)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    arrays = [column.combine_chunks() if column.num_chunks != 1 else column.chunk(0) for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=table.schema)


def read_pieces(folder: Folder, names: Sequence[str], partition: int) -> pa.Table:
    """The rows of a partition, those of the first file first."""
    return pa.Table.from_batches(list(piece_batches(folder, names, partition)))


def piece_batches(folder: Folder, names: Sequence[str], partition: int) -> Iterable[pa.RecordBatch]:
    """The same, one batch of each file after the other."""
    for name in names:
        with folder.read(name) as source, pa.ipc.open_file(source) as reader:
            yield reader.get_batch(partition)
