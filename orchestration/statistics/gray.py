"""Whether groups differ in how many something happens to, and how soon, before anything else can.

Gray's test of K cumulative incidences (Annals of Statistics 16, 1988), with weight one (rho = 0).
It needs no rows, only how many of each group ended at each distinct time and how.

The variance has Gray's correction for ties. Where a time stands for a great part of all waits it
still comes out too small: with a quarter of the mean wait tied at each time, a test at 5 % rejects
some 6 % of groups that do not differ. Days are fine enough for cycles of weeks.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Bools, Floats, chi_squared_p

_NO_VARIANCE: Final = 1e-10


@dataclass(frozen=True)
class Ends:
    """How many ended at each of `times`, a row per group: by the event, another one, or in view.

    Times ascend. Who is counted at a time is at risk up to it, and nobody enters late.
    """

    times: Floats
    of_interest: Floats
    competing: Floats
    censored: Floats

    def until(self, horizon: float) -> "Ends":
        """The same where everyone is lost from view right after the horizon."""
        inside = self.times <= horizon
        beyond = sum(
            ends[:, ~inside].sum(axis=1, keepdims=True)
            for ends in (self.of_interest, self.competing, self.censored)
        )
        nobody = np.zeros_like(np.asarray(beyond))
        return Ends(
            np.append(self.times[inside], np.inf),
            np.hstack([self.of_interest[:, inside], nobody]),
            np.hstack([self.competing[:, inside], nobody]),
            np.hstack([self.censored[:, inside], beyond]),
        )


@dataclass(frozen=True)
class GrayTest:
    """The test that all groups have the same cumulative incidence.

    `scores` are the events of each group less those that equal incidences let expect, weighed as
    the test weighs them: they add up to zero.
    """

    scores: Floats
    covariance: Floats
    statistic: float
    degrees: int

    @property
    def p_value(self) -> float:
        """How often chance alone makes groups of one incidence differ as much."""
        return chi_squared_p(self.statistic, self.degrees)


@dataclass(frozen=True)
class _Curves:
    """Each group's curves, a row per group, and the incidence that all share if none differs.

    `stays` is the Kaplan-Meier share to which nothing has happened, right before each time and
    right after it; `scaled` is those at risk over that share, as if no competing event took any.
    """

    at_risk: Floats
    before: Floats
    after: Floats
    incidence_before: Floats
    scaled: Floats
    pooled_before: Floats
    pooled_after: Floats


def gray_test(ends: Ends) -> GrayTest | None:
    """Gray's test; None where the groups can't differ: no event, or one group alone at risk."""
    happened = (ends.of_interest + ends.competing).sum(axis=0) > 0
    curves = _curves(ends, happened)
    events, others = ends.of_interest[:, happened], ends.competing[:, happened]
    weights = curves.scaled * (1 - curves.incidence_before)
    expected = weights * _ratio(events.sum(axis=0), weights.sum(axis=0))
    scores = (events - expected).sum(axis=1)
    covariance = _covariance(curves, events, others)
    values, vectors = np.linalg.eigh(covariance)
    told = values > _NO_VARIANCE * max(1.0, float(values.max(initial=0.0)))
    if not told.any():
        return None
    statistic = float(((vectors.T @ scores)[told] ** 2 / values[told]).sum())
    return GrayTest(scores, covariance, statistic, int(told.sum()))


def _curves(ends: Ends, happened: Bools) -> _Curves:
    """The curves at the times at which anything happened."""
    left = (ends.of_interest + ends.competing + ends.censored)[:, ::-1].cumsum(axis=1)[:, ::-1]
    at_risk = left[:, happened]
    events, others = ends.of_interest[:, happened], ends.competing[:, happened]
    after = np.cumprod(1 - _ratio(events + others, at_risk), axis=1, dtype=np.float64)
    before = np.hstack([np.ones((len(after), 1)), after[:, :-1]])
    incidence = np.cumsum(before * _ratio(events, at_risk), axis=1)
    scaled = _ratio(at_risk, before)
    pooled = np.cumsum(_ratio(events.sum(axis=0), scaled.sum(axis=0)))
    return _Curves(
        at_risk=at_risk,
        before=before,
        after=after,
        incidence_before=np.hstack([np.zeros((len(after), 1)), incidence[:, :-1]]),
        scaled=scaled,
        pooled_before=np.concatenate([[0.0], pooled[:-1]]),
        pooled_after=pooled,
    )


def _covariance(curves: _Curves, events: Floats, others: Floats) -> Floats:
    """The covariance of the scores if no group differs (Gray 1988, section 2).

    A score is a sum over groups k of what the events in k (`moved`), and the other events in k
    (`held`), add to it: at once, and through the incidence by which all later ones are weighed.
    """
    total, count = curves.scaled.sum(axis=0), events.sum(axis=0)
    groups = np.eye(len(curves.scaled))[:, :, None]
    at_once = curves.scaled[:, None, :] * (groups - _ratio(curves.scaled, total)[None, :, :])
    later = at_once * _ratio(count, total * (1 - curves.pooled_before))
    to_come = later.sum(axis=2, keepdims=True) - np.cumsum(later, axis=2)

    stays = np.where(curves.at_risk > 0, _ratio(1 - curves.pooled_after, curves.after), 0.0)
    moved = at_once + np.where(curves.after > 0, 1 - stays, 1.0) * to_come
    held = stays * to_come

    tied = 1 - _ratio(count - 1, total * curves.before - 1) * (count > 1)
    # With hardly anyone left the share of ties may exceed one; a variance is never below zero.
    of_events = np.clip(tied, 0.0, None) * _ratio(curves.before * count, total * curves.at_risk)
    tied = 1 - _ratio(others - 1, curves.at_risk - 1) * (others > 1)
    of_others = tied * curves.before**2 * _ratio(others, curves.at_risk**2)
    covariance: Floats = np.einsum("ikt,jkt,kt->ij", moved, moved, of_events) + np.einsum(
        "ikt,jkt,kt->ij", held, held, of_others
    )
    return covariance


def _ratio(one: Floats, other: Floats) -> Floats:
    """The quotient, zero where the divisor is."""
    return np.divide(one, other, out=np.zeros(np.broadcast(one, other).shape), where=other != 0)
