"""pyarrow without pandas, which takes longer to import than a small county takes to score.

pyarrow imports pandas, where there is one, as soon as it converts a scalar or an array (its `pandas-shim` and
`InitPandasStaticData`, as of 26.0), and there is no switch. Inside `arrow_alone` it is told that there is none, and so
is everybody else. pyarrow's Python part asks only once: it is told when somebody imports pandas later, or it would take
a Series for any sequence.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import pyarrow as pa


@contextmanager
def arrow_alone() -> Iterator[None]:
    """Nobody imports pandas inside, in any thread; nothing happens where it is imported already."""
    if "pandas" in sys.modules:
        yield
        return
    watch = next((finder for finder in sys.meta_path if isinstance(finder, _Watch)), None) or _Watch()
    if watch not in sys.meta_path:
        sys.meta_path.insert(0, watch)
    watch.inside += 1
    try:
        yield
    finally:
        watch.inside -= 1


class _Watch:
    """A finder of modules that refuses pandas inside, and sees it being imported outside."""

    inside = 0

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of pandas with a loader that tells pyarrow; None for everything else."""
        if name != "pandas":
            return None
        if self.inside:
            raise ModuleNotFoundError("pandas is not wanted here", name="pandas")
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            telling: Any = _Telling(spec.loader, self)
            spec.loader = telling
        return spec


class _Telling:
    """The loader of pandas, which tells pyarrow when it is done."""

    def __init__(self, loader: Any, watch: _Watch) -> None:
        self._loader, self._watch = loader, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """As the loader does, and then `to_pandas`, before which pyarrow always looks again."""
        self._loader.exec_module(module)
        if self._watch in sys.meta_path:
            sys.meta_path.remove(self._watch)
        pa.nulls(0).to_pandas()
