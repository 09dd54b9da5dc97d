"""Shapefile: GBK with a `.cpg`, names of ten bytes, and a list of what they stand for beside it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from landgis.errors import Place, Problem
from landgis.io.write_columns import cut, is_date_only, kind_of, plain_columns, renamed, time_text
from landgis.io.write_gdal import CONSTANT_DATE, ROW_NUMBER, write_ogr
from landgis.io.write_text import neutral
from landgis.results import SHAPEFILE_NAME_LENGTH, ResultColumn
from landgis.text import N_, Message, translator

ENCODING = "GBK"
TEXT_BYTES = 254
LIST_SUFFIX = "_fields.csv"
# All that the set may hold; the indexes are not ours but would be wrong beside a new .shp.
SUFFIXES = (".shp", ".dbf", ".shx", ".prj", ".cpg", LIST_SUFFIX, ".qix", ".sbn", ".sbx", ".shp.xml", ".idm", ".ind")


def write_shapefile(
    frame: gpd.GeoDataFrame, path: Path, columns: Sequence[ResultColumn], *, file: str, layer_name: str
) -> list[Problem]:
    """Write the set of files into the folder of `path`, its field list too; what is no polygon has no geometry."""
    plain, remarks = plain_columns(frame, columns, file=file)
    names = short_names(list(plain.columns), {column.name: column.shapefile for column in columns})
    own = {column.name for column in columns}
    remarks += [renamed(file, long, short) for long, short in names.items() if short != long and long not in own]
    fitted = {}
    for long, short in names.items():
        fitted[short], more = _fitted(plain[long], long, file=file)
        remarks += more
    options = {"DBF_DATE_LAST_UPDATE": CONSTANT_DATE[:10]}  # else the day of the export
    left_out = write_ogr(frame, pd.DataFrame(fitted, index=plain.index), path, driver="ESRI Shapefile",
                         layer=layer_name, layer_options=options, encoding=ENCODING, polygons_only=True)  # fmt: skip
    if left_out:
        message = Message(N_("{count} geometries are no polygons and are left out"), {"count": left_out})
        remarks.append(Problem("W-OUT-GEOMETRY", message, Place(file=file)))
    path.with_suffix(".cpg").write_text(ENCODING, encoding="ascii")
    _write_list(path.with_name(path.stem + LIST_SUFFIX), names, columns)
    return remarks


def short_names(names: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """Long name → name of at most ten GBK bytes; ours are fixed, others are cut between characters and numbered.

    >>> short_names(["tax_per_mu", "所属片区名称", "所属片区名录"], {"tax_per_mu": "tax_mu"})
    {'tax_per_mu': 'tax_mu', '所属片区名称': '所属片区名', '所属片区名录': '所属片区2'}
    """
    taken = {ROW_NUMBER, *(known[name].casefold() for name in names if name in known)}
    short = {}
    for name in names:
        if name not in known:
            short[name] = _free_name(name, taken)
            taken.add(short[name].casefold())
        else:
            short[name] = known[name]
    return short


def _free_name(name: str, taken: set[str]) -> str:
    plain = "".join(c if c.isalnum() or c == "_" else "_" for c in name)
    candidate, number = cut_bytes(plain, SHAPEFILE_NAME_LENGTH), 1
    while not candidate or candidate.casefold() in taken:
        number += 1
        candidate = cut_bytes(plain, SHAPEFILE_NAME_LENGTH - len(str(number))) + str(number)
    return candidate


def cut_bytes(text: str, limit: int) -> str:
    """The longest start of `text` that fits `limit` bytes of GBK; what GBK lacks becomes a question mark."""
    return text.encode("gbk", "replace")[:limit].decode("gbk", "ignore")


def _fitted(column: pd.Series, name: str, *, file: str) -> tuple[pd.Series, list[Problem]]:
    """The column as dBase can hold it: dates without a time, texts of 254 bytes in GBK."""
    if kind_of(column) == "time" and not is_date_only(column):
        return time_text(column), []
    if kind_of(column) != "text" or _fits(column):
        return column, []
    encoded = [None if cell is None else cell.encode("gbk", "replace") for cell in column]
    cells = [None if cell is None else cell[:TEXT_BYTES].decode("gbk", "ignore") for cell in encoded]
    long = sum(cell is not None and len(cell) > TEXT_BYTES for cell in encoded)
    lost = sum(cell is not None and cell.decode("gbk") != text for text, cell in zip(column, encoded, strict=True))
    remarks = [cut(file, name, long, Message(N_("{count} bytes"), {"count": TEXT_BYTES}))] if long else []
    if lost:
        message = N_("{count} texts have characters that GBK lacks; they became question marks")
        remarks.append(Problem("W-OUT-CHARACTER", Message(message, {"count": lost}), Place(file=file, field=name)))
    return pd.Series(cells, column.index, dtype=object), remarks


def _fits(column: pd.Series) -> bool:
    """The quick answer for a whole column of texts: short ones of characters that GBK knows."""
    known = column.dropna()
    if known.empty or 2 * max(map(len, known)) > TEXT_BYTES:
        return bool(known.empty)
    try:
        "".join(known).encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _write_list(path: Path, names: Mapping[str, str], columns: Sequence[ResultColumn]) -> None:
    """Short name, long name, titles in both languages and unit of every field."""
    known = {column.name: column for column in columns}
    chinese = translator("zh_CN")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["short", "name", "标题", "title", "单位 unit"])
        for long, short in names.items():
            column = known.get(long)
            titles = [chinese(column.title), column.title, column.unit] if column else ["", "", ""]
            writer.writerow([neutral(short), neutral(long), *titles])
