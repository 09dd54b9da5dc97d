"""The best connected site of a block for a land target: from a project to the answer of `landgis plan sites`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.planning.siting.assembly import GAP, Found, Search, best_site
from landgis.planning.siting.candidates import Land, Site, Wish, merged, merged_wish
from landgis.planning.siting.frontier import Clash, Point, clashes, pareto
from landgis.planning.siting.refusing import Refusal, best_without, refusals
from landgis.roles import require
from landgis.rules.prices import load_prices
from landgis.rules.siting import SiteTerms, site_terms
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.siting_land import Candidates, Terms, candidates, positions_of

SECONDS = 60.0
SHORT = {
    "least_mu": N_("the land target is {short} mu beyond what the other wishes leave"),
    "most_mu": N_("the land would be {short} mu more than is wished"),
    "budget_wan": N_("the budget is {short} × 10 000 CNY too small"),
    "consent_share": N_("holders of {short} more mu would have to agree"),
    "compactness": N_("no site is so compact"),
}


@dataclass(frozen=True)
class Asked:
    """What is wished of a site, and how long to look for it; None: as `rules/site_files` has it."""

    block: str
    target_mu: float
    most_mu: float | None = None
    budget_wan: float | None = None
    consent_share: float = 0.0
    compactness: float = 0.0
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    whole_blocks: bool = False
    road_m: float | None = None
    prices: str = "yongkang-draft"
    mode: str | None = None
    seconds: float = SECONDS
    gap: float = GAP
    points: int = 0
    again: int = 5  # of those that split the site, the costliest first: without how many it is chosen anew
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Sited:
    """A site and what it is made of; units are parcels, or whole street blocks."""

    asked: Asked
    terms: Terms
    candidates: Candidates
    unit: np.ndarray  # the unit of each candidate, -1 where it is left out
    wish: Wish
    land: Land
    found: Found
    site: Site
    refusals: tuple[Refusal, ...]
    without: dict[int, Found]  # unit that splits the site → the best site without it
    front: tuple[Point, ...]

    def rows(self, site: Site) -> np.ndarray:
        """Positions of the candidates in a site."""
        return np.flatnonzero(np.isin(self.unit, site.parcels))


Stop = Callable[[], bool]


def site_project(project: Project, asked: Asked, *, stop: Stop = lambda: False) -> Sited:
    """The best site of a block; InputRefused where none keeps the wishes, with what clashes and by how much.

    `stop` ends the search with the best site so far. The time asked for is that of the site; the front of sites and
    the sites without each parcel that splits this one take as much again each at most.
    """
    require(project.actor, "read")
    _require_sense(asked)
    terms = _terms(asked, site_terms())
    there = candidates(project, terms)
    parcels, here = there.land()
    wish = Wish(
        asked.target_mu, _most_mu(asked, terms.site), math.inf if asked.budget_wan is None else asked.budget_wan,
        asked.consent_share, asked.compactness,
        positions_of(there, here, asked.inside, inside=True), positions_of(there, here, asked.outside, inside=False),
    )  # fmt: skip
    unit = np.full(len(there.parcel_ids), -1)
    unit[here] = np.arange(len(here))
    land = parcels
    if asked.whole_blocks:
        unit[here] = there.whole_blocks(here)
        land, wish = merged(parcels, unit[here]), merged_wish(wish, unit[here])
        wish = replace(wish, most_mu=_most_of_blocks(asked, wish, land))
    return _solved(asked, terms, there, unit=unit, wish=wish, land=land, stop=stop)


def _require_sense(asked: Asked) -> None:
    shares = {"--consent-share": asked.consent_share, "--compactness": asked.compactness, "--gap": asked.gap}
    words = N_("{value} does not lie between {least:g} and {most:g}")
    problems = [
        Problem("E-SITE-SHARE", Message(words, {"value": value, "least": 0, "most": 1}), Place(field=option))
        for option, value in shares.items() if not 0 <= value <= 1
    ]  # fmt: skip
    amounts = {"--target-mu": asked.target_mu, "--seconds": asked.seconds, "--budget-wan": asked.budget_wan}
    problems += [
        Problem("E-SITE-AMOUNT", Message(N_("{value} is not above 0"), {"value": value}), Place(field=option))
        for option, value in amounts.items() if value is not None and not value > 0
    ]  # fmt: skip
    if asked.most_mu is not None and asked.most_mu < asked.target_mu:
        words = N_("{most} mu at most is less than the target of {least} mu")
        values = {"most": asked.most_mu, "least": asked.target_mu}
        problems.append(Problem("E-SITE-AMOUNT", Message(words, values), Place(field="--most-mu")))
    if both := sorted(set(asked.inside) & set(asked.outside)):
        words = N_("{key} cannot be both in and out")
        problems += [Problem("E-SITE-PARCEL", Message(words, {"key": key}), Place(field="--in"), key) for key in both]
    if problems:
        raise UsageError(problems)


def _terms(asked: Asked, site: SiteTerms) -> Terms:
    prices, mode = load_prices(asked.prices), asked.mode or site.mode
    if mode not in prices.modes:
        words = N_("{mode} has no terms in the prices {prices}; they have: {known}")
        values = {"mode": mode, "prices": prices.id, "known": ", ".join(prices.modes)}
        raise UsageError([Problem("E-MODE", Message(words, values), Place(field="--mode"))])
    road = site.road_width_m if asked.road_m is None else asked.road_m
    return Terms(asked.block, prices, mode, road, asked.budget_wan is not None or asked.points > 0, site)


def _most_mu(asked: Asked, site: SiteTerms) -> float:
    return asked.target_mu * site.most_share if asked.most_mu is None else asked.most_mu


def _most_of_blocks(asked: Asked, wish: Wish, land: Land) -> float:
    """Street blocks are large: a site of them may go beyond the target by one, where nothing else is said."""
    if asked.most_mu is not None or not land.units:
        return wish.most_mu
    return max(wish.most_mu, asked.target_mu + float(land.area_mu.max()))


def _solved(
    asked: Asked, terms: Terms, there: Candidates, *, unit: np.ndarray, wish: Wish, land: Land, stop: Stop
) -> Sited:  # fmt: skip
    search = Search(asked.gap, asked.seed)
    found = best_site(land, wish, replace(search, go_on=_until(asked.seconds, stop)))
    if found.site is None:
        raise InputRefused(_none(found, _why(land, wish, asked, stop), asked))
    left = tuple(refusals(land, found.site))
    torn = sorted((one for one in left if one.splits), key=lambda one: -one.lost_benefit)[: asked.again]
    turn = _turns(search, asked.seconds, len(torn), stop)
    without = {one.unit: best_without(land, wish, one, turn()) for one in torn}
    front: list[Point] = []
    if asked.points:
        front = pareto(land, wish, asked.points, _turns(search, asked.seconds, asked.points + 1, stop))
    return Sited(asked, terms, there, unit, wish, land, found, found.site, left, without, tuple(front))


def _why(land: Land, wish: Wish, asked: Asked, stop: Stop) -> list[Clash]:
    return clashes(land, wish, _turns(Search(0.05, asked.seed), asked.seconds, 5, stop))


def _until(seconds: float, stop: Stop) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end and not stop()


def _turns(search: Search, seconds: float, turns: int, stop: Stop) -> Callable[[], Search]:
    """Searches one after the other that share some time; what one leaves the next ones have."""
    end, left = time.monotonic() + seconds, turns

    def turn() -> Search:
        nonlocal left
        left -= 1
        return replace(search, go_on=_until((end - time.monotonic()) / max(left + 1, 1), stop))

    return turn


def _none(found: Found, clashing: list[Clash], asked: Asked) -> list[Problem]:
    """Why there is no site."""
    place = Place(field="--target-mu")
    if found.status == "unknown":
        words = N_("no site was met in {seconds:g} s; give more time (--seconds), or ask for less")
        return [Problem("E-SITE-TIME", Message(words, {"seconds": asked.seconds}), place)]
    if not clashing:
        words = N_("no connected site of {mu:g} mu keeps all that is wished; ask for less, or bridge wider roads")
        return [Problem("E-SITE-NONE", Message(words, {"mu": asked.target_mu}), place)]
    words = N_("no connected site keeps all that is wished: {short}")
    return [
        Problem(
            "E-SITE-NONE", Message(words, {"short": Message(SHORT[one.limit], {"short": _plain(one.short)})}), place
        )
        for one in clashing
    ]


def _plain(short: float | None) -> str:
    """A shortfall, rounded up to two places, so that as much more is enough."""
    return "" if short is None else f"{math.ceil(short * 100 - 1e-6) / 100:.2f}"
