"""A record as Markdown: the table of each size, growth, bars, what each engine was given, who was missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from benchmarks.score.agree import TOLERANCE
from benchmarks.score.bars import reached
from benchmarks.score.field import OURS, TWELVE
from benchmarks.score.figures import exponent, middle, ratio, values
from benchmarks.score.record import Measured, Record


def markdown(record: Record) -> str:
    """The whole report."""
    lines = [*_about(record)]
    for rows in sorted(record.sizes):
        lines += [
            "",
            f"### {rows:,} parcels",
            "",
            *_size(record, rows),
            "",
            "Medians of phases, s:",
            "",
            *_phases(record, rows),
        ]
    lines += ["", "### Growth", "", *_growth(record)]
    bars = list(reached(record))
    if bars:
        lines += ["", "### Bars", "", *_bars(bars)]
    lines += ["", "### What each was given", "", *table(["engine", "given"], list(record.given.items()))]
    if record.missing:
        lines += ["", "### Not measured", "", *table(["engine", "why"], list(record.missing.items()))]
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)]


def _about(record: Record) -> Iterator[str]:
    machine = record.machine
    yield (
        f"{machine['made_on']}: {machine['processor']}, {machine['cores']} cores, {machine['memory']}, Python"
        f" {machine['python']}, nice {machine['nice']}; {record.rounds} rounds, engines in turn, after a warm-up each."
    )
    yield ""
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in record.versions.items()) + "."
    for rows, shares in sorted(record.data.items()):
        words = ", ".join(
            f"{name.replace('_', ' ')} {share:.4g}" for name, share in shares.items() if name != "parcels"
        )
        yield ""
        yield f"Data of {rows:,} parcels: {words}."


def _size(record: Record, rows: int) -> list[str]:
    head = ["engine", "wall s, median (min–max)", "processor s", "peak MB", "landgis ÷ it, wall",
            "landgis ÷ it, processor", "twelve ÷ it, wall", "largest difference", "grades that differ"]  # fmt: skip
    engines = record.sizes[rows]
    order = sorted(engines, key=lambda name: (engines[name].failed is not None, middle(engines[name].runs, "wall_s")))
    return table(head, [_line(record, rows, name, engines[name]) for name in order])


def _phases(record: Record, rows: int) -> Iterator[str]:
    """What each engine says of its own process, from its first import on; the command landgis says nothing."""
    for name, measured in record.sizes[rows].items():
        names = measured.runs[0].phases if measured.runs else {}
        medians = {phase: median(run.phases[phase] for run in measured.runs) for phase in names}
        if medians:
            yield f"- {name}: " + "; ".join(f"{phase} {seconds:.2f}" for phase, seconds in medians.items())


def _line(record: Record, rows: int, name: str, measured: Measured) -> list[str]:
    if measured.failed is not None:
        return [name, f"failed: {measured.failed}", *[""] * 7]
    wall = values(measured.runs, "wall_s")
    return [
        name, f"{middle(measured.runs, 'wall_s'):.2f} ({min(wall):.2f}–{max(wall):.2f})",
        f"{middle(measured.runs, 'processor_s'):.2f}", f"{middle(measured.runs, 'peak_mb'):,.0f}",
        number(ratio(record, rows, OURS, name)), number(ratio(record, rows, OURS, name, "processor_s")),
        number(ratio(record, rows, TWELVE, name)), *_agreement(record, name, measured),
    ]  # fmt: skip


def _agreement(record: Record, name: str, measured: Measured) -> list[str]:
    if name == record.reference:
        return ["reference", ""]
    if measured.relative is None:
        return ["not compared", ""]
    apart = f"{measured.relative:.0e}"
    return [apart if measured.relative <= TOLERANCE else f"**{apart} ({measured.column})**", str(measured.grades)]


def _growth(record: Record) -> list[str]:
    sizes = sorted(record.sizes)
    head = ["engine", "start-up s", *(f"{a:,} → {b:,}: wall (start-up aside), processor" for a, b in _pairs(sizes))]
    lines = []
    for name in record.given:
        steps = [
            f"{number(exponent(record, name, a, b))} ({number(exponent(record, name, a, b, start=True))}),"
            f" {number(exponent(record, name, a, b, what='processor_s'))}"
            for a, b in _pairs(sizes)
        ]
        lines.append([name, number(middle(record.start.get(name, []), "wall_s")), *steps])
    return table(head, lines)


def _pairs(sizes: list[int]) -> list[tuple[int, int]]:
    return list(pairwise(sizes))


def _bars(bars: list) -> list[str]:
    lines = [
        [f"{bar.rows:,}", bar.words, number(bar.most), number(found), "yes" if found <= bar.most else "no"]
        if not math.isnan(found)
        else [f"{bar.rows:,}", bar.words, number(bar.most), "not measured", ""]
        for bar, found in bars
    ]
    return table(["parcels", "what", "at most", "found", "holds"], lines)


def number(value: float) -> str:
    """Two decimals, none from 100 up; empty where unknown."""
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
