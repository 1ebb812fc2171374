"""Those still open at a landmark, compared by what they had been exposed to by then.

Anderson, Cain and Gelber 1983: an exposure that is fixed at the landmark can't be longer for those
who live longer, which is what spoils the comparison of ever with never.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.adjustment import standardised
from orchestration.statistics.arrays import Bools, Floats, Interval, Ints, summed
from orchestration.statistics.incidence import CENSORED, incidence_of_counts
from orchestration.statistics.jackknife import jackknife_intervals

_ASKED: Final = 1
_KINDS: Final = 2


@dataclass(frozen=True)
class Followed:
    """Cases from a landmark on: how long until the end, its kind, and exposure at the landmark.

    `kinds` holds 1 for the end that is asked of, 2 for any other, 0 where the case is still open.
    `strata` and `clusters` number each case's stratum and cluster from 0.
    """

    durations: Floats
    kinds: Ints
    exposed: Bools
    strata: Ints
    clusters: Ints


@dataclass(frozen=True)
class Difference:
    """Exposed less the others, both with the strata of all; no interval where none can be told."""

    value: float
    interval: Interval | None


@dataclass(frozen=True)
class Differences:
    """By the horizon: the share that came to that end, and by how many days it came earlier.

    The days are the area between the two cumulative incidences: by how much the restricted mean
    time without that end is shorter.
    """

    share: Difference
    days: Difference


@dataclass(frozen=True)
class _Cells:
    """What cases can have in common, a row each: `place` is that of its duration among `times`."""

    times: Floats
    place: Ints
    kinds: Ints
    exposed: Bools
    strata: Ints


def landmark_differences(
    cases: Followed, *, horizon: float, confidence: float, seed: int
) -> Differences | None:
    """The differences by the horizon.

    None where no stratum has both exposed and others, or where one of the two was not followed to
    the horizon. The intervals go by whole clusters.
    """
    if not len(cases.durations):
        return None
    cells, of_case = _cells(cases)
    found = _differences(cells, np.bincount(of_case).astype(np.float64), horizon)
    if found is None:
        return None
    intervals = jackknife_intervals(
        cases.clusters,
        of_case,
        lambda counts: _differences(cells, counts, horizon),
        confidence=confidence,
        seed=seed,
    )
    of_share, of_days = intervals or (None, None)
    share, days = found
    return Differences(Difference(share, of_share), Difference(days, of_days))


def _cells(cases: Followed) -> tuple[_Cells, Ints]:
    """The cells that occur, and the number of each case's."""
    times, place = np.unique(cases.durations, return_inverse=True)
    key = (cases.strata * 2 + cases.exposed) * (_KINDS + 1) + cases.kinds
    keys, of_case = np.unique(key * len(times) + place, return_inverse=True)
    key, place = np.divmod(keys, len(times))
    key, kinds = np.divmod(key, _KINDS + 1)
    return _Cells(times, place, kinds, key % 2 == 1, key // 2), of_case


def _differences(cells: _Cells, counts: Floats, horizon: float) -> tuple[float, float] | None:
    balanced = standardised(cells.exposed, cells.strata, counts)
    if balanced is None:
        return None
    curves = []
    for group in (cells.exposed, ~cells.exposed):
        weights = np.where(group, balanced, 0.0)
        here = weights > 0
        last = cells.times[cells.place[here].max()]
        if (cells.kinds[here] == CENSORED).any() and last < horizon:
            return None
        count = len(cells.times)
        ended = summed(cells.kinds * count + cells.place, weights, (_KINDS + 1) * count)
        curves.append(incidence_of_counts(cells.times, ended.reshape(_KINDS + 1, count)))
    exposed, others = curves
    return (
        exposed.share(_ASKED, horizon) - others.share(_ASKED, horizon),
        exposed.restricted_mean(_ASKED, horizon) - others.restricted_mean(_ASKED, horizon),
    )
