"""Intervals over accounts that are drawn anew."""

import numpy as np
import pytest
from scipy.stats import binom, poisson

from orchestration.statistics.arrays import Floats
from orchestration.statistics.bootstrap import cluster_bootstrap, interval_of_total


def test_the_interval_holds_the_truth_as_often_as_stated() -> None:
    generator, runs, held = np.random.default_rng(11), 200, 0
    for seed in range(runs):
        accounts = np.repeat(np.arange(80), generator.integers(1, 6, 80))
        of_account = generator.normal(0, 1, 80)
        values = of_account[accounts] + generator.normal(0, 0.5, len(accounts))

        def mean(weights: Floats, values: Floats = values) -> float:
            return float(np.average(values, weights=weights))

        found = cluster_bootstrap(accounts, mean, draws=200, confidence=0.9, seed=seed)
        assert found is not None
        held += found.interval.low <= 0 <= found.interval.high
    low, high = binom.interval(0.999, runs, 0.9)
    assert low - 4 <= held <= high


def test_rows_of_one_account_are_drawn_together() -> None:
    accounts = np.array([0, 0, 0, 1, 1])

    def together(weights: Floats) -> float:
        assert len(set(weights[:3])) == 1
        assert len(set(weights[3:])) == 1
        assert weights[0] + weights[3] == pytest.approx(2)
        return float(weights.sum())

    assert cluster_bootstrap(accounts, together, draws=50, confidence=0.9, seed=1) is not None


def test_one_account_alone_has_no_interval() -> None:
    accounts = np.zeros(9, dtype=np.int64)
    assert cluster_bootstrap(accounts, np.sum, draws=20, confidence=0.9, seed=1) is None


def test_where_too_many_draws_give_no_figure_there_is_no_interval() -> None:
    accounts = np.array([0, 1, 2, 3])

    def share(weights: Floats) -> float | None:
        return float(weights[0] / 4) if weights[0] else None

    assert cluster_bootstrap(accounts, share, draws=200, confidence=0.9, seed=1) is None


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
