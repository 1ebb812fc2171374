"""How long journeys are in each state up to a horizon, re-entries summed; many are still open.

The expected days in a state are the area under its occupation probability P(t), Aalen and
Johansen's product over the days of (I + dA), dA being the share of those in a state that move on
that day. Kaplan-Meier on each journey's sum of days would be biased: who has been watched for long
has had the time to come back. The occupation probabilities need no Markov process (Datta and Satten
2001), and neither does the variance used here, the infinitesimal jackknife over accounts: each
account counts as a whole, with the deviations of all its moves from what was expected of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from orchestration.statistics.arrays import (
    Bools,
    Floats,
    Interval,
    Ints,
    distinct,
    normal_quantile,
)

_LEAST_CLUSTERS: Final = 2
_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class Counts:
    """`moved[t, h, l]` go from state h to l on day t, of `at_risk[t, h]` there just before.

    State 0 is where everybody is before day 0. `is_open` tells the states in which a journey still
    runs, not counting state 0.
    """

    moved: Floats
    at_risk: Floats
    is_open: Bools


@dataclass(frozen=True)
class Stays:
    """Stays in a state, a row each: at risk of leaving it for `entry` < t <= `exit`.

    `to` is the state that followed, -1 where the stay was last seen going on. `clusters` numbers
    the accounts from 0. Who starts under observation has a stay in state 0 from day -1 to day 0.
    """

    states: Ints
    entry: Ints
    exit: Ints
    to: Ints
    clusters: Ints

    def of(self, rows: Bools) -> "Stays":
        """Some of the stays, their clusters numbered anew."""
        return Stays(
            self.states[rows],
            self.entry[rows],
            self.exit[rows],
            self.to[rows],
            distinct(self.clusters[rows])[1],
        )


@dataclass(frozen=True)
class Occupation:
    """`shares[t, j]` are in state j at the end of day t; `days` are their sums.

    The days run from `start`, the first with enough at risk, to the horizon, and all is conditional
    on being open at the start. `gain[t, h, l, j]` is by how many days in j the estimate grows with
    one more move from h to l on day t; `expected[t, h, j]` what one who is in h from day 0 to t is
    expected to bring. `ahead[h, j]` are the days in j to come for who is in h as `start` begins.
    """

    start: int
    shares: Floats
    days: Floats
    is_followed: bool
    gain: Floats
    expected: Floats
    ahead: Floats
    starting: Floats
    is_open: Bools


def occupation(counts: Counts, horizon: int, minimum: int) -> Occupation | None:
    """The occupation of each state up to the horizon; None where `minimum` are never at risk."""
    running = np.where(counts.is_open, counts.at_risk, 0.0)
    enough = np.nonzero(running.sum(axis=1) + counts.at_risk[:, 0] >= minimum)[0]
    if not len(enough) or enough[0] >= horizon:
        return None
    start = int(enough[0])
    moved, at_risk = _until(counts.moved, horizon), _until(counts.at_risk, horizon)
    hazard = _quotient(moved, at_risk[:, :, None])
    steps = hazard + np.eye(len(counts.is_open)) * (1 - hazard.sum(axis=2))[:, :, None]
    starting = running[start] if start else counts.at_risk[0]
    shares, just_before = np.zeros_like(at_risk), np.zeros_like(at_risk)
    now = starting / starting.sum()
    for day in range(start, horizon):
        just_before[day] = now
        shares[day] = now = now @ steps[day]
    ahead = _days_ahead(steps)
    weight = _quotient(just_before, at_risk)
    gain = weight[:, :, None, None] * (ahead[:, None, :, :] - ahead[:, :, None, :])
    left_open = shares[-1][counts.is_open].sum()
    return Occupation(
        start=start,
        shares=shares,
        days=shares.sum(axis=0),
        is_followed=bool(running[horizon:].any() or left_open <= _ROUNDING),
        gain=gain,
        expected=np.cumsum((hazard[:, :, :, None] * gain).sum(axis=2), axis=0),
        ahead=steps[start] @ ahead[start],
        starting=starting,
        is_open=counts.is_open,
    )


def intervals(
    found: Occupation, stays: Stays, states: Sequence[int], confidence: float
) -> list[Interval] | None:
    """An interval for the days in each of the states; None where there is but one account.

    `stays` are those that were counted. Bounds are kept between none and all of the days.
    """
    count = int(stays.clusters.max()) + 1 if len(stays.clusters) else 0
    if count < _LEAST_CLUSTERS:
        return None
    reach = normal_quantile(confidence) * np.sqrt(count / (count - 1))
    result = []
    for state in states:
        off = np.bincount(stays.clusters, _off(found, stays, state), minlength=count)
        far, days = reach * np.sqrt((off**2).sum()), found.days[state]
        most = len(found.shares) - found.start
        result.append(Interval(float(max(days - far, 0)), float(min(days + far, most))))
    return result


def reached(counts: Counts, horizon: int, minimum: int) -> Occupation | None:
    """The same up to and with the day of the horizon, of which the shares are wanted."""
    found = occupation(counts, horizon + 1, minimum)
    if found is None or found.is_followed:
        return found
    watched = np.where(counts.is_open, counts.at_risk, 0.0)[horizon:]
    return replace(found, is_followed=bool(watched.any()))


def _off(found: Occupation, stays: Stays, state: int) -> Floats:
    """By how many days each stay moved the estimate away from where it would be without it."""
    gain, expected = found.gain[..., state], found.expected[..., state]
    last = len(found.shares) - 1
    begun, until = np.maximum(stays.entry, found.start - 1), np.minimum(stays.exit, last)
    counted = begun < until
    moves = counted & (stays.exit <= last) & (stays.to >= 0)
    off = np.zeros(len(stays.states))
    off[moves] += gain[stays.exit[moves], stays.states[moves], stays.to[moves]]
    of = stays.states[counted]
    before = np.where(begun[counted] >= 0, expected[begun[counted], of], 0.0)
    off[counted] -= expected[until[counted], of] - before
    if found.start:
        # Who was there as the curve starts also had a say in which states it starts from.
        ahead = found.ahead[:, state]
        mean = found.starting @ ahead / found.starting.sum()
        here = (stays.entry < found.start) & (stays.exit >= found.start)
        here &= found.is_open[stays.states]
        off[here] += (ahead[stays.states[here]] - mean) / found.starting.sum()
    return off


def _days_ahead(steps: Floats) -> Floats:
    """`[t, h, j]`: days in j from the end of day t to the horizon for who is in h then."""
    ahead = np.zeros_like(steps)
    ahead[-1] = np.eye(steps.shape[1])
    for day in range(len(steps) - 2, -1, -1):
        ahead[day] = np.eye(steps.shape[1]) + steps[day + 1] @ ahead[day + 1]
    return ahead


def _until(days: Floats, horizon: int) -> Floats:
    """The days before the horizon; those that nobody was seen on are empty."""
    cut = np.zeros((horizon, *days.shape[1:]))
    cut[: min(len(days), horizon)] = days[:horizon]
    return cut


def _quotient(above: Floats, below: Floats) -> Floats:
    """A quotient that is zero where nobody is at risk."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, 0.0)
