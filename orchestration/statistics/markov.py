"""What a path's conversion owes to each channel, by a Markov chain of order one.

A path is a walk from the start over channels to conversion or to nothing. The removal effect of a
channel is the share of the conversions that is lost where each step into it leads to nothing
(Anderl, Becker, von Wangenheim and Schumann 2016).

All effects come from one solution of the chain. With N = (I - Q)^-1, the visits from each channel
to each other before the walk ends (Kemeny and Snell 1960, chapter III), a walk that converts
through channel c has come to c at all, which happens as often as all visits to c divided by those
of one walk that stands there, and has converted from there on: P - P(without c) =
(s N)_c / N_cc * (N r)_c, where s are the first steps and r the steps to conversion. No term is
negative, so nothing cancels, as it would in the difference of two solved chains.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Bools, Floats

START: Final = "(start)"
"""Where each path begins."""
CONVERSION: Final = "(conversion)"
"""Where a path ends that converts."""
NOTHING: Final = "(nothing)"
"""Where a path ends that does not convert."""

Transition = tuple[str, str, float]
"""From which state to which, and how often."""


@dataclass(frozen=True)
class Transitions:
    """How often paths step from one state to the next.

    `counts` has a row for the start, then one per channel; a column per channel, then one for
    conversion and one for nothing.
    """

    channels: Sequence[str]
    counts: Floats


@dataclass(frozen=True)
class RemovalEffects:
    """How often the chain converts, and the share of that which each channel's removal takes."""

    conversion_rate: float
    of_channel: dict[str, float]


def counted(rows: Iterable[Transition]) -> Transitions:
    """The transitions that rows tell; rows of the same two states add up."""
    known = list(rows)
    ends = (START, CONVERSION, NOTHING)
    channels = sorted({state for row in known for state in row[:2] if state not in ends})
    place = {channel: number for number, channel in enumerate(channels)}
    source = {START: 0} | {channel: number + 1 for channel, number in place.items()}
    target = place | {CONVERSION: len(channels), NOTHING: len(channels) + 1}
    counts = np.zeros((len(channels) + 1, len(channels) + 2))
    for one, other, count in known:
        if one not in source or other not in target:
            raise ValueError(f"no path steps from {one} to {other}")
        counts[source[one], target[other]] += count
    return Transitions(channels, counts)


def removal_effects(transitions: Transitions) -> RemovalEffects:
    """The removal effect of each channel; all are zero where nothing converts."""
    n = len(transitions.channels)
    total = transitions.counts.sum(axis=1, keepdims=True)
    steps = np.divide(
        transitions.counts, total, out=np.zeros_like(transitions.counts), where=total > 0
    )
    # The rest never converts; with it a walk that goes round for ever would have no solution.
    may = _may_convert(steps)
    between, first, converting = steps[1:, :n][np.ix_(may, may)], steps[0, :n][may], steps[1:, n]
    visits = np.linalg.inv(np.eye(len(between)) - between)
    onward = visits @ converting[may]
    rate = float(steps[0, n] + first @ onward)
    effects = np.zeros(n)
    if rate > 0:
        effects[may] = (first @ visits) / visits.diagonal() * onward / rate
    return RemovalEffects(rate, dict(zip(transitions.channels, effects.tolist(), strict=True)))


def path_shares(touches: Sequence[str], effects: RemovalEffects) -> dict[str, float]:
    """What each channel of a path, told as its touches' channels, earns of the conversion.

    That is the channel's part of the effects of all distinct ones; where none has an effect, every
    touch earns alike.
    """
    of_path = {channel: effects.of_channel.get(channel, 0.0) for channel in touches}
    total = sum(of_path.values())
    if total == 0:
        return {channel: touches.count(channel) / len(touches) for channel in of_path}
    return {channel: effect / total for channel, effect in of_path.items()}


def _may_convert(steps: Floats) -> Bools:
    """From which channels a walk may come to convert at all."""
    n = len(steps) - 1
    goes = steps[1:, :n] > 0
    may: Bools = steps[1:, n] > 0
    while True:
        more: Bools = may | (goes & may).any(axis=1)
        if (more == may).all():
            return may
        may = more
