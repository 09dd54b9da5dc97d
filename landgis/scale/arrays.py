"""Named arrays of any lengths in one file, mapped from disk where there is one: workers of a machine share them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from landgis.scale.folders import Folder


def save_arrays(folder: Folder, name: str, **arrays: np.ndarray) -> None:
    """Write arrays of numbers, each of its own length; of two dimensions at most, whose second is kept."""
    columns, fields = [], []
    for key, array in arrays.items():
        flat = pa.array(np.ascontiguousarray(array).reshape(-1))
        columns.append(pa.LargeListArray.from_arrays(pa.array([0, len(flat)], pa.int64()), flat))
        wide = array.shape[1] if array.ndim == 2 else 0
        fields.append(pa.field(key, columns[-1].type, metadata={"wide": str(wide)}))
    schema = pa.schema(fields)
    with folder.write(name) as stream, pa.ipc.new_file(stream, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def load_arrays(folder: Folder, name: str) -> dict[str, np.ndarray]:
    """The arrays of a file; they may not be written to."""
    with pa.ipc.open_file(folder.read(name)) as reader:  # what is mapped stays so while an array needs it
        batch = reader.get_batch(0)
    found = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        wide = int(field.metadata[b"wide"])
        values = column.values.to_numpy(zero_copy_only=False)
        found[field.name] = values.reshape(-1, wide) if wide else values
    return found
