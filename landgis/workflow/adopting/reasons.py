"""Why a site is where a new plan has it, in words with their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landgis.text import N_, Message, Translate

WORDS: Mapping[str, str] = {
    "begun_late": N_("begun late: {milestone} on {day}, planned for {planned}"),
    "begun_early": N_("begun early: {milestone} on {day}, planned for {planned}"),
    "late": N_("{milestone} only on {day}, planned for {planned}"),
    "early": N_("{milestone} already on {day}, planned for {planned}"),
    "open": N_("{milestone} was planned for {planned}, and {open} of {parcels} parcels are not there yet"),
    "ahead": N_("what is not recorded as done counts as lying ahead from {quarter} on"),
    "not_begun": N_("it had not begun in {quarter}"),
    "before": N_("it waits for {name}, which is {amount:g} quarters too late for that"),
    "before_none": N_("it waits for {name}, which is not started"),
    "holds_up": N_("{name} waits for it and would be held up"),
    "cash": N_("in {quarter} the budget would be short by {amount:,.1f} × 10 000 CNY"),
    "space": N_("in {quarter} swing space ({title}) would be short by {amount:,.0f} m²"),
    "returns": N_("{name} gives {amount:,.0f} m² ({title}) back in {quarter}, planned for {planned}"),
    "industry": N_("in {quarter} industrial land would fall {amount:,.0f} m² below its floor"),
    "crew": N_("in {quarter} crew {name} would be short by {amount:g}"),
    "lane": N_("in {quarter} lane {name} would be closed by {amount:g} sites too many"),
    "group": N_("the group {name} would be broken up"),
    "start": N_("it may not be started in {quarter} in that mode"),
    "better": N_("it would fit where it was; the plan as a whole is worth more this way"),
    "left": N_("left as it is now: {why}"),
    "was_left": N_("before, it was left: {why}"),
    "gone": N_("its parcels are in no site any more: {why}"),
}  # fmt: skip

KINDS: Mapping[str, str] = {"ground": N_("ground floor"), "upper": N_("upper floors")}


@dataclass(frozen=True)
class Reason:
    """One of them."""

    code: str  # a key of WORDS
    values: Mapping[str, Any]  # of its words; a value may be a Message

    @property
    def message(self) -> Message:
        """In words."""
        return Message(WORDS[self.code], self.values)

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """As `--json` prints it: the code, the sentence, and what is in it as codes and figures."""
        plain = {name: value for name, value in self.values.items() if not isinstance(value, Message)}
        return {"code": self.code, "text": self.message.render(translate), **plain}


def reason(code: str, **values: Any) -> Reason:
    """The reason of a code, with the values of its words."""
    return Reason(code, values)


def kind_title(kind: str) -> Message:
    """A kind of floor in words."""
    return Message(KINDS.get(kind, kind))
