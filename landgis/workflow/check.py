"""Say what landgis would make of files; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from landgis.errors import InputRefused, Place, Problem
from landgis.io.mapping import read_mapping
from landgis.io.raw import Raw, Read
from landgis.io.read import read_any
from landgis.tables import Table
from landgis.text import N_, Message, Translate
from landgis.workflow.log import Log
from landgis.workflow.prepare import outlines, report_overlaps, without_area
from landgis.workflow.score import measuring_crs


@dataclass
class Finding:
    """One file: what it is, how complete each column is, remarks, and why it would be refused."""

    file: str
    table: str | None = None
    read: Any = None
    completeness: dict[str, float] = field(default_factory=dict)  # column → share of rows with a value
    remarks: list[Problem] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)

    def as_json(self, translate: Translate) -> dict[str, Any]:
        """For `landgis check --json`."""
        source = self.read.source if self.read else None
        return {
            "file": self.file,
            "table": self.table,
            "accepted": not self.refused,
            "rows": source.rows if source else 0,
            "layer": source.layer if source else None,
            "driver": source.driver if source else None,
            "encoding": source.encoding if source else None,
            "crs": source.crs if source else None,
            "columns": dict(source.columns) if source else {},
            "completeness": {name: round(share, 4) for name, share in self.completeness.items()},
            "warnings": [problem.render(translate) for problem in self.remarks],
            "errors": [problem.render(translate) for problem in self.refused],
        }

    def headline(self, translate: Translate) -> str:
        """One line: what the file is."""
        if self.read is None:
            return translate(N_("{file}: refused")).format(file=self.file)
        source = self.read.source
        known = translate(self.table) if self.table else translate(N_("no table that landgis knows"))
        parts = [known, source.driver, source.layer, source.encoding, source.crs]
        text = translate(N_("{file}: {rows} rows, {facts}"))
        return text.format(
            file=self.file, rows=source.rows, facts=", ".join(" ".join(part.split()) for part in parts if part)
        )

    def details(self, translate: Translate) -> list[str]:
        """Columns with how complete they are, then the remarks."""
        names = {} if self.read is None else {own: ours for ours, own in self.read.source.columns.items()}
        lines = [
            f"{name}{' ← ' + _from(names, name) if _from(names, name) else ''}  {share:.0%}"
            for name, share in self.completeness.items()
        ]
        return lines + [problem.render(translate) for problem in self.remarks]


def _from(names: dict[str, str], canonical: str) -> str:
    """What the canonical column is called in the file, where that differs."""
    own = next((own for own, ours in names.items() if ours == canonical), canonical)
    return "" if own == canonical else own


def check_files(
    files: Sequence[str], *, crs: str | None = None, encoding: str | None = None, mapping: str | None = None
) -> list[Finding]:
    """Look at each file as `landgis score` would; a file that would be refused says why in `refused`."""
    mappings = read_mapping(mapping) if mapping else {}
    return [_check(file, crs, encoding, mappings) for file in files]


def _check(file: str, crs: str | None, encoding: str | None, mappings: Any) -> Finding:
    try:
        table, read = read_any(file, mapping=mappings, crs=crs, encoding=encoding)
    except InputRefused as refusal:
        return Finding(file, refused=refusal.problems)
    finding = Finding(file, table.name if table else None, read, remarks=list(read.problems))
    finding.remarks += [row.problem for row in getattr(read, "set_aside", [])]
    shares = read.frame.notna().mean() if len(read.frame) else read.frame.notna().sum()
    finding.completeness = {str(name): float(share) for name, share in shares.items() if name != "geometry"}
    if "geometry" in read.frame and len(read.frame) and (table is None or table.shape == "polygon"):
        _check_geometry(finding, table, read)
    return finding


def _check_geometry(finding: Finding, table: Table | None, read: Read | Raw) -> None:
    """Mend and overlap as scoring would; a layer without one measurable polygon, but with faulty ones, is refused."""
    log = Log()
    key = next((c.name for c in table.columns if c.kind == "key"), None) if table else None
    frame = read.frame.reset_index(drop=True)
    if key is None or key not in frame:
        key = "parcel_id"
        frame = frame.assign(parcel_id=pd.Series(read.rows).astype("str"))
    one = Read(frame, read.rows, read.source)
    found = outlines(one, key, measuring_crs(one, None), log)
    if key == "parcel_id":
        report_overlaps(one, found, log)
    finding.remarks += log.problems
    if without_area(read, found):
        words = N_("no row has an outline with an area; draw them again")
        finding.refused.append(Problem("E-GEOM-AREA0", Message(words), Place(read.source.file, read.source.layer, 1)))
