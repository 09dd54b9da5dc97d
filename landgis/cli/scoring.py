"""The commands that score: files in, results out; and the rule sets by which they do."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from landgis.cli.frame import app, enter, rules_app, user_name
from landgis.cli.officers import PORT, serve_project
from landgis.cli.options import (
    Blocks,
    Buildings,
    By,
    Crs,
    Encoding,
    Enterprises,
    EnterprisesNeeded,
    Files,
    Json,
    Mapping,
    MeasureCrs,
    Occupancies,
    OutNeeded,
    Overwrite,
    Parcels,
    ReportFile,
    Rules,
    Strict,
    Year,
)
from landgis.cli.scores import check_targets, say_run, score_layers, write_run
from landgis.cli.words import language, say_document, translation
from landgis.errors import InputRefused
from landgis.text import N_

if TYPE_CHECKING:
    from landgis.workflow.inputs import Inputs


@app.command(
    help=N_("Score parcels, of files or of a PROJECT: floor area ratio, tenancy, output per mu, grade and reasons.")
)
def score(
    project: Annotated[
        str | None,
        typer.Argument(
            help=N_("a project, whose own layers are scored and scores kept"), metavar="[PROJECT]", show_default=False
        ),
    ] = None,
    parcels: Annotated[str | None, typer.Option(help=N_("parcels, FILE or FILE:LAYER"), show_default=False)] = None,
    buildings: Buildings = None,
    enterprises: Enterprises = None,
    occupancies: Occupancies = None,
    blocks: Blocks = None,
    rules: Rules = "yongkang-draft",
    year: Year = None,
    crs: Crs = None,
    measure_crs: MeasureCrs = None,
    encoding: Encoding = None,
    mapping: Mapping = None,
    out: Annotated[str | None, typer.Option(help=N_("where to write; the suffix picks the format"))] = None,
    report: ReportFile = None,
    strict: Strict = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
    cluster: Annotated[
        str | None,
        typer.Option(
            help=N_("score on a Dask cluster: local:N, tcp://HOST:PORT or a TOML file; --out is then a folder"),
            metavar="WHERE",
        ),
    ] = None,
    dictionary: Annotated[bool, typer.Option("--dictionary", help=N_("print the data dictionary and stop"))] = False,
    by: By = None,
) -> None:
    """Score parcels."""
    if dictionary:
        _print_dictionary()
        return
    from landgis.workflow.inputs import Inputs

    if project is not None:
        if parcels is not None:
            raise typer.BadParameter(translation()(N_("a project has its own layers: give PROJECT or --parcels")))
        if cluster is not None:
            raise typer.BadParameter(translation()(N_("a project is scored on one machine: leave out --cluster")))
        target = None if out is None else Path(out)
        _score_project(project, by, year, target, report, overwrite=overwrite, as_json=as_json)
        return
    if parcels is None or out is None:
        raise typer.BadParameter(translation()(N_("--parcels and --out are needed; see landgis score --help")))
    inputs = Inputs(parcels=parcels, buildings=buildings, enterprises=enterprises, occupancies=occupancies,
                    blocks=blocks, rules=rules, year=year, crs=crs, measure_crs=measure_crs, encoding=encoding,
                    mapping=mapping, strict=strict)  # fmt: skip
    if cluster is not None:
        _score_spread(inputs, cluster, out, report, overwrite=overwrite, as_json=as_json)
        return
    score_layers(inputs, Path(out), report, overwrite=overwrite, as_json=as_json)


@app.command(help=N_("Evaluate firms (output per mu): one row per enterprise and year."))
def firms(
    enterprises: EnterprisesNeeded,
    parcels: Parcels,
    out: OutNeeded,
    occupancies: Occupancies = None,
    rules: Rules = "yongkang-draft",
    year: Year = None,
    crs: Crs = None,
    measure_crs: MeasureCrs = None,
    encoding: Encoding = None,
    mapping: Mapping = None,
    report: ReportFile = None,
    strict: Strict = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Evaluate firms."""
    from landgis.io.write import TABLE_SUFFIXES, write_table
    from landgis.results import FIRM_COLUMNS
    from landgis.show.scoring import show_firms
    from landgis.workflow.firms import evaluate_files
    from landgis.workflow.inputs import Inputs

    inputs = Inputs(parcels=parcels, enterprises=enterprises, occupancies=occupancies, rules=rules, year=year, crs=crs,
                    measure_crs=measure_crs, encoding=encoding, mapping=mapping, strict=strict)  # fmt: skip
    check_targets(out, report, overwrite=overwrite, suffixes=TABLE_SUFFIXES)
    run = evaluate_files(inputs)
    run.report.log.problems += write_table(run.frame, out, columns=FIRM_COLUMNS, overwrite=overwrite)
    document, show = run.report.as_json(translation()), partial(show_firms, run, out, translation())
    say_document(document, report, show, overwrite=overwrite, as_json=as_json)


@app.command(help=N_("Say what landgis would make of files; writes nothing."))
def check(
    files: Files, crs: Crs = None, encoding: Encoding = None, mapping: Mapping = None, as_json: Json = False
) -> None:
    """Check files."""
    from landgis.show.scoring import show_checks
    from landgis.workflow.check import check_files

    findings = check_files(files, crs=crs, encoding=encoding, mapping=mapping)
    if as_json:
        print(json.dumps([finding.as_json(translation()) for finding in findings], ensure_ascii=False))
    else:
        show_checks(findings, translation())
    refused = [problem for finding in findings for problem in finding.refused]
    if refused:
        raise InputRefused([] if as_json else refused)


@app.command(help=N_("Score the sample zone that comes with landgis, make a project of it, and open the app on it."))
def demo(
    folder: Annotated[Path, typer.Argument(help=N_("where to put the results"), metavar="[DIR]")] = Path(
        "landgis-demo"
    ),
    no_app: Annotated[bool, typer.Option("--no-app", help=N_("do not open the app afterwards"))] = False,
    port: Annotated[int, typer.Option(help=N_("the port to listen on"), min=1, max=65535)] = PORT,
) -> None:
    """Score the sample."""
    from landgis.io.atomic import make_folder
    from landgis.show.register import show_receipt
    from landgis.workflow.rescore import score_project
    from landgis.workflow.sample import sample_inputs, sample_project

    make_folder(folder)
    score_layers(sample_inputs(), folder / "parcels.geojson", folder / "report.json", overwrite=True, as_json=False)
    zone = folder / "zone"
    if zone.exists():
        print(translation()(N_("{folder} is there already and stays as it is")).format(folder=zone))
    else:
        project, receipt = sample_project(str(zone), nobody=user_name(None))
        score_project(project)
        project.store.close()
        show_receipt(receipt, translation())
        print(translation()(N_("the project is in {folder}; ask it with: landgis status {folder}")).format(folder=zone))
    if not no_app:
        serve_project(str(zone), port=port)


@rules_app.command("list", help=N_("List the rule sets that come with landgis."))
def rules_list(as_json: Json = False) -> None:
    """List rule sets."""
    from landgis.rules import list_rules
    from landgis.show.scoring import show_rule_sets

    show_rule_sets(list_rules(), language(), as_json=as_json)


@rules_app.command("show", help=N_("Show every number of a rule set with its source and status."))
def rules_show(
    rules: Annotated[str, typer.Argument(help=N_("a rule set's name, or a rule file"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Show a rule set."""
    from landgis.rules import load_rules
    from landgis.show.scoring import show_rule_set

    show_rule_set(load_rules(rules), language(), translation(), as_json=as_json)


@rules_app.command("check", help=N_("Explain every mistake in a rule file of your own."))
def rules_check(
    file: Annotated[Path, typer.Argument(help=N_("a rule file (TOML)"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a rule file."""
    from landgis.rules import check_rules

    problems = check_rules(file)
    if as_json:
        print(json.dumps([problem.render(translation()) for problem in problems], ensure_ascii=False))
    if problems:
        raise InputRefused([] if as_json else problems)
    if not as_json:
        print(translation()(N_("{file}: no mistakes")).format(file=file))


def _score_spread(inputs: Inputs, where: str, out: str, report: Path | None, *, overwrite: bool, as_json: bool) -> None:
    """Score on a cluster."""
    from landgis.io.atomic import check_file
    from landgis.lean import spare_pandas
    from landgis.scale.settings import read_cluster

    if report is not None:
        check_file(report, overwrite=overwrite)
    cluster = read_cluster(where)
    spare_pandas()
    from landgis.show.console import steps
    from landgis.workflow.spread.score import score_on_cluster

    with steps(translation()) as say:
        run = score_on_cluster(inputs, cluster, out, overwrite=overwrite, say=say)
    say_run(run, out, report, overwrite=overwrite, as_json=as_json)


def _score_project(
    where: str,
    by: str | None,
    year: int | None,
    out: Path | None,
    report: Path | None,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    from landgis.io.write import LAYER_SUFFIXES
    from landgis.show.console import progress
    from landgis.workflow.rescore import score_project

    if out is not None:
        check_targets(out, report, overwrite=overwrite, suffixes=LAYER_SUFFIXES)
    with enter(where, by) as project, progress(translation()) as tell:
        run = score_project(project, year=year, tell=tell)
    if out is not None:
        write_run(run, out, overwrite=overwrite)
    say_run(run, str(out or where), report, overwrite=overwrite, as_json=as_json)


def _print_dictionary() -> None:
    from landgis.dictionary import dictionary_markdown

    print(dictionary_markdown(language()))
