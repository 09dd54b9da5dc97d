"""What an officer says of a new plan: sites, time, money, floor, crews; what is left empty is as the rules have it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from landgis.rules.prices import list_prices
from landgis.rules.scheduling import ScheduleTerms, list_schedules, load_schedule
from landgis.text import N_
from landgis.ui import board
from landgis.ui.here import Here
from landgis.ui.plan.reading import read
from landgis.ui.plan.words import mode_title, said_by
from landgis.ui.words import Words
from landgis.workflow.scheduling.quarters import QUARTERS_A_YEAR, later, names_from, quarter_name, quarter_of
from landgis.workflow.scheduling.scenario import Scenario, first_quarter

TEMPLATE, TURN = "plan_template", "plan_turn"  # in the session: what the form begins with, and how often it began anew
GROUPS = {"block_id": N_("block"), "street_block": N_("street block")}
WEIGHT_TITLES = {
    "per_area_m2": N_("a m² of floor gained"), "per_tax_wan": N_("10 000 CNY of tax a year"),
    "per_value_added_wan": N_("10 000 CNY of value added a year"),
    "per_firm_month": N_("a month of one firm's displacement, taken off"),
    "per_hazard_quarter": N_("a quarter of one open red hazard, taken off"),
    "discount_a_year": N_("discount a year (0.05 = 5 %)"),
}  # fmt: skip
FIRST_CHOICES, MOST_YEARS, A_ROW = 12, 30, 3
SECONDS = (5.0, 600.0)


@dataclass(frozen=True)
class Form:
    """What the form is made from."""

    at: Here
    start: Scenario  # what stands in it at first
    terms: ScheduleTerms
    sites: Sequence[str]
    turn: int

    @property
    def words(self) -> Words:
        """The language of the page."""
        return self.at.words

    def key(self, name: str) -> str:
        """A field's key, new for each new form."""
        return f"plan_{name}_{self.turn}"

    def number(self, place: Any, title: str, name: str, value: float | None, empty: str, **limits: Any) -> Any:
        """A number that may be left empty; `empty` says what holds then."""
        return place.number_input(title, value=value, placeholder=empty, key=self.key(name), **limits)

    def by_rules(self, value: float | None = None) -> str:
        """What holds where nothing is said."""
        if value is None:
            return self.words(N_("by the rules"))
        return self.words(N_("by the rules: {value}"), value=self.words.number(value, _decimals(value)))


def begin_anew(scenario: Mapping[str, Any] | None = None) -> None:
    """Let the form begin with a scenario as a plan keeps it; in callbacks."""
    st.session_state[TEMPLATE] = scenario
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def show_form(at: Here, start: Scenario, *, sites: Sequence[str]) -> Scenario | None:
    """The form; what is asked for once it is sent. UsageError where it cannot be read. `sites`: to choose from."""
    form = Form(at, start, load_schedule(start.rules), sites, st.session_state.get(TURN, 0))
    with st.form(form.key("form")):
        asked = {**_what(form), **_means(form), **_wishes(form)}
        with st.expander(form.words(N_("more: order of sites, weights, long plans, rules"))):
            asked |= _more(form)
        sent = st.form_submit_button(
            form.words(N_("find a plan")), type="primary", icon=":material/play_arrow:", key=form.key("solve")
        )
    return replace(start, **read(asked)) if sent else None


def _what(form: Form) -> dict[str, Any]:
    """Name, sites, time."""
    words, start = form.words, form.start
    name, group, first, years, seconds = st.columns([2, 2, 1.4, 1, 1.4])
    groups = GROUPS | ({start.group: start.group} if start.group not in GROUPS else {})
    today = form.at.project.today()
    begins = quarter_name(first_quarter(start, today))
    choices = sorted({begins, *names_from(later(today, 0), FIRST_CHOICES)})
    quarters = form.terms.quarters if start.quarters is None else start.quarters
    whole = math.ceil(quarters / QUARTERS_A_YEAR)
    found = {
        "name": name.text_input(words(N_("name of the plan")), start.name, max_chars=80, key=form.key("name")),
        "group": group.segmented_control(
            words(N_("what falls together")), list(groups), default=start.group, required=True, key=form.key("group"),
            format_func=lambda key: words(groups[key]), disabled=start.sites is not None,
            help=words(N_("land of one site is renovated in one go, in one mode")),
        ),
        "first": quarter_of(first.selectbox(
            words(N_("first quarter")), choices, index=choices.index(begins), key=form.key("first"))),
    }  # fmt: skip
    said = years.number_input(words(N_("years")), 1, max(MOST_YEARS, whole), whole, key=form.key("years"))
    found["quarters"] = quarters if said == whole else int(said) * QUARTERS_A_YEAR
    usual = form.terms.seconds if start.seconds is None else start.seconds
    found["seconds"] = seconds.slider(
        words(N_("seconds to search at most")), *SECONDS, min(max(float(usual), SECONDS[0]), SECONDS[1]), 5.0,
        format="%.0f", key=form.key("seconds"),
    )  # fmt: skip
    return found


def _means(form: Form) -> dict[str, Any]:
    """Modes, money, floor, crews."""
    words, start, terms = form.words, form.start, form.terms
    kinds, crews = list(terms.kinds), list(terms.crews)
    modes, budget = st.columns([3, 2])
    rest = st.columns(len(kinds) + len(crews))
    titles = {key: mode_title(form.at, key) for key in terms.modes}
    found: dict[str, Any] = {
        "modes": modes.multiselect(
            words(N_("modes to choose from")), list(titles), key=form.key("modes"),
            default=[key for key in start.modes or terms.allowed_modes if key in titles],
            format_func=lambda key: titles[key],
        ),
        "budget_wan": budget.text_input(
            words(N_("new money a quarter, 10 000 CNY")), " ".join(f"{one:g}" for one in start.budget_wan or ()),
            placeholder=form.by_rules(terms.budget_wan),
            key=form.key("budget"), help=words(N_("one figure, or one for each quarter with spaces between them")),
        ),
    }  # fmt: skip
    found["vacant_m2"] = {
        kind: form.number(
            place, words(N_("vacant now, m²: {kind}"), kind=said_by(words, terms.kinds[kind])), f"vacant_{kind}",
            start.vacant_m2.get(kind), form.by_rules(), min_value=0.0, step=100.0, format="%.0f",
            help=words(N_("empty: a share of the floor that stands, by the rules")),
        )
        for kind, place in zip(kinds, rest, strict=False)
    }  # fmt: skip
    found["crews"] = {
        crew: form.number(
            place, said_by(words, terms.crews[crew].title), f"crew_{crew}", start.crews.get(crew),
            form.by_rules(terms.crews[crew].limit), min_value=0.0, step=1.0, format="%.0f",
        )
        for crew, place in zip(crews, rest[len(kinds) :], strict=True)
    }  # fmt: skip
    return found


def _wishes(form: Form) -> dict[str, Any]:
    """Sites that have to be in, and those that may not."""
    words, start = form.words, form.start
    found = {}
    titles = {"required": N_("sites that have to be started"), "excluded": N_("sites that are left as they are")}
    for place, (name, title) in zip(st.columns(2), titles.items(), strict=True):
        said = list(getattr(start, name))
        found[name] = place.multiselect(
            words(title), list(dict.fromkeys([*form.sites, *said])), default=said, accept_new_options=True,
            placeholder=words(N_("choose, or type the name of a site")), key=form.key(name),
        )  # fmt: skip
    return found


def _more(form: Form) -> dict[str, Any]:
    """What is seldom changed."""
    left, right = st.columns([3, 2])
    with left:
        found: dict[str, Any] = {"before": _order(form)}
    with right:
        found |= _rules(form)
    weights = zip(_grid(len(form.terms.weights)), form.terms.weights.items(), strict=True)
    found["weights"] = {
        name: form.number(
            place, form.words(WEIGHT_TITLES[name]), f"weight_{name}", form.start.weights.get(name),
            form.by_rules(usual), min_value=0.0, format="%g",
        )
        for place, (name, usual) in weights
    }  # fmt: skip
    return found | _effort(form)


def _grid(count: int) -> list[DeltaGenerator]:
    """Places for so many fields, few enough in a row that what stands in an empty one can be read."""
    return [place for _ in range(0, count, A_ROW) for place in st.columns(A_ROW)][:count]


def _order(form: Form) -> str:
    """Which site waits for which."""
    edges = [f"{one.before}: {one.after}: {one.lag_quarters}" for one in form.start.before]
    title = form.words(N_("order of sites, a line each: first site: second site: quarters between them"))
    return st.text_area(title, "\n".join(edges), height=90, key=form.key("before"), placeholder="LCC-1: LCC-2: 0")


def _rules(form: Form) -> dict[str, str]:
    """The files behind it all."""
    rules = {one.id: said_by(form.words, one.title) for one in (*list_schedules(), form.terms)}
    prices = {one.id: said_by(form.words, one.title) for one in list_prices()}
    return {
        "rules": _file(form, "rules", N_("schedule rules"), rules),
        "prices": _file(form, "prices", N_("prices"), prices),
    }


def _file(form: Form, name: str, title: str, known: Mapping[str, str]) -> str:
    """One of the files that come with landgis, or the office's own that the plan was asked for with."""
    now = str(getattr(form.start, name))
    titles = {now: now, **known}
    return str(st.selectbox(form.words(title), list(titles), key=form.key(name), format_func=lambda key: titles[key]))


def _effort(form: Form) -> dict[str, Any]:
    """How closely to search, and through how many quarters at a time."""
    words, start, terms = form.words, form.start, form.terms
    gap, buffer, draws, horizon, step, industry = _grid(6)
    at_once = words(N_("all at once"))
    return {
        "gap": form.number(gap, words(N_("close enough to the bound (0.01 = 1 %)")), "gap", start.gap,
                           form.by_rules(terms.gap), min_value=0.0, max_value=1.0, format="%g"),
        "buffer_quarters": form.number(
            buffer, words(N_("quarters that new floor may be late")), "buffer", start.buffer_quarters,
            form.by_rules(terms.buffer_quarters), min_value=0, step=1),
        "draws": form.number(draws, words(N_("drawn futures")), "draws", start.draws, form.by_rules(terms.draws),
                             min_value=0, step=100),
        "horizon": form.number(horizon, words(N_("quarters a window sees")), "horizon", start.horizon, at_once,
                               min_value=1, step=1),
        "step": form.number(step, words(N_("quarters kept of a window")), "step", start.step, at_once,
                            min_value=1, step=1),
        "industry_floor_m2": form.number(
            industry, words(N_("land that stays industrial, m²")), "industry", start.industry_floor_m2,
            form.by_rules(), min_value=0.0, step=1000.0, format="%.0f"),
    }  # fmt: skip


def _decimals(value: float) -> int:
    """As many as the number has, four at most."""
    return min(4, max(0, -math.floor(math.log10(value)))) if 0 < value < 1 else 0


def new_scenario(at: Here, number: int) -> Scenario:
    """What a form begins with where nothing is said."""
    return Scenario(at.words(N_("plan {number}"), number=number))


def block_sites(at: Here) -> list[str]:
    """The blocks of the day, which are the sites where blocks fall together."""
    return sorted(board.block_names(at))
