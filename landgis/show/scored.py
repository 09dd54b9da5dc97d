"""How a scoring run is printed; numbers are shortened here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from landgis.show.console import number
from landgis.show.plain import Grid, say
from landgis.text import N_, Translate
from landgis.workflow.summary import Summary

if TYPE_CHECKING:
    from landgis.workflow.score import ScoreRun
    from landgis.workflow.streaming.score import StreamRun

MOST_BLOCKS = 50  # that are printed
Names = dict[str, dict[str, str]]  # block → language → name


def show_run(run: ScoreRun | StreamRun, out: str, language: str, translate: Translate) -> None:
    """The summary of a scoring run."""
    summary, facts, log = run.summary, run.report.facts, run.report.log
    say(_head(run, language, translate))
    say(_blocks(summary, facts["block_names"], language[:2], translate))
    say(_first(summary, language, translate))
    say(_conservation(run.report.conservation, translate))
    done = translate(N_("written to {file} in {seconds} s; {warnings} remarks, {aside} rows set aside"))
    counts = {"warnings": len(log.problems), "aside": len(log.set_aside)}
    say([done.format(file=out, seconds=number(run.report.seconds, 1), **counts)])


def _head(run: ScoreRun | StreamRun, language: str, translate: Translate) -> Iterator[str]:
    summary, facts = run.summary, run.report.facts
    head = translate(N_("{parcels} parcels, {mu} mu, by rule set {rules}, measured in {crs}"))
    counts = {"parcels": summary.parcels, "mu": number(summary.area_mu)}
    yield head.format(**counts, rules=run.rules.id, crs=facts["measured_in"])
    if run.rules.status != "verified":
        yield run.rules.note.zh if language.startswith("zh") else run.rules.note.en
    for title, found in ((N_("grades"), facts["grades"]), (N_("low efficiency"), facts["low_efficiency"])):
        words = "  ".join(f"{translate(word)} {many}" for word, many in found.items())
        yield f"{translate(title)}: {words}"


def _blocks(summary: Summary, names: Names, language: str, translate: Translate) -> Iterator[str | Grid]:
    heads = (
        N_("block"), N_("parcels"), N_("mu"), N_("floor area ratio"), N_("output per mu, 10 000 CNY"), N_("low"),
    )  # fmt: skip
    blocks, rows = summary.blocks, []
    if len(blocks) > MOST_BLOCKS:
        blocks = tuple(sorted(blocks, key=lambda row: -row.low)[:MOST_BLOCKS])
    for row in blocks:
        name = names.get(row.block_id, {}).get(language) or row.block_id
        numbers = number(row.area_mu), number(row.floor_area_ratio), number(row.output_per_mu, 1)
        rows.append((name, str(row.parcels), *numbers, str(row.low)))
    yield ""
    yield Grid(translate(N_("blocks")), tuple(map(translate, heads)), tuple(rows))
    if more := len(summary.blocks) - len(blocks):
        yield translate(N_("{count} more blocks, none of which has more low-efficiency parcels")).format(count=more)


def _first(summary: Summary, language: str, translate: Translate) -> Iterator[str]:
    yield ""
    yield translate(N_("renovate first"))
    for row in summary.first:
        reasons = row.reasons_zh if language.startswith("zh") else row.reasons_en
        between = f"{number(row.score, 1)} [{number(row.score_low, 1)}, {number(row.score_high, 1)}]"
        yield f"  {row.parcel_id}  {row.block_id}  {between}  {reasons}"


def _conservation(conservation: dict[str, dict[str, float]], translate: Translate) -> Iterator[str | Grid]:
    heads = tuple(map(translate, (N_("figure"), N_("in"), N_("placed"), N_("set aside"))))
    rows = [
        (name, *(number(sums[key]) for key in ("in", "placed", "set_aside"))) for name, sums in conservation.items()
    ]
    yield ""
    yield Grid(translate(N_("nothing is lost")), heads, tuple(rows))
