"""Intervals from leaving out a part of the clusters at a time: for figures of few events.

Where events are few, clusters drawn anew often leave a stratum with none, and percentile intervals
come out too narrow; the delete-a-group jackknife (Kott 2001) errs to the other side.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Interval, Ints, normal_quantile

_MOST_GROUPS: Final = 200
_LEAST_GROUPS: Final = 2
_LEAST_SHARE: Final = 0.9


def jackknife_intervals(
    clusters: Ints,
    cells: Ints,
    statistic: Callable[[Floats], Sequence[float] | None],
    *,
    confidence: float,
    seed: int,
) -> list[Interval] | None:
    """An interval for each of the figures that `statistic` reckons from how many are in each cell.

    `cells` and `clusters` number each case's cell and cluster from 0. Clusters are dealt to as many
    as 200 groups. None where there is but one, or where the figure can't be told without more than
    a tenth of them.
    """
    everyone = np.bincount(cells).astype(np.float64)
    whole = statistic(everyone)
    count = int(clusters.max()) + 1 if len(clusters) else 0
    groups = min(count, _MOST_GROUPS)
    if whole is None or groups < _LEAST_GROUPS:
        return None
    group_of = (np.random.default_rng(seed).permutation(count) % groups)[clusters]
    in_order = cells[np.argsort(group_of, kind="stable")]
    edges = np.cumsum(np.bincount(group_of, minlength=groups))[:-1]
    found = [
        values
        for own in np.split(in_order, edges)
        if (values := statistic(everyone - np.bincount(own, minlength=len(everyone)))) is not None
    ]
    if len(found) < _LEAST_SHARE * groups:
        return None
    left = np.array(found)
    spread = ((left - left.mean(axis=0)) ** 2).sum(axis=0)
    reach = normal_quantile(confidence) * np.sqrt((len(left) - 1) / len(left) * spread)
    return [
        Interval(float(value - far), float(value + far))
        for value, far in zip(whole, reach, strict=True)
    ]
