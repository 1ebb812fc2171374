"""How fast sales answers: quantiles of the wait in which those still waiting count as waiting."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Figure, Settings, table_of
from orchestration.measures.slices import Cell, cells, numbered
from orchestration.statistics.drawn_quantiles import Waits, drawn_quantiles
from orchestration.statistics.incidence import incidence

_HAPPENED: Final = 1
_KINDS: Final = 2
_SHARES: Final[Mapping[str, float]] = {"p50": 0.5, "p90": 0.9}
_DRAWS: Final = 200

Bound = float | None


def response_time(waits: pa.Table, settings: Settings) -> pa.Table:
    """The p50 and p90 of each measure of `int_response_wait` in each cell, in business hours.

    The p50 of the first attempt stands under the measure's own name too. A quantile that too few
    have reached yet is null, with the status 'not reached'; so is such a bound of its interval.
    """
    return table_of(_figures(waits, settings))


def _figures(waits: pa.Table, settings: Settings) -> Iterator[Figure]:
    for measure in sorted(pc.unique(waits["measure"]).to_pylist()):
        cases = waits.filter(pc.equal(waits["measure"], measure))
        of_measure = Waits(
            cases["hours"].to_numpy().astype(np.float64),
            cases["ended_by"].to_numpy().astype(np.int64),
            numbered(cases["cluster_id"]),
        )
        for cell in cells(cases):
            yield from _of_cell(measure, cell, of_measure.at(cell.places), settings)


def _of_cell(measure: str, cell: Cell, waits: Waits, settings: Settings) -> Iterator[Figure]:
    n = len(waits.durations)
    found = incidence(waits.durations, waits.kinds, np.ones(n), _KINDS)
    bounds = _bounds(waits, settings, cell.seed(measure)) or [(None, None)] * len(_SHARES)
    for (name, share), (low, high) in zip(_SHARES.items(), bounds, strict=True):
        value = found.quantile(_HAPPENED, share)
        figure = Figure(
            metric=f"{measure}.{name}",
            cell=cell,
            n=n,
            value=value,
            low=None if value is None else low,
            high=None if value is None else high,
            status="not reached" if value is None else None,
        )
        yield figure
        if figure.metric == "response_time.p50":
            yield figure.under("response_time")


def _bounds(waits: Waits, settings: Settings, seed: int) -> list[tuple[Bound, Bound]] | None:
    """The interval of each quantile; None where there are too few cases, or one account."""
    if len(waits.durations) < settings.too_few:
        return None
    shares = np.array(list(_SHARES.values()))
    drawn = drawn_quantiles(waits, _HAPPENED, shares, draws=_DRAWS, seed=seed)
    if drawn is None:
        return None
    tail = (1 - settings.confidence_level) / 2
    # A draw in which the quantile is not reached is longer than any, so no share is interpolated.
    low = np.quantile(drawn, tail, axis=0, method="lower")
    high = np.quantile(drawn, 1 - tail, axis=0, method="higher")
    return [(_finite(one), _finite(other)) for one, other in zip(low, high, strict=True)]


def _finite(bound: float) -> Bound:
    return float(bound) if np.isfinite(bound) else None
