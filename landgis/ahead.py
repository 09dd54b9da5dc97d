"""Reading and writing beside the computing: one thread ahead, one behind, two in step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

import pyarrow as pa

Item = TypeVar("Item")
Made = TypeVar("Made")
MOST_THREADS = 4  # each holds a stretch


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, the next one made in a thread while the last is used."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, source, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, source, end)
            yield item  # type: ignore[misc]  # the end is not among the items


def in_step(work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """What the work makes of each item, in order, in threads; no more is under way than is needed to keep them busy."""
    threads = min(MOST_THREADS, pa.cpu_count())
    with ThreadPoolExecutor(threads) as pool:
        coming: deque[Future[Made]] = deque()
        for item in items:
            coming.append(pool.submit(work, item))
            if len(coming) > threads:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


class Behind:
    """Does one thing after the other in a thread; at most one waits, so that memory stays small."""

    def __enter__(self) -> Behind:
        self._pool, self._last = ThreadPoolExecutor(1), None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        if kind is None and self._last is not None:
            self._last.result()

    _pool: ThreadPoolExecutor
    _last: Future[object] | None

    def do(self, work: Callable[[], object]) -> None:
        """Have it done; raises what the work before it raised."""
        if self._last is not None:
            self._last.result()
        self._last = self._pool.submit(work)
