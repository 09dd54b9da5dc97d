"""Money over the years: net present value, internal rate of return, payback; for many rows at once.

`flows` are float[n, years + 1]: what comes in less what goes out at the end of year 0, 1, 2 … A row with a flow that is
not known (NaN) has no figure. Textbook formulas (Brealey, Myers & Allen, Principles of Corporate Finance).
"""

from __future__ import annotations

import numpy as np

from landgis.planning.sequence import FloatArray

LOWEST_RATE, HIGHEST_RATE = -0.95, 10.0  # between which a rate of return is sought
STEPS = 64  # of the search; two roots closer than one of them are not told apart
HALVINGS = 48
ROUNDING = 1e-12  # of all flows of a row: a balance nearer to 0 is 0
CHUNK = 8192  # rows at a time, so that they stay in the cache


def net_present_value(flows: FloatArray, rate: float) -> FloatArray:
    """float[n]: Σ_t flow_t ÷ (1 + rate)^t.

    >>> net_present_value(np.array([[-100.0, 60.0, 60.0]]), 0.1).round(4).tolist()
    [4.1322]
    """
    worth: FloatArray = flows @ _discounts(flows.shape[1], rate)
    return worth


def internal_rate_of_return(flows: FloatArray) -> FloatArray:
    """float[n]: the rate at which the net present value is 0.

    NaN where there is none between -95 % and 1 000 %, or several. The rates of a fixed list are tried first; the one
    step in which the value changes its sign is then halved.

    >>> internal_rate_of_return(np.array([[-100.0, 60.0, 60.0], [-100.0, 10.0, 10.0], [5.0, 5.0, 5.0]])).round(6)
    array([ 0.130662, -0.629844,       nan])
    """
    starts = range(0, len(flows), CHUNK)
    return np.concatenate([np.empty(0), *(_rates(flows[start : start + CHUNK]) for start in starts)])


def _rates(flows: FloatArray) -> FloatArray:
    logs = np.linspace(np.log1p(LOWEST_RATE), np.log1p(HIGHEST_RATE), STEPS + 1)
    worths = flows @ np.exp(-np.outer(np.arange(flows.shape[1]), logs))
    sign = np.sign(np.nan_to_num(worths)).astype(np.int8)
    turns = sign[:, :-1] * sign[:, 1:] < 0
    rate = np.full(len(flows), np.nan)
    once = np.flatnonzero((turns.sum(axis=1) == 1) & (sign != 0).all(axis=1))
    step = turns[once].argmax(axis=1)
    rate[once] = np.expm1(_halved(flows[once], logs[step], logs[step + 1]))
    exact = np.flatnonzero(((sign == 0).sum(axis=1) == 1) & ~turns.any(axis=1))  # a rate of the list is the root
    rate[exact] = np.expm1(logs[(sign[exact] == 0).argmax(axis=1)])
    return rate


def _halved(flows: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """log(1 + rate) between two values at which the net present value has different signs."""
    yearly = np.ascontiguousarray(flows.T)
    falls = _worth(yearly, low) > 0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        further = (_worth(yearly, middle) > 0) == falls  # the root lies further up
        low, high = np.where(further, middle, low), np.where(further, high, middle)
    found: FloatArray = (low + high) / 2
    return found


def _worth(yearly: FloatArray, log: FloatArray) -> FloatArray:
    """Net present value of each column at its own log(1 + rate)."""
    discount = np.exp(-log)
    worth: FloatArray = yearly[-1].copy()
    for flow in yearly[-2::-1]:
        worth *= discount
        worth += flow
    return worth


def payback_years(flows: FloatArray, rate: float = 0.0) -> FloatArray:
    """float[n]: years from the first payment until what came in covers what went out, and does from then on.

    Both discounted by `rate`. Within a year in proportion; NaN where it never does.

    >>> payback_years(np.array([[-100.0, 40.0, 40.0, 40.0], [-100.0, 40.0, 40.0, 10.0]])).tolist()
    [2.5, nan]
    """
    present = flows * _discounts(flows.shape[1], rate)
    balance = np.cumsum(present, axis=1)
    short = balance < -ROUNDING * np.abs(present).sum(axis=1, keepdims=True)
    years = balance.shape[1]
    last = np.where(short.any(axis=1), years - 1 - short[:, ::-1].argmax(axis=1), -1)  # the last year that is short
    rows, year = np.arange(len(flows)), np.minimum(last + 1, years - 1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        within = last - balance[rows, last] / present[rows, year]
    found = np.where(last < 0, 0.0, np.where((last == years - 1) | ~np.isfinite(within), np.nan, within))
    found[np.isnan(balance[:, -1])] = np.nan
    return found


def static_payback_years(gap_wan: FloatArray, gain_wan: FloatArray) -> FloatArray:
    """float[n]: gap ÷ yearly gain (静态回收期); 0 where there is no gap, NaN where the gain never covers it.

    >>> static_payback_years(np.array([12_000.0, 5.0, -1.0]), np.array([2_000.0, 0.0, 0.0])).tolist()
    [6.0, nan, 0.0]
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        years = np.where(gain_wan > 0, gap_wan / gain_wan, np.nan)
    found: FloatArray = np.where(gap_wan <= 0, 0.0, np.where(np.isfinite(years), years, np.nan))
    return found


def _discounts(years: int, rate: float) -> FloatArray:
    found: FloatArray = np.power(1.0 + rate, -np.arange(years, dtype=np.float64))
    return found
