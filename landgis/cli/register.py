"""The commands on the register: record, correct, ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from landgis.cli.frame import app, as_of_day, enter, known_moment, today_text
from landgis.cli.options import (
    AsOf,
    BaselineName,
    BlockKey,
    By,
    Crs,
    Encoding,
    Json,
    KnownOn,
    Mapping,
    Note,
    ParcelKey,
    ProjectPlace,
    ReportFile,
    Why,
)
from landgis.cli.words import language, say_problems, translation
from landgis.errors import LandgisError, Problem, UsageError
from landgis.text import N_, Message

Line = Annotated[
    int,
    typer.Argument(help=N_("a line of the ledger, as landgis history shows it"), metavar="LINE", show_default=False),
]
Day = Annotated[
    str,
    typer.Option(
        "--on",
        help=N_("the day: 2026-03-01, 2026年3月1日; 2026-03 if only the month is known"),
        metavar="DATE",
        show_default=False,
    ),
]


@app.command(help=N_("Record that a parcel reached a milestone, or is planned to."))
def record(
    project: ProjectPlace,
    parcel: Annotated[
        str,
        typer.Argument(
            help=N_("a parcel; a block, where the milestone is recorded for blocks"),
            metavar="PARCEL",
            show_default=False,
        ),
    ],
    milestone: Annotated[str, typer.Argument(help=N_("as SIGNED or 签约"), metavar="MILESTONE", show_default=False)],
    on: Day,
    building: Annotated[str | None, typer.Option(help=N_("one building of the parcel"))] = None,
    kind: Annotated[str, typer.Option(help=N_("planned, forecast or actual"))] = "actual",
    evidence: Annotated[str | None, typer.Option(help=N_("a file that proves it"), metavar="FILE")] = None,
    note: Note = None,
    version: Annotated[
        int | None, typer.Option(help=N_("version of the parcel that you saw; refused if it has moved on"))
    ] = None,
    uuid: Annotated[str, typer.Option(help=N_("number of the event, so that sending it twice records it once"))] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Record an event."""
    from landgis.workflow.recording import Entered, record

    entered = Entered(parcel, milestone, on, building, kind, evidence, note, uuid)
    with enter(project, by) as opened:
        lines = record(opened, entered, version=version)
    _say_lines(lines, as_json=as_json)


@app.command(help=N_("Correct a line of the ledger, or say that it did not happen; the old line stays readable."))
def correct(
    project: ProjectPlace,
    line: Line,
    why: Why,
    old: Annotated[str, typer.Option(help=N_("what the line says now"), show_default=False)],
    field: Annotated[
        str, typer.Option(help=N_("what is wrong: occurred_on, milestone, kind, building_id, evidence or note"))
    ] = "occurred_on",
    new: Annotated[str | None, typer.Option(help=N_("what it should say"))] = None,
    cancel: Annotated[
        bool, typer.Option("--cancel", help=N_("it did not happen; --old is the day that the line says"))
    ] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Correct an event."""
    from landgis.workflow import recording

    if (new is None) != cancel:
        raise UsageError([Problem("E-USAGE", Message(N_("give either --new, or --cancel")))])
    with enter(project, by) as opened:
        if cancel:
            entry = recording.cancel(opened, line, old=old, why=why)
        else:
            entry = recording.correct(opened, recording.Change(line, field, old, new or "", why))
    _say_lines([entry], as_json=as_json)


@app.command(help=N_("Confirm what somebody else recorded."))
def approve(project: ProjectPlace, line: Line, by: By = None, as_json: Json = False) -> None:
    """Approve an event."""
    from landgis.workflow.recording import approve

    with enter(project, by) as opened:
        entry = approve(opened, line)
    _say_lines([entry], as_json=as_json)


def _say_lines(lines: list, *, as_json: bool) -> None:
    from landgis.show.lines import line_document, line_text

    if as_json:
        print(json.dumps([line_document(line) for line in lines], ensure_ascii=False))
        return
    for line in lines:
        print(line_text(line, translation()))


@app.command(help=N_("Take the events of a file into the register: a row an event, or a row a parcel."))
def events(
    project: ProjectPlace,
    file: Annotated[
        str, typer.Option("--import", help=N_("the file, FILE or FILE:SHEET"), metavar="FILE", show_default=False)
    ],
    mapping: Mapping = None,
    encoding: Encoding = None,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help=N_("take the rows that can be taken, and list the others"))
    ] = False,
    report: ReportFile = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Import events."""
    from landgis.cli.words import write_report
    from landgis.show.register import show_receipt
    from landgis.workflow.events import import_events

    with enter(project, by) as opened:
        try:
            receipt = import_events(opened, file, mapping=mapping, encoding=encoding, set_aside=set_aside)
        except LandgisError as refusal:
            if as_json and (found := getattr(refusal, "receipt", None)) is not None:
                print(json.dumps(found.as_json(translation()), ensure_ascii=False))
            raise
    document = receipt.as_json(translation())
    write_report(document, report, overwrite=True)
    say_problems(receipt.refused)
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        show_receipt(receipt, translation())


@app.command(help=N_("Say all that is recorded of a parcel, line by line."))
def history(project: ProjectPlace, parcel: ParcelKey, by: By = None, as_json: Json = False) -> None:
    """The history of a parcel."""
    from landgis.show.lines import line_document, show_history
    from landgis.workflow.asking import parcel_lines

    with enter(project, by) as opened:
        lines = parcel_lines(opened, parcel)
    if as_json:
        print(json.dumps([line_document(line) for line in lines], ensure_ascii=False))
    else:
        show_history(parcel, lines, translation())


@app.command(help=N_("Say how many parcels, mu, m² and firms have reached which milestone, by block, on a day."))
def status(
    project: ProjectPlace,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    baseline: BaselineName = None,
    measure: Annotated[str, typer.Option("--measure", help=N_("parcels, mu, floor_area_m2 or occupants"))] = "mu",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Status on a day."""
    from landgis.show.register import show_status
    from landgis.workflow.register import Register

    with enter(project, by) as opened:
        found = Register(opened).status(
            as_of=as_of_day(as_of),
            known_on=known_moment(known_on),
            known_text=known_on or today_text(),
            baseline=baseline,
        )
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        show_status(found, measure, language(), translation())


@app.command(help=N_("Plan against actual: S-curve, earned schedule with a forecast, days per step, pace per week."))
def progress(
    project: ProjectPlace,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    block: BlockKey = None,
    mode: Annotated[str | None, typer.Option(help=N_("only parcels of this mode of renovation"))] = None,
    milestone: Annotated[str, typer.Option(help=N_("the milestone that is followed, or renovated"))] = "renovated",
    measure: Annotated[str, typer.Option("--measure", help=N_("parcels, mu, floor_area_m2 or occupants"))] = "mu",
    baseline: BaselineName = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Progress."""
    from landgis.show.register import show_progress
    from landgis.workflow.progress import Question, progress
    from landgis.workflow.register import Register

    asked = Question(as_of_day(as_of), known_moment(known_on), milestone, measure, block, mode, baseline)
    with enter(project, by) as opened:
        found = progress(Register(opened), asked)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        show_progress(found, translation())


@app.command(help=N_("Compare published figures with the register; --import takes some in."))
def claims(
    project: ProjectPlace,
    file: Annotated[
        str | None, typer.Option("--import", help=N_("a table of published figures"), metavar="FILE")
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Published figures."""
    from landgis.show.register import claim_document, show_claims
    from landgis.workflow.claims import compare_claims, import_claims

    with enter(project, by) as opened:
        if file is not None:
            import_claims(opened, file)
        found = compare_claims(opened)
    if as_json:
        print(json.dumps([claim_document(one, translation()) for one in found], ensure_ascii=False))
    else:
        show_claims(found, translation())


@app.command(help=N_("Freeze the plan as it is now, to measure progress by."))
def baseline(
    project: ProjectPlace,
    name: Annotated[str, typer.Argument(help=N_("what to call it"), metavar="NAME", show_default=False)],
    by: By = None,
) -> None:
    """Freeze a baseline."""
    from landgis.workflow.asking import freeze_baseline

    with enter(project, by) as opened:
        line = freeze_baseline(opened, name)
    print(translation()(N_("{name}: the plan as of line {line} is frozen")).format(name=name, line=line.seq))


@app.command(help=N_("Say that parcels became others: split, merged or renumbered."))
def lineage(
    project: ProjectPlace,
    old: Annotated[list[str], typer.Argument(help=N_("the old parcels"), metavar="OLD…", show_default=False)],
    into: Annotated[
        list[str],
        typer.Option("--into", help=N_("a new parcel; give it once for each"), metavar="NEW", show_default=False),
    ],
    on: Day,
    parcels: Annotated[str | None, typer.Option(help=N_("a layer with the outlines of the new parcels"))] = None,
    crs: Crs = None,
    note: Note = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Parcel lineage."""
    from landgis.workflow.lineage import Succession, replace_parcels

    with enter(project, by) as opened:
        lines = replace_parcels(opened, Succession(old, into, on, parcels, crs, note))
    _say_lines(lines, as_json=as_json)


@app.command(help=N_("Write a piece of evidence to a file."))
def evidence(
    project: ProjectPlace,
    line: Line,
    out: Annotated[Path, typer.Option(help=N_("where to write it"), show_default=False)],
    by: By = None,
) -> None:
    """Get evidence out."""
    from landgis.workflow.asking import write_evidence

    with enter(project, by) as opened:
        name = write_evidence(opened, line, out)
    print(translation()(N_("{name} written to {file}")).format(name=name, file=out))
