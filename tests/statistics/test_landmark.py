"""Differences among those still open at a landmark."""

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from orchestration.statistics.landmark import Followed, landmark_differences


def _followed(
    durations: list[float], kinds: list[int], exposed: list[bool], strata: list[int]
) -> Followed:
    return Followed(
        np.array(durations),
        np.array(kinds, dtype=np.int64),
        np.array(exposed, dtype=np.bool_),
        np.array(strata, dtype=np.int64),
        np.arange(len(durations), dtype=np.int64),
    )


def _differences(cases: Followed, horizon: float) -> tuple[float, float] | None:
    found = landmark_differences(cases, horizon=horizon, confidence=0.95, seed=1)
    return None if found is None else (found.share.value, found.days.value)


def test_the_differences_of_one_stratum_are_those_of_the_shares_and_of_the_areas() -> None:
    # Exposed: won on day 2, lost on 4, open on 10. Others: lost on 1, won on 6, open on 10.
    cases = _followed([2, 4, 10, 1, 6, 10], [1, 2, 0, 2, 1, 0], [True] * 3 + [False] * 3, [0] * 6)
    assert _differences(cases, 10) == pytest.approx((0.0, (8 - 4) / 3))
    assert _differences(cases, 5) == pytest.approx((1 / 3, 3 / 3))


def test_what_a_stratum_explains_is_no_difference() -> None:
    # The exposed are mostly of the stratum in which everybody wins on day 3.
    exposed = [True] * 6 + [False] + [True] + [False] * 6
    cases = _followed([3] * 7 + [9] * 7, [1] * 7 + [0] * 7, exposed, [0] * 7 + [1] * 7)
    assert _differences(cases, 9) == pytest.approx((0.0, 0.0))
    alone = _followed([3] * 7 + [9] * 7, [1] * 7 + [0] * 7, exposed, [0] * 14)
    told = _differences(alone, 9)
    assert told is not None
    assert told[0] > 0.5


def test_without_exposed_or_others_in_any_stratum_there_is_nothing_to_compare() -> None:
    assert _differences(_followed([3, 4], [1, 1], [True, False], [0, 1]), 3) is None
    assert _differences(_followed([], [], [], []), 3) is None


def test_a_horizon_that_one_side_was_not_followed_to_is_not_told() -> None:
    cases = _followed([8, 3, 3], [0, 1, 0], [True, False, False], [0, 0, 0])
    assert _differences(cases, 8) is None
    assert _differences(cases, 3) is not None


def test_the_shares_are_those_of_lifelines_weighted_by_stratum() -> None:
    draw = np.random.default_rng(5)
    n = 400
    strata = draw.integers(0, 3, n)
    exposed = draw.random(n) < 0.2 + 0.25 * strata
    durations = np.round(draw.exponential(20 + 10 * strata + 5 * exposed), 6)
    kinds = draw.choice([0, 1, 2], n, p=[0.2, 0.3, 0.5])
    cases = Followed(durations, kinds, exposed, strata, np.arange(n))
    found = landmark_differences(cases, horizon=15.0, confidence=0.9, seed=3)
    shares = []
    for group in (exposed, ~exposed):
        total = np.bincount(strata)
        weights = (total / np.bincount(strata[group]))[strata[group]]
        fit = AalenJohansenFitter(calculate_variance=False)
        fit.fit(durations[group], kinds[group], event_of_interest=1, weights=weights)
        shares.append(float(fit.predict(15.0)))
    assert found is not None
    assert found.share.value == pytest.approx(shares[0] - shares[1], abs=1e-9)
    assert found.share.interval is not None
    assert found.share.interval.low < found.share.value < found.share.interval.high
