"""Arrow without pandas: pyarrow imports pandas at the first array that it makes of anything, if it is installed.

That takes longer than scoring a small county. A job that has no frames calls `spare_pandas` first; what has frames
(landgis.frames does it when imported) calls `with_pandas`, as pyarrow must know a Series when it sees one.
"""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
if not hasattr(_LIBC, "mallopt"):  # not glibc
    _LIBC = None


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


def keep_memory() -> None:
    """Let a job that fills and frees arrays all the time keep its memory, as the kernel takes long to give it anew.

    glibc hands large arrays back at once, and all are new pages then: a tenth of what a million parcels take. From here
    on they are kept until the process ends, in two arenas, and Arrow's with them. Nothing happens without glibc.
    """
    if _LIBC is None:
        return
    # 32 MB is the most that glibc takes as the threshold; larger arrays go back at once
    for option, value in ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, 1 << 25), (_TRIM_THRESHOLD, 1 << 28)):
        _LIBC.mallopt(option, value)
    pa.set_memory_pool(pa.system_memory_pool())


def release_memory() -> None:
    """Hand back what is kept and free: between parts of a job that need much at different places."""
    if _LIBC is not None:
        _LIBC.malloc_trim(0)
