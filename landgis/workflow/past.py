"""The history of a parcel as its lines make it, and whether it still holds when one of them changes."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from landgis.errors import Place, Problem, RegisterRefused
from landgis.phases.history import Event, Facts, History, event_of, history, in_effect, inherit, parents_of
from landgis.phases.ledger import Entry
from landgis.phases.transition import judge
from landgis.text import N_, Message
from landgis.workflow.project import Project

Troubles = dict[tuple[int, str, str], Problem]  # what would be said of an event: by its line, code and words


def unknown_parcel(parcel: str, place: Place = Place()) -> Problem:  # noqa: B008  (frozen)
    """There is no such parcel."""
    words = N_("there is no parcel {key} in the project; correct the number or import the parcel")
    return Problem("E-PARCEL-UNKNOWN", Message(words, {"key": parcel}), place, parcel)


def read_history(project: Project, parcel: str) -> History:
    """The history of one parcel, as it counts."""
    facts = project.store.facts(parcel)
    if facts is None:
        raise RegisterRefused([unknown_parcel(parcel)])
    return whole_history(project, facts, list(project.store.entries(parcel_id=parcel)))


def whole_history(project: Project, facts: Facts, lines: Sequence[Entry]) -> History:
    """The history that lines make, with what the parcel took over from those that it came from."""
    made = history(facts, lines)
    inherit(made, [read_history(project, parent) for parent in parents_of(lines)])
    return made


def judge_without(project: Project, lines: Sequence[Entry], line: Entry, event: Event | None) -> None:
    """Judge a corrected event as if the old one had never been, and the others as if it always was so."""
    facts = _facts(project, line)
    others = [entry for entry in lines if entry.root != line.root]
    today = project.today().toordinal()
    past = whole_history(project, facts, others)
    problems: list[Problem] = []
    if event is not None:
        verdict = judge(event, past, project.life, today=today, strict=not line.more.get("gaps"))
        if verdict.already is not None:
            words = N_("line {line} says the same already")
            raise RegisterRefused([Problem("E-EVENT-TWICE", Message(words, {"line": verdict.already}))])
        problems += verdict.problems
        past.add(event, line.root)
    before = _troubles(project, whole_history(project, facts, lines), others)
    after = _troubles(project, past, others)
    _refuse_new(before, after, problems)


def judge_before(project: Project, now: Sequence[Entry], before: Sequence[Entry]) -> None:
    """Judge a parcel as it was before its last line: what holds now has to hold then."""
    facts = _facts(project, now[0])
    then, thereafter = (_troubles(project, whole_history(project, facts, lines), lines) for lines in (now, before))
    _refuse_new(then, thereafter)


def _facts(project: Project, line: Entry) -> Facts:
    facts = project.store.facts(line.parcel_id or "")
    assert facts is not None
    return facts


def _refuse_new(before: Troubles, after: Troubles, problems: Sequence[Problem] = ()) -> None:
    """Raise RegisterRefused where a change brings trouble that was not there."""
    new = [problem for key, problem in after.items() if key not in before]
    if problems or new:
        raise RegisterRefused([*problems, *new])


def _troubles(project: Project, past: History, lines: Sequence[Entry]) -> Troubles:
    """What would be said of each event that counts, were it recorded last."""
    found: Troubles = {}
    for line in in_effect(lines):
        event = event_of(line)
        rest = copy.deepcopy(past)
        rest.remove(event, line.root)
        verdict = judge(event, rest, project.life, today=project.today().toordinal(), strict=not line.more.get("gaps"))
        for problem in verdict.problems:
            found[line.root, problem.code, str(problem.message)] = problem
    return found
