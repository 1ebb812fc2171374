"""Intervals over accounts that are drawn anew."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chisquare, poisson

from orchestration.statistics.arrays import Floats, Ints
from orchestration.statistics.bootstrap import cluster_bootstrap, interval_of_total, of_draws

CASES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=2, max_size=8)
ACCOUNTS = np.repeat(np.arange(7), [1, 2, 3, 1, 2, 1, 5])


def counts_of_draws(accounts: Ints, cells: Ints, draws: int, seed: int = 2) -> Floats:
    """How many cases are in each cell, a row a draw."""
    found = of_draws(accounts, cells, lambda counts: counts, draws=draws, seed=seed)
    assert found is not None
    return found


@settings(deadline=None, max_examples=25)
@given(cases=CASES.filter(lambda cases: len({account for account, _ in cases}) > 1))
def test_each_outcome_comes_as_often_as_accounts_drawn_one_by_one_bring_it(
    cases: list[tuple[int, int]],
) -> None:
    accounts, cells = (np.array([case[place] for case in cases]) for place in (0, 1))
    cells = np.unique(cells, return_inverse=True)[1]
    contents = [np.bincount(cells[accounts == a], minlength=cells.max() + 1) for a in set(accounts)]
    outcomes = Counter(
        tuple(np.sum(drawn, axis=0)) for drawn in product(contents, repeat=len(contents))
    )
    found = Counter(map(tuple, counts_of_draws(accounts, cells, 4_000).astype(int)))
    assert set(found) <= set(outcomes)
    expected = np.array(list(outcomes.values())) / outcomes.total() * 4_000
    observed = np.array([found[outcome] for outcome in outcomes])
    assert len(outcomes) == 1 or chisquare(observed, expected).pvalue > 1e-6


def test_many_accounts_that_are_alike_are_drawn_as_a_number_of_them() -> None:
    accounts = np.arange(400)
    found = counts_of_draws(accounts, (accounts < 100).astype(np.int64), 20_000)
    assert found.sum(axis=1) == pytest.approx(400)
    numbers, times = np.unique(found[:, 1], return_counts=True)
    likely = np.isin(np.arange(401), numbers) & (binom.pmf(np.arange(401), 400, 0.25) > 5e-4)
    expected = binom.pmf(np.nonzero(likely)[0], 400, 0.25)
    observed = times[np.isin(numbers, np.nonzero(likely)[0])]
    expected *= observed.sum() / expected.sum()
    assert chisquare(observed, expected).pvalue > 1e-3


def test_neither_names_nor_the_order_of_cases_move_a_draw() -> None:
    turn = np.random.default_rng(4)
    cells = turn.integers(0, 3, len(ACCOUNTS))
    shuffled = turn.permutation(len(ACCOUNTS))
    renamed = turn.permutation(7)[ACCOUNTS]
    ours = counts_of_draws(ACCOUNTS, cells, 50)
    assert (counts_of_draws(renamed[shuffled], cells[shuffled], 50) == ours).all()


def test_draws_of_more_accounts_than_are_drawn_at_once_are_all_there() -> None:
    accounts = np.arange(300_000)
    found = counts_of_draws(accounts, accounts % 100_000, 20)
    assert found.shape == (20, 100_000)
    assert found.sum(axis=1) == pytest.approx(300_000)
    assert len({tuple(row[:50]) for row in found}) == 20


def test_the_interval_holds_the_truth_as_often_as_stated() -> None:
    generator, runs, held = np.random.default_rng(11), 200, 0
    for seed in range(runs):
        accounts = np.repeat(np.arange(80), generator.integers(1, 6, 80))
        of_account = generator.normal(0, 1, 80)
        values = of_account[accounts] + generator.normal(0, 0.5, len(accounts))

        def mean(weights: Floats, values: Floats = values) -> float:
            return float(np.average(values, weights=weights))

        each = np.arange(len(accounts))
        found = cluster_bootstrap(accounts, each, mean, draws=200, confidence=0.9, seed=seed)
        assert found is not None
        held += found.interval.low <= 0 <= found.interval.high
    low, high = binom.interval(0.999, runs, 0.9)
    assert low - 4 <= held <= high


def test_rows_of_one_account_are_drawn_together() -> None:
    accounts, each = np.array([0, 0, 0, 1, 1]), np.arange(5)

    def together(weights: Floats) -> float:
        assert len(set(weights[:3])) == 1
        assert len(set(weights[3:])) == 1
        assert weights[0] + weights[3] == pytest.approx(2)
        return float(weights.sum())

    assert cluster_bootstrap(accounts, each, together, draws=50, confidence=0.9, seed=1) is not None


def test_one_account_alone_has_no_interval() -> None:
    accounts = np.zeros(9, dtype=np.int64)
    assert (
        cluster_bootstrap(accounts, np.arange(9), np.sum, draws=20, confidence=0.9, seed=1) is None
    )


def test_where_too_many_draws_give_no_figure_there_is_no_interval() -> None:
    accounts = np.array([0, 1, 2, 3])

    def share(weights: Floats) -> float | None:
        return float(weights[0] / 4) if weights[0] else None

    assert cluster_bootstrap(accounts, accounts, share, draws=200, confidence=0.9, seed=1) is None


def test_the_interval_of_a_sum_of_equal_parts_is_that_of_their_number() -> None:
    # Forty accounts of one each: their number is Poisson's, which draws of forty would never show.
    found = interval_of_total(np.ones(40), draws=20_000, confidence=0.95, seed=3)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(poisson.interval(0.95, 40), abs=1)


def test_a_sum_of_few_large_parts_is_less_sure_than_one_of_many_small_ones() -> None:
    many = interval_of_total(np.ones(100), draws=2_000, confidence=0.95, seed=3)
    few = interval_of_total(np.full(4, 25.0), draws=2_000, confidence=0.95, seed=3)
    assert many is not None
    assert few is not None
    # The variance of a compound Poisson sum is the sum of squares: 100 against 2,500.
    assert few.high - few.low > 3 * (many.high - many.low)


def test_the_sum_of_one_account_alone_has_no_interval() -> None:
    assert interval_of_total(np.array([12.0]), draws=50, confidence=0.9, seed=1) is None
