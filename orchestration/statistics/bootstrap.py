"""Intervals from drawing whole clusters anew: what is of one account is not independent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Interval, Ints

_LEAST_CLUSTERS: Final = 2
_LEAST_SHARE: Final = 0.9


@dataclass(frozen=True)
class Bootstrapped:
    """The interval of a figure, and how many of the draws gave the figure at all."""

    interval: Interval
    n_draws: int


def cluster_weights(clusters: Ints, *, draws: int, seed: int) -> Floats | None:
    """How often each case counts where clusters are drawn anew with replacement, a row a draw.

    `clusters` numbers each case's cluster from 0. None where there is but one.
    """
    count = int(clusters.max()) + 1 if len(clusters) else 0
    if count < _LEAST_CLUSTERS:
        return None
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    return drawn[:, clusters].astype(np.float64)


def cluster_bootstrap(
    clusters: Ints,
    statistic: Callable[[Floats], float | None],
    *,
    draws: int,
    confidence: float,
    seed: int,
) -> Bootstrapped | None:
    """The percentile interval of a statistic over clusters that are drawn anew with replacement.

    `clusters` numbers each case's cluster from 0. `statistic` reckons the figure from how often
    each case counts; None where it can't. None comes back where there is but one cluster, or where
    more than a tenth of the draws give no figure: an interval of the rest would be too narrow.
    """
    weights = cluster_weights(clusters, draws=draws, seed=seed)
    if weights is None:
        return None
    found = [value for row in weights if (value := statistic(row)) is not None]
    return percentiles(np.array(found), draws=draws, confidence=confidence)


def percentiles(found: Floats, *, draws: int, confidence: float) -> Bootstrapped | None:
    """The percentile interval of what the draws gave; None where over a tenth gave no figure."""
    if len(found) < _LEAST_SHARE * draws:
        return None
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Bootstrapped(Interval(float(low), float(high)), len(found))


def interval_of_total(
    totals: Floats, *, draws: int, confidence: float, seed: int
) -> Interval | None:
    """The percentile interval of a sum over clusters, of which more or fewer might have come.

    `totals` has each cluster's part. How many clusters there are is chance too, so each counts as
    often as a Poisson number of mean one says (Chamandy et al. 2012), where drawing so many with
    replacement would find no spread in a sum of equal parts. None with fewer than two clusters.
    """
    if len(totals) < _LEAST_CLUSTERS:
        return None
    generator = np.random.default_rng(seed)
    drawn = np.zeros(draws)
    # Cluster by cluster: all draws of many clusters at once would take gigabytes.
    for total in totals:
        drawn += total * generator.poisson(1.0, size=draws)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
