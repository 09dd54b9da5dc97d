"""What choosing sites takes for granted: widths and shares from a file, each with source and status."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from landgis.errors import RulesError
from landgis.rules.lines import lines_by_key
from landgis.rules.model import Figure
from landgis.rules.reading import Node, Reading

FILE = Path(__file__).parent / "site_files" / "landgis.toml"


@dataclass(frozen=True)
class SiteTerms:
    """Which parcels are neighbours, how much land a site may have beyond its target, and in which mode it is paid."""

    snap_m: float
    least_edge_m: float
    road_width_m: float
    most_share: float
    mode: str
    figures: tuple[Figure, ...]


@cache
def site_terms(path: Path = FILE) -> SiteTerms:
    """The terms of a file; RulesError with every mistake if it has any."""
    text = path.read_text(encoding="utf-8-sig")
    reading = Reading(str(path), lines_by_key(text))
    head = Node(reading, tomllib.loads(text))
    beside, site = head.child("neighbours"), head.child("site")
    terms = SiteTerms(
        snap_m=beside.number("snap_m", least=0, most=5),
        least_edge_m=beside.number("least_edge_m", least=0),
        road_width_m=beside.number("road_width_m", least=0),
        most_share=site.number("most_share", least=1),
        mode=site.text("mode"),
        figures=tuple(reading.figures),
    )
    for node in (beside, site, head):
        node.done()
    if reading.problems:
        raise RulesError(reading.problems)
    return terms
