"""Whether two measures are spread alike over segments, beyond what chance makes of few cases."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Ints, distinct, summed

# What is dealt at once takes some megabytes, however many cases there are.
_DEALT_AT_ONCE: Final = 2**20
# How many cases can be dealt a segment while it is drawn how many of one kind get it.
_COST_OF_A_NUMBER: Final = 8


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
    measures, count = np.stack([one, other]), int(segment.max()) + 1
    observed = float(divergence(*(summed(segment, measure, count) for measure in measures)))
    null = divergence(*_dealt(segment, measures, permutations, np.random.default_rng(seed)))
    as_far = int((null >= observed - 1e-12).sum())
    return Alignment(observed, float(null.mean()), (as_far + 1) / (permutations + 1))


def _dealt(
    segment: Ints, measures: Floats, permutations: int, generator: np.random.Generator
) -> Floats:
    """The measures by segment, where segments are dealt out anew: measure, permutation, segment."""
    first, kind = distinct(*measures)
    sizes = np.bincount(segment)
    if len(first) * len(sizes) * _COST_OF_A_NUMBER < len(segment):
        of_kinds = measures[:, first]
        return _dealt_to_kinds(sizes, np.bincount(kind), of_kinds, permutations, generator)
    some = max(1, _DEALT_AT_ONCE // len(segment))
    return np.concatenate(
        [
            _dealt_to_cases(segment, measures, min(some, permutations - begin), generator)
            for begin in range(0, permutations, some)
        ],
        axis=1,
    )


def _dealt_to_kinds(
    sizes: Ints, counts: Ints, measures: Floats, permutations: int, generator: np.random.Generator
) -> Floats:
    """Where many cases add the same, it is enough how many of them get each segment.

    One kind of case after the other draws from what the kinds before it have left.
    """
    left = np.tile(sizes, (permutations, 1))
    dealt = np.zeros((len(measures), *left.shape))
    for count, of_case in zip(counts, measures.T, strict=True):
        wanted, rest = np.full(permutations, count), left.sum(axis=1)
        for segment in range(len(sizes)):
            rest = rest - left[:, segment]
            got = generator.hypergeometric(left[:, segment], rest, wanted)
            wanted = wanted - got
            left[:, segment] -= got
            dealt[:, :, segment] += of_case[:, None] * got
    return dealt


def _dealt_to_cases(
    segment: Ints, measures: Floats, permutations: int, generator: np.random.Generator
) -> Floats:
    dealt = generator.permuted(np.tile(segment, (permutations, 1)), axis=1)
    shape = (permutations, int(segment.max()) + 1)
    places = (dealt + shape[1] * np.arange(permutations)[:, None]).ravel()
    repeated = (np.tile(measure, permutations) for measure in measures)
    return np.stack([summed(places, each, shape[0] * shape[1]).reshape(shape) for each in repeated])
