"""How long it takes through states whose stays last as they were seen to: a semi-Markov walk.

Of each stay it matters only in which state it is: how long it lasts, and where it leads, are drawn
anew at each entry, together. No draws are made; the chances are convolved day by day (Howard 1971),
so that the same counts always give the same answer. What it says of a state made faster is
arithmetic on these chances, not a forecast: it takes the rest as unmoved by it.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Bools, Floats, Ints
from orchestration.statistics.occupation import Counts

_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class Kernel:
    """`leaves[d, h, l]`: the chance that a stay in h lasts d days, and leads to l.

    `followed[h]` is the last day on which a stay in h was watched; `is_open` tells the states of
    which one would want to know more.
    """

    leaves: Floats
    followed: Ints
    is_open: Bools

    def staying(self) -> Floats:
        """The chance of each state that a stay outlasts what was seen of it, or the horizon."""
        left: Floats = np.maximum(1 - self.leaves.sum(axis=(0, 2)), 0.0)
        return left


def kernel(counts: Counts, horizon: int) -> Kernel:
    """The kernel of stays that last up to the horizon, from counts by day of the stay.

    Stays that are still going on count for as long as they were watched (Aalen and Johansen 1978).
    """
    shape = (horizon + 1, *counts.moved.shape[1:])
    moved, at_risk = np.zeros(shape), np.zeros(shape[:2])
    days = min(len(counts.moved), horizon + 1)
    moved[:days], at_risk[:days] = counts.moved[:days], counts.at_risk[:days]
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(at_risk[:, :, None] > 0, moved / at_risk[:, :, None], 0.0)
    still = np.cumprod(1 - hazard.sum(axis=2), axis=0)
    before = np.vstack([np.ones(shape[1]), still[:-1]])
    watched = counts.at_risk > 0
    last = np.where(watched.any(axis=0), len(watched) - 1 - watched[::-1].argmax(axis=0), -1)
    return Kernel(before[:, :, None] * hazard, last.astype(np.int64), counts.is_open)


def ends_at(of: Kernel, state: int) -> Kernel:
    """The same, with nothing after this state."""
    leaves = of.leaves.copy()
    leaves[:, state] = 0
    return replace(of, leaves=leaves)


def quantile(of: Kernel, state: int, share: float) -> int | None:
    """The day by which this share of the stays in a state has left it; None where it never has."""
    left = of.leaves[:, state].sum(axis=1).cumsum()
    reached = np.nonzero(left >= share - _ROUNDING)[0]
    return int(reached[0]) if len(reached) else None


def cut(of: Kernel, state: int, most: int) -> Kernel:
    """The same, with each stay in a state over after `most` days: min(d, most).

    Who stays longer goes where those go that do; who was never seen to leave, likewise.
    """
    leaves = of.leaves.copy()
    longer = leaves[most:, state].sum(axis=0)
    where = longer if longer.sum() > 0 else leaves[:, state].sum(axis=0)
    leaves[most:, state] = 0
    if where.sum() > 0:
        rest = of.staying()[state] + longer.sum()
        leaves[most, state] = rest * where / where.sum()
    return replace(of, leaves=leaves)


def entries(of: Kernel, start: int) -> Floats:
    """`[t, h]`: how many entries to state h there are on day t of a walk from `start` on day 0.

    Stays of no day lead on within the day: those are all their steps at once.
    """
    days, states = of.leaves.shape[:2]
    at_once = np.linalg.inv(np.eye(states) - of.leaves[0])
    found = np.zeros((days, states))
    for day in range(days):
        came = np.einsum("dh,dhl->l", found[:day][::-1], of.leaves[1 : day + 1])
        came[start] += day == 0
        found[day] = came @ at_once
    return found


def median(found: Floats, state: int) -> int | None:
    """The day by which half of those that come to a state by the horizon have; None if none do."""
    so_far = found[:, state].cumsum()
    if so_far[-1] <= _ROUNDING:
        return None
    return int(np.nonzero(so_far >= so_far[-1] / 2 - _ROUNDING)[0][0])


def untold(of: Kernel, found: Floats) -> float:
    """The share of a walk that is in a state for longer than anybody was watched in it."""
    last = len(found) - 1
    share = 0.0
    for state in np.nonzero(of.is_open)[0]:
        beyond = max(last - int(of.followed[state]), 0)
        share += float(found[:beyond, state].sum() * of.staying()[state])
    return share
