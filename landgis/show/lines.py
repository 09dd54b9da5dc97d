"""A line of the ledger, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from landgis.phases.ledger import Entry
from landgis.show.console import open_console
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_, Translate

RENOVATED = "renovated"
HIDDEN = ("prev", "details", "corrects")
KIND_TITLES = {"planned": N_("planned"), "forecast": N_("forecast"), "actual": N_("actual")}
ACTION_TITLES = {
    "record": N_("recorded"), "correct": N_("corrected"), "cancel": N_("cancelled"), "approve": N_("approved"),
    "replace": N_("replaced"), "create": N_("created"), "import": N_("imported"), "baseline": N_("baseline"),
    "claim": N_("published figure"), "user": N_("user"), "plan": N_("plan kept"),
}  # fmt: skip


def milestone_title(name: str, translate: Translate) -> str:
    """The milestone, or renovated, in words."""
    return translate(N_("renovated")) if name == RENOVATED else translate(MILESTONE_TITLES[name])


def line_document(line: Entry) -> dict[str, Any]:
    """A line of the ledger as JSON: without what is empty, details spread out."""
    fields = {name: value for name, value in line._asdict().items() if value is not None and name not in HIDDEN}
    if line.corrects is not None:
        fields["corrects"] = line.corrects
    return fields | ({"details": line.more} if line.details else {})


def line_text(line: Entry, translate: Translate) -> str:
    """A line of the ledger as one line of text."""
    more = line.more
    words = [f"#{line.seq}", translate(ACTION_TITLES[line.action])]
    if line.corrects is not None:
        words.append(f"→ #{line.corrects}")
    words += [part for part in (line.parcel_id, line.building_id) if part]
    if line.milestone:
        words.append(translate(MILESTONE_TITLES[line.milestone]))
    if line.occurred_on:
        size = {"month": 7, "year": 4}.get(line.precision or "", 10)
        words.append(line.occurred_on[:size])
    if line.kind:
        words.append(translate(KIND_TITLES[line.kind]))
    for name in ("new", "old"):
        if line.action in ("replace", "create") and name in more:
            words.append("→" if name == "new" else "←")
            words.append(", ".join(more[name]))
    if line.action == "correct":
        words.append(f"{more['field']}: {more['old']} → {more['new']}")
    words += [str(part) for part in (line.evidence, line.note, more.get("why")) if part]
    if gaps := more.get("gaps"):
        names = ", ".join(milestone_title(gap, translate) if gap in MILESTONE_TITLES else gap for gap in gaps)
        words.append(translate(N_("(missing before it: {gaps})")).format(gaps=names))
    by = line.recorded_by if "by" not in more else f"{more['by']} / {line.recorded_by}"
    return "  ".join([*words, f"— {by}, {line.recorded_at[:19].replace('T', ' ')} UTC"])


def show_history(parcel: str, lines: Sequence[Entry], translate: Translate) -> None:
    """All lines of a parcel."""
    console = open_console()
    if not lines:
        console.print(Text(translate(N_("{parcel}: nothing is recorded yet")).format(parcel=parcel)))
    for line in lines:
        console.print(Text(line_text(line, translate)))
