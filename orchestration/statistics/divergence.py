"""Whether two measures are spread alike over segments, beyond what chance makes of few cases."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Ints

_PERMUTATIONS_AT_ONCE: Final = 64


@dataclass(frozen=True)
class Alignment:
    """Of two measures over the same segments.

    `divergence` is Jensen and Shannon's in bits (Lin 1991): 0 for equal shares, 1 where they share
    no segment. `by_chance` is its mean where segments fall to the cases at random, which few cases
    make large. `value` is 1 - (divergence - by_chance); above 1 where the shares are more alike
    than chance makes them. `p_value` is how often chance alone spreads them as far apart.
    """

    divergence: float
    by_chance: float
    p_value: float

    @property
    def value(self) -> float:
        """1 for measures that are spread alike, 0 for measures that share no segment."""
        return 1 - (self.divergence - self.by_chance)


def divergence(one: Floats, other: Floats) -> Floats:
    """The Jensen-Shannon divergence, in bits, of two measures over the last axis' segments."""
    shares = [measure / measure.sum(axis=-1, keepdims=True) for measure in (one, other)]
    middle = (shares[0] + shares[1]) / 2
    parts = []
    for share in shares:
        ratio = np.divide(share, middle, out=np.ones_like(middle), where=share > 0)
        parts.append((share * np.log2(ratio)).sum(axis=-1))
    found: Floats = np.clip((parts[0] + parts[1]) / 2, 0.0, 1.0)
    return found


def segment_alignment(
    segment: Ints, one: Floats, other: Floats, permutations: int, seed: int
) -> Alignment | None:
    """Hold two measures of the same cases against each other; None where either is empty.

    A row is a case (a prospect, a deal, a line of spend): its segment, numbered from 0, and what it
    adds to each measure, nothing where it is not in it. Where working at one measure does not
    depend on the segment, segments may as well be dealt out anew among the cases: that is the
    null. So a case in both measures stays in both, and a large deal stays large.
    """
    if one.sum() <= 0 or other.sum() <= 0:
        return None
    count = int(segment.max()) + 1
    observed = float(
        divergence(_by_segment(segment, one, count), _by_segment(segment, other, count))
    )
    generator = np.random.default_rng(seed)
    drawn: list[Floats] = []
    left = permutations
    while left:
        some = min(left, _PERMUTATIONS_AT_ONCE)
        dealt = generator.permuted(np.tile(segment, (some, 1)), axis=1)
        drawn.append(
            divergence(_by_segment_each(dealt, one, count), _by_segment_each(dealt, other, count))
        )
        left -= some
    null = np.concatenate(drawn)
    as_far = int((null >= observed - 1e-12).sum())
    return Alignment(observed, float(null.mean()), (as_far + 1) / (permutations + 1))


def _by_segment(segment: Ints, measure: Floats, count: int) -> Floats:
    return np.bincount(segment, measure, count).astype(float)


def _by_segment_each(dealt: Ints, measure: Floats, count: int) -> Floats:
    places = (dealt + count * np.arange(len(dealt))[:, None]).ravel()
    weights = np.broadcast_to(measure, dealt.shape).ravel()
    sums = np.bincount(places, weights, count * len(dealt)).astype(float)
    return sums.reshape(len(dealt), count)
