"""How the commands that score print what came out; numbers are shortened here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from landgis.show.console import number, open_console, plain_table
from landgis.text import N_, Translate
from landgis.workflow.summary import Summary

if TYPE_CHECKING:
    from landgis.rules.model import RuleSet
    from landgis.workflow.check import Finding
    from landgis.workflow.firms import FirmsRun
    from landgis.workflow.score import ScoreRun
    from landgis.workflow.streaming.score import StreamRun

MOST_BLOCKS = 50  # that are printed
Names = dict[str, dict[str, str]]  # block → language → name


def show_run(run: ScoreRun | StreamRun, out: str, language: str, translate: Translate) -> None:
    """The summary of a scoring run."""
    console, summary, facts = open_console(), run.summary, run.report.facts
    head = translate(N_("{parcels} parcels, {mu} mu, by rule set {rules}, measured in {crs}"))
    console.print(Text(head.format(parcels=summary.parcels, mu=number(summary.area_mu), rules=run.rules.id,
                                   crs=run.report.facts["measured_in"])))  # fmt: skip
    if run.rules.status != "verified":
        console.print(Text(run.rules.note.zh if language.startswith("zh") else run.rules.note.en))
    for title, counts in ((N_("grades"), facts["grades"]), (N_("low efficiency"), facts["low_efficiency"])):
        words = "  ".join(f"{translate(word)} {many}" for word, many in counts.items())
        console.print(Text(f"{translate(title)}: {words}"))
    _show_blocks(console, summary, run.report.facts["block_names"], language[:2], translate)
    _show_first(console, summary, language, translate)
    _show_conservation(console, run.report.conservation, translate)
    done = translate(N_("written to {file} in {seconds} s; {warnings} remarks, {aside} rows set aside"))
    log = run.report.log
    counts = {"warnings": len(log.problems), "aside": len(log.set_aside)}
    console.print(Text(done.format(file=out, seconds=number(run.report.seconds, 1), **counts)))


def _show_blocks(console: Console, summary: Summary, names: Names, language: str, translate: Translate) -> None:
    table = plain_table(
        translate(N_("blocks")), translate(N_("block")), translate(N_("parcels")), translate(N_("mu")),
        translate(N_("floor area ratio")), translate(N_("output per mu, 10 000 CNY")), translate(N_("low")),
    )  # fmt: skip
    blocks = summary.blocks
    if len(blocks) > MOST_BLOCKS:
        blocks = tuple(sorted(blocks, key=lambda row: -row.low)[:MOST_BLOCKS])
    for row in blocks:
        name = names.get(row.block_id, {}).get(language) or row.block_id
        numbers = number(row.area_mu), number(row.floor_area_ratio), number(row.output_per_mu, 1)
        table.add_row(Text(name), str(row.parcels), *numbers, str(row.low))
    console.print()
    console.print(table)
    if more := len(summary.blocks) - len(blocks):
        words = translate(N_("{count} more blocks, none of which has more low-efficiency parcels"))
        console.print(Text(words.format(count=more)))


def _show_first(console: Console, summary: Summary, language: str, translate: Translate) -> None:
    console.print()
    console.print(Text(translate(N_("renovate first"))))
    for row in summary.first:
        reasons = row.reasons_zh if language.startswith("zh") else row.reasons_en
        between = f"{number(row.score, 1)} [{number(row.score_low, 1)}, {number(row.score_high, 1)}]"
        console.print(Text(f"  {row.parcel_id}  {row.block_id}  {between}  {reasons}"))


def _show_conservation(console: Console, conservation: dict[str, dict[str, float]], translate: Translate) -> None:
    table = plain_table(
        translate(N_("nothing is lost")), translate(N_("figure")), translate(N_("in")), translate(N_("placed")),
        translate(N_("set aside")),
    )  # fmt: skip
    for name, sums in conservation.items():
        table.add_row(Text(name), *(number(sums[key]) for key in ("in", "placed", "set_aside")))
    console.print()
    console.print(table)


def show_firms(run: FirmsRun, out: Path, translate: Translate) -> None:
    """The summary of an evaluation of firms."""
    console = open_console()
    head = translate(N_("{firms} firms by rule set {rules}, written to {file}"))
    console.print(Text(head.format(firms=len(run.frame), rules=run.rules.id, file=out)))
    grades = run.frame.groupby(["population", "grade"]).size().unstack(fill_value=0)
    table = plain_table(translate(N_("grades")), translate(N_("population")), *grades.columns)
    for population, counts in grades.iterrows():
        table.add_row(str(population), *(str(count) for count in counts))
    console.print(table)


def show_checks(findings: Sequence[Finding], translate: Translate) -> None:
    """What each file is, what was found in it, and what is wrong."""
    console = open_console()
    for finding in findings:
        console.print(Text(finding.headline(translate)))
        for line in finding.details(translate):
            console.print(Text("  " + line))


def show_rule_sets(rule_sets: Sequence[RuleSet], language: str, *, as_json: bool) -> None:
    """One line per rule set."""
    rows = [
        {"id": one.id, "title": one.title.zh if language.startswith("zh") else one.title.en, "place": one.place,
         "year": one.year, "status": one.status}
        for one in rule_sets
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print("{id}  {year}  {status}  {title}".format(**row))


def show_rule_set(rules: RuleSet, language: str, translate: Translate, *, as_json: bool) -> None:
    """Every number of a rule set with where it comes from."""
    if as_json:
        print(json.dumps({"id": rules.id, "status": rules.status,
                          "figures": [vars(figure) for figure in rules.figures]}, ensure_ascii=False))  # fmt: skip
        return
    console = open_console()
    chinese = language.startswith("zh")
    console.print(Text(f"{rules.id}  {rules.title.zh if chinese else rules.title.en}  {rules.place} {rules.year}"))
    console.print(Text(f"{rules.document}"))
    console.print(Text(rules.note.zh if chinese else rules.note.en))
    table = plain_table(
        "", translate(N_("figure")), translate(N_("value")), translate(N_("status")), translate(N_("source"))
    )
    for figure in rules.figures:
        table.add_row(Text(figure.path), Text(str(figure.value)), translate(figure.status), Text(figure.source))
    console.print(table)
