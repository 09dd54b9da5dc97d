"""How firms, checks of files and rule sets are printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from landgis.show.console import open_console, plain_table
from landgis.text import N_, Translate

if TYPE_CHECKING:
    from landgis.rules.model import RuleSet
    from landgis.workflow.check import Finding
    from landgis.workflow.firms import FirmsRun


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
