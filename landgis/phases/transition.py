"""Whether an event may follow what is recorded: the one place where an event is judged.

Typed in by an officer, a step needs the steps before it. In a file of past years it is taken without them, and the gap
is named: such histories are real. Everything else holds for both.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from landgis.errors import Place, Problem
from landgis.phases.history import DEMOLITION_STEPS, Event, History, Span
from landgis.phases.lifecycle import Lifecycle, Path
from landgis.tables import MILESTONE_TITLES, SIDE_MILESTONES
from landgis.text import N_, Message

REASON = "reason"  # the gap of a pause without a reason
EVIDENCE = "evidence"
BLOCKERS = "sign_blockers"


@dataclass(frozen=True)
class Verdict:
    """What the register says to an event: problems refuse it; `already` is the line that says the same."""

    problems: tuple[Problem, ...] = ()
    gaps: tuple[str, ...] = ()  # milestones (and reasons, evidence) that should be there and are not
    already: int | None = None


def judge(
    event: Event,
    history: History,
    life: Lifecycle,
    *,
    today: int,
    strict: bool = True,
    place: Place = Place(),  # noqa: B008  (frozen)
) -> Verdict:
    """Whether `event` may follow; `today` is an ordinal; `strict` asks for the steps before it, as typed in."""
    if (same := _same(event, history)) is not None:
        return Verdict(already=same)
    if event.milestone in SIDE_MILESTONES:
        found, gaps = _judge_side(event, history, life)
    else:
        found, gaps = _judge_step(event, history, life)
    if event.kind == "actual":
        if event.first > today:
            found.append(_said("E-DATE-FUTURE", N_("{day} has not come yet; record it as planned or forecast"), event))
        rule = life.milestones[event.milestone]
        if rule.reason and not event.note:
            gaps.append((REASON, _said("E-REASON", N_("{milestone} needs a reason; give it as a note"), event)))
        if rule.evidence_required and not event.evidence:
            gaps.append((EVIDENCE, _said("E-EVIDENCE", N_("{milestone} needs evidence; attach a file"), event)))
    if history.replaced is not None:
        into = ", ".join(history.replaced.more.get("new", []))
        words = N_("this parcel was replaced by {into}; record it there")
        found.append(("E-PARCEL-REPLACED", Message(words, {"into": into})))
    if strict:
        found += [problem for _, problem in gaps]
    key = history.facts.parcel_id
    problems = tuple(Problem(code, message, place, key) for code, message in found)
    return Verdict(problems, () if strict else tuple(gap for gap, _ in gaps))


Said = tuple[str, Message]
Judged = tuple[list[Said], list[tuple[str, Said]]]


def _said(code: str, template: str, event: Event, **more: object) -> Said:
    return code, Message(template, {"milestone": titled(event.milestone), "day": shown(event), **more})


def titled(milestone: str) -> Message:
    """The milestone in words."""
    return Message(MILESTONE_TITLES[milestone])


def where(seq: int) -> Message:
    """Where an event stands: a line of the ledger, or a row of the file that is being judged (a negative number)."""
    words = N_("line {number}") if seq > 0 else N_("row {number} of the file")
    return Message(words, {"number": abs(seq)})


def shown(span: Span | Event) -> str:
    """The day, or first and last day, of an event."""
    first, last = (datetime.date.fromordinal(day).isoformat() for day in (span.first, span.last))
    return first if first == last else f"{first}/{last}"


def _same(event: Event, history: History) -> int | None:
    """The line that says the same already."""
    span = history.own(event.kind, event.milestone, event.building_id)
    if event.milestone in SIDE_MILESTONES:
        known = (s for s, milestone in history.sides if milestone == event.milestone)
        span = next((s for s in known if (s.first, s.last) == (event.first, event.last)), None)
    return span.seq if span is not None and (span.first, span.last) == (event.first, event.last) else None


def _judge_step(event: Event, history: History, life: Lifecycle) -> Judged:
    path = life.path(history.facts.mode)
    if event.milestone not in path.needs:
        words = N_("{milestone} is not on the path of {mode}; its steps are: {steps}")
        return [_said("E-PHASE-PATH", words, event, mode=history.facts.mode, steps=_listed(path.steps))], []
    found = [*_of_building(event, history, life), *_order(event, history, life, path)]
    if event.kind != "actual":
        return found, []
    known = history.own("actual", event.milestone, event.building_id)
    if known is not None:
        words = N_("{milestone} is recorded already, on {other} ({seq}); correct that if it is wrong")
        found.append(_said("E-EVENT-TWICE", words, event, other=shown(known), seq=where(known.seq)))
    found += _stopped(event, history)
    if life.milestones[event.milestone].final:
        found += [
            _said("E-PHASE-FINAL", N_("{milestone} cannot be undone, but the parcel withdrew on {other}"), event,
                  other=shown(span))
            for span, side in history.sides if side == "WITHDRAWN" and span.last >= event.first
        ]  # fmt: skip
    gaps: list[tuple[str, Said]] = []
    if life.milestones[event.milestone].blockable and history.facts.blockers:
        words = N_("the parcel cannot sign while this stands against it: {blockers}")
        gaps.append((BLOCKERS, _said("E-SIGN-BLOCKED", words, event, blockers=history.facts.blockers)))
    return found, gaps + _missing(event, history, path)


def _missing(event: Event, history: History, path: Path) -> list[tuple[str, Said]]:
    """The steps that should be recorded before this one, of the alternative that lacks the fewest."""
    lacking = []
    for needed in path.needs[event.milestone]:
        lacking.append([step for step in path.steps if step in needed and not _has(event, history, step)])
    gaps = []
    for step in min(lacking, key=len, default=[]):
        words = N_("{milestone} needs {step} first, and that is not recorded")
        some = sum(1 for _ in history.of_buildings("actual", step))
        if some:
            words = N_("{milestone} needs {step} first, and only {some} of {all} buildings have it")
        more = {"step": titled(step), "some": some, "all": len(history.all_buildings(step))}
        gaps.append((step, _said("E-PHASE-ORDER", words, event, **more)))
    return gaps


def _has(event: Event, history: History, step: str) -> bool:
    if event.building_id is not None and history.own("actual", step, event.building_id) is not None:
        return True
    return history.reached("actual", step) is not None


def _order(event: Event, history: History, life: Lifecycle, path: Path) -> list[Said]:
    """Dates along the path do not run backwards; only what surely does is a fault where a month or a year is known."""
    found = []
    before, after = path.before[event.milestone], path.after[event.milestone]
    for building, track in history.tracks.get(event.kind, {}).items():
        if event.building_id is not None and building not in (None, event.building_id):
            continue
        for step, span in track.items():
            early = step in after and span.last < event.first
            if not early and not (step in before and span.first > event.last):
                continue
            if _may_differ(event, building, early=early) and _both_of_buildings(event.milestone, step, life):
                continue
            late, soon = (
                N_("{milestone} on {day} is after {step} on {other} ({seq})"),
                N_("{milestone} on {day} is before {step} on {other} ({seq})"),
            )
            more = {"step": titled(step), "other": shown(span), "seq": where(span.seq)}
            found.append(_said("E-PHASE-ORDER", late if early else soon, event, **more))
    return found


def _may_differ(event: Event, building: str | None, *, early: bool) -> bool:
    """Whether a step of buildings may be out of order: the whole parcel's date of one is that of the last building."""
    if event.building_id is None:
        return building is not None and early
    return building is None and not early


def _both_of_buildings(one: str, other: str, life: Lifecycle) -> bool:
    return life.milestones[one].level == life.milestones[other].level == "building"


def _of_building(event: Event, history: History, life: Lifecycle) -> list[Said]:
    """What holds between a parcel and its buildings."""
    found = []
    rule = life.milestones[event.milestone]
    if event.building_id is None:
        late = [(b, s) for b, s in history.of_buildings(event.kind, event.milestone) if s.first > event.last]
        for building, span in late:
            words = N_("{milestone} on {day} is before building {building} had it, on {other} ({seq})")
            found.append(
                _said("E-PHASE-ORDER", words, event, building=building, other=shown(span), seq=where(span.seq))
            )
        return found
    if rule.level != "building":
        words = N_("{milestone} is recorded for the parcel, not for one building; leave the building out")
        found.append(_said("E-LEVEL", words, event))
    if (
        event.milestone in DEMOLITION_STEPS
        and history.facts.buildings
        and event.building_id not in history.facts.buildings
    ):
        words = N_("building {building} is not on this parcel; its buildings are: {known}")
        known = ", ".join(sorted(history.facts.buildings)[:10])
        found.append(_said("E-BUILDING-UNKNOWN", words, event, building=event.building_id, known=known))
    own = history.own(event.kind, event.milestone)
    if own is not None and own.last < event.first:
        words = N_("{milestone} on {day} is after the whole parcel had it, on {other} ({seq})")
        found.append(_said("E-PHASE-ORDER", words, event, other=shown(own), seq=where(own.seq)))
    return found


def _stopped(event: Event, history: History) -> list[Said]:
    """A step that surely lies in a pause, or after a withdrawal."""
    for start, end, side in _stops(history.sides):
        if start.last < event.first and (end is None or event.last < end.first):
            words = N_("the parcel is {side} since {other} ({seq}); record that it was resumed first")
            return [_said("E-PHASE-STOPPED", words, event, side=titled(side), other=shown(start), seq=where(start.seq))]
    return []


def _stops(sides: list[tuple[Span, str]]) -> list[tuple[Span, Span | None, str]]:
    """From when to when a parcel stood still, and why."""
    stops: list[tuple[Span, Span | None, str]] = []
    for span, side in sides:
        if side == "RESUMED" and stops and stops[-1][1] is None:
            stops[-1] = (stops[-1][0], span, stops[-1][2])
        elif side != "RESUMED":
            stops.append((span, None, side))
    return stops


FOLLOWS = {None: ("PAUSED", "WITHDRAWN"), "PAUSED": ("RESUMED", "WITHDRAWN"), "RESUMED": ("PAUSED", "WITHDRAWN"),
           "WITHDRAWN": ("RESUMED",)}  # fmt: skip


def _judge_side(event: Event, history: History, life: Lifecycle) -> Judged:
    found: list[Said] = []
    if event.kind != "actual":
        words = N_("{milestone} cannot be planned or forecast; record it when it happens")
        return [_said("E-PHASE-SIDE", words, event)], []
    if event.building_id is not None:
        words = N_("{milestone} is recorded for the parcel, not for one building; leave the building out")
        found.append(_said("E-LEVEL", words, event))
    sides = sorted([*history.sides, (Span(event.first, event.last, 1 << 62), event.milestone)])
    before: str | None = None
    for span, side in sides:
        if side not in FOLLOWS[before]:
            words = N_("{side} cannot follow {before}") if before else N_("{side} needs a pause or a withdrawal first")
            more = {"side": titled(side), "before": titled(before) if before else "", "other": shown(span)}
            found.append(_said("E-PHASE-SIDE", words, event, **more))
            break
        before = side
    return found + _side_against_steps(event, history, life, sides), []


def _side_against_steps(event: Event, history: History, life: Lifecycle, sides: list[tuple[Span, str]]) -> list[Said]:
    """A pause that steps already recorded would lie in, or a withdrawal after what cannot be undone."""
    found = []
    for track in history.tracks.get("actual", {}).values():
        for step, span in track.items():
            values = {"step": titled(step), "other": shown(span), "seq": where(span.seq)}
            if event.milestone == "WITHDRAWN" and life.milestones[step].final and span.first <= event.last:
                words = N_("the parcel cannot withdraw: {step} on {other} ({seq}) cannot be undone")
                found.append(_said("E-PHASE-FINAL", words, event, **values))
            elif any(
                start.last < span.first and (end is None or span.last < end.first) for start, end, _ in _stops(sides)
            ):
                words = N_("{step} is recorded on {other} ({seq}), while the parcel would stand still")
                found.append(_said("E-PHASE-STOPPED", words, event, **values))
    return found


def _listed(steps: tuple[str, ...]) -> str:
    return ", ".join(steps)
