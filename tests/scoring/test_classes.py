"""Classes within a population, worked by hand."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.rules.model import Classes
from landgis.scoring.classes import classify

SHARES = Classes("quantile", ("A", "B", "C", "D"), (0.2, 0.6, 0.95))
SCORES = Classes("cutscore", ("A", "B", "C", "D"), (90.0, 70.0, 50.0))


def letters(score, rule=SHARES, population=None):
    population = np.zeros(len(score), int) if population is None else np.array(population)
    return "".join(classify(np.array(score, dtype=float), rule, population))


def test_twenty_firms():
    assert letters(range(20, 0, -1)) == "A" * 4 + "B" * 8 + "C" * 7 + "D"


def test_few_firms():
    assert (letters([5]), letters([5, 4]), letters([5, 4, 3]), letters([])) == ("A", "AB", "ABC", "")


def test_ties_share_the_better_class():
    assert letters([9, 8, 8, 8, 1]) == "ABBBC"
    assert letters([7] * 6) == "A" * 6


def test_unknown_is_not_rated_and_not_counted():
    assert letters([5, np.nan, 4, 3, 2, 1]) == "ATBBCC"


def test_populations_are_apart():
    assert letters([1, 9, 2, 8], population=["x", "y", "x", "y"]) == "BAAB"


def test_cut_scores_include_their_bound():
    assert letters([90, 89.999, 70, 50, 49.9, np.nan], SCORES) == "ABBCDT"


def naive(score, population, rule):
    result = []
    for mine, group in zip(score, population, strict=True):
        others = [s for s, g in zip(score, population, strict=True) if g == group and s == s]
        if mine != mine:
            result.append("T")
            continue
        share = sum(s > mine for s in others) / len(others)
        result.append(
            next((k for k, bound in zip(rule.letters, rule.bounds, strict=False) if share < bound), rule.letters[-1])
        )
    return "".join(result)


rows = st.lists(
    st.tuples(st.one_of(st.just(float("nan")), st.integers(0, 9).map(float)), st.integers(0, 2)), max_size=40
)


@settings(deadline=None)
@given(rows)
def test_as_the_definition_says_it(pairs):
    score, population = [p[0] for p in pairs], [p[1] for p in pairs]
    assert letters(score, population=population) == naive(score, population, SHARES)


@settings(deadline=None)
@given(rows)
def test_one_population_as_the_definition_says_it(pairs):
    score = [p[0] for p in pairs]
    assert letters(score) == naive(score, [0] * len(score), SHARES)


@settings(deadline=None)
@given(rows, st.randoms())
def test_the_order_of_rows_changes_nothing(pairs, random):
    order = list(range(len(pairs)))
    random.shuffle(order)
    before = letters([p[0] for p in pairs], population=[p[1] for p in pairs])
    after = letters([pairs[i][0] for i in order], population=[pairs[i][1] for i in order])
    assert after == "".join(before[i] for i in order)
