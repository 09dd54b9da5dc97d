"""The commands: options in, one workflow function called, what came out said. Heavy imports wait until needed."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landgis.errors import InputRefused, LandgisError, RegisterRefused, UsageError
from landgis.text import N_, Translate, pick_language, translator

if TYPE_CHECKING:
    from landgis.workflow.score import Inputs

EXIT_DONE, EXIT_FAULT, EXIT_USAGE, EXIT_REFUSED, EXIT_REGISTER = 0, 1, 2, 3, 4
EXIT_CODES: dict[type[LandgisError], int] = {
    UsageError: EXIT_USAGE,
    InputRefused: EXIT_REFUSED,
    RegisterRefused: EXIT_REGISTER,
}

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_("Score, track and plan the renovation of low-efficiency industrial land."),
)
rules_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help=N_("Rule sets: list them, show one, check your own.")
)
app.add_typer(rules_app, name="rules")

Parcels = Annotated[str, typer.Option(help=N_("parcels, FILE or FILE:LAYER"), show_default=False)]
Buildings = Annotated[str | None, typer.Option(help=N_("buildings, FILE or FILE:LAYER"))]
Enterprises = Annotated[str | None, typer.Option(help=N_("enterprises, a table"))]
EnterprisesNeeded = Annotated[str, typer.Option(help=N_("enterprises, a table"), show_default=False)]
Occupancies = Annotated[str | None, typer.Option(help=N_("who occupies what, a table"))]
Blocks = Annotated[str | None, typer.Option(help=N_("renovation blocks, FILE or FILE:LAYER"))]
Rules = Annotated[str, typer.Option(help=N_("a rule set's name, or a rule file"))]
Year = Annotated[int | None, typer.Option(help=N_("year of the enterprises' figures; the latest if not given"))]
Crs = Annotated[str | None, typer.Option(help=N_("what a file without a CRS is in, e.g. EPSG:4549"))]
MeasureCrs = Annotated[str | None, typer.Option(help=N_("the CRS that areas are measured in"))]
Encoding = Annotated[str | None, typer.Option(help=N_("text encoding of files that do not say theirs, e.g. GBK"))]
Mapping = Annotated[str | None, typer.Option(help=N_("TOML file that says what your columns are called"))]
Out = Annotated[Path | None, typer.Option(help=N_("where to write; the suffix picks the format"))]
OutNeeded = Annotated[Path, typer.Option(help=N_("where to write; the suffix picks the format"), show_default=False)]
ReportFile = Annotated[Path | None, typer.Option(help=N_("write a report of the run (JSON)"))]
Strict = Annotated[bool, typer.Option("--strict", help=N_("refuse the input if any row has to be set aside"))]
Overwrite = Annotated[bool, typer.Option("--overwrite", help=N_("replace an output that exists"))]
Json = Annotated[bool, typer.Option("--json", help=N_("print one JSON document and nothing else"))]
Files = Annotated[list[str], typer.Argument(help=N_("files, FILE or FILE:LAYER"), show_default=False)]


@app.callback()
def _root(
    lang: Annotated[str | None, typer.Option(help=N_("language of texts: zh or en"))] = None,
) -> None:
    pass  # --lang is taken out of the arguments before they get here, see `main`; this is its line in the help


@app.command(help=N_("Score parcels: floor area ratio, tenancy, output per mu, grade and reasons."))
def score(
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
    out: Out = None,
    report: ReportFile = None,
    strict: Strict = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
    dictionary: Annotated[bool, typer.Option("--dictionary", help=N_("print the data dictionary and stop"))] = False,
) -> None:
    """Score parcels."""
    if dictionary:
        _print_dictionary()
        return
    from landgis.workflow.score import Inputs

    if parcels is None or out is None:
        raise typer.BadParameter(_translate()(N_("--parcels and --out are needed; see landgis score --help")))
    inputs = Inputs(parcels=parcels, buildings=buildings, enterprises=enterprises, occupancies=occupancies,
                    blocks=blocks, rules=rules, year=year, crs=crs, measure_crs=measure_crs, encoding=encoding,
                    mapping=mapping, strict=strict)  # fmt: skip
    _score(inputs, out, report, overwrite=overwrite, as_json=as_json)


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
    from landgis.workflow.firms import evaluate_files
    from landgis.workflow.score import Inputs

    inputs = Inputs(parcels=parcels, enterprises=enterprises, occupancies=occupancies, rules=rules, year=year, crs=crs,
                    measure_crs=measure_crs, encoding=encoding, mapping=mapping, strict=strict)  # fmt: skip
    _check_targets(out, report, overwrite=overwrite, suffixes=TABLE_SUFFIXES)
    run = evaluate_files(inputs)
    run.report.log.problems += write_table(run.frame, out, columns=FIRM_COLUMNS, overwrite=overwrite)
    document = run.report.as_json(_translate())
    _write_report(document, report, overwrite=overwrite)
    _say_set_aside(document)
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        from landgis.show import show_firms

        show_firms(run, out, _translate())


@app.command(help=N_("Say what landgis would make of files; writes nothing."))
def check(
    files: Files, crs: Crs = None, encoding: Encoding = None, mapping: Mapping = None, as_json: Json = False
) -> None:
    """Check files."""
    from landgis.show import show_checks
    from landgis.workflow.check import check_files

    findings = check_files(files, crs=crs, encoding=encoding, mapping=mapping)
    if as_json:
        print(json.dumps([finding.as_json(_translate()) for finding in findings], ensure_ascii=False))
    else:
        show_checks(findings, _translate())
    refused = [problem for finding in findings for problem in finding.refused]
    if refused:
        raise InputRefused([] if as_json else refused)


@app.command(help=N_("Score the sample zone that comes with landgis."))
def demo(
    folder: Annotated[Path, typer.Argument(help=N_("where to put the results"), metavar="[DIR]")] = Path(
        "landgis-demo"
    ),
    no_app: Annotated[bool, typer.Option("--no-app", help=N_("do not open the app afterwards"))] = False,  # noqa: ARG001  (the app joins later)
) -> None:
    """Score the sample."""
    from landgis.io.atomic import make_folder
    from landgis.workflow.sample import sample_inputs

    make_folder(folder)
    _score(sample_inputs(), folder / "parcels.geojson", folder / "report.json", overwrite=True, as_json=False)


@rules_app.command("list", help=N_("List the rule sets that come with landgis."))
def rules_list(as_json: Json = False) -> None:
    """List rule sets."""
    from landgis.rules import list_rules
    from landgis.show import show_rule_sets

    show_rule_sets(list_rules(), _language(), as_json=as_json)


@rules_app.command("show", help=N_("Show every number of a rule set with its source and status."))
def rules_show(
    rules: Annotated[str, typer.Argument(help=N_("a rule set's name, or a rule file"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Show a rule set."""
    from landgis.rules import load_rules
    from landgis.show import show_rule_set

    show_rule_set(load_rules(rules), _language(), _translate(), as_json=as_json)


@rules_app.command("check", help=N_("Explain every mistake in a rule file of your own."))
def rules_check(
    file: Annotated[Path, typer.Argument(help=N_("a rule file (TOML)"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a rule file."""
    from landgis.rules import check_rules

    problems = check_rules(file)
    if as_json:
        print(json.dumps([problem.render(_translate()) for problem in problems], ensure_ascii=False))
    if problems:
        raise InputRefused([] if as_json else problems)
    if not as_json:
        print(_translate()(N_("{file}: no mistakes")).format(file=file))


def _score(inputs: Inputs, out: Path, report: Path | None, *, overwrite: bool, as_json: bool) -> None:
    from landgis.io.write import LAYER_SUFFIXES, write_layer
    from landgis.results import RESULT_COLUMNS
    from landgis.show import progress, show_run
    from landgis.workflow.score import score_files

    _check_targets(out, report, overwrite=overwrite, suffixes=LAYER_SUFFIXES)
    with progress(_translate()) as tell:
        run = score_files(inputs, tell)
        tell("write")
        run.report.log.problems += write_layer(
            run.frame, out, columns=RESULT_COLUMNS, overwrite=overwrite, title=run.rules.title.zh
        )
    document = run.report.as_json(_translate())
    _write_report(document, report, overwrite=overwrite)
    _say_set_aside(document)
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        show_run(run, out, _language(), _translate())


def _check_targets(out: Path, report: Path | None, *, overwrite: bool, suffixes: Sequence[str]) -> None:
    """Refuse an output that could not be written before the long work, not after it."""
    from landgis.io.atomic import check_file
    from landgis.io.write import check_target

    check_target(out, overwrite, suffixes=suffixes)
    if report is not None:
        check_file(report, overwrite=overwrite)


def _write_report(document: dict[str, Any], report: Path | None, *, overwrite: bool) -> None:
    if report is not None:
        from landgis.io.atomic import atomic_file

        with atomic_file(report, overwrite=overwrite) as temporary:
            temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _say_set_aside(document: dict[str, Any]) -> None:
    if document["set_aside"]:
        text = _translate()(N_("{count} rows were set aside; the report lists each with its reason (--report)"))
        print("landgis: " + text.format(count=len(document["set_aside"])), file=sys.stderr)


def _print_dictionary() -> None:
    from landgis.dictionary import dictionary_markdown

    print(dictionary_markdown(_language()))


def _split_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """What --lang says, wherever it stands, and the other arguments."""
    asked, rest, words = None, [], iter(arguments)
    for word in words:
        if word == "--lang":
            asked = next(words, None)
        elif word.startswith("--lang="):
            asked = word.partition("=")[2]
        else:
            rest.append(word)
    return asked, rest


def _language() -> str:
    return pick_language(_split_language(sys.argv[1:])[0])


def _translate() -> Translate:
    return translator(_language())


def help_command() -> Any:
    """The command tree with its help in the user's language."""
    command = typer.main.get_command(app)
    _translate_help(command, _translate())
    return command


def _translate_help(command: Any, translate: Translate) -> None:
    """Typer keeps help as text: put it into the user's language before it is shown."""
    if command.help:
        command.help = translate(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translate(parameter.help)
    for child in getattr(command, "commands", {}).values():
        _translate_help(child, translate)


def main() -> None:
    """Run a command; every error becomes one line a problem, and an exit code (contract §3)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    translate, command = _translate(), help_command()
    try:
        command(_split_language(sys.argv[1:])[1], prog_name="landgis")
    except LandgisError as error:
        for problem in error.problems:
            print(f"landgis: {problem.render(translate)}", file=sys.stderr)
        sys.exit(next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), EXIT_FAULT))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_DONE)
    except Exception as fault:
        if os.environ.get("LANDGIS_DEBUG"):
            traceback.print_exc()
        text = translate(N_("this is a fault of landgis itself: {fault}; run again with LANDGIS_DEBUG=1 and report it"))
        print("landgis: E-FAULT: " + text.format(fault=f"{type(fault).__name__}: {fault}"), file=sys.stderr)
        sys.exit(EXIT_FAULT)
