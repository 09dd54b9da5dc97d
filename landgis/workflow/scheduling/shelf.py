"""Plans kept in a project: a line of the ledger says who kept which one when, its file lies beside the evidence.

Nothing kept is ever lost: keeping a name again, or dropping it, adds a line; the file of the line before stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.phases.ledger import Draft, packed
from landgis.roles import require
from landgis.rules.reading import nearest
from landgis.store.base import File
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import EXACT, PlanDocument

LONGEST_NAME = 80
_COLUMNS = ("seq", "action", "details", "recorded_at", "recorded_by")


@dataclass(frozen=True)
class KeptPlan:
    """What the ledger says of a plan that is kept."""

    name: str
    made_at: str  # when it was solved, UTC
    by: str  # who kept it
    kept_at: str  # UTC
    line: int
    sha256: str
    objective: float
    bound: float | None
    gap: float | None
    first: str  # quarter
    last: str
    started: int  # sites, those begun before not among them
    adopted: bool  # it is the plan that was adopted last

    def as_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return dict(vars(self))


def require_keepable(project: Project, name: str) -> None:
    """Say before the long work who may not keep a plan, and what is no name for one."""
    require(project.actor, "plan")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or name.lower().endswith(".json"):
        words = N_("{name} is no name for a plan: up to {most} letters, on one line, and not ending in .json")
        values = {"name": repr(name[:LONGEST_NAME]), "most": LONGEST_NAME}
        raise UsageError([Problem("E-PLAN-NAME", Message(words, values), Place(field="name"))])


def keep_plan(project: Project, document: PlanDocument) -> KeptPlan:
    """Keep a plan under its name, in place of the one that had it; what is kept so already is left as it is."""
    require_keepable(project, document.name)
    content = document.as_bytes()
    digest = hashlib.sha256(content).hexdigest()
    ledger = _ledger(project)
    if (there := ledger.plans.get(document.name)) and there["sha256"] == digest:
        return _kept(there, ledger.adopted)
    best = document.ways[EXACT]
    details = {
        "name": document.name, "sha256": digest, "made_at": document.made_at, "objective": document.objective,
        "bound": document.bound, "gap": document.gap, "first": document.quarters[0], "last": document.quarters[-1],
        "started": len(best.starts) if best else 0,
    }  # fmt: skip
    file = File(digest, f"plan-{document.name}.json".replace("/", "-").replace("\\", "-"), content)
    draft = Draft("plan", evidence=file.name, details=packed(details))
    line = project.store.append([draft], by=project.actor.name, files=[file])[0]
    return _kept({**details, "seq": line.seq, "at": line.recorded_at, "by": line.recorded_by}, ledger.adopted)


def list_plans(project: Project) -> list[KeptPlan]:
    """The plans that are kept, in the order in which they were."""
    require(project.actor, "read")
    ledger = _ledger(project)
    return sorted((_kept(line, ledger.adopted) for line in ledger.plans.values()), key=lambda plan: plan.line)


def load_plan(project: Project, name: str) -> PlanDocument:
    """The plan that is kept under a name; InputRefused where there is none, or its file is not what was kept."""
    require(project.actor, "read")
    digest = _line(project, name)["sha256"]
    file = project.store.evidence(digest)
    if file is None or hashlib.sha256(file.content).hexdigest() != digest:
        words = N_("the file of the plan {name} is missing or was changed; restore a backup, or solve it again")
        raise InputRefused([Problem("E-PLAN-FILE", Message(words, {"name": name}), Place(project.store.where))])
    return PlanDocument.from_bytes(file.content, file.name)


def drop_plan(project: Project, name: str) -> None:
    """List a plan no more; its lines and files stay in the ledger."""
    require(project.actor, "plan")
    _line(project, name)
    details = packed({"name": name, "dropped": True})
    project.store.append([Draft("plan", details=details)], by=project.actor.name)


@dataclass(frozen=True)
class _Ledger:
    """What the ledger says of plans."""

    plans: dict[str, dict[str, Any]]  # name → the last line of one that was not dropped since, with its details
    adopted: str | None  # the hash of the plan that was adopted last


def _ledger(project: Project) -> _Ledger:
    plans: dict[str, dict[str, Any]] = {}
    adopted = None
    for seq, action, details, at, by in project.store.columns(_COLUMNS):
        if action not in ("plan", "baseline"):
            continue
        more = orjson.loads(details)
        if action == "baseline":
            adopted = more.get("sha256", adopted)  # a baseline that was frozen by hand is of no plan
            continue
        plans.pop(more["name"], None)
        if not more.get("dropped"):
            plans[more["name"]] = {**more, "seq": int(seq), "at": at, "by": by}
    return _Ledger(plans, adopted)


def _line(project: Project, name: str) -> dict[str, Any]:
    """The line of a plan; InputRefused with the names that there are."""
    lines = _ledger(project).plans
    if name in lines:
        return lines[name]
    words = N_("no plan {name} is kept here; kept are: {known}") if lines else N_("no plan is kept here yet")
    if guess := nearest(name, lines):
        words = N_("no plan {name} is kept here; do you mean {guess}?")
    values = {"name": name, "known": ", ".join(lines), "guess": guess}
    raise InputRefused([Problem("E-PLAN-NAME", Message(words, values), Place(project.store.where), name)])


def _kept(line: dict[str, Any], adopted: str | None) -> KeptPlan:
    return KeptPlan(
        name=line["name"], made_at=line["made_at"], by=line["by"], kept_at=line["at"], line=line["seq"],
        sha256=line["sha256"], objective=line["objective"], bound=line["bound"], gap=line["gap"], first=line["first"],
        last=line["last"], started=line["started"], adopted=line["sha256"] == adopted,
    )  # fmt: skip
