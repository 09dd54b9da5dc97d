"""Arrow without pandas: pyarrow imports pandas at the first array that it makes of anything, if it is installed.

That takes longer than scoring a small county. A job that has no frames calls `spare_pandas` first; what has frames
(landgis.frames does it when imported) calls `with_pandas`, as pyarrow must know a Series when it sees one.
"""

from __future__ import annotations

import sys

import pyarrow as pa


class _Absent:
    """Says that pandas cannot be imported."""

    def find_spec(self, name: str, *_more: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def spare_pandas() -> None:
    """Let pyarrow find no pandas when it looks for it, once; nothing happens where pandas is imported already."""
    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(absent)


def with_pandas() -> None:
    """Let pyarrow know pandas again."""
    pa.lib._pandas_api.pd  # noqa: B018  # asking for it imports it
