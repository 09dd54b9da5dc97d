"""What a stream finds out: that the plain reader has to do the job, or remarks that grow batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from landgis.errors import Place, Problem
from landgis.io.cells import Finding
from landgis.io.findings import ROWS_LISTED, listed
from landgis.text import Message

ORDER = ("W-NOT-KNOWN", "W-TEXT-CTRL", "W-USCC-CHECK")  # as the plain reader says them of one column


class Unusual(Exception):
    """A file, a type or a cell that the plain reader has to look at: it does the whole job, and names what is wrong."""


@dataclass
class _Tally:
    """One remark on a column: how often, the first rows (from 1), and what is said of the first."""

    finding: Finding
    count: int = 0
    rows: list[int] = field(default_factory=list)


@dataclass
class Remarks:
    """The remarks on one column of the file, in the plain reader's words."""

    place: Place
    _tallies: dict[str, _Tally] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding], first: int) -> None:
        """Count the findings of a batch that begins at position `first`; raises Unusual for anything but a tally."""
        for finding in findings:
            if finding.code not in ORDER:
                raise Unusual(f"{self.place.field}: {finding.code}")
            tally = self._tallies.setdefault(finding.code, _Tally(finding))
            tally.count += len(finding.positions)
            tally.rows += (finding.positions[: ROWS_LISTED - len(tally.rows)] + first + 1).tolist()

    def problems(self) -> Iterator[Problem]:
        """The remarks so far."""
        for code in ORDER:
            if (tally := self._tallies.get(code)) is not None:
                values = {"count": tally.count, "rows": listed(tally.rows, tally.count)} | dict(tally.finding.extra)
                yield Problem(code, Message(tally.finding.template, values), self.place)


@dataclass
class RowTally:
    """Rows (from 1) that are named one by one: the first few, and how many there are."""

    most: int
    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, positions: np.ndarray, first: int) -> None:
        """Count positions of a batch that begins at position `first`."""
        self.count += len(positions)
        self.first += (positions[: self.most - len(self.first)] + first + 1).tolist()
