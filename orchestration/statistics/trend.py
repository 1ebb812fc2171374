"""Whether the cycle gets shorter: the median of cohorts against that of a year before.

A cohort's median is that of F(t) / F(horizon), where F is the cumulative incidence of won: among
those won by the horizon, the time by which half of them were. Deals that are still open count as
open, and all cohorts are looked at up to the same horizon: a mean over closed deals would find
young cohorts fast because their slow deals have not closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Bools, Floats, Interval, Ints, distinct
from orchestration.statistics.bootstrap import of_draws, percentiles
from orchestration.statistics.incidence import CENSORED, medians_of_draws

WON: Final = 1
"""The kind of a case that was won; other kinds ended otherwise."""
_MONTHS_A_YEAR: Final = 12


@dataclass(frozen=True)
class Cases:
    """Journeys, a row each: how long until it ended and how, who, when and of which segment.

    `months` number the month in which each began, one after the other; `segments` and `clusters`
    number from 0. A cluster, an account, may have cases in several cohorts.
    """

    durations: Floats
    kinds: Ints
    clusters: Ints
    months: Ints
    segments: Ints

    def of(self, rows: Bools) -> "Cases":
        """Some of the cases."""
        return Cases(
            self.durations[rows],
            self.kinds[rows],
            self.clusters[rows],
            self.months[rows],
            self.segments[rows],
        )


@dataclass(frozen=True)
class CohortCycle:
    """The share of a cohort that is won by the horizon, and the median cycle of these."""

    n: int
    share_won: float
    median: float


@dataclass(frozen=True)
class Trend:
    """A cohort against the same month a year before; less than zero is shorter.

    `interval` is of the difference, over accounts drawn anew; `p_value` is twice the smaller share
    of the draws on either side of zero (Davison and Hinkley 1997, section 4.4), `adjusted_p` the
    same after Holm over the segments of the month. They are None where there is no interval.
    """

    segment: int
    month: int
    now: CohortCycle
    before: CohortCycle
    interval: Interval | None = None
    p_value: float | None = None
    adjusted_p: float | None = None

    @property
    def difference(self) -> float:
        """By how much the median cycle is longer than the year before."""
        return self.now.median - self.before.median


@dataclass(frozen=True)
class Question:
    """Up to which day cohorts are looked at, and how their difference is put to the test."""

    horizon: float
    draws: int
    confidence: float
    seed: int


def cycle_trends(cases: Cases, question: Question) -> list[Trend]:
    """The trend of each segment and month that has a cohort a year before.

    A cohort is left out of which nobody was won; and one whose case that was watched longest is
    still open before the horizon: the share won by then is not known yet.
    """
    found = [
        trend
        for month in np.unique(cases.months)
        for trend in _adjusted(list(_of_month(cases, int(month), question)))
    ]
    return sorted(found, key=lambda trend: (trend.segment, trend.month))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values after Holm's step-down for having tested them all (1979)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, so_far = [0.0] * len(p_values), 0.0
    for step, place in enumerate(order):
        so_far = max(so_far, min(1.0, (len(p_values) - step) * p_values[place]))
        adjusted[place] = so_far
    return adjusted


def _of_month(cases: Cases, month: int, question: Question) -> Iterator[Trend]:
    for segment in np.unique(cases.segments[cases.months == month]):
        pair = cases.of(
            (cases.segments == segment)
            & ((cases.months == month) | (cases.months == month - _MONTHS_A_YEAR))
        )
        is_now = pair.months == month
        now, before = (
            cohort_cycle(pair.of(is_now), question.horizon),
            cohort_cycle(pair.of(~is_now), question.horizon),
        )
        if now is not None and before is not None:
            trend = Trend(int(segment), month, now, before)
            yield _with_interval(trend, pair, is_now, question)


def is_followed(cohort: Cases, horizon: float) -> bool:
    """Whether the share won by the horizon is known: the longest case ended, or got there."""
    last = cohort.durations == cohort.durations.max()
    return bool(cohort.durations[last][0] >= horizon or (cohort.kinds[last] != CENSORED).all())


def cohort_cycle(cohort: Cases, horizon: float) -> CohortCycle | None:
    """The cycle of all these cases; None where nobody was won, or they are not followed enough."""
    everyone = np.ones((1, len(cohort.durations)))
    if not len(cohort.durations):
        return None
    if not is_followed(cohort, horizon):
        return None
    median, share = medians_of_draws(cohort.durations, cohort.kinds, everyone, WON, horizon)
    if not share[0] > 0:
        return None
    return CohortCycle(len(cohort.durations), float(share[0]), float(median[0]))


def _with_interval(trend: Trend, pair: Cases, is_now: Bools, question: Question) -> Trend:
    """The trend with its interval; accounts of both cohorts are drawn once for both."""
    first, cells = distinct(is_now, pair.durations, pair.kinds)
    durations, kinds = pair.durations[first], pair.kinds[first]

    def medians(counts: Floats) -> Floats:
        return np.column_stack(
            [
                medians_of_draws(
                    durations[rows], kinds[rows], counts[:, rows], WON, question.horizon
                )[0]
                for rows in (is_now[first], ~is_now[first])
            ]
        )

    seed = np.random.SeedSequence([question.seed, trend.segment, trend.month]).generate_state(1)
    drawn = of_draws(pair.clusters, cells, medians, draws=question.draws, seed=int(seed[0]))
    if drawn is None:
        return trend
    now, before = drawn[np.isfinite(drawn).all(axis=1)].T
    differences = now - before
    found = percentiles(differences, draws=question.draws, confidence=question.confidence)
    if found is None:
        return trend
    beyond = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    p_value = min(1.0, 2 * (beyond + 1) / (len(differences) + 1))
    return replace(trend, interval=found.interval, p_value=p_value)


def _adjusted(trends: list[Trend]) -> Iterator[Trend]:
    tested = [trend.p_value for trend in trends if trend.p_value is not None]
    adjusted = iter(holm(tested))
    for trend in trends:
        yield trend if trend.p_value is None else replace(trend, adjusted_p=next(adjusted))
