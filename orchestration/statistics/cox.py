"""Cox's proportional hazards on spells: late entry, exposures that change, tied events.

Efron's handling of ties (Efron 1977). The variance is Lin and Wei's sandwich (1989) over each
cluster's sum of score residuals: spells of one account are not independent of one another.

All but those residuals is reckoned from counts by pattern of covariates and event time, so that
what a step up the likelihood takes does not grow with the number of spells.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import (
    Bools,
    Floats,
    Interval,
    Ints,
    normal_quantile,
    summed,
    two_sided_p,
)
from orchestration.statistics.risk_sets import RiskSets, risk_sets

_STEPS: Final = 50
_HALVINGS: Final = 30
_CLOSE: Final = 1e-12
_SETTLED: Final = 1e-9
_TOLD_APART: Final = 1e12
_NOTHING: Final = 1e-8
# What an event tells of a covariate that varies as much as all do; less than this is rounding.
_TELLS_NOTHING: Final = 1e-13
# A log hazard ratio beyond this is none that data can tell: the likelihood grows without end.
_WITHOUT_END: Final = 15.0
# Risk, relative to the highest, below which its square would vanish.
_NOBODY: Final = 1e-150


class NotEstimable(Exception):
    """The data can't tell the effect; says why."""


@dataclass(frozen=True)
class Spells:
    """Spans of time at risk, a row each: at risk at t where start < t <= stop.

    `is_event` marks the spans that end with the event at `stop`. `pattern` is the row of
    `covariates` that holds for the span; a record whose covariates change has several spans.
    `clusters` numbers the clusters from 0.
    """

    start: Floats
    stop: Floats
    is_event: Bools
    pattern: Ints
    clusters: Ints
    covariates: Floats


@dataclass(frozen=True)
class Fit:
    """Log hazard ratios, a row per covariate, and their variances."""

    coefficients: Floats
    variance: Floats
    robust_variance: Floats
    log_likelihood: float
    n_events: int

    def hazard_ratio(self, covariate: int = 0) -> float:
        """By which factor a unit more of the covariate multiplies the hazard."""
        return float(np.exp(self.coefficients[covariate]))

    def interval(self, confidence: float, covariate: int = 0) -> Interval:
        """The interval of that hazard ratio, from the variance between clusters."""
        reach = normal_quantile(confidence) * np.sqrt(self.robust_variance[covariate, covariate])
        middle = self.coefficients[covariate]
        return Interval(float(np.exp(middle - reach)), float(np.exp(middle + reach)))

    def p_value(self, covariate: int = 0) -> float:
        """How often chance alone would move the ratio as far from one: Wald's test, two-sided."""
        error = np.sqrt(self.robust_variance[covariate, covariate])
        return two_sided_p(float(self.coefficients[covariate] / error))


@dataclass(frozen=True)
class _Problem:
    """Covariates with mean 0 and deviation 1, those at risk, and Efron's ties.

    `counts` says how many events each time has. Of each event, `time_of` is the place of its time
    and `share` the part of its time's events that Efron takes off those at risk.
    """

    standard: Floats
    sets: RiskSets
    counts: Ints
    time_of: Ints
    share: Floats


@dataclass(frozen=True)
class _Moments:
    """What the events come to at some coefficients.

    `risk` is that of each pattern. Of each event time, `mean` is the mean of the covariates over
    those at risk, and `apart` what those of its events add up to beyond that mean, both weighed by
    risk. The risk that is left to an event, once the ties are taken off, is summed up over the
    events of a time as `once` (1 / left), `shared` (share / left), `mixed` (share / left squared)
    and `squared` (the square of share / left).
    """

    likelihood: float
    risk: Floats
    mean: Floats
    apart: Floats
    once: Floats
    shared: Floats
    mixed: Floats
    squared: Floats


def fit_cox(spells: Spells) -> Fit:
    """Fit the hazard ratios of the covariates.

    Raises NotEstimable where nothing happened, a covariate does not vary among those at risk, the
    ratios run away to zero or infinity, or the events are of so few clusters that their variance
    can't be told.
    """
    if not spells.is_event.any():
        raise NotEstimable("no event")
    problem, scale = _problem(spells)
    beta, moments = _maximise(problem, scale)
    variance = np.linalg.inv(_derivatives(problem, moments)[1])
    of_clusters = _cluster_scores(problem, moments, spells)
    robust = variance @ (of_clusters.T @ of_clusters) @ variance
    if not (np.diag(robust) > _NOTHING * np.diag(variance)).all():
        raise NotEstimable("the events are of too few clusters")
    back = np.outer(scale, scale)
    return Fit(
        coefficients=beta / scale,
        variance=variance / back,
        robust_variance=robust / back,
        log_likelihood=moments.likelihood,
        n_events=len(problem.time_of),
    )


def _problem(spells: Spells) -> tuple[_Problem, Floats]:
    """The problem, and the deviation of each covariate."""
    covariates, count = spells.covariates, len(spells.covariates)
    weights = np.bincount(spells.pattern, minlength=count) / len(spells.pattern)
    seen = covariates[weights > 0]
    if (seen == seen[0]).all(axis=0).any():
        raise NotEstimable("a covariate is the same for all")
    centred = covariates - weights @ covariates
    scale = np.sqrt(weights @ centred**2)
    sets = risk_sets(spells.start, spells.stop, spells.is_event, spells.pattern, count)
    counts = np.bincount(sets.own_time)
    time_of = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(time_of)) - np.repeat(np.cumsum(counts) - counts, counts)
    return _Problem(centred / scale, sets, counts, time_of, place / counts[time_of]), scale


def _maximise(problem: _Problem, scale: Floats) -> tuple[Floats, _Moments]:
    """Newton's steps up the partial likelihood, each halved until the likelihood does not fall."""
    beta = np.zeros(problem.standard.shape[1])
    moments = _moments(problem, beta)
    for _ in range(_STEPS):
        if moments is None:
            break
        score, information = _derivatives(problem, moments)
        if (np.diag(information) < _TELLS_NOTHING * len(problem.time_of)).any():
            raise NotEstimable("a covariate does not vary among those at risk")
        step = _solve(information, score)
        least = moments.likelihood - _CLOSE * (1 + abs(moments.likelihood))
        for _ in range(_HALVINGS):
            moments = _moments(problem, beta + step)
            if moments is not None and moments.likelihood >= least:
                break
            step = step / 2
        beta = beta + step
        if np.abs(beta / scale).max() > _WITHOUT_END:
            raise NotEstimable("the exposure tells all with the event from all without")
        if moments is not None and np.abs(step).max() < _SETTLED:
            return beta, moments
    raise NotEstimable("the ratios do not settle")


def _moments(problem: _Problem, beta: Floats) -> _Moments | None:
    """The moments at these coefficients; None where a step too far has left nobody at risk."""
    standard, sets, share = problem.standard, problem.sets, problem.share
    predictor = standard @ beta
    highest = predictor.max()
    risk = np.exp(predictor - highest)
    weighed = risk[:, None] * np.column_stack([np.ones(len(risk)), standard])
    everyone, events = sets.at_risk(weighed), sets.with_event(weighed)
    left = everyone[problem.time_of, 0] - share * events[problem.time_of, 0]
    if not (left > _NOBODY).all():
        return None
    happened = sets.at_events(np.ones(len(sets.times)))
    mean = everyone[:, 1:] / everyone[:, :1]
    time_of, count = problem.time_of, len(problem.counts)
    return _Moments(
        likelihood=float(happened @ predictor - (np.log(left) + highest).sum()),
        risk=risk,
        mean=mean,
        apart=events[:, 1:] - mean * events[:, :1],
        once=summed(time_of, 1 / left, count),
        shared=summed(time_of, share / left, count),
        mixed=summed(time_of, share / left**2, count),
        squared=summed(time_of, (share / left) ** 2, count),
    )


def _derivatives(problem: _Problem, moments: _Moments) -> tuple[Floats, Floats]:
    """The slope of the log partial likelihood, and its curvature with the sign turned."""
    standard, sets = problem.standard, problem.sets
    expected = moments.risk * (sets.while_at_risk(moments.once) - sets.at_events(moments.shared))
    score = (sets.at_events(np.ones(len(sets.times))) - expected) @ standard
    mean, apart = moments.mean, moments.apart
    crossed = (mean * moments.shared[:, None]).T @ apart
    of_means = (
        (mean * problem.counts[:, None]).T @ mean
        - crossed
        - crossed.T
        + (apart * moments.squared[:, None]).T @ apart
    )
    information = (standard * expected[:, None]).T @ standard - of_means
    return score, information


def _solve(information: Floats, score: Floats) -> Floats:
    if not np.isfinite(information).all() or np.linalg.cond(information) > _TOLD_APART:
        raise NotEstimable("the covariates can't be told apart among those at risk")
    step: Floats = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
    return step


def _cluster_scores(problem: _Problem, moments: _Moments, spells: Spells) -> Floats:
    """What each cluster adds to the score: its events less what its risk let expect."""
    sets, of, events = problem.sets, spells.pattern, spells.is_event
    risk, own = moments.risk[of], sets.own_time
    waited = _between(sets, moments.once)
    columns = []
    # A covariate at a time: all at once would take as many copies of the spells.
    for standard, mean, apart in zip(
        problem.standard.T, moments.mean.T, moments.apart.T, strict=True
    ):
        value = standard[of]
        drift = _between(sets, mean * moments.once - apart * moments.mixed)
        residual = risk * (drift - value * waited)
        # Of its own time's events a span that has one is at risk with Efron's share alone.
        off = mean * moments.shared - apart * moments.squared
        residual[events] += (
            value[events]
            - (mean - apart * moments.shared / problem.counts)[own]
            + risk[events] * (value[events] * moments.shared[own] - off[own])
        )
        columns.append(np.bincount(spells.clusters, residual))
    return np.column_stack(columns)


def _between(sets: RiskSets, values: Floats) -> Floats:
    """The sum of the values of the times at which each span is at risk."""
    until = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(until[sets.leaving] - until[sets.entering], dtype=np.float64)
