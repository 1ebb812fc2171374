"""How soon the first of several things happens, where cases that still wait count as waiting."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Ints, summed

CENSORED: Final = 0
"""The kind of a case that still waits."""


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence after each time at which anything happened.

    `of_kind` has a row per kind from 1 on: the share to which it has happened by then, before any
    other (Aalen and Johansen 1978). `waiting` is the share to which nothing has.
    """

    times: Floats
    of_kind: Floats
    waiting: Floats

    def share(self, kind: int, time: float) -> float:
        """The share to which the kind has happened by then."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return float(self.of_kind[kind - 1, place - 1]) if place else 0.0

    def quantile(self, kind: int, share: float) -> float | None:
        """The time by which the kind has happened to that share of all; None if it never has."""
        reached = np.nonzero(self.of_kind[kind - 1] >= share - _ROUNDING)[0]
        return float(self.times[reached[0]]) if len(reached) else None

    def restricted_mean(self, kind: int, horizon: float) -> float:
        """The mean time up to the horizon that is left after the kind has happened: the area."""
        edges = np.concatenate([[0.0], self.times[self.times < horizon], [horizon]])
        shares = np.concatenate([[0.0], self.of_kind[kind - 1, : len(edges) - 2]])
        return float((np.diff(edges) * shares).sum())


_ROUNDING: Final = 1e-12


def incidence(durations: Floats, kinds: Ints, weights: Floats, n_kinds: int) -> Incidence:
    """The cumulative incidence of each kind; ties exact, events before censorings at the same time.

    `kinds` holds 1 to `n_kinds` for what happened at the end of each duration, CENSORED where
    nothing has. Each case counts `weights` times.
    """
    times, place = np.unique(durations, return_inverse=True)
    ended = summed(kinds * len(times) + place, weights, (n_kinds + 1) * len(times))
    return incidence_of_counts(times, ended.reshape(n_kinds + 1, len(times)))


def incidence_of_counts(times: Floats, ended: Floats) -> Incidence:
    """The same from how many ended at each of the times, which ascend.

    `ended` has a row a kind, from CENSORED on.
    """
    at_risk = ended.sum(axis=0)[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(at_risk > 0, ended[1:] / at_risk, 0.0)
    waiting = np.cumprod(1 - hazard.sum(axis=0))
    before = np.concatenate([[1.0], waiting[:-1]])
    happened = hazard.sum(axis=0) > 0
    of_kind = np.cumsum(hazard * before, axis=1)
    return Incidence(times[happened], of_kind[:, happened], waiting[happened])


def quantiles_of_draws(
    durations: Floats, kinds: Ints, counts: Floats, kind: int, shares: Floats
) -> Floats:
    """The quantiles of one kind for many draws of the same cells, infinite where not reached.

    A row of `counts` is a draw: how many cases it has in each cell, which is given by its duration
    and kind. A row of the result is that draw's quantile at each of `shares`.
    """
    times, reached = _draws(durations, kinds, counts, kind)
    targets = np.broadcast_to(shares, (len(counts), len(shares)))
    return np.column_stack([_first(times, reached, target) for target in targets.T])


def medians_of_draws(
    durations: Floats, kinds: Ints, counts: Floats, kind: int, horizon: float
) -> tuple[Floats, Floats]:
    """The median of one kind among those that it comes to by the horizon, and their share, by draw.

    `counts` is as for `quantiles_of_draws`. The median is the least time by which half of that
    share is reached; infinite where the share is zero.
    """
    times, reached = _draws(durations, kinds, counts, kind)
    inside = times <= horizon
    times, reached = times[inside], reached[:, inside]
    if not len(times):
        return np.full(len(counts), np.inf), np.zeros(len(counts))
    share = reached[:, -1]
    return np.where(share > 0, _first(times, reached, share / 2), np.inf), share


def _draws(durations: Floats, kinds: Ints, counts: Floats, kind: int) -> tuple[Floats, Floats]:
    """When the kind happens, and in each draw the share to which it has happened by then.

    Whoever is censored leaves his share to those still at risk, in equal parts. So what one case
    weighs changes at censorings alone, and is the same for all that come between two of them.
    """
    order = np.lexsort((kinds == CENSORED, durations))
    censored = np.nonzero(kinds[order] == CENSORED)[0]
    happens = np.nonzero(kinds[order] == kind)[0]
    gone = counts[:, order].cumsum(axis=1)
    total = gone[:, -1:]
    left = total - gone[:, censored]
    grows = np.ones_like(left)
    np.divide(left + counts[:, order[censored]], left, out=grows, where=left > 0)
    weight = np.hstack([np.ones_like(total), grows.cumprod(axis=1)]) / total
    steps = counts[:, order[happens]] * weight[:, np.searchsorted(censored, happens)]
    return durations[order[happens]], steps.cumsum(axis=1)


def _first(times: Floats, reached: Floats, targets: Floats) -> Floats:
    """The first time at which each row has reached its target; infinite where none has."""
    missed = (reached < targets[:, None] - _ROUNDING).sum(axis=1)
    return np.asarray(np.append(times, np.inf)[missed])
