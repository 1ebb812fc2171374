"""How fast sales answers: quantiles of the wait in which those still waiting count as waiting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Figure, Settings, table_of
from orchestration.measures.slices import Cell, cells, numbered
from orchestration.statistics.arrays import Floats, Ints, distinct
from orchestration.statistics.bootstrap import of_draws
from orchestration.statistics.incidence import incidence, quantiles_of_draws

_HAPPENED: Final = 1
_KINDS: Final = 2
_SHARES: Final[Mapping[str, float]] = {"p50": 0.5, "p90": 0.9}
_DRAWS: Final = 200

Bound = float | None


@dataclass(frozen=True)
class _Waits:
    """The waits of one measure: how long, what ended each, and whose account it is."""

    measure: str
    hours: Floats
    ended_by: Ints
    clusters: Ints

    def of(self, cell: Cell) -> "_Waits":
        """Those of one cell."""
        at = cell.places
        return _Waits(self.measure, self.hours[at], self.ended_by[at], self.clusters[at])


def response_time(waits: pa.Table, settings: Settings) -> pa.Table:
    """The p50 and p90 of each measure of `int_response_wait` in each cell, in business hours.

    The p50 of the first attempt stands under the measure's own name too. A quantile that too few
    have reached yet is null, with the status 'not reached'; so is such a bound of its interval.
    """
    return table_of(_figures(waits, settings))


def _figures(waits: pa.Table, settings: Settings) -> Iterator[Figure]:
    for measure in sorted(pc.unique(waits["measure"]).to_pylist()):
        cases = waits.filter(pc.equal(waits["measure"], measure))
        of_measure = _Waits(
            measure,
            cases["hours"].to_numpy().astype(np.float64),
            cases["ended_by"].to_numpy().astype(np.int64),
            numbered(cases["cluster_id"]),
        )
        for cell in cells(cases):
            yield from _of_cell(cell, of_measure.of(cell), settings)


def _of_cell(cell: Cell, waits: _Waits, settings: Settings) -> Iterator[Figure]:
    n = len(waits.hours)
    found = incidence(waits.hours, waits.ended_by, np.ones(n), _KINDS)
    bounds = _bounds(cell, waits, settings) or [(None, None)] * len(_SHARES)
    for (name, share), (low, high) in zip(_SHARES.items(), bounds, strict=True):
        value = found.quantile(_HAPPENED, share)
        figure = Figure(
            metric=f"{waits.measure}.{name}",
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


def _bounds(cell: Cell, waits: _Waits, settings: Settings) -> list[tuple[Bound, Bound]] | None:
    """The interval of each quantile; None where there are too few cases, or one account."""
    if len(waits.hours) < settings.too_few:
        return None
    first, cells = distinct(waits.hours, waits.ended_by)
    hours, ended_by = waits.hours[first], waits.ended_by[first]
    shares = np.array(list(_SHARES.values()))
    drawn = of_draws(
        waits.clusters,
        cells,
        lambda counts: quantiles_of_draws(hours, ended_by, counts, _HAPPENED, shares),
        draws=_DRAWS,
        seed=cell.seed(waits.measure),
    )
    if drawn is None:
        return None
    tail = (1 - settings.confidence_level) / 2
    # A draw in which the quantile is not reached is longer than any, so no share is interpolated.
    low = np.quantile(drawn, tail, axis=0, method="lower")
    high = np.quantile(drawn, 1 - tail, axis=0, method="higher")
    return [(_finite(one), _finite(other)) for one, other in zip(low, high, strict=True)]


def _finite(bound: float) -> Bound:
    return float(bound) if np.isfinite(bound) else None
