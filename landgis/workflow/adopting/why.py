"""What moved between two plans of the same sites, and which limit would stand against leaving it where it was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landgis.planning.scheduling.check import Violation, violations
from landgis.planning.scheduling.problem import Plan
from landgis.text import Message, Translate
from landgis.workflow.adopting.carry import plan_in
from landgis.workflow.adopting.reasons import Reason, kind_title, reason
from landgis.workflow.scheduling.basis import Basis
from landgis.workflow.scheduling.document import WHY_NOT, PlanDocument, Site
from landgis.workflow.scheduling.making import quarter_at
from landgis.workflow.scheduling.quarters import between, quarter_of

KEPT, STAYS, MOVED, MODE, STARTED, DROPPED, GONE = "kept", "stays", "moved", "mode", "started", "dropped", "gone"
MOST_RETURNS = 3
NEVER_FIRST = "9"  # sorts behind every quarter


@dataclass(frozen=True)
class Change:
    """A site in the old plan and in the new one; each pair is before and after, None where a plan has none."""

    site_id: str
    name: str
    what: str  # kept (begun), stays, moved, mode, started, dropped, gone
    mode: tuple[str | None, str | None]
    start: tuple[str | None, str | None]  # quarters
    completed: tuple[str | None, str | None]
    quarters: int | None  # by which its start moved; below 0: earlier
    reasons: tuple[Reason, ...]

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """As `--json` prints it."""
        return vars(self) | {"reasons": [one.as_json(translate) for one in self.reasons]}


def changes_of(
    old: PlanDocument, new: PlanDocument, basis: Basis, slips: Mapping[str, tuple[Reason, ...]]
) -> tuple[Change, ...]:
    """A change for every site that either plan touches, in the order of the old plan's starts.

    `basis` is what the new plan was made on; `slips`: site → what ran otherwise than the old plan has it.
    """
    asked = _Question(old, new, basis)
    order = sorted(old.sites, key=lambda site: (site.start_quarter or NEVER_FIRST, site.site_id))
    found = [asked.change(site, slips.get(site.site_id, ())) for site in order]
    return tuple(change for change in found if change is not None)


class _Question:
    """Two plans, and what the second was made on."""

    def __init__(self, old: PlanDocument, new: PlanDocument, basis: Basis) -> None:
        self.old, self.basis, self.plan = old, basis, plan_in(new, basis)
        self.after = {site.site_id: site for site in new.sites}
        self.at = {facts.site_id: at for at, facts in enumerate(basis.sites)}
        self.left_out = {one.parcel_id: one for one in basis.left_out}

    def change(self, was: Site, slips: tuple[Reason, ...]) -> Change | None:
        """What became of a site of the old plan; None where both plans leave it."""
        now = self.after.get(was.site_id)
        if was.mode is None and (now is None or now.mode is None):
            return None
        what, reasons = self._judged(was, now, slips)
        moved = None
        if now is not None and was.start_quarter and now.start_quarter:
            moved = between(quarter_of(was.start_quarter), quarter_of(now.start_quarter))
        return Change(
            was.site_id, was.name, what, mode=(was.mode, now.mode if now else None),
            start=(was.start_quarter, now.start_quarter if now else None),
            completed=(was.completed_quarter, now.completed_quarter if now else None),
            quarters=moved, reasons=reasons,
        )  # fmt: skip

    def _judged(self, was: Site, now: Site | None, slips: tuple[Reason, ...]) -> tuple[str, tuple[Reason, ...]]:
        if now is None:
            why = next((self.left_out[one].problem for one in was.parcel_ids if one in self.left_out), "-")
            return GONE, (*slips, reason("gone", why=Message(why)))
        if now.begun:
            late = was.completed_quarter is not None and (now.completed_quarter or "") > was.completed_quarter
            return KEPT, slips or ((reason("ahead", quarter=quarter_at(self.basis, 0)),) if late else ())
        if was.mode is None:
            return STARTED, (reason("was_left", why=_why_not(was)),)
        if now.mode is None:
            return DROPPED, (reason("left", why=_why_not(now)), *self._against(was))
        if was.mode != now.mode:
            return MODE, self._against(was)
        return (STAYS, ()) if was.start_quarter == now.start_quarter else (MOVED, self._against(was))

    def _against(self, was: Site) -> tuple[Reason, ...]:
        """What stands against a site's old start, everything else being as in the new plan."""
        problem, at = self.basis.whole, self.at[was.site_id]
        start = between(self.basis.first, quarter_of(was.start_quarter or ""))
        if start < 0:
            return (reason("not_begun", quarter=was.start_quarter),)
        if was.mode not in problem.modes or start >= problem.shape[2]:
            return (reason("start", quarter=was.start_quarter),)
        tried = Plan(self.plan.mode.copy(), self.plan.start.copy())
        tried.mode[at], tried.start[at] = problem.modes.index(was.mode), start
        return tuple(self._told(violations(problem, tried), at)) or (reason("better"),)

    def _told(self, found: Sequence[Violation], at: int) -> Iterator[Reason]:
        """The worst of each limit, and for floor who gives it back later than planned."""
        worst: dict[tuple[str, str], Violation] = {}
        for one in found:
            key = one.family, one.name
            if key not in worst or one.by > worst[key].by:
                worst[key] = one
        for one in worst.values():
            yield self._waiting(one, at) if one.family == "precedence" else self._said(one)
            if one.family == "space":
                yield from self._returns(one.name, one.period or 0)

    def _said(self, one: Violation) -> Reason:
        quarter = None if one.period is None else quarter_at(self.basis, one.period)
        titled = {"title": kind_title(one.name)} if one.family == "space" else {}
        return reason(one.family, name=one.name, quarter=quarter, amount=round(one.by, 4), **titled)

    def _waiting(self, one: Violation, at: int) -> Reason:
        """Who waits for whom."""
        sites = self.basis.problem.sites
        before, after = next(
            (edge.before, edge.after) for edge in self.basis.problem.precedence
            if f"{sites[edge.before]}>{sites[edge.after]}" == one.name
        )  # fmt: skip
        if after != at:
            return reason("holds_up", name=sites[after])
        if math.isinf(one.by):
            return reason("before_none", name=sites[before])
        return reason("before", name=sites[before], amount=one.by)

    def _returns(self, kind: str, period: int) -> Iterator[Reason]:
        """The sites whose floor was to be back by a quarter in which it is missing, those with most of it first."""
        late = []
        for was in self.old.sites:
            now = self.after.get(was.site_id)
            if now is None or was.completed_quarter is None or now.completed_quarter is None:
                continue
            then, later = (self._back(now, quarter) for quarter in (was.completed_quarter, now.completed_quarter))
            if then <= period < later and (floor := now.returns_m2.get(kind, 0.0)) > 0:
                late.append((-floor, was.site_id, then, later))
        for floor, name, then, later in sorted(late)[:MOST_RETURNS]:
            quarters = {"quarter": quarter_at(self.basis, later), "planned": quarter_at(self.basis, then)}
            yield reason("returns", name=name, kind=kind, title=kind_title(kind), amount=-floor, **quarters)

    def _back(self, site: Site, completed: str) -> int:
        """The quarter from which the floor of a site can be moved into, if it is completed by the end of another."""
        space, at = self.basis.problem.space, self.at[site.site_id]
        mode = int(self.plan.mode[at])
        letting = 0 if space is None else space.returns_after_quarters[at, mode] - self.basis.problem.quarters[at, mode]
        return between(self.basis.first, quarter_of(completed)) + 1 + int(letting)


def _why_not(site: Site) -> Message:
    return Message(WHY_NOT.get(site.why_not or "", "-"))
