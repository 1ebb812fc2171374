"""Covariates that a comparison is adjusted for: indicators for a Cox model, and standardisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Bools, Floats, Ints

EVENTS_PER_COVARIATE: Final = 5
"""Fewer events for each covariate make ratios and their intervals unreliable (Vittinghoff and
McCulloch 2007)."""


@dataclass(frozen=True)
class Indicators:
    """A column of zeros and ones for each level but the most frequent one of each factor."""

    columns: Floats
    factors: tuple[str, ...]
    """The factors that are in it."""


def indicators(factors: Mapping[str, Sequence[str]], is_event: Bools, *, budget: int) -> Indicators:
    """The indicators of as many factors, in their order, as the budget of columns allows.

    `factors` has a level per case, `is_event` which cases had the event. Levels with fewer than
    EVENTS_PER_COVARIATE events are taken together with the most frequent level. A factor whose
    levels do not fit the rest of the budget is left out whole.
    """
    columns: list[Floats] = []
    taken = []
    for name, levels in factors.items():
        found = _columns(np.asarray(levels, dtype=object), is_event)
        if found and len(columns) + len(found) <= budget:
            columns += found
            taken.append(name)
    empty = np.zeros((len(is_event), 0))
    return Indicators(np.column_stack(columns) if columns else empty, tuple(taken))


def _columns(levels: object, is_event: Bools) -> list[Floats]:
    names, place = np.unique(np.asarray(levels, dtype=str), return_inverse=True)
    counts = np.bincount(place, minlength=len(names))
    events = np.bincount(place[is_event], minlength=len(names))
    kept = [
        number
        for number in range(len(names))
        if events[number] >= EVENTS_PER_COVARIATE and number != counts.argmax()
    ]
    return [(place == number).astype(np.float64) for number in kept]


def bands(amounts: Floats, count: int) -> list[str]:
    """Each amount's band, of as many equal parts of those that are known; 'none' without one."""
    known = ~np.isnan(amounts)
    if not known.any():
        return ["none"] * len(amounts)
    edges = np.quantile(amounts[known], np.arange(1, count) / count)
    numbers = np.searchsorted(edges, amounts, side="right") + 1
    return [
        str(number) if is_known else "none" for number, is_known in zip(numbers, known, strict=True)
    ]


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
