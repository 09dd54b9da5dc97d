"""The data dictionary: every column that goes in or comes out, made from the records in `tables` and `results`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from landgis.results import FIRM_COLUMNS, RESULT_COLUMNS, ResultColumn
from landgis.tables import TABLES, Column, Table
from landgis.text import N_, Translate, translator


@dataclass(frozen=True)
class DictionaryRow:
    """One column of one table, in one language; `aliases` and `values` are empty where there are none."""

    table: str
    name: str
    kind: str
    unit: str
    title: str
    meaning: str
    aliases: str = ""
    values: str = ""
    shapefile: str = ""


# The last word of a name is its unit; `_wan` is 10 000 CNY.
UNITS = {"m2": "m²", "mu": "亩 (mu)", "ha": "ha", "m": "m", "wan": "万元", "tce": "tce", "t": "t", "kwh": "kWh"}
KINDS = {
    "key": N_("key"),
    "text": N_("text"),
    "number": N_("number"),
    "integer": N_("whole number"),
    "date": N_("date"),
    "choice": N_("choice"),
    "flag": N_("yes or no"),
    "heights": N_("list of numbers"),
}
HEADINGS = {
    "results": N_("Result, one row per parcel"),
    "firms": N_("Result of landgis firms, one row per enterprise and year"),
}


def dictionary_rows(translate: Translate) -> list[DictionaryRow]:
    """Results, firms, then the input tables: a row a column, in the order they stand in the files."""
    rows = [_result_row("results", column, translate) for column in RESULT_COLUMNS]
    rows += [_result_row("firms", column, translate) for column in FIRM_COLUMNS]
    return rows + [_input_row(table, column, translate) for table in TABLES.values() for column in table.columns]


def dictionary_markdown(language: str) -> str:
    """The dictionary as a page, a table for each table, in `zh_CN` or `en`."""
    translate = translator(language)
    rows = dictionary_rows(translate)
    names = ["results", "firms", *TABLES]
    parts = [f"# {translate(N_('Data dictionary'))}\n"]
    for name in names:
        heading = HEADINGS.get(name)
        title = translate(heading) if heading else f"{translate(TABLES[name].title)} ({name})"
        own = [row for row in rows if row.table == name]
        parts.append(f"\n## {title}\n\n{_grid(own, translate, result=heading is not None)}\n")
    return "".join(parts)


def unit_of(name: str) -> str:
    """The unit that a name ends with.

    >>> unit_of("floor_area_m2"), unit_of("value_added_wan"), unit_of("storeys")
    ('m²', '万元', '')
    """
    return UNITS.get(name.rpartition("_")[2], "") if "_" in name else ""


def _result_row(table: str, column: ResultColumn, translate: Translate) -> DictionaryRow:
    return DictionaryRow(
        table,
        column.name,
        translate(KINDS[column.kind]),
        column.unit,
        translate(column.title),
        translate(column.meaning),
        shapefile=column.shapefile,
    )


def _input_row(table: Table, column: Column, translate: Translate) -> DictionaryRow:
    needs = [N_("needed")] if column.needed else []
    needs += [N_("no value twice")] if column.unique else []
    return DictionaryRow(
        table.name,
        column.name,
        translate(KINDS[column.kind]),
        unit_of(column.name),
        translate(column.title),
        "; ".join([*map(translate, needs), *_limits(column)]),
        aliases=", ".join(column.aliases),
        values="; ".join(f"{code} ({', '.join(words)})" for code, words in column.choices.items()),
    )


def _limits(column: Column) -> Iterator[str]:
    """What a number may be; `above` wins over `minimum`, as a value at it is not known."""
    if column.above is not None:
        yield f"> {column.above:g}"
    elif column.minimum is not None:
        yield f"≥ {column.minimum:g}"
    if column.maximum is not None:
        yield f"≤ {column.maximum:g}"


def _grid(rows: Iterable[DictionaryRow], translate: Translate, *, result: bool) -> str:
    if result:
        heads = [N_("column"), N_("title"), N_("kind"), N_("unit"), N_("meaning"), N_("name in a Shapefile")]
        fields = ["name", "title", "kind", "unit", "meaning", "shapefile"]
    else:
        heads = [N_("column"), N_("title"), N_("kind"), N_("unit"), N_("rule"), N_("other names"), N_("values")]
        fields = ["name", "title", "kind", "unit", "meaning", "aliases", "values"]
    lines = [[translate(head) for head in heads], ["---"] * len(heads)]
    lines += [[_cell(getattr(row, field), code=field in ("name", "shapefile")) for field in fields] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str, *, code: bool) -> str:
    """Text as it stands in a Markdown table."""
    return f"`{text}`" if code and text else text.replace("|", "\\|")
