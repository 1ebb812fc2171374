"""Intervals from leaving clusters out."""

import numpy as np
import pytest

from orchestration.statistics.arrays import Floats, normal_quantile
from orchestration.statistics.jackknife import jackknife_intervals

VALUES = np.random.default_rng(3).gamma(2.0, size=150)


def _mean(weights: Floats) -> tuple[float]:
    return (float((weights * VALUES).sum() / weights.sum()),)


def test_the_interval_of_a_mean_is_the_textbooks() -> None:
    alone = np.arange(150, dtype=np.int64)
    [found] = jackknife_intervals(alone, _mean, confidence=0.95, seed=1) or []
    reach = normal_quantile(0.95) * VALUES.std(ddof=1) / np.sqrt(150)
    assert found.low == pytest.approx(VALUES.mean() - reach)
    assert found.high == pytest.approx(VALUES.mean() + reach)


def test_clusters_stay_together() -> None:
    pairs = np.repeat(np.arange(75, dtype=np.int64), 2)
    [found] = jackknife_intervals(pairs, _mean, confidence=0.95, seed=1) or []
    means = VALUES.reshape(75, 2).mean(axis=1)
    reach = normal_quantile(0.95) * means.std(ddof=1) / np.sqrt(75)
    assert (found.high - found.low) / 2 == pytest.approx(reach)


def test_more_clusters_than_groups_are_dealt_to_groups_and_still_cover() -> None:
    many = np.random.default_rng(4).normal(size=4_000)

    def mean(weights: Floats) -> tuple[float]:
        return (float((weights * many).sum() / weights.sum()),)

    alone = np.arange(4_000, dtype=np.int64)
    [found] = jackknife_intervals(alone, mean, confidence=0.95, seed=1) or []
    reach = normal_quantile(0.95) / np.sqrt(4_000)
    assert (found.high - found.low) / 2 == pytest.approx(reach, rel=0.2)


def test_one_cluster_or_a_figure_that_hangs_on_few_has_no_interval() -> None:
    assert jackknife_intervals(np.zeros(150, np.int64), _mean, confidence=0.95, seed=1) is None

    def with_all_of_the_first(weights: Floats) -> tuple[float] | None:
        return _mean(weights) if weights[:60].all() else None

    alone = np.arange(150, dtype=np.int64)
    found = jackknife_intervals(alone, with_all_of_the_first, confidence=0.95, seed=1)
    assert found is None
