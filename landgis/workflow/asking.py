"""What is asked of the register beside status: one parcel's lines, a frozen plan, a piece of evidence."""

from __future__ import annotations

from pathlib import Path

from landgis.errors import Place, Problem, RegisterRefused
from landgis.io.atomic import atomic_file
from landgis.phases.ledger import Draft, Entry, packed
from landgis.roles import require
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.recording import unknown_parcel


def parcel_lines(project: Project, parcel: str) -> list[Entry]:
    """The lines of a parcel, and before them those of the parcels that it came from, in the order of the ledger."""
    require(project.actor, "read")
    lines = list(project.store.entries(parcel_id=parcel))
    if not lines and project.store.facts(parcel) is None:
        raise RegisterRefused([unknown_parcel(parcel)])
    parents = [old for line in lines if line.action == "create" for old in line.more["old"]]
    older = [line for old in parents for line in parcel_lines(project, str(old))]
    return sorted({line.seq: line for line in (*older, *lines)}.values())


def freeze_baseline(project: Project, name: str) -> Entry:
    """Freeze the plan as it is now: the ledger up to this line is what it is known on."""
    require(project.actor, "baseline")
    taken = [entry for entry in project.store.entries() if entry.action == "baseline" and entry.more["name"] == name]
    if taken:
        words = N_("there is a baseline {name} already (line {line}); give this one another name")
        raise RegisterRefused([Problem("E-BASELINE", Message(words, {"name": name, "line": taken[0].seq}))])
    return project.store.append([Draft("baseline", details=packed({"name": name}))], by=project.actor.name)[0]


def write_evidence(project: Project, line: int, out: Path) -> str:
    """Write the file that proves an event; returns its name."""
    require(project.actor, "read")
    entry = next((entry for entry in project.store.entries(after=line - 1) if entry.seq == line), None)
    digest = entry.more.get("sha256") if entry else None
    file = project.store.evidence(str(digest)) if digest else None
    if file is None:
        words = N_("line {line} has no file as evidence")
        raise RegisterRefused([Problem("E-EVIDENCE", Message(words, {"line": line}), Place(project.store.where))])
    with atomic_file(out, overwrite=False) as temporary:
        temporary.write_bytes(file.content)
    return file.name
