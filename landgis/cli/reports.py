"""The command that writes a report for people: a PDF or a DOCX of one block or of the zone."""

from __future__ import annotations

from typing import Annotated

import typer

from landgis.cli.frame import app, as_of_day, enter
from landgis.cli.options import AsOf, BlockKey, By, OutNeeded, Overwrite, ProjectPlace
from landgis.cli.words import language, translation
from landgis.text import N_


@app.command(help=N_("Write a report of the zone or of one block: .pdf or .docx, in the language of --lang."))
def report(
    project: ProjectPlace,
    out: OutNeeded,
    block: BlockKey = None,
    as_of: AsOf = None,
    month: Annotated[
        bool, typer.Option("--month", help=N_("the monthly report: what changed in the month up to that day"))
    ] = False,
    overwrite: Overwrite = False,
    by: By = None,
) -> None:
    """Write a report."""
    from landgis.io.atomic import check_file
    from landgis.ui.paper import paper_look
    from landgis.workflow.reporting import Wanted, check_format, write_report

    check_format(out.suffix)
    check_file(out, overwrite=overwrite)
    wanted = Wanted(as_of_day(as_of), block, "monthly" if month else "status")
    with enter(project, by) as opened:
        write_report(opened, wanted, paper_look(language()), out=out, overwrite=overwrite)
    print(translation()(N_("the report was written to {file}")).format(file=out))
