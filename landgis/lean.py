"""Arrow without pandas: pyarrow imports pandas at the first array that it makes of anything, if it is installed.

That takes longer than scoring a small county. A job that has no frames calls `spare_pandas` first; what has frames
(landgis.frames does it when imported) calls `with_pandas`, as pyarrow must know a Series when it sees one.
"""

from __future__ import annotations

import ctypes
import mmap
import sys

import pyarrow as pa

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8  # of mallopt(3)
_LARGEST_KEPT = 1 << 25  # bytes; more glibc does not take as its threshold, and larger arrays go back at once
_HEAP = 600 << 20  # bytes of addresses, not of memory
_LARGE_PAGE = 1 << 21
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
    kept = (_ARENA_MAX, 2), (_MMAP_THRESHOLD, _LARGEST_KEPT), (_TRIM_THRESHOLD, 1 << 28), (_TOP_PAD, _HEAP)
    for option, value in kept:
        _LIBC.mallopt(option, value)
    _ask_for_large_pages(_LIBC)
    pa.set_memory_pool(pa.system_memory_pool())


def _ask_for_large_pages(libc: ctypes.CDLL) -> None:
    """Have the heap grow by all that it may, and ask for it in large pages: reads from anywhere find it sooner."""
    libc.sbrk.restype, libc.sbrk.argtypes = ctypes.c_void_p, (ctypes.c_ssize_t,)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    libc.free.argtypes = (ctypes.c_void_p,)
    libc.madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    first = -(-libc.sbrk(0) // _LARGE_PAGE) * _LARGE_PAGE
    libc.free(libc.malloc(_LARGEST_KEPT - _LARGE_PAGE))
    if (size := libc.sbrk(0) - first) > 0:
        libc.madvise(first, size, mmap.MADV_HUGEPAGE)  # a system without them says so, and nothing is lost


def release_memory() -> None:
    """Hand back what is kept and free: between parts of a job that need much at different places."""
    if _LIBC is not None:
        _LIBC.malloc_trim(0)
