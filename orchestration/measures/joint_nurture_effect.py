"""Does working together pay: hazard ratios and landmark differences of deals that both teams work.

Association, not cause: it is adjusted for what the sources know of a deal, and for nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import Settings
from orchestration.measures.nurture_deals import ENDINGS, Deals, Group, groups
from orchestration.statistics.adjustment import EVENTS_PER_COVARIATE, Indicators, indicators
from orchestration.statistics.arrays import Bools, Floats, Ints
from orchestration.statistics.cox import NotEstimable, Spells, fit_cox
from orchestration.statistics.landmark import Difference, Followed, landmark_differences

EFFECTS: Final = pa.schema(
    [
        ("estimand", pa.string()),
        ("ending", pa.string()),
        ("segment", pa.string()),
        ("lag_days", pa.int64()),
        ("landmark_day", pa.int64()),
        ("horizon_days", pa.int64()),
        ("n", pa.int64()),
        ("n_exposed", pa.int64()),
        ("events", pa.int64()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("p_value", pa.float64()),
        ("adjusted_for", pa.string()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of effects."""

_SEED: Final = 20_260_102
_ASKED: Final = 1


@dataclass(frozen=True)
class _Effect:
    """One row of the table."""

    estimand: str
    ending: str
    segment: str
    lag_days: int
    landmark_day: int | None = None
    horizon_days: int | None = None
    n: int = 0
    n_exposed: int = 0
    events: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    adjusted_for: str | None = None
    status: str = "not estimable"


@dataclass(frozen=True)
class _AtRisk:
    """Spans of days at risk, without their covariates: `deal` is the place of each one's deal."""

    deal: Ints
    start: Floats
    stop: Floats
    is_event: Bools
    is_exposed: Bools


def joint_nurture_effect(deals: pa.Table, spells: pa.Table, settings: Settings) -> pa.Table:
    """Every estimand from `int_nurture_deal` and `int_nurture_spell`, over all and by segment.

    `hazard_ratio`: by which factor the daily chance of that ending is multiplied while both teams
    had worked on the deal some days before. `landmark_...`: the same, and the difference of the
    shares and days by the horizon, among the deals open at a landmark by what stood then.
    `naive_...`: ever against never, as other tools have it. What the data can't tell says so.
    """
    rows = [
        vars(_counted(effect, settings))
        for group in groups(deals, spells)
        for ending in ENDINGS
        for effect in _effects(group, ending, settings)
    ]
    return pa.Table.from_pylist(rows, schema=EFFECTS)


def _counted(effect: _Effect, settings: Settings) -> _Effect:
    if effect.n == 0:
        return replace(effect, status="no data")
    # A hazard stands on its events, however many deals are still open.
    few = min(effect.n, effect.events) < settings.too_few
    return replace(effect, status="too few") if few else effect


def _effects(group: Group, ending: str, settings: Settings) -> Iterator[_Effect]:
    effect = _Effect("hazard_ratio", ending, group.segment, group.lag_days)
    lives = group.lives
    at_risk = _AtRisk(
        lives.deal,
        lives.from_day.astype(np.float64) - 1,
        lives.to_day.astype(np.float64),
        lives.ends_as(ending),
        lives.is_joint,
    )
    yield _adjusted_ratio(effect, at_risk, group.deals, settings)
    # Other lags only show how much the choice of the lag matters.
    if group.lag_days == settings.nurture_lag_days:
        for landmark in settings.landmarks:
            yield from _at_landmark(effect, group, landmark, settings)
        yield from _naive(effect, at_risk, group.deals, settings)


def _adjusted_ratio(effect: _Effect, at_risk: _AtRisk, deals: Deals, settings: Settings) -> _Effect:
    """The hazard ratio of the exposure, adjusted for as many factors as the events allow."""
    had_event = np.bincount(at_risk.deal, at_risk.is_event, len(deals)) > 0
    budget = int(at_risk.is_event.sum()) // EVENTS_PER_COVARIATE - 1
    adjusted = indicators(deals.factors(), had_event, budget=budget)
    named = replace(effect, adjusted_for=", ".join(adjusted.factors) or None)
    return _ratio(named, at_risk, adjusted, deals, settings.confidence_level)


def _ratio(
    effect: _Effect, at_risk: _AtRisk, adjusted: Indicators, deals: Deals, confidence: float
) -> _Effect:
    counted = replace(
        effect,
        n=_distinct(at_risk.deal),
        n_exposed=_distinct(at_risk.deal[at_risk.is_exposed]),
        events=int(at_risk.is_event.sum()),
    )
    spells = Spells(
        at_risk.start,
        at_risk.stop,
        at_risk.is_event,
        2 * adjusted.pattern[at_risk.deal] + at_risk.is_exposed,
        deals.clusters[at_risk.deal],
        # A pattern of the deals twice: not exposed, exposed.
        np.column_stack(
            [np.tile([0.0, 1.0], len(adjusted.columns)), np.repeat(adjusted.columns, 2, axis=0)]
        ),
    )
    try:
        fit = fit_cox(spells)
    except NotEstimable:
        return counted
    interval = fit.interval(confidence)
    return replace(
        counted,
        value=fit.hazard_ratio(),
        low=interval.low,
        high=interval.high,
        p_value=fit.p_value(),
        status="ok",
    )


def _distinct(numbers: Ints) -> int:
    return int(np.count_nonzero(np.bincount(numbers)))


def _at_landmark(
    effect: _Effect, group: Group, landmark: int, settings: Settings
) -> Iterator[_Effect]:
    lives, deals = group.lives, group.deals
    is_there = (lives.from_day <= landmark) & (landmark <= lives.to_day)
    is_there &= deals.last_day[lives.deal] > landmark
    is_exposed = lives.is_joint[is_there]
    still_open = deals.at(lives.deal[is_there])
    at_risk = _AtRisk(
        np.arange(len(still_open), dtype=np.int64),
        np.full(len(still_open), float(landmark)),
        still_open.last_day.astype(np.float64),
        still_open.kinds(effect.ending) == _ASKED,
        is_exposed,
    )
    asked = replace(effect, estimand="landmark_hazard_ratio", landmark_day=landmark)
    ratio = _adjusted_ratio(asked, at_risk, still_open, settings)
    yield ratio

    found = landmark_differences(
        Followed(
            at_risk.stop - at_risk.start,
            still_open.kinds(effect.ending),
            is_exposed,
            still_open.strata(ratio.events // EVENTS_PER_COVARIATE),
            still_open.clusters,
        ),
        horizon=settings.nurture_horizon_days,
        confidence=settings.confidence_level,
        seed=_SEED + landmark,
    )
    counted = replace(
        asked,
        horizon_days=settings.nurture_horizon_days,
        n=ratio.n,
        n_exposed=ratio.n_exposed,
        events=ratio.events,
        adjusted_for="segment, amount",
    )
    share, days = (None, None) if found is None else (found.share, found.days)
    yield _difference(counted, "landmark_share_difference", share)
    yield _difference(counted, "landmark_days_difference", days)


def _difference(counted: _Effect, estimand: str, difference: Difference | None) -> _Effect:
    if difference is None:
        return replace(counted, estimand=estimand)
    interval = difference.interval
    return replace(
        counted,
        estimand=estimand,
        value=difference.value,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        status="ok",
    )


def _naive(
    effect: _Effect, at_risk: _AtRisk, deals: Deals, settings: Settings
) -> Iterator[_Effect]:
    """Ever against never, over whole lives: whoever lives longer has more time to be touched."""
    ever = np.bincount(at_risk.deal, at_risk.is_exposed, len(deals)) > 0
    whole_lives = replace(at_risk, is_exposed=ever[at_risk.deal])
    nothing = indicators({}, np.zeros(len(deals), dtype=np.bool_), budget=0)
    asked = replace(effect, estimand="naive_hazard_ratio")
    yield _ratio(asked, whole_lives, nothing, deals, settings.confidence_level)

    is_over = deals.is_over
    ended = deals.kinds(effect.ending) == _ASKED
    of_closed = replace(
        effect,
        estimand="naive_share_ratio",
        n=int(is_over.sum()),
        n_exposed=int((ever & is_over).sum()),
        events=int(ended.sum()),
    )
    share, of_others = (_share(ended, is_over & group) for group in (ever, ~ever))
    if share is None or not of_others:
        yield of_closed
    else:
        yield replace(of_closed, value=share / of_others, status="ok")


def _share(of: Bools, among: Bools) -> float | None:
    return float(of[among].mean()) if among.any() else None
