"""Good plans fast: sites are put one after the other where they fit (serial schedule generation), then improved.

The order decides. It comes from a priority rule (gain for cost, Johnson's, net floor released), or from the linear
relaxation, which knows what a quarter of floor or money is worth. Then parts of the plan are taken out and put again,
and what is better stays. No clock: the work is counted in looks at where a site would fit. Deterministic for a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.board import Board
from landgis.planning.scheduling.model import Model
from landgis.planning.scheduling.problem import UNSTARTED, Plan, Problem, worth
from landgis.planning.scheduling.solve import Relaxed
from landgis.planning.scheduling.use import Usage, usage

RULES = ("gain", "value", "released", "johnson", "file")
NOISE = (0.01, 0.1, 0.5)  # of the length of the list: how far a site may move in it by chance
HALF = 0.5
TRIED = 15  # other sites that are tried in the room of those taken out
LOOKS_A_TURN = 5  # what a turn of improving costs beside its looks
NOWHERE = (-np.inf, 0, 0)
TAKEN_OUT = 8  # units of sites at most in one turn of improving
LOOKS = 30_000  # where a site would fit: about 20 µs each
ROUNDING = 1e-6  # in the relaxation
SHARES = (0.1, 0.5, 0.9)  # of a site in the relaxation, from which on it counts as chosen


@dataclass(frozen=True)
class Start:
    """A plan to begin with, and how it came about."""

    name: str
    plan: Plan | None  # None where a site that is required found no place, or what had begun breaks a limit
    objective: float  # NaN without a plan


def priority(problem: Problem, rule: str) -> np.ndarray:
    """The sites in the order of a rule, int64[n]; each site in its most valuable mode; ties in the order of the list.

    gain: value for cost. value: value. released: floor given back less floor needed. johnson: Johnson's order of the
    relocation problem (first those that give back no less than they need, by what they need; then the others, by what
    they give back, most first). file: the list as it stands.
    """
    sites = np.arange(len(problem.sites))
    best = np.where(problem.open_starts, problem.value, -np.inf).max(axis=2)
    mode = best.argmax(axis=1)
    value = best[sites, mode]
    if rule == "gain" and problem.money:
        return np.argsort(-value / np.maximum(problem.money.cost_wan[sites, mode].sum(axis=1), 1e-9), kind="stable")
    if rule in ("gain", "value"):
        return np.argsort(-value, kind="stable")
    if rule == "file" or not problem.space:
        return sites
    needs, returns = (floor[sites, mode].sum(axis=1) for floor in (problem.space.needs_m2, problem.space.returns_m2))
    if rule == "released":
        return np.argsort(needs - returns, kind="stable")
    gives = returns >= needs
    return np.lexsort((np.where(gives, needs, -returns), ~gives))


def by_quarter(problem: Problem, rule: str) -> Plan | None:
    """What an office does without a plan: every quarter it goes down its list and starts what can be started now.

    The plans to compare with: greedy (`gain`), Johnson only (`johnson`), the list as it stands (`file`). Same limits
    as everyone, and nothing is started that is worth nothing then, unless it is required or waited for. None where a
    site that is required was never reached, or what had begun breaks a limit.
    """
    board, order = Board(problem), priority(problem, rule).tolist()
    best = np.where(problem.open_starts, problem.value, -np.inf).max(axis=1)
    wanted: np.ndarray = np.greater(best, 0)
    wanted[[site for site, waiting in enumerate(board.ties.after) if waiting] + board.must] = True
    least, most = float(problem.value.min(initial=0)), float(problem.value.max(initial=0))
    soon = problem.value - (1 + most - least) * np.arange(problem.shape[2])
    for period in range(problem.shape[2]):
        for site in order:
            if wanted[site, period] and board.mode[site] == UNSTARTED and board.modes[site]:
                _start_now(board, site, period, soon)
    return _finished(board)


def heuristic(
    problem: Problem, *, model: Model | None = None, relaxed: Relaxed | None = None, seed: int = 0, looks: int = LOOKS
) -> Start:
    """The best plan of all rules, improved; with the relaxation of its model usually far better where space is tight.

    `looks`: how often it may look where a site would fit.
    """
    search = _Search(problem, looks)
    for rule in RULES:
        search.try_order(rule, priority(problem, rule), problem.value)
    if model is not None and relaxed is not None:
        for name, order, score in guided_orders(problem, model, relaxed):
            search.try_order(name, order, score)
    search.improve(np.random.default_rng(seed))
    return search.best


def guided_orders(problem: Problem, model: Model, relaxed: Relaxed) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Orders that follow the relaxation; float scores [n, modes, periods] say which start to take among those that fit.

    Sites that it starts for the greater part come first, or those whose start it is sure of; then the mean of their
    starts in it decides. The start is the most valuable one that fits, or that of the relaxation where it fits.
    """
    share = starts_of(problem, model, relaxed)
    total, sure = share.sum(axis=(1, 2)), share.max(axis=(1, 2), initial=0)
    mean = (share * np.arange(problem.shape[2])).sum(axis=(1, 2)) / np.maximum(total, ROUNDING)
    keys = {f"relaxed {least:g}": total < least for least in SHARES}
    keys |= {"relaxed sure": sure < 1 - ROUNDING, "relaxed by share": -np.round(sure, 3)}
    more = 2 * float(np.abs(problem.value).max(initial=1.0))
    in_mode = problem.value + more * share.sum(axis=2, keepdims=True)
    for name, key in keys.items():
        yield name, np.lexsort((mean, key)), in_mode
        yield f"{name}, its starts", np.lexsort((mean, key)), in_mode + more * share


def starts_of(problem: Problem, model: Model, relaxed: Relaxed) -> np.ndarray:
    """The share of each start in the relaxation, float64[n, modes, periods]."""
    until = np.zeros(problem.shape)
    until[model.site, model.mode, model.period] = relaxed.y[: len(model.site)]
    until = np.maximum.accumulate(until, axis=2)
    return np.diff(until, axis=2, prepend=0)


class _Search:
    """The best plan so far, and how many looks are left."""

    def __init__(self, problem: Problem, looks: int) -> None:
        self.problem, self.looks = problem, looks
        self.used: Usage = usage(problem)
        self.best = Start("nothing", None, float("nan"))
        self.board = Board(problem, self.used)
        self.held = -np.inf
        self.order, self.score = priority(problem, "file"), problem.value
        self.ruin = 1 + 2 * float(np.abs(problem.value).max(axis=(1, 2), initial=0).sum())

    def try_order(self, name: str, order: np.ndarray, score: np.ndarray) -> None:
        """Put the sites in an order, the required ones and all that they need first."""
        board = Board(self.problem, self.used)
        self.fill(board, order.tolist(), score)
        if (found := self.measure(board)) > self.held:
            self.board, self.held, self.order, self.score = board, found, order, score
            self.best = _start(name, board)

    def fill(self, board: Board, order: list[int], score: np.ndarray) -> None:
        """Put what fits and is not there yet: what must be first, then what is worth something with all it brings."""
        must = set(board.must)
        for site in (*(site for site in order if site in must), *order):
            if board.mode[site] == UNSTARTED and board.modes[site]:
                self.looks -= 1
                done = put(board, site, score)
                if done and site not in must and self.gained(board, done) <= 0:
                    _take_back(board, done)

    def gained(self, board: Board, done: list[int]) -> float:
        """What some sites on a board are worth."""
        return float(sum(self.problem.value[site, board.mode[site], board.start[site]] for site in done))

    def measure(self, board: Board) -> float:
        """What a board is worth; what is wrong with it costs more than all values together."""
        return worth(self.problem, board.plan) - board.wrongs * self.ruin

    def improve(self, random: np.random.Generator) -> None:
        """Take some sites out, put them and others in again, keep what is no worse."""
        board, rank = self.board, np.empty(len(self.order))
        rank[self.order] = np.linspace(0, 1, len(self.order))
        while self.looks > 0:
            self.looks -= LOOKS_A_TURN
            before = board.save()
            out = sorted({one for site in _chosen(board, random) for one in board.waiting_on(site)})
            for one in out:
                board.take(one)
            free = [site for site, mode in enumerate(board.mode) if mode == UNSTARTED and board.modes[site]]
            free = [*out, *random.choice(free, min(len(free), TRIED), replace=False).tolist()]
            order = np.argsort((rank + random.choice(NOISE) * random.random(len(rank)))[free], kind="stable")
            self.fill(board, [free[k] for k in order], self.score if random.random() < HALF else self.problem.value)
            if (found := self.measure(board)) >= self.held:
                self.held = found
            else:
                board.restore(before)
        self.best = _start(self.best.name, board)


def put(board: Board, site: int, score: np.ndarray, earliest: int = 0) -> list[int]:
    """Put a site and all that it cannot be without, each at its best start and mode by score; the sites put.

    None of them where one does not fit.
    """
    done: list[int] = []
    for one in board.needed_with(site):
        best = max((_best_start(board, one, mode, score, earliest) for mode in board.modes[one]), default=NOWHERE)
        if best[0] == -np.inf:
            _take_back(board, done)
            return []
        board.put(one, -best[1], -best[2])
        done.append(one)
    return done


def _best_start(board: Board, site: int, mode: int, score: np.ndarray, earliest: int) -> tuple[float, int, int]:
    """Score, −mode and −start, so that of equals the greatest is the first mode and the earliest start."""
    fits = board.fits(site, mode)
    fits[:earliest] = False
    scores = np.where(fits, score[site, mode], -np.inf)
    start = int(scores.argmax())
    return float(scores[start]), -mode, -start


def _chosen(board: Board, random: np.random.Generator) -> list[int]:
    """A few sites to take out: any, or such as start at about the same time."""
    on = np.flatnonzero((np.array(board.mode) != UNSTARTED) & ~np.array(board.fixed, dtype=bool))
    if not len(on):
        return []
    count = int(random.integers(1, TAKEN_OUT + 1))
    far = random.random(len(on))
    if random.random() < HALF:
        start = np.array(board.start)[on]
        far += np.abs(start - random.choice(start))
    return [int(site) for site in on[np.argsort(far, kind="stable")[:count]]]


def _start_now(board: Board, site: int, period: int, soon: np.ndarray) -> None:
    """Start a site in this period, with its group from then on, each as soon as it fits; not at all if it does not.

    `soon` is a score by which an earlier start is always the better one.
    """
    together = board.ties.unit[site]
    if any(one not in together for one in board.needed_with(site)):
        return
    done = put(board, site, soon, period)
    if done and board.start[site] != period:
        _take_back(board, done)


def _take_back(board: Board, done: list[int]) -> None:
    for one in reversed(done):
        board.take(one)


def _start(name: str, board: Board) -> Start:
    plan = _finished(board)
    return Start(name, plan, worth(board.problem, plan) if plan else float("nan"))


def _finished(board: Board) -> Plan | None:
    """The plan on the board; None where something is wrong with it."""
    return None if board.wrongs else board.plan
