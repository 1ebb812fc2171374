"""Cox's proportional hazards on spells: late entry, exposures that change, tied events.

Efron's handling of ties (Efron 1977). The variance is Lin and Wei's sandwich (1989) over each
cluster's sum of score residuals: spells of one account are not independent of one another.
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
    two_sided_p,
)

_STEPS: Final = 50
_HALVINGS: Final = 30
_CLOSE: Final = 1e-12
_SETTLED: Final = 1e-9
_TOLD_APART: Final = 1e12
_NOTHING: Final = 1e-8
# A log hazard ratio beyond this is none that data can tell: the likelihood grows without end.
_WITHOUT_END: Final = 15.0


class NotEstimable(Exception):
    """The data can't tell the effect; says why."""


@dataclass(frozen=True)
class Spells:
    """Spans of time at risk, a row each: at risk at t where start < t <= stop.

    `is_event` marks the spans that end with the event at `stop`. `covariates` has a column each; a
    record whose covariates change has several spans. `clusters` numbers the clusters from 0.
    """

    start: Floats
    stop: Floats
    is_event: Bools
    covariates: Floats
    clusters: Ints


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
class _Ties:
    """The event times, and each event with the share of its time's events that Efron takes off."""

    times: Floats
    time_of: Ints
    share: Floats


@dataclass(frozen=True)
class _Problem:
    """Spells, their covariates with mean 0 and deviation 1, and their ties."""

    spells: Spells
    standard: Floats
    ties: _Ties


@dataclass(frozen=True)
class _Moments:
    """Sums of risk over those at risk, an element an event: Efron's ties are taken off."""

    risk: Floats
    mean: Floats
    second: Floats


def fit_cox(spells: Spells) -> Fit:
    """Fit the hazard ratios of the covariates.

    Raises NotEstimable where nothing happened, a covariate does not vary among those at risk, the
    ratios run away to zero or infinity, or the events are of so few clusters that their variance
    can't be told.
    """
    if not spells.is_event.any():
        raise NotEstimable("no event")
    scale = _scale(spells.covariates)
    standard = (spells.covariates - spells.covariates.mean(axis=0)) / scale
    problem = _Problem(spells, standard, _ties(spells))
    beta, likelihood, information = _maximise(problem, scale)
    variance = np.linalg.inv(information)
    of_clusters = np.zeros((int(spells.clusters.max()) + 1, len(beta)))
    np.add.at(of_clusters, spells.clusters, _score_residuals(problem, beta))
    robust = variance @ (of_clusters.T @ of_clusters) @ variance
    if not (np.diag(robust) > _NOTHING * np.diag(variance)).all():
        raise NotEstimable("the events are of too few clusters")
    back = np.outer(scale, scale)
    return Fit(
        coefficients=beta / scale,
        variance=variance / back,
        robust_variance=robust / back,
        log_likelihood=likelihood,
        n_events=int(spells.is_event.sum()),
    )


def _maximise(problem: _Problem, scale: Floats) -> tuple[Floats, float, Floats]:
    """Newton's steps up the partial likelihood, each halved until the likelihood does not fall."""
    beta = np.zeros(problem.standard.shape[1])
    likelihood, score, information = _derivatives(problem, beta)
    for _ in range(_STEPS):
        step = _solve(information, score)
        before = likelihood
        for _ in range(_HALVINGS):
            likelihood, score, information = _derivatives(problem, beta + step)
            if likelihood >= before - _CLOSE * (1 + abs(before)):
                break
            step = step / 2
        beta = beta + step
        if np.abs(beta / scale).max() > _WITHOUT_END:
            raise NotEstimable("the exposure tells all with the event from all without")
        if np.abs(step).max() < _SETTLED:
            return beta, likelihood, information
    raise NotEstimable("the ratios do not settle")


def _scale(covariates: Floats) -> Floats:
    scale: Floats = covariates.std(axis=0)
    if (scale == 0).any():
        raise NotEstimable("a covariate is the same for all")
    return scale


def _ties(spells: Spells) -> _Ties:
    at = np.sort(spells.stop[spells.is_event])
    times, first, counts = np.unique(at, return_index=True, return_counts=True)
    time_of = np.repeat(np.arange(len(times)), counts)
    place = np.arange(len(at)) - np.repeat(first, counts)
    return _Ties(times, time_of, place / counts[time_of])


def _at_risk(spells: Spells, values: Floats, times: Floats) -> Floats:
    """The sum of `values` over those at risk at each of `times`."""
    return _from(spells.stop, values, times) - _from(spells.start, values, times)


def _from(moments: Floats, values: Floats, times: Floats) -> Floats:
    order = np.argsort(moments, kind="stable")
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[order], axis=0)])
    later: Floats = sums[-1] - sums[np.searchsorted(moments[order], times, side="left")]
    return later


def _moments(problem: _Problem, risk: Floats) -> _Moments:
    spells, standard, ties = problem.spells, problem.standard, problem.ties
    n, p = standard.shape
    products = (standard[:, :, None] * standard[:, None, :]).reshape(n, p * p)
    sums = risk[:, None] * np.hstack([np.ones((n, 1)), standard, products])
    everyone = _at_risk(spells, sums, ties.times)[ties.time_of]
    events = np.zeros((len(ties.times), sums.shape[1]))
    at = np.searchsorted(ties.times, spells.stop[spells.is_event])
    np.add.at(events, at, sums[spells.is_event])
    left = everyone - ties.share[:, None] * events[ties.time_of]
    total = left[:, 0]
    # A step too far leaves nobody at risk; the likelihood then sends it back.
    with np.errstate(divide="ignore", invalid="ignore"):
        means = left[:, 1:] / total[:, None]
    return _Moments(total, means[:, :p], means[:, p:].reshape(-1, p, p))


def _derivatives(problem: _Problem, beta: Floats) -> tuple[float, Floats, Floats]:
    """The log partial likelihood, its slope and its curvature."""
    standard, events = problem.standard, problem.spells.is_event
    predictor = standard @ beta
    highest = predictor.max()
    moments = _moments(problem, np.exp(predictor - highest))
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = float(predictor[events].sum() - (np.log(moments.risk) + highest).sum())
    score = standard[events].sum(axis=0) - moments.mean.sum(axis=0)
    spread = moments.second - moments.mean[:, :, None] * moments.mean[:, None, :]
    return likelihood, score, spread.sum(axis=0)


def _solve(information: Floats, score: Floats) -> Floats:
    if not np.isfinite(information).all() or np.linalg.cond(information) > _TOLD_APART:
        raise NotEstimable("the covariates can't be told apart among those at risk")
    step: Floats = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
    return step


def _score_residuals(problem: _Problem, beta: Floats) -> Floats:
    """What each span adds to the score: its event less what its risk let expect."""
    spells, standard, ties = problem.spells, problem.standard, problem.ties
    predictor = standard @ beta
    risk = np.exp(predictor - predictor.max())
    moments = _moments(problem, risk)
    hazard = 1 / moments.risk
    expected = moments.mean * hazard[:, None]

    until = np.concatenate([[0.0], np.cumsum(hazard)])
    drift = np.concatenate([np.zeros((1, standard.shape[1])), np.cumsum(expected, axis=0)])
    last = np.searchsorted(ties.times[ties.time_of], spells.stop, side="right")
    first = np.searchsorted(ties.times[ties.time_of], spells.start, side="right")
    gone = standard * (until[last] - until[first])[:, None] - (drift[last] - drift[first])
    residuals = -risk[:, None] * gone

    # Of its own time's events a span that has one is at risk with Efron's share alone.
    count = len(ties.times)
    taken = np.bincount(ties.time_of, ties.share * hazard, count)
    mean, off = np.zeros((count, standard.shape[1])), np.zeros((count, standard.shape[1]))
    np.add.at(mean, ties.time_of, moments.mean)
    np.add.at(off, ties.time_of, ties.share[:, None] * expected)
    mean /= np.bincount(ties.time_of, minlength=count)[:, None]
    events = spells.is_event
    own = np.searchsorted(ties.times, spells.stop[events])
    residuals[events] += standard[events] - mean[own]
    residuals[events] += risk[events, None] * (standard[events] * taken[own, None] - off[own])
    return np.asarray(residuals, dtype=np.float64)
