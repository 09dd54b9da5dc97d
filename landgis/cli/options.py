"""The options that several commands share, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from landgis.text import N_

Parcels = Annotated[str, typer.Option(help=N_("parcels, FILE or FILE:LAYER"), show_default=False)]
Buildings = Annotated[str | None, typer.Option(help=N_("buildings, FILE or FILE:LAYER"))]
Enterprises = Annotated[str | None, typer.Option(help=N_("enterprises, a table"))]
EnterprisesNeeded = Annotated[str, typer.Option(help=N_("enterprises, a table"), show_default=False)]
Occupancies = Annotated[str | None, typer.Option(help=N_("who occupies what, a table"))]
Blocks = Annotated[str | None, typer.Option(help=N_("renovation blocks, FILE or FILE:LAYER"))]
Streets = Annotated[str | None, typer.Option(help=N_("centre lines of the streets, for the map, FILE or FILE:LAYER"))]
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

# of commands on a project
ProjectPlace = Annotated[
    str, typer.Argument(help=N_("the project: a folder, or postgresql://…"), metavar="PROJECT", show_default=False)
]
ParcelKey = Annotated[str, typer.Argument(help=N_("a parcel number"), metavar="PARCEL", show_default=False)]
By = Annotated[
    str | None, typer.Option(help=N_("who does it; the password of a named user is asked for, or LANDGIS_PASSWORD"))
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help=N_("what was true on a day; today if not given"), metavar="DATE")
]
KnownOn = Annotated[
    str | None,
    typer.Option("--known-on", help=N_("what the register said at the end of a day; now if not given"), metavar="DATE"),
]
Note = Annotated[str | None, typer.Option(help=N_("a note, or the reason"))]
Why = Annotated[str, typer.Option("--why", help=N_("the reason"), show_default=False)]
Demolished = Annotated[
    str | None, typer.Option(help=N_("buildings that fell before the others were surveyed, FILE or FILE:LAYER"))
]
ParcelsOptional = Annotated[str | None, typer.Option("--parcels", help=N_("parcels, FILE or FILE:LAYER"))]
BlockKey = Annotated[str | None, typer.Option("--block", help=N_("only this block"))]
BaselineName = Annotated[
    str | None, typer.Option("--baseline", help=N_("the frozen plan to measure by; the last one if not given"))
]
ProfileName = Annotated[
    Literal["web", "municipal"],
    typer.Option(
        "--profile", help=N_("web: GeoJSON in WGS 84 (RFC 7946); municipal: CGCS 2000, which the file says by its code")
    ),
]
ToCrs = Annotated[
    str | None, typer.Option("--to-crs", help=N_("the CRS of the municipal profile; EPSG:4490 if not given"))
]
