"""How the commands print what the register says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from landgis.phases.history import day_text
from landgis.phases.status import MEASURED, RENOVATED, Tally
from landgis.show.console import number, open_console, plain_table
from landgis.show.lines import milestone_title
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_, Translate

if TYPE_CHECKING:  # what a command does not need it does not import
    from landgis.workflow.claims import Compared
    from landgis.workflow.events import Receipt
    from landgis.workflow.progress import Progress
    from landgis.workflow.register import Status

MOST_LISTED = 10
MONTHS_SHOWN = 13
COLUMNS = ("IDENTIFIED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED", "COMPLETED", "OPERATING", RENOVATED)
MEASURE_TITLES = {
    "parcels": N_("parcels"),
    "mu": N_("mu"),
    "floor_area_m2": N_("floor area, m²"),
    "occupants": N_("occupants"),
}


def show_receipt(receipt: Receipt, translate: Translate) -> None:
    """What became of the rows of a file."""
    console = open_console()
    words = translate(N_("{file}: {read} rows read = {taken} taken + {already} already there + {refused} refused"))
    counts = {"read": receipt.read, "taken": receipt.taken, "already": len(receipt.already),
              "refused": len(receipt.rows_refused)}  # fmt: skip
    console.print(Text(words.format(file=receipt.file, **counts)))
    if receipt.with_gaps:
        names = ", ".join(
            f"{milestone_title(gap, translate) if gap in MILESTONE_TITLES else gap} {count}"
            for gap, count in receipt.gaps.items()
        )
        text = translate(N_("{count} of them lack something before them: {gaps}"))
        console.print(Text(text.format(count=receipt.with_gaps, gaps=names)))
    for problem in receipt.remarks:
        console.print(Text(problem.render(translate)))


def show_status(status: Status, measure: str, language: str, translate: Translate) -> None:
    """A table a block, what is overdue, and which buildings have gone ahead."""
    console = open_console()
    head = translate(N_("as of {as_of}, as known on {known_on}; in {measure}"))
    title = translate(MEASURE_TITLES.get(measure, measure))
    console.print(Text(head.format(as_of=status.as_of, known_on=status.known_on, measure=title)))
    building = translate(N_("under construction"))
    heads = [milestone_title(name, translate) for name in COLUMNS]
    heads.insert(5, building)
    table = plain_table("", translate(N_("block")), *heads)
    for at, row in enumerate(status.blocks.table.itertuples(index=False)):
        name = row.name if language.startswith("zh") else row.name_en
        table.add_row(Text(str(name if isinstance(name, str) else row.block_id)), *_cells(status.by_block, at, measure))
    table.add_row(Text(translate(N_("zone"))), *_cells(status.zone, 0, measure))
    console.print(table)
    _show_unknown(console, status, translate)
    found = status.overdue
    if len(found.parcel):
        text = translate(N_("overdue: {count} steps, the latest first"))
        console.print(Text(text.format(count=len(found.parcel))))
    for at in range(min(MOST_LISTED, len(found.parcel))):
        step = milestone_title(MEASURED[found.milestone[at]], translate)
        text = translate(N_("  {parcel}  {step}, planned {planned}: {days} days"))
        key = status.land.parcel_ids[found.parcel[at]]
        console.print(
            Text(text.format(parcel=key, step=step, planned=day_text(found.planned[at]), days=found.days[at]))
        )
    for step, shares in status.shares.items():
        for parcel, share in shares[:MOST_LISTED]:
            text = translate(N_("  {parcel}  {step}: {share} % of its floor area"))
            key = status.land.parcel_ids[parcel]
            console.print(
                Text(text.format(parcel=key, step=milestone_title(step, translate), share=number(100 * share, 1)))
            )


def _show_unknown(console: Any, status: Status, translate: Translate) -> None:
    unknown = status.zone.unknown(0)
    if unknown:
        listed = ", ".join(f"{milestone_title(name, translate)} {count}" for name, count in unknown.items())
        text = translate(N_("parcels whose floor area is not known are not in these figures: {listed}"))
        console.print(Text(text.format(listed=listed)))


def _cells(counted: Tally, group: int, measure: str) -> list[str]:
    figures = counted.figures(group)
    values = [figures[name].get(measure) for name in COLUMNS]
    started, completed = figures["STARTED"].get(measure), figures["COMPLETED"].get(measure)
    values.insert(5, None if started is None or completed is None else started - completed)
    decimals = {"mu": 1, "floor_area_m2": 0}.get(measure, 0)
    return [number(value, decimals) for value in values]


def show_progress(found: Progress, translate: Translate) -> None:
    """Earned schedule first, then the curve of the last months, dwell times and pace."""
    console, document = open_console(), found.as_json()
    schedule = document["earned_schedule"]
    text = translate(N_("plan: {name}")).format(name=found.baseline or translate(N_("as it is now, not frozen")))
    console.print(Text(text))
    words = translate(
        N_("SPI(t) {spi_t} (SPI {spi}): {earned} months earned in {passed}; finish {finish}, between {low} and {high}")
    )
    console.print(Text(words.format(
        spi_t=number(schedule["spi_t"]), spi=number(schedule["spi"]), earned=number(schedule["months_earned"], 1),
        passed=number(schedule["months_passed"], 1), finish=schedule["finish"] or "—",
        low=schedule["finish_low"] or "—", high=schedule["finish_high"] or "—")))  # fmt: skip
    measure = found.question.measure
    table = plain_table(
        translate(N_("plan and actual")), translate(N_("day")), translate(N_("planned")), translate(N_("actual"))
    )
    past = [point for point in document["s_curve"] if point["actual"] is not None]
    for point in past[-MONTHS_SHOWN:]:
        table.add_row(point["on"], number(point["planned"], 1), number(point["actual"], 1))
    console.print(table)
    table = plain_table(translate(N_("days from step to step")), translate(N_("step")), translate(N_("parcels")),
                        translate(N_("median")), translate(N_("90 %")), translate(N_("most")))  # fmt: skip
    for row in document["dwell"]:
        step = f"{milestone_title(row['from'], translate)} → {milestone_title(row['to'], translate)}"
        table.add_row(
            step, str(row["parcels"]), *(number(row[name], 0) for name in ("median_days", "p90_days", "max_days"))
        )
    console.print(table)
    table = plain_table(translate(N_("pace per week")), translate(N_("week from")), translate(MEASURE_TITLES[measure]))
    for row in document["throughput"]:
        table.add_row(row["week"], number(row[measure], 1))
    console.print(table)


def claim_document(one: Compared, translate: Translate) -> dict[str, Any]:
    """A published figure beside the register's, as JSON."""
    return {
        **one.claim,
        "line": one.line,
        "computed": one.computed,
        "difference": None if one.difference is None else round(one.difference, 4),
        "verdict": one.verdict,
        "why_not": one.why_not.render(translate) if one.why_not else None,
        "outline": one.outline,
    }


def show_claims(found: Sequence[Compared], translate: Translate) -> None:
    """Published figures beside those of the register."""
    verdicts = {"same": N_("same"), "differs": N_("differs"), "not_computed": N_("not computed")}
    table = plain_table("", translate(N_("figure")), translate(N_("published")), translate(N_("unit")),
                        translate(N_("register")), translate(N_("difference")), "",
                        translate(N_("source")))  # fmt: skip
    for one in found:
        values = number(one.computed, 1), number(one.difference, 1), translate(verdicts[one.verdict])
        source = " ".join(str(one.claim[name]) for name in ("article", "as_of") if name in one.claim)
        table.add_row(Text(str(one.claim.get("subject", one.claim["claim_id"]))), Text(str(one.claim["value"])),
                      Text(str(one.claim["unit"])), *values, Text(source))  # fmt: skip
    open_console().print(table)
