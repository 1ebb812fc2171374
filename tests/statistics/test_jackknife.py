"""Intervals from leaving clusters out."""

from collections.abc import Callable

import numpy as np
import pytest

from orchestration.statistics.arrays import Floats, normal_quantile
from orchestration.statistics.jackknife import jackknife_intervals

VALUES = np.random.default_rng(3).gamma(2.0, size=150)


def _mean(weights: Floats) -> tuple[float]:
    return (float((weights * VALUES).sum() / weights.sum()),)


EACH = np.arange(150, dtype=np.int64)


def test_the_interval_of_a_mean_is_the_textbooks() -> None:
    [found] = jackknife_intervals(EACH, EACH, _mean, confidence=0.95, seed=1) or []
    reach = normal_quantile(0.95) * VALUES.std(ddof=1) / np.sqrt(150)
    assert found.low == pytest.approx(VALUES.mean() - reach)
    assert found.high == pytest.approx(VALUES.mean() + reach)


def test_clusters_stay_together() -> None:
    pairs = np.repeat(np.arange(75, dtype=np.int64), 2)
    [found] = jackknife_intervals(pairs, EACH, _mean, confidence=0.95, seed=1) or []
    means = VALUES.reshape(75, 2).mean(axis=1)
    reach = normal_quantile(0.95) * means.std(ddof=1) / np.sqrt(75)
    assert (found.high - found.low) / 2 == pytest.approx(reach)


def test_more_clusters_than_groups_are_dealt_to_groups_and_still_cover() -> None:
    many = np.random.default_rng(4).normal(size=4_000)

    def mean(weights: Floats) -> tuple[float]:
        return (float((weights * many).sum() / weights.sum()),)

    alone = np.arange(4_000, dtype=np.int64)
    [found] = jackknife_intervals(alone, alone, mean, confidence=0.95, seed=1) or []
    reach = normal_quantile(0.95) / np.sqrt(4_000)
    assert (found.high - found.low) / 2 == pytest.approx(reach, rel=0.2)


def test_one_cluster_or_a_figure_that_hangs_on_few_has_no_interval() -> None:
    together = np.zeros(150, dtype=np.int64)
    assert jackknife_intervals(together, EACH, _mean, confidence=0.95, seed=1) is None

    def with_all_of_the_first(weights: Floats) -> tuple[float] | None:
        return _mean(weights) if weights[:60].all() else None

    found = jackknife_intervals(EACH, EACH, with_all_of_the_first, confidence=0.95, seed=1)
    assert found is None


def test_cases_of_a_cell_counted_together_give_what_each_alone_gives() -> None:
    values, cells = np.unique(np.round(VALUES, 1), return_inverse=True)
    rounded = values[cells]

    def mean(of: Floats) -> Callable[[Floats], tuple[float]]:
        return lambda counts: (float((counts * of).sum() / counts.sum()),)

    thirds = EACH // 3
    together = jackknife_intervals(thirds, cells, mean(values), confidence=0.95, seed=1)
    alone = jackknife_intervals(thirds, EACH, mean(rounded), confidence=0.95, seed=1)
    assert together is not None
    assert alone is not None
    assert (together[0].low, together[0].high) == pytest.approx((alone[0].low, alone[0].high))
