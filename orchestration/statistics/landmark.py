"""Those still open at a landmark, compared by what they had been exposed to by then.

Anderson, Cain and Gelber 1983: an exposure that is fixed at the landmark can't be longer for those
who live longer, which is what spoils the comparison of ever with never.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.adjustment import standardised
from orchestration.statistics.arrays import Bools, Floats, Interval, Ints
from orchestration.statistics.incidence import CENSORED, incidence
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


def landmark_differences(
    cases: Followed, *, horizon: float, confidence: float, seed: int
) -> Differences | None:
    """The differences by the horizon.

    None where no stratum has both exposed and others, or where one of the two was not followed to
    the horizon. The intervals go by whole clusters.
    """
    found = _differences(cases, np.ones(len(cases.durations)), horizon)
    if found is None:
        return None
    intervals = jackknife_intervals(
        cases.clusters,
        lambda weights: _differences(cases, weights, horizon),
        confidence=confidence,
        seed=seed,
    )
    of_share, of_days = intervals or (None, None)
    share, days = found
    return Differences(Difference(share, of_share), Difference(days, of_days))


def _differences(cases: Followed, weights: Floats, horizon: float) -> tuple[float, float] | None:
    balanced = standardised(cases.exposed, cases.strata, weights)
    if balanced is None:
        return None
    curves = []
    for group in (cases.exposed, ~cases.exposed):
        counts = group & (balanced > 0)
        durations, kinds = cases.durations[counts], cases.kinds[counts]
        if (kinds == CENSORED).any() and durations.max() < horizon:
            return None
        curves.append(incidence(durations, kinds, balanced[counts], _KINDS))
    exposed, others = curves
    return (
        exposed.share(_ASKED, horizon) - others.share(_ASKED, horizon),
        exposed.restricted_mean(_ASKED, horizon) - others.restricted_mean(_ASKED, horizon),
    )
