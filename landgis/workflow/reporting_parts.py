"""The sections of a report that are figures and tables: key figures, steps, blocks, what is next, late and missing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely
from pandas import DataFrame

from landgis.documents.content import Column, Fact, Facts, Paragraph, Part, Section, Table
from landgis.phases.status import RENOVATED
from landgis.scoring.flags import SEPARATOR
from landgis.tables import SIDE_MILESTONES
from landgis.text import N_
from landgis.workflow.filtering import Filter
from landgis.workflow.headline import headline
from landgis.workflow.progress import STEPS
from landgis.workflow.ranking import LEFT_OUT, ranking
from landgis.workflow.reporting_words import Material
from landgis.workflow.trend import blocks_beside, overdue_steps

NEXT = 10
COMMA = N_(", ")


def facts_section(stuff: Material) -> Section:
    """Parcels, land, demolished, floor area ratio, output per mu, overdue."""
    words = stuff.words
    sums = headline(stuff.zone, Filter(stuff.as_of, stuff.block))
    demolished = stuff.figures(stuff.found)["DEMOLISHED"]
    share = (demolished["mu"] or 0.0) / stuff.land_mu if stuff.land_mu else None
    late = overdue_steps(stuff.found, block=stuff.block)
    days = words(N_("{steps} steps, at most {days} days"), steps=words.number(len(late)),
                 days=words.number(late["overdue_days"].max())) if len(late) else ""  # fmt: skip
    count = words(N_("{count} parcels, {mu} mu"), count=words.number(demolished["parcels"]),
                  mu=words.number(demolished["mu"], 1))  # fmt: skip
    facts = (
        Fact(words(N_("parcels")), words.number(len(stuff.parcel_ids))),
        Fact(words(N_("land")), words(N_("{number} mu"), number=words.number(stuff.land_mu, 1)),
             words(N_("{number} ha"), number=words.number(stuff.land_mu / 15, 2))),
        Fact(words(N_("demolished, of the land")), words.percent(share, 1), count),
        Fact(words(N_("floor area ratio")), words.number(sums.floor_area_ratio, 2)),
        Fact(words(N_("output per mu")), words.number(sums.output_per_mu, 1), words(N_("10 000 CNY/mu"))),
        Fact(words(N_("parcels overdue")), words.number(late["parcel_id"].nunique()), days),
    )  # fmt: skip
    scored = words(
        N_("Floor area ratio and output per mu are those of the last scoring, behind line {line} of the ledger."),
        line=stuff.zone.scored_at,
    ) if stuff.zone.scored_at else words(N_("nothing is scored yet; run landgis score"))  # fmt: skip
    return Section(words(N_("Key figures")), (Facts(facts), Paragraph(scored, "note")))


def steps_section(stuff: Material) -> Section:
    """How much has reached each milestone, in four measures."""
    words = stuff.words
    figures = stuff.figures(stuff.found)
    shown = [*STEPS, RENOVATED, *(side for side in SIDE_MILESTONES if figures[side]["parcels"])]
    columns = (
        Column(words(N_("milestone")), 2.4), Column(words(N_("parcels")), 1.2, True),
        Column(words(N_("mu")), 1.4, True),
        Column(words(N_("share of the land")), 1.4, True), Column(words(N_("floor area, m²")), 1.8, True),
        Column(words(N_("occupants")), 1.3, True),
    )  # fmt: skip
    rows = tuple(
        (stuff.step(step), words.number(one["parcels"]), words.number(one["mu"], 1),
         words.percent((one["mu"] or 0) / stuff.land_mu if stuff.land_mu else None, 1),
         words.number(one["floor_area_m2"]), words.number(one["occupants"]))
        for step, one in ((step, figures[step]) for step in shown)
    )  # fmt: skip
    parts: list[Part] = [Table(columns, rows), Paragraph(words(N_(
        "Floor area is that of the buildings that have to fall; from the start of building on, of the new ones."
        " Occupants are different firms.")), style="note")]  # fmt: skip
    if stuff.floor_unknown:
        listed = words(COMMA).join(f"{stuff.step(name)} {count}" for name, count in stuff.floor_unknown.items())
        text = words(N_("parcels whose floor area is not known are not in these figures: {listed}"), listed=listed)
        parts.append(Paragraph(text, style="note"))
    return Section(words(N_("Progress by milestone")), tuple(parts))


def beside_section(stuff: Material) -> Section:
    """The blocks beside one another."""
    words = stuff.words
    columns = (
        Column(words(N_("block")), 2.4), Column(words(N_("parcels")), 1, True),
        Column(words(N_("demolished, mu")), 1.3, True), Column(words(N_("renovated, of the land")), 1.5, True),
        Column(words(N_("parcels overdue")), 1.2, True), Column(words(N_("steps overdue")), 1.2, True),
        Column(words(N_("SPI(t)")), 1, True),
    )  # fmt: skip
    rows = tuple(
        (words.name(one.name, one.name_en, one.block_id or "—"), words.number(one.parcels),
         words.number(one.reached["DEMOLISHED"]["mu"], 1), words.percent(one.renovated_share, 1),
         words.number(one.overdue_parcels), words.number(one.overdue_steps), words.number(one.spi_t, 2))
        for one in blocks_beside(stuff.found, measure="mu")
    )  # fmt: skip
    note = words(N_("SPI(t): how far along the plan, in time; 1.00 is on time, below it is late."))
    return Section(words(N_("Blocks")), (Table(columns, rows), Paragraph(note, style="note")))


def next_section(stuff: Material) -> Section:
    """The parcels to renovate next, and why."""
    words, zone = stuff.words, stuff.zone
    title = words(N_("To renovate next"))
    if zone.scores is None:
        return Section(title, (Paragraph(words(N_("nothing is scored yet; run landgis score"))),))
    found = ranking(zone, Filter(stuff.as_of, stuff.block), stuff.project.rules)
    reasons = "reasons_zh" if words.language.startswith("zh") else "reasons_en"
    columns = [
        Column("", 0.5, True), Column(words(N_("parcel number")), 3), Column(words(N_("land area, mu")), 1, True),
        Column(words(N_("score")), 0.8, True), Column(words(N_("score, between")), 1.2, True),
        Column(words(N_("grade")), 0.7), Column(words(N_("reasons")), 5),
    ]  # fmt: skip
    rows = [
        (words.number(row["place"]), str(row["parcel_id"]), *stuff.block_cell(row["block_id"]),
         words.number(row["area_mu"], 1), words.number(row["score"], 1),
         f"{words.number(row['score_low'], 1)}–{words.number(row['score_high'], 1)}", str(row["grade"]),
         str(row[reasons]) if row[reasons] == row[reasons] else "")
        for row in found.table.head(NEXT).to_dict("records")
    ]  # fmt: skip
    none = Paragraph(words(N_("no parcel is left to renovate")))
    parts: list[Part] = [Table(tuple(stuff.with_block(columns, 2)), tuple(rows)) if rows else none]
    left_out = words(COMMA).join(
        f"{words(LEFT_OUT[key])} {len(parcels)}" for key, parcels in found.left_out.items() if parcels
    )
    text = words(N_("{count} parcels are ranked, the lowest score first."), count=words.number(len(found.table)))
    if left_out:
        text += " " + words(N_("Not among them: {listed}."), listed=left_out)
    return Section(title, (*parts, Paragraph(text, style="note")))


def overdue_section(stuff: Material) -> Section:
    """What is late, the latest first."""
    late = overdue_steps(stuff.found, block=stuff.block)
    return Section(stuff.words(N_("Overdue")), overdue_list(stuff, late, stuff.words(N_("nothing is overdue"))))


def overdue_list(stuff: Material, late: DataFrame, none: str) -> tuple[Part, ...]:
    """A row a parcel, with all its steps that are late; `late` as `overdue_steps` gives it."""
    words = stuff.words
    columns = [
        Column(words(N_("parcel number")), 2.8), Column(words(N_("planned on")), 1.5, True),
        Column(words(N_("overdue, days")), 1, True), Column(words(N_("steps overdue")), 5),
    ]  # fmt: skip
    rows = []
    for parcel, steps in late.groupby("parcel_id", sort=False):
        said = [words(N_("{step} ({days} d)"), step=stuff.step(step), days=words.number(days))
                for step, days in zip(steps["milestone"], steps["overdue_days"], strict=True)]  # fmt: skip
        first = steps.iloc[0]
        rows.append((str(parcel), *stuff.block_cell(first["block_id"]), words.day(first["planned_on"]),
                     words.number(first["overdue_days"]), words(COMMA).join(said)))  # fmt: skip
    return stuff.listed(stuff.with_block(columns), rows, none)


def gaps_section(stuff: Material) -> Section:
    """What is missing in the data, counted."""
    words = stuff.words
    counted: Counter[str] = Counter()
    if "data_gaps" in stuff.table:
        for text in stuff.table["data_gaps"].dropna():
            counted.update(gap for gap in str(text).split(SEPARATOR) if gap)
    columns = (Column(words(N_("missing or unsure")), 4), Column(words(N_("parcels")), 1, True))
    rows = tuple((stuff.coded("data_gaps", gap), words.number(count)) for gap, count in counted.most_common())
    parts: list[Part] = [Table(columns, rows)] if rows else [Paragraph(words(N_("no gaps are known")))]
    without = _counts_without(stuff)
    if without:
        parts.append(
            Paragraph(words(N_("Not in all figures: {listed}."), listed=words(COMMA).join(without)), style="note")
        )
    return Section(words(N_("Data gaps")), tuple(parts))


def _counts_without(stuff: Material) -> list[str]:
    """Parcels that some figure cannot have, with their number."""
    words, zone = stuff.words, stuff.zone
    outlines = zone.outlines[zone.parcel_ids.isin(stuff.parcel_ids)]
    scored = stuff.parcel_ids.isin([] if zone.scores is None else zone.scores.index)
    counts = {
        N_("parcels without an outline: {count}"): int(shapely.is_missing(outlines).sum()),
        N_("parcels without a known area: {count}"): int(np.isnan(stuff.found.status.land.area_m2[stuff.chosen]).sum()),
        N_("parcels that are not scored: {count}"): int((~scored).sum()),
    }
    return [words(template, count=words.number(count)) for template, count in counts.items() if count]
