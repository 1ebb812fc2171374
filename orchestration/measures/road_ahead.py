"""How much of the balance between now and the road ahead hangs on a few accounts."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Settings
from orchestration.measures.slices import numbered
from orchestration.statistics.arrays import Floats, Interval, distinct
from orchestration.statistics.bootstrap import of_draws, percentiles

BOUNDS: Final = pa.schema(
    [
        ("measure", pa.string()),
        ("quarter_ahead", pa.int64()),
        ("segment", pa.string()),
        ("n", pa.int64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""The columns of the table of bounds."""

_ALL: Final = "all"
_DRAWS: Final = 200
_SEED: Final = 20_261_201

Row = Mapping[str, object]


def road_ahead(deals: pa.Table, work: pa.Table, settings: Settings) -> pa.Table:
    """Bounds over accounts drawn anew, where there are at least `too_few` cases of two accounts.

    `expected_amount` is the sum over the deals of `int_road_deal` that are expected in a quarter,
    in the reporting currency; `marketing_touches` and `sales_touches` are the shares of a team's
    touches of `int_road_work` that went to prospects before opportunity.
    """
    rows = [*_amounts(deals, settings), *_shares(work, settings)]
    return pa.Table.from_pylist(rows, schema=BOUNDS)


def _amounts(deals: pa.Table, settings: Settings) -> Iterator[Row]:
    expected = deals.filter(pc.equal(deals["is_what"], "expected")).sort_by("deal_id")
    for segment, of_segment in _levels(expected):
        for quarter in sorted(set(of_segment["quarter_ahead"].to_pylist())):
            cases = of_segment.filter(pc.equal(of_segment["quarter_ahead"], quarter))
            amounts = pc.fill_null(cases["amount_reporting"].cast(pa.float64()), 0.0).to_numpy()
            names = {"measure": "expected_amount", "quarter_ahead": quarter, "segment": segment}
            yield from _row(names, cases, amounts, np.ones(len(amounts)), settings)


def _shares(work: pa.Table, settings: Settings) -> Iterator[Row]:
    for segment, of_segment in _levels(work):
        for team in ("marketing", "sales"):
            cases = of_segment.filter(pc.equal(of_segment["team"], team)).sort_by("cluster_id")
            if cases.num_rows:
                touches = cases["touches"].to_numpy().astype(np.float64)
                is_now = np.array(cases["is_on_open_deal"].to_pylist(), dtype=bool)
                names = {"measure": f"{team}_touches", "quarter_ahead": 0, "segment": segment}
                ahead = np.where(is_now, 0.0, touches)
                yield from _row(names, cases, ahead, touches, settings, is_share=True)


def _levels(cases: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """All cases, and those of each segment where the agreement has any."""
    yield _ALL, cases
    if cases.num_rows and cases["has_segments"][0].as_py():
        for segment in sorted(set(cases["segment"].to_pylist())):
            yield segment, cases.filter(pc.equal(cases["segment"], segment))


def _row(
    names: Row,
    cases: pa.Table,
    parts: Floats,
    counts: Floats,
    settings: Settings,
    *,
    is_share: bool = False,
) -> Iterator[Row]:
    """The row of one figure: the sum of its parts, or their share of the counts."""
    n = int(counts.sum())
    if n < settings.too_few:
        return
    clusters = numbered(cases["cluster_id"])
    of_parts, of_counts = (
        np.bincount(clusters, weights=values).astype(np.float64) for values in (parts, counts)
    )
    found = _interval(of_parts, of_counts, settings, is_share=is_share)
    if found is not None:
        yield {**names, "n": n, "low": found.low, "high": found.high}


def _interval(
    parts: Floats, counts: Floats, settings: Settings, *, is_share: bool
) -> Interval | None:
    """The interval of a figure of which each account has a part and a count of cases."""
    first, cells = distinct(parts, counts)

    def figures(accounts: Floats) -> Floats:
        of_parts = accounts @ parts[first]
        return of_parts / (accounts @ counts[first]) if is_share else of_parts

    drawn = of_draws(np.arange(len(parts)), cells, figures, draws=_DRAWS, seed=_SEED)
    if drawn is None:
        return None
    found = percentiles(drawn, draws=_DRAWS, confidence=settings.confidence_level)
    return None if found is None else found.interval
