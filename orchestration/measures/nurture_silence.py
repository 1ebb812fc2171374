"""For how long each team lets an open deal be: the median over deals of the longest silence."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Figure, Settings, table_of
from orchestration.measures.slices import Cell, cells, numbered
from orchestration.statistics.arrays import Floats, Interval, Ints
from orchestration.statistics.bootstrap import of_draws, percentiles
from orchestration.statistics.incidence import quantiles_of_draws

_HALF: Final = np.array([0.5])
_DRAWS: Final = 200


def nurture_silence(silences: pa.Table, settings: Settings) -> pa.Table:
    """The median of each metric of `int_nurture_silence` in each cell, in days.

    It is the least silence that at least half of the deals don't go beyond. The interval is over
    accounts drawn anew; there is none below `too_few` deals.
    """
    return table_of(_figures(silences, settings))


def _figures(silences: pa.Table, settings: Settings) -> Iterator[Figure]:
    for metric in sorted(pc.unique(silences["metric"]).to_pylist()):
        cases = silences.filter(pc.equal(silences["metric"], metric))
        days = cases["days"].to_numpy().astype(np.float64)
        clusters = numbered(cases["cluster_id"])
        for cell in cells(cases):
            yield _of_cell(metric, cell, days[cell.places], clusters[cell.places], settings)


def _of_cell(metric: str, cell: Cell, days: Floats, clusters: Ints, settings: Settings) -> Figure:
    bounds = _bounds(cell.seed(metric), days, clusters, settings)
    return Figure(
        metric=metric,
        cell=cell,
        n=len(days),
        value=float(_medians(days, np.ones((1, len(days))))[0]),
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        status=None,
    )


def _bounds(seed: int, days: Floats, clusters: Ints, settings: Settings) -> Interval | None:
    if len(days) < settings.too_few:
        return None
    distinct_days, cells = np.unique(days, return_inverse=True)
    drawn = of_draws(
        clusters, cells, lambda counts: _medians(distinct_days, counts), draws=_DRAWS, seed=seed
    )
    if drawn is None:
        return None
    found = percentiles(drawn, draws=_DRAWS, confidence=settings.confidence_level)
    return found.interval if found else None


def _medians(days: Floats, counts: Floats) -> Floats:
    """The median of each row: every silence is over, so its incidence is its distribution."""
    happened = np.ones(len(days), dtype=np.int64)
    return quantiles_of_draws(days, happened, counts, 1, _HALF)[:, 0]
