"""Where a cluster writes: a folder of GeoParquet parts, one a partition, which readers take for one table.

One file would have to go through one machine. On a disk the parts are made in a hidden folder beside the target, which
is renamed when all are there. In an object store nothing is renamed: there `_landgis.json` comes last, and says that
the table is whole. Readers pass over names that begin with `_`.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.io.atomic import check_file
from landgis.scale.folders import Folder, file_of
from landgis.text import N_, Message

MARK = "_landgis.json"


@dataclass(frozen=True)
class Target:
    """The folder that is to be, and the one that parts are written to until then."""

    final: Folder
    making: Folder

    def part(self, partition: int) -> str:
        """Name of the file of a partition."""
        return f"part-{partition:05d}.parquet"

    def lacks(self, partitions: int) -> list[int]:
        """The partitions whose part is not there."""
        there = self.making.names()
        return [number for number in range(partitions) if self.part(number) not in there]

    def finish(self, partitions: int, about: dict[str, Any]) -> None:
        """All parts are there: make them the target."""
        keep = {self.part(number) for number in range(partitions)} | {MARK}
        for name in self.making.names():
            if name not in keep:
                self.making.delete(name)
        self.making.write_json(MARK, about)
        if self.final != self.making:
            final, making = Path(self.final.path("")), Path(self.making.path(""))
            if final.exists():
                shutil.rmtree(final)
            making.rename(final)


def target_of(text: str, job: str, *, overwrite: bool) -> Target:
    """Where a job writes, `job` being its name; raises where it may not: something is there, and not to be replaced."""
    text = text.rstrip("/")
    folder, name = file_of(text)
    if not name.endswith(".parquet"):
        words = N_("a cluster writes GeoParquet, a folder of parts: give --out a name that ends in .parquet")
        raise UsageError([Problem("E-OUT-FORMAT", Message(words), Place(text))])
    final = folder.at(name)
    if not final.is_local:
        held = final.read_json(MARK)
        if not overwrite and held is not None and held.get("job") != job:
            raise _exists(text)
        return Target(final, final)
    path = Path(final.path(""))
    if path.is_dir() and not path.is_symlink():
        if not overwrite and any(path.iterdir()):
            raise _exists(text)
    else:
        check_file(path, overwrite=False)
    return Target(final, folder.at(f".landgis-{job}"))


def _exists(text: str) -> InputRefused:
    message = Message(N_("the output exists; add --overwrite to replace it, or name another"))
    return InputRefused([Problem("E-OUT-EXISTS", message, Place(text))])
