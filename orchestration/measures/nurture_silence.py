"""For how long each team lets an open deal be: the median over deals of the longest silence."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Figure, Settings, table_of
from orchestration.measures.slices import Cell, cells, numbered
from orchestration.statistics.arrays import Interval
from orchestration.statistics.bootstrap import percentiles
from orchestration.statistics.drawn_quantiles import Waits, drawn_quantiles
from orchestration.statistics.incidence import incidence

_HALF: Final = 0.5
_OVER: Final = 1
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
        # Every silence of a month is over.
        of_metric = Waits(
            cases["days"].to_numpy().astype(np.float64),
            np.full(cases.num_rows, _OVER),
            numbered(cases["cluster_id"]),
        )
        for cell in cells(cases):
            yield _of_cell(metric, cell, of_metric.at(cell.places), settings)


def _of_cell(metric: str, cell: Cell, silences: Waits, settings: Settings) -> Figure:
    n = len(silences.durations)
    found = incidence(silences.durations, silences.kinds, np.ones(n), _OVER)
    bounds = _bounds(silences, settings, cell.seed(metric)) if n >= settings.too_few else None
    return Figure(
        metric=metric,
        cell=cell,
        n=n,
        value=found.quantile(_OVER, _HALF),
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        status=None,
    )


def _bounds(silences: Waits, settings: Settings, seed: int) -> Interval | None:
    drawn = drawn_quantiles(silences, _OVER, np.array([_HALF]), draws=_DRAWS, seed=seed)
    if drawn is None:
        return None
    found = percentiles(drawn[:, 0], draws=_DRAWS, confidence=settings.confidence_level)
    return found.interval if found else None
