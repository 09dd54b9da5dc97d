"""A dossier for the printer: one HTML page of our own, every value escaped, nothing from elsewhere."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from html import escape

from landgis.text import N_
from landgis.ui import dossier_tables as tables
from landgis.ui.dossier_tables import Sheet
from landgis.ui.server import current
from landgis.ui.words import NOTHING, Words
from landgis.workflow.dossier import Dossier, dossier
from landgis.workflow.project import Project

STYLE = """
body { font: 11pt/1.35 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimSun", sans-serif;
  margin: 1.5rem; color: #14182a; background: #ffffff }
h1 { font-size: 16pt; margin: 0 0 .2rem }
h2 { font-size: 12pt; margin: 1.1rem 0 .3rem; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt }
tr { break-inside: avoid }
th, td { border: 1px solid #8a8f99; padding: .15rem .35rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th { background: #eceef1 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0 }
dt { color: #4a5060 }
dd { margin: 0 }
p { margin: .2rem 0 }
img { max-width: 48%; max-height: 9cm; margin: .2rem }
.small { font-size: 8.5pt; color: #4a5060 }
@page { size: A4; margin: 15mm 12mm }
@media print { body { margin: 0 } thead { display: table-header-group } }
"""


def printed(project: Project, parcel: str, words: Words, as_of: datetime.date | None = None) -> str:
    """The dossier of a parcel on a day (today), as a page to print; RegisterRefused where there is no such parcel."""
    found = dossier(project, current().zone(project), parcel, as_of=as_of)
    return print_html(found, words, mode=tables.mode_title(project, found, words), by=project.actor.name)


def print_html(found: Dossier, words: Words, *, mode: str | None = None, by: str = "") -> str:
    """The page; `mode` is the mode of renovation in words, `by` is who prints it. Pictures come from our own routes."""
    title = words(N_("Dossier of parcel {parcel}"), parcel=found.parcel_id)
    parts = [*_head(found, words, title), *_score(found, words)]
    for sheet in (
        tables.milestones_sheet(found, words), tables.score_sheet(found, words), tables.facts_sheet(found, words, mode),
        tables.buildings_sheet(found, words), tables.occupants_sheet(found, words), tables.notes_sheet(found, words),
        tables.history_sheet(found, words),
    ):  # fmt: skip
        parts += _table(sheet, words)
    images = [f'<img src="{address}" alt="{escape(name)}">' for name, address in tables.pictures(found)]
    if images:
        parts += [f"<h2>{escape(words(N_('photos')))}</h2>", *images]
    said = words(N_("printed by {name} on {day} from landgis"), name=by or NOTHING, day=words.day(found.course.as_of))
    parts.append(f'<p class="small">{escape(said)}</p>')
    language = "zh-CN" if words.language.startswith("zh") else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _head(found: Dossier, words: Words, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    as_of = words(N_("as of {day}; plan: {plan}"), day=words.day(found.course.as_of),
                  plan=found.course.baseline or words(N_("as it is now, not frozen")))  # fmt: skip
    yield f'<p class="small">{escape(as_of)}</p><dl>'
    lineage = ((N_("came from"), found.came_from), (N_("became"), found.became))
    more = [(words(word), ", ".join(parcels)) for word, parcels in lineage if parcels]
    for name, value in (*tables.headline(found, words), *more):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"


def _score(found: Dossier, words: Words) -> Iterator[str]:
    """The score in one line, the reasons, and what is missing."""
    score = found.score
    if score is None:
        yield f"<p>{escape(words(N_('this parcel was not scored')))}</p>"
        return
    line = words(N_("{score} points, between {low} and {high} whatever is missing"), score=words.number(score.score, 1),
                 low=words.number(score.low, 1), high=words.number(score.high, 1))  # fmt: skip
    yield f"<p>{escape(line)}</p>"
    for sentence in tables.reasons(found, words):
        yield f"<p>· {escape(sentence)}</p>"
    missing = words(N_("missing in the data: {gaps}"), gaps=", ".join(tables.gaps(found, words)) or NOTHING)
    yield f'<p class="small">{escape(missing)}</p>'


def _table(sheet: Sheet, words: Words) -> Iterator[str]:
    yield f"<h2>{escape(sheet.title)}</h2>"
    if not sheet.rows:
        yield f"<p>{escape(words(N_('nothing recorded')))}</p>"
        return
    yield "<table><thead>" + _row("th", sheet.columns) + "</thead><tbody>"
    yield from (_row("td", row) for row in sheet.rows)
    yield "</tbody></table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
