"""The commands on whole projects: make, import, copy, back up, check, hand over, and who may use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from landgis.cli.frame import app, as_of_day, ask_password, enter, known_moment, user_name
from landgis.cli.options import (
    AsOf,
    Blocks,
    Buildings,
    By,
    Crs,
    Demolished,
    Encoding,
    Enterprises,
    Json,
    KnownOn,
    Mapping,
    MeasureCrs,
    Occupancies,
    OutNeeded,
    Overwrite,
    ParcelsOptional,
    ProfileName,
    ProjectPlace,
    Rules,
    Streets,
    Strict,
    ToCrs,
)
from landgis.cli.words import say_problems, say_set_aside, translation
from landgis.errors import InputRefused
from landgis.text import N_

if TYPE_CHECKING:
    from landgis.workflow.importing import Imported

Target = Annotated[
    str, typer.Argument(help=N_("the new project: a folder, or postgresql://…"), metavar="TARGET", show_default=False)
]


@app.command(help=N_("Make a project from files: a folder, or in a PostGIS database."))
def new(
    project: ProjectPlace,
    parcels: ParcelsOptional = None,
    buildings: Buildings = None,
    demolished: Demolished = None,
    enterprises: Enterprises = None,
    occupancies: Occupancies = None,
    blocks: Blocks = None,
    streets: Streets = None,
    rules: Rules = "yongkang-draft",
    crs: Crs = None,
    measure_crs: MeasureCrs = None,
    encoding: Encoding = None,
    mapping: Mapping = None,
    strict: Strict = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Make a project."""
    from landgis.workflow.importing import Layers, create_project

    layers = Layers(
        parcels, buildings, demolished, enterprises, occupancies, blocks, streets, crs, encoding, mapping, strict
    )
    opened, done = create_project(project, layers, rules=rules, measure_crs=measure_crs, by=by, nobody=user_name(None))
    opened.store.close()
    _say_import(done, project, as_json=as_json)


@app.command("import", help=N_("Take new files into a project: layers and tables in place of the old ones."))
def import_(
    project: ProjectPlace,
    parcels: ParcelsOptional = None,
    buildings: Buildings = None,
    demolished: Demolished = None,
    enterprises: Enterprises = None,
    occupancies: Occupancies = None,
    blocks: Blocks = None,
    streets: Streets = None,
    crs: Crs = None,
    encoding: Encoding = None,
    mapping: Mapping = None,
    strict: Strict = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Import files."""
    from landgis.workflow.importing import Layers, import_layers

    layers = Layers(
        parcels, buildings, demolished, enterprises, occupancies, blocks, streets, crs, encoding, mapping, strict
    )
    with enter(project, by) as opened:
        done = import_layers(opened, layers)
    _say_import(done, project, as_json=as_json)


def _say_import(done: Imported, project: str, *, as_json: bool) -> None:
    translate = translation()
    document = {
        "project": project,
        "rows": dict(done.rows),
        "set_aside": [
            {"file": one.file, "row": one.row.row, "id": one.row.id, "problem": one.row.problem.render(translate)}
            for one in done.log.set_aside
        ],
        "warnings": [problem.render(translate) for problem in done.log.problems],
        **done.changes,
    }
    say_set_aside(document)
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
        return
    rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
    print(translate(N_("{project}: {rows}; {aside} rows set aside, {warnings} remarks")).format(
        project=project, rows=rows, aside=len(document["set_aside"]), warnings=len(document["warnings"])))  # fmt: skip


@app.command(help=N_("Write the parcels with how far each one is on a day; .jsonl writes the ledger."))
def export(
    project: ProjectPlace,
    out: OutNeeded,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    profile: ProfileName = "web",
    to_crs: ToCrs = None,
    overwrite: Overwrite = False,
    by: By = None,
) -> None:
    """Export a project."""
    from landgis.io.ledger_file import LEDGER_SUFFIX, write_ledger
    from landgis.io.write import check_target, output_crs, write_layer
    from landgis.results import PHASE_COLUMNS
    from landgis.workflow.export import phases_layer

    ledger = out.suffix.lower() == LEDGER_SUFFIX
    if not ledger:
        check_target(out, overwrite)
        output_crs(profile, to_crs)
    with enter(project, by) as opened:
        if ledger:
            rows = write_ledger(opened.store.entries(), out, overwrite=overwrite)
        else:
            layer = phases_layer(opened, as_of=as_of_day(as_of), known_on=known_moment(known_on))
            rows = len(layer)
            title = opened.rules.title.zh
            remarks = write_layer(
                layer, out, columns=PHASE_COLUMNS, overwrite=overwrite, title=title, profile=profile, crs=to_crs
            )
            say_problems(remarks)
    print(translation()(N_("{count} rows written to {file}")).format(count=rows, file=out))


@app.command(
    help=N_("Check that no line of the ledger was changed, taken out or put in; PROJECT or an exported .jsonl.")
)
def verify(project: ProjectPlace, by: By = None, as_json: Json = False) -> None:
    """Check the ledger."""
    from landgis.io.ledger_file import LEDGER_SUFFIX
    from landgis.workflow.archive import check_ledger, check_ledger_file

    if project.lower().endswith(LEDGER_SUFFIX) and Path(project).is_file():
        checked = check_ledger_file(Path(project))
    else:
        with enter(project, by) as opened:
            checked = check_ledger(opened)
    if as_json:
        problems = [problem.render(translation()) for problem in checked.problems]
        head = {"lines": checked.head.seq, "hash": checked.head.hash, "engine": checked.engine}
        print(json.dumps({"project": checked.where, **head, "problems": problems}, ensure_ascii=False))
    if checked.problems:
        raise InputRefused([] if as_json else checked.problems)
    if not as_json:
        text = translation()(N_("the ledger is whole: {lines} lines, the last one's hash is {hash} ({engine})"))
        print(text.format(lines=checked.head.seq, hash=checked.head.hash, engine=checked.engine))


@app.command(help=N_("Copy a project to another place, folder or database, with its whole history."))
def copy(project: ProjectPlace, target: Target, by: By = None) -> None:
    """Copy a project."""
    from landgis.workflow.archive import copy_project

    with enter(project, by) as opened:
        head = copy_project(opened, target)
    _say_head(
        N_("{file}: copied, {lines} lines of the ledger, the last one's hash is {hash}"), target, head.seq, head.hash
    )


@app.command(help=N_("Put a whole project into one .zip file."))
def backup(project: ProjectPlace, out: OutNeeded, overwrite: Overwrite = False, by: By = None) -> None:
    """Back a project up."""
    from landgis.io.atomic import check_file
    from landgis.workflow.archive import back_up

    check_file(out, overwrite=overwrite)
    with enter(project, by) as opened:
        head = back_up(opened, out, overwrite=overwrite)
    _say_head(
        N_("{file}: backed up, {lines} lines of the ledger, the last one's hash is {hash}"),
        str(out),
        head.seq,
        head.hash,
    )


@app.command(help=N_("Make a project from a backup."))
def restore(
    backup_file: Annotated[Path, typer.Argument(help=N_("the .zip file"), metavar="BACKUP", show_default=False)],
    target: Target,
) -> None:
    """Restore a project."""
    from landgis.workflow.archive import restore_project

    head = restore_project(backup_file, target).head
    _say_head(
        N_("{file}: restored, {lines} lines of the ledger, the last one's hash is {hash}"), target, head.seq, head.hash
    )


def _say_head(template: str, file: str, lines: int, digest: str) -> None:
    print(translation()(template).format(file=file, lines=lines, hash=digest))


@app.command(help=N_("List the users of a project, or add one: viewer, officer, approver, administrator."))
def users(
    project: ProjectPlace,
    add: Annotated[str | None, typer.Option(help=N_("name of a user to add or change"), metavar="NAME")] = None,
    role: Annotated[str, typer.Option(help=N_("viewer, officer, approver or administrator"))] = "officer",
    by: By = None,
) -> None:
    """Users of a project."""
    from landgis.workflow.users import add_user

    with enter(project, by) as opened:
        if add is not None:
            add_user(opened, add, role, ask_password(N_("password of the new user"), confirm=True) or "")
        for user in opened.store.users():
            print(f"{user.name}  {user.role}")
