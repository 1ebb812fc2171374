"""Whether marketing aims where sales wins: how alike two measures are spread over segments."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import Settings
from orchestration.measures.slices import Cell
from orchestration.statistics.arrays import Floats, Ints
from orchestration.statistics.bootstrap import cluster_weights, percentiles
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

_Case = dict[str, Any]


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
    by_month: dict[object, list[_Case]] = {}
    for case in cases.to_pylist():
        by_month.setdefault(case["month"], []).append(case)
    rows = [
        _row(month, one, other, of_month, settings)
        for month, of_month in sorted(by_month.items(), key=lambda item: str(item[0]))
        for one, other in combinations(MEASURES, 2)
    ]
    return pa.Table.from_pylist(rows, schema=ALIGNMENTS)


def _row(
    month: object, one: str, other: str, cases: list[_Case], settings: Settings
) -> dict[str, object]:
    pair = {"month": month, "measure": one, "compared_with": other}
    nothing = {**pair, "n": 0, "n_compared": 0, "status": "no data"}
    firsts = [case for case in cases if case["measure"] == one]
    others = [
        case for case in cases if case["measure"] == other and case["compared_with"] in (None, one)
    ]
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


def _is_known(spend: list[_Case]) -> bool:
    """Whether enough of the money has a segment."""
    total = sum(case["amount"] for case in spend)
    known = sum(case["amount"] for case in spend if case["segment"] is not None)
    return total > 0 and bool(known >= _LEAST_SHARE_KNOWN * total)


def _spread(firsts: list[_Case], others: list[_Case]) -> _Spread:
    sums: dict[tuple[str, str], list[float]] = {}
    for place, side in enumerate((firsts, others)):
        for case in side:
            segment = "" if case["segment"] is None else f"={case['segment']}"
            sums.setdefault((case["cluster_id"], segment), [0.0, 0.0])[place] += case["amount"]
    units = sorted(sums)
    values = np.array([sums[unit] for unit in units]).reshape(-1, 2)
    return _Spread(
        _numbers([segment for _, segment in units]),
        values[:, 0],
        values[:, 1],
        _numbers([cluster for cluster, _ in units]),
        len(firsts),
        len(others),
    )


def _numbers(names: list[str]) -> Ints:
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def _deviations(spread: _Spread, settings: Settings, seed: int) -> tuple[float, float] | None:
    """How far the divergence of accounts drawn anew lies from its mean over all such draws.

    A draw has fewer accounts than there are, so it diverges more than the whole does; its mean is
    taken off for the same reason for which `by_chance` is taken off the figure itself.
    """
    weights = cluster_weights(spread.clusters, draws=_DRAWS, seed=seed)
    if weights is None:
        return None
    places = np.eye(int(spread.segment.max()) + 1)[spread.segment]
    ones = weights @ (places * spread.one[:, None])
    others = weights @ (places * spread.other[:, None])
    told = (ones.sum(axis=1) > 0) & (others.sum(axis=1) > 0)
    drawn = divergence(ones[told], others[told])
    found = percentiles(drawn - drawn.mean(), draws=_DRAWS, confidence=settings.confidence_level)
    return None if found is None else (found.interval.low, found.interval.high)
