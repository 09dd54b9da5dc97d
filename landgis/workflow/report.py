"""The report of a run: what came in, what went out, what was set aside, and that nothing was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyproj import CRS

from landgis.errors import InputRefused
from landgis.io.raw import Source
from landgis.text import Translate
from landgis.workflow.log import Log

TOLERANCE = 1e-9


@dataclass
class Report:
    """What `--report` writes and the summary prints; texts are still untranslated."""

    rules_id: str
    parcels_in: int
    parcels_out: int
    conservation: dict[str, dict[str, float]]
    log: Log
    seconds: float
    facts: dict[str, Any] = field(default_factory=dict)  # year, measured_in, grades, sources…

    def as_json(self, translate: Translate) -> dict[str, Any]:
        """The document of contract §3."""
        return {
            "rules_id": self.rules_id,
            "parcels_in": self.parcels_in,
            "parcels_out": self.parcels_out,
            "set_aside": [
                {
                    "file": one.file,
                    "row": one.row.row,
                    "id": one.row.id,
                    "problem": one.row.problem.render(translate),
                }
                for one in self.log.set_aside
            ],
            "conservation": self.conservation,
            "warnings": [problem.render(translate) for problem in self.log.problems],
            "seconds": round(self.seconds, 3),
            **self.facts,
        }


def count_rows(sources: Mapping[str, Source], log: Log) -> dict[str, dict[str, float]]:
    """Rows in, used and set aside of each table."""
    aside = Counter(one.table for one in log.set_aside)
    return {
        f"rows_{name}": {
            "in": float(source.rows),
            "placed": float(source.rows - aside[name]),
            "set_aside": float(aside[name]),
        }
        for name, source in sources.items()
    }


def require_conserved(conservation: Mapping[str, Mapping[str, float]]) -> None:
    """Σ placed + Σ set aside = Σ in, for every figure; anything else is a fault of landgis, so it stops the run."""
    for name, sums in conservation.items():
        lost = sums["in"] - sums["placed"] - sums["set_aside"]
        if abs(lost) > TOLERANCE * max(1.0, abs(sums["in"])):
            raise AssertionError(f"{name}: {lost} of {sums['in']} was lost; please report this")


def refuse_set_aside(log: Log, *, strict: bool) -> None:
    """With --strict a run that set a row aside is refused."""
    if strict and log.set_aside:
        raise InputRefused([one.row.problem for one in log.set_aside])


def file_facts(source: Source) -> dict[str, Any]:
    """How a file was read."""
    return {"file": source.file, "layer": source.layer, "encoding": source.encoding, "crs": source.crs,
            "columns": dict(source.columns)}  # fmt: skip


def crs_name(crs: CRS) -> str:
    """The CRS by its authority's code, else in full."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.to_wkt())
