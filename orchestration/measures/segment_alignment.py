"""Whether marketing aims where sales wins: how alike two measures are spread over segments."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Settings
from orchestration.measures.slices import Cell, numbered
from orchestration.statistics.arrays import Bools, Floats, Ints, distinct, summed
from orchestration.statistics.bootstrap import of_draws, percentiles
from orchestration.statistics.divergence import divergence, segment_alignment

MEASURES: Final = ("spend", "leads", "mqls", "pipeline", "won")
"""What is held against each other, from the first step to the last."""

ALIGNMENTS: Final = pa.schema(
    [
        ("month", pa.date32()),
        ("measure", pa.string()),
        ("compared_with", pa.string()),
        ("n", pa.int64()),
        ("n_compared", pa.int64()),
        ("divergence", pa.float64()),
        ("by_chance", pa.float64()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("p_value", pa.float64()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of segment alignment."""

_LEAST_SHARE_KNOWN: Final = 0.8
_PERMUTATIONS: Final = 499
_DRAWS: Final = 200


@dataclass(frozen=True)
class _Cases:
    """What accounts add to a measure in a segment, a row each, and how many cases stand behind it.

    `measure` is the place in MEASURES, `compared_with` that of the one measure with which it is
    compared, or -1. Segment 0 is that of those without one.
    """

    measure: Ints
    compared_with: Ints
    segment: Ints
    clusters: Ints
    amount: Floats
    cases: Ints

    def of(self, rows: Bools | Ints) -> "_Cases":
        """Some of the rows."""
        return _Cases(*(column[rows] for column in vars(self).values()))


@dataclass(frozen=True)
class _Spread:
    """Two measures over the same units, and how many cases stand behind each."""

    segment: Ints
    one: Floats
    other: Floats
    clusters: Ints
    n: int
    n_other: int


def segment_alignments(cases: pa.Table, settings: Settings) -> pa.Table:
    """Each pair of measures of `int_segment_case` in each month that has any case.

    What the unit of chance is: all that one account adds in one segment. Its cases share their
    segment, so drawing them one by one would take many contacts of one account for evidence.
    A null segment is a segment of its own. Spend is compared only where at least 80 % of it has a
    segment (METRICS.md, part 2).
    """
    everyone = _Cases(
        measure=_place(cases["measure"]),
        compared_with=_place(cases["compared_with"]),
        segment=_segments(cases["segment"]),
        clusters=numbered(cases["cluster_id"]),
        amount=cases["amount"].to_numpy(),
        cases=cases["cases"].to_numpy(),
    )
    of_months = _by_number(everyone, numbered(cases["month"]))
    rows = [
        _row(month, one, other, of_month, settings)
        for month, of_month in zip(
            sorted(pc.unique(cases["month"]).to_pylist()), of_months, strict=True
        )
        for one, other in combinations(MEASURES, 2)
    ]
    return pa.Table.from_pylist(rows, schema=ALIGNMENTS)


def _by_number(cases: _Cases, numbers: Ints) -> Iterator[_Cases]:
    """The cases of each number, from 0 on."""
    ends = np.cumsum(np.bincount(numbers))
    order = np.argsort(numbers, kind="stable")
    for begin, end in pairwise(np.append(0, ends)):
        yield cases.of(order[begin:end])


def _place(measures: pa.ChunkedArray) -> Ints:
    return _numbers(pc.index_in(measures, value_set=pa.array(MEASURES)))


def _segments(names: pa.ChunkedArray) -> Ints:
    known = pc.unique(names.drop_null()).sort()
    return _numbers(pc.index_in(names, value_set=known)) + 1


def _numbers(column: pa.ChunkedArray) -> Ints:
    """The numbers of a column, -1 where there is none."""
    return np.asarray(pc.fill_null(column, -1)).astype(np.int64)


def _row(
    month: object, one: str, other: str, cases: _Cases, settings: Settings
) -> dict[str, object]:
    pair = {"month": month, "measure": one, "compared_with": other}
    nothing = {**pair, "n": 0, "n_compared": 0, "status": "no data"}
    place = MEASURES.index(one)
    firsts = cases.of(cases.measure == place)
    others = cases.of(
        (cases.measure == MEASURES.index(other)) & np.isin(cases.compared_with, (-1, place))
    )
    if one == "spend" and not _is_known(firsts):
        return nothing
    spread = _spread(firsts, others)
    seed = Cell(month, "all", "all", "all", spread.segment).seed(f"{one}|{other}")
    found = (
        segment_alignment(spread.segment, spread.one, spread.other, _PERMUTATIONS, seed % 2**32)
        if len(spread.segment)
        else None
    )
    if found is None:
        return nothing
    too_few = min(spread.n, spread.n_other) < settings.too_few
    spreads = None if too_few else _deviations(spread, settings, seed)
    return {
        **pair,
        "n": spread.n,
        "n_compared": spread.n_other,
        "divergence": found.divergence,
        "by_chance": found.by_chance,
        "value": found.value,
        "low": None if spreads is None else found.value - spreads[1],
        "high": None if spreads is None else found.value - spreads[0],
        "p_value": found.p_value,
        "status": "too few" if too_few else "ok",
    }


def _is_known(spend: _Cases) -> bool:
    """Whether enough of the money has a segment."""
    total = spend.amount.sum()
    return bool(total > 0 and spend.amount[spend.segment > 0].sum() >= _LEAST_SHARE_KNOWN * total)


def _spread(firsts: _Cases, others: _Cases) -> _Spread:
    segment, clusters = (
        np.concatenate(columns)
        for columns in ((firsts.segment, others.segment), (firsts.clusters, others.clusters))
    )
    first, unit = distinct(clusters, segment)
    of_first, of_other = unit[: len(firsts.amount)], unit[len(firsts.amount) :]
    return _Spread(
        segment[first],
        summed(of_first, firsts.amount, len(first)),
        summed(of_other, others.amount, len(first)),
        clusters[first],
        int(firsts.cases.sum()),
        int(others.cases.sum()),
    )


def _deviations(spread: _Spread, settings: Settings, seed: int) -> tuple[float, float] | None:
    """How far the divergence of accounts drawn anew lies from its mean over all such draws.

    A draw has fewer accounts than there are, so it diverges more than the whole does; its mean is
    taken off for the same reason for which `by_chance` is taken off the figure itself.
    """
    first, cells = distinct(spread.segment, spread.one, spread.other)
    places = np.eye(int(spread.segment.max()) + 1)[spread.segment[first]]

    def divergences(counts: Floats) -> Floats:
        ones = counts @ (places * spread.one[first, None])
        others = counts @ (places * spread.other[first, None])
        told = (ones.sum(axis=1) > 0) & (others.sum(axis=1) > 0)
        found = np.full(len(counts), np.nan)
        found[told] = divergence(ones[told], others[told])
        return found

    found = of_draws(spread.clusters, cells, divergences, draws=_DRAWS, seed=seed)
    if found is None:
        return None
    drawn = found[~np.isnan(found)]
    bounds = percentiles(drawn - drawn.mean(), draws=_DRAWS, confidence=settings.confidence_level)
    return None if bounds is None else (bounds.interval.low, bounds.interval.high)
