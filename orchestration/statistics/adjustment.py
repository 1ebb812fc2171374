"""Covariates that a comparison is adjusted for: indicators for a Cox model, and standardisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Bools, Floats, Ints

EVENTS_PER_COVARIATE: Final = 5
"""Fewer events for each covariate make ratios and their intervals unreliable (Vittinghoff and
McCulloch 2007)."""


@dataclass(frozen=True)
class Indicators:
    """Zeros and ones for each level but the most frequent one of each factor.

    `columns` has a row for each combination of levels that occurs; `pattern` is each case's row.
    """

    columns: Floats
    pattern: Ints
    factors: tuple[str, ...]
    """The factors that are in it."""


def indicators(factors: Mapping[str, Ints], is_event: Bools, *, budget: int) -> Indicators:
    """The indicators of as many factors, in their order, as the budget of columns allows.

    `factors` has the number of each case's level, from 0, `is_event` which cases had the event.
    Levels with fewer than EVENTS_PER_COVARIATE events are taken together with the most frequent
    level. A factor whose levels do not fit the rest of the budget is left out whole.
    """
    combination = np.zeros(len(is_event), dtype=np.int64)
    taken: dict[str, int] = {}
    for name, levels in factors.items():
        kept = _kept(levels, is_event)
        if len(kept) and sum(taken.values()) + len(kept) <= budget:
            column = np.zeros(int(levels.max()) + 1, dtype=np.int64)
            column[kept] = np.arange(1, len(kept) + 1)
            combination = combination * (len(kept) + 1) + column[levels]
            taken[name] = len(kept)
    rest, pattern = np.unique(combination, return_inverse=True)
    columns: list[Floats] = []
    for count in reversed(taken.values()):
        rest, own = np.divmod(rest, count + 1)
        columns = [
            *((own == number).astype(np.float64) for number in range(1, count + 1)),
            *columns,
        ]
    empty = np.zeros((len(rest), 0))
    return Indicators(np.column_stack(columns) if columns else empty, pattern, tuple(taken))


def _kept(levels: Ints, is_event: Bools) -> Ints:
    """The levels that get a column."""
    counts = np.bincount(levels)
    events = np.bincount(levels[is_event], minlength=len(counts))
    kept = events >= EVENTS_PER_COVARIATE
    if len(counts):
        kept[counts.argmax()] = False
    return np.nonzero(kept)[0]


def bands(amounts: Floats, count: int) -> Ints:
    """The number of each amount's band, of as many equal parts of those that are known.

    Bands number from 0 to `count` - 1; `count` is that of the cases without an amount.
    """
    known = ~np.isnan(amounts)
    numbers = np.full(len(amounts), count, dtype=np.int64)
    if known.any():
        edges = np.quantile(amounts[known], np.arange(1, count) / count)
        numbers[known] = np.searchsorted(edges, amounts[known], side="right")
    return numbers


def standardised(exposed: Bools, strata: Ints, weights: Floats) -> Floats | None:
    """Weights that give the exposed and the others each the strata of all cases together.

    Direct standardisation: within a stratum, a case counts as its share of the cases of its own
    exposure times the stratum's weight. Strata in which either kind is missing tell nothing and
    weigh nothing; None where that is all of them.
    """
    count = int(strata.max()) + 1 if len(strata) else 0
    ours = np.bincount(strata, weights * exposed, count)
    others = np.bincount(strata, weights * ~exposed, count)
    both = (ours > 0) & (others > 0)
    if not both.any():
        return None
    total = ours + others
    of_exposed = np.where(both, total / np.where(ours > 0, ours, 1.0), 0.0)
    of_others = np.where(both, total / np.where(others > 0, others, 1.0), 0.0)
    return np.asarray(weights * np.where(exposed, of_exposed[strata], of_others[strata]))
