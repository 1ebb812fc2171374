"""Intervals from drawing whole clusters anew: what is of one account is not independent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Interval, Ints, distinct

_LEAST_CLUSTERS: Final = 2
_LEAST_SHARE: Final = 0.9
# What is drawn at once takes some megabytes, however many clusters there are.
_DRAWN_AT_ONCE: Final = 2**20
# As many clusters are drawn one by one while the number of a kind is.
_WORTH_A_NUMBER: Final = 8


@dataclass(frozen=True)
class Bootstrapped:
    """The interval of a figure, and how many of the draws gave the figure at all."""

    interval: Interval
    n_draws: int


def of_draws(
    clusters: Ints,
    cells: Ints,
    statistic: Callable[[Floats], Floats],
    *,
    draws: int,
    seed: int,
) -> Floats | None:
    """What a statistic comes to where clusters are drawn anew with replacement, a row a draw.

    `clusters` and `cells` number each case's cluster and cell from 0; cases of a cell are alike to
    the statistic. It reckons from rows of draws how many of the cases are in each cell, and gives a
    row for each. None where there is but one cluster.

    Clusters whose cases are of the same cells are alike, so what is drawn is how many of each kind
    of cluster there are. The draws hang on nothing else: not on names, nor on an order.
    """
    if not len(clusters):
        return None
    kinds = _kinds(clusters, cells)
    count = int(kinds.counts.sum())
    if count < _LEAST_CLUSTERS:
        return None
    generator = np.random.default_rng(seed)
    at_once = max(1, _DRAWN_AT_ONCE // len(kinds.kind))
    found = []
    for begin in range(0, draws, at_once):
        drawn = _drawn(kinds.counts, min(at_once, draws - begin), generator)
        in_cells = np.add.reduceat(drawn[:, kinds.kind], kinds.first, axis=1)
        found.append(statistic(in_cells.astype(np.float64)))
    return np.concatenate(found)


def cluster_bootstrap(
    clusters: Ints,
    cells: Ints,
    statistic: Callable[[Floats], float | None],
    *,
    draws: int,
    confidence: float,
    seed: int,
) -> Bootstrapped | None:
    """The percentile interval of a statistic over clusters that are drawn anew with replacement.

    `clusters` and `cells` are as for `of_draws`. `statistic` reckons the figure from how many cases
    are in each cell; None where it can't. None comes back where there is but one cluster, or where
    more than a tenth of the draws give no figure: an interval of the rest would be too narrow.
    """

    def each(rows: Floats) -> Floats:
        figures = (statistic(row) for row in rows)
        return np.array([np.nan if figure is None else figure for figure in figures])

    found = of_draws(clusters, cells, each, draws=draws, seed=seed)
    if found is None:
        return None
    return percentiles(found[~np.isnan(found)], draws=draws, confidence=confidence)


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
    values, counts = np.unique(totals, return_counts=True)
    generator = np.random.default_rng(seed)
    drawn = np.zeros(draws)
    at_once = max(1, _DRAWN_AT_ONCE // draws)
    for begin in range(0, len(values), at_once):
        some = slice(begin, begin + at_once)
        # Clusters of equal parts together: a sum of Poisson numbers is one of their means' sum.
        times = generator.poisson(counts[some, None], size=(len(counts[some]), draws))
        drawn += values[some] @ times
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


@dataclass(frozen=True)
class _Kinds:
    """Kinds of clusters: how many there are of each, and what is in them.

    `kind` has the kind of each case that one cluster of each kind has, cell by cell; those of a
    cell begin at `first`.
    """

    counts: Ints
    kind: Ints
    first: Ints


def _kinds(clusters: Ints, cells: Ints) -> _Kinds:
    order = np.lexsort((cells, clusters))
    in_order, of = cells[order], clusters[order]
    begins = np.concatenate([[0], np.nonzero(np.diff(of))[0] + 1])
    sizes = np.diff(np.append(begins, len(of)))
    counts: list[Ints] = []
    kind: list[Ints] = []
    cell: list[Ints] = []
    for size in np.unique(sizes):
        rows = in_order[begins[sizes == size][:, None] + np.arange(size)]
        first, number = distinct(*rows.T)
        kind.append(np.repeat(np.arange(len(first)) + sum(map(len, counts)), size))
        counts.append(np.bincount(number))
        cell.append(rows[first].ravel())
    of_kind, of_cell = np.concatenate(kind), np.concatenate(cell)
    order = np.argsort(of_cell, kind="stable")
    return _Kinds(
        np.concatenate(counts), of_kind[order], np.unique(of_cell[order], return_index=True)[1]
    )


def _drawn(counts: Ints, draws: int, generator: np.random.Generator) -> Ints:
    """How many of each kind there are in each draw of as many clusters, a row a draw.

    Of a kind with many clusters the number is drawn; the others' clusters are drawn one by one.
    """
    many = counts >= _WORTH_A_NUMBER
    others = np.repeat(np.nonzero(~many)[0], counts[~many])
    numbers = np.concatenate([[len(others)], counts[many]])
    drawn = generator.multinomial(counts.sum(), numbers / counts.sum(), size=draws)
    found = np.zeros((draws, len(counts)), dtype=np.int64)
    found[:, many] = drawn[:, 1:]
    if len(others):
        row = np.repeat(np.arange(draws), drawn[:, 0])
        kind = others[generator.integers(0, len(others), len(row))]
        found += np.bincount(row * len(counts) + kind, minlength=found.size).reshape(found.shape)
    return found
