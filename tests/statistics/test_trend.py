"""Cycle trends against draws reckoned one by one, by hand, and against simulated truth."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from orchestration.statistics.arrays import Floats, Ints
from orchestration.statistics.bootstrap import cluster_bootstrap
from orchestration.statistics.incidence import incidence
from orchestration.statistics.trend import WON, Cases, Question, Trend, cycle_trends, holm

OPEN, LOST = 0, 2
LAST_YEAR, THIS_YEAR = 3, 15
HORIZON = 100.0


def question(seed: int = 1, draws: int = 200, horizon: float = HORIZON) -> Question:
    return Question(horizon=horizon, draws=draws, confidence=0.9, seed=seed)


def simulated(
    seed: int, month: int, *, accounts: int = 60, median: float = 30.0, segment: int = 0
) -> Cases:
    """Deals of accounts that are slow or fast as a whole, all watched past the horizon or not."""
    generator = np.random.default_rng([seed, month, segment])
    cluster = np.repeat(np.arange(accounts), generator.integers(1, 5, accounts))
    pace = np.exp(generator.normal(0, 0.3, accounts))[cluster]
    scale = median / math.log(2)
    won = generator.exponential(scale * pace)
    lost = generator.exponential(3 * scale, len(cluster))
    seen = generator.uniform(20, 200, len(cluster))
    waits = np.stack([seen, won, lost])
    return Cases(
        np.ceil(waits.min(axis=0)),
        waits.argmin(axis=0),
        cluster,
        np.full(len(cluster), month),
        np.full(len(cluster), segment),
    )


def joined(*parts: Cases) -> Cases:
    return Cases(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("durations", "kinds", "clusters", "months", "segments")
        )
    )


def by_hand(durations: list[float], kinds: list[int], month: int) -> Cases:
    """Cases of one segment, each of its own account."""
    n = len(durations)
    ids: Ints = np.arange(n)
    return Cases(np.array(durations), np.array(kinds), ids, np.full(n, month), np.zeros(n, int))


def only(trends: list[Trend]) -> Trend:
    assert len(trends) == 1
    return trends[0]


def test_the_median_is_of_those_won_by_the_horizon() -> None:
    # Of five, one is lost at 5, two are won at 10 and 20, and one is still open at 25: the last,
    # won at 90, stands for that one too.
    this_year = by_hand([5, 10, 20, 25, 90], [LOST, WON, WON, OPEN, WON], THIS_YEAR)
    last_year = by_hand([40, 50, 60, 400], [WON, WON, WON, WON], LAST_YEAR)
    found = only(cycle_trends(joined(this_year, last_year), question()))
    # F(100) = 1/5 + 1/5 + 2/5 = 4/5, half of which is reached at 20.
    assert found.now.share_won == pytest.approx(4 / 5)
    assert found.now.median == 20
    # A win past the horizon is none yet: F(100) = 3/4, whose half is passed at 50.
    assert found.before.share_won == pytest.approx(3 / 4)
    assert found.before.median == 50
    assert found.difference == -30


def test_the_interval_is_that_of_draws_reckoned_one_by_one() -> None:
    now, before = simulated(4, THIS_YEAR), simulated(4, LAST_YEAR, median=45)
    both = joined(now, before)
    ours = only(cycle_trends(both, question(draws=3000)))

    def median(of: Cases, weights: Floats) -> float | None:
        curve = incidence(of.durations, of.kinds, weights, 2)
        return curve.quantile(WON, curve.share(WON, HORIZON) / 2)

    def difference(weights: Floats) -> float | None:
        n = len(now.durations)
        one, other = median(now, weights[:n]), median(before, weights[n:])
        return None if one is None or other is None else one - other

    # Other draws of the same accounts: the bounds agree as far as chance lets them.
    theirs = cluster_bootstrap(
        both.clusters,
        np.arange(len(both.clusters)),
        difference,
        draws=1500,
        confidence=0.9,
        seed=8,
    )
    assert theirs is not None
    assert ours.interval is not None
    assert ours.interval.low == pytest.approx(theirs.interval.low, abs=1.5)
    assert ours.interval.high == pytest.approx(theirs.interval.high, abs=1.5)
    assert ours.difference == difference(np.ones(len(both.durations)))


def test_a_cycle_that_halved_is_found_out_and_one_that_did_not_change_is_not() -> None:
    halved = joined(
        *(
            simulated(1, month, median=median, accounts=300)
            for month, median in ((THIS_YEAR, 10), (LAST_YEAR, 20))
        )
    )
    found = only(cycle_trends(halved, question()))
    assert found.interval is not None
    assert found.interval.high < 0
    assert found.p_value == pytest.approx(2 / 201)
    same = simulated(1, THIS_YEAR)
    year_before = Cases(same.durations, same.kinds, same.clusters, same.months - 12, same.segments)
    unchanged = only(cycle_trends(joined(same, year_before), question()))
    # The same accounts are drawn for both cohorts, so no draw differs.
    assert unchanged.interval is not None
    assert (unchanged.interval.low, unchanged.interval.high) == (0, 0)
    assert unchanged.p_value == 1.0


def test_a_young_cohort_is_not_taken_for_a_fast_one() -> None:
    generator = np.random.default_rng(5)
    waits = generator.exponential(60, 4000)
    seen = generator.uniform(0, 110, 4000)
    young = Cases(
        np.minimum(waits, seen),
        (waits <= seen).astype(int),
        np.arange(4000),
        np.full(4000, THIS_YEAR),
        np.zeros(4000, int),
    )
    old = Cases(waits, np.ones(4000, int), np.arange(4000), young.months - 12, young.segments)
    found = only(cycle_trends(joined(young, old), question(draws=20)))
    won_by_horizon = waits[waits <= HORIZON]
    truth = float(np.median(won_by_horizon))
    closed = young.durations[young.kinds == WON]
    assert float(np.median(closed)) < 0.8 * truth
    assert found.now.median == pytest.approx(truth, rel=0.1)


def test_a_cohort_that_nobody_watched_to_the_horizon_has_no_median() -> None:
    last_year = by_hand([10, 20, 120], [WON, WON, OPEN], LAST_YEAR)
    this_year = by_hand([10, 20, 99], [WON, WON, OPEN], THIS_YEAR)
    assert cycle_trends(joined(this_year, last_year), question()) == []


def test_a_cohort_whose_cases_have_all_ended_has_one() -> None:
    last_year = by_hand([10, 20, 120], [WON, WON, OPEN], LAST_YEAR)
    this_year = by_hand([10, 20, 30], [WON, WON, LOST], THIS_YEAR)
    assert only(cycle_trends(joined(this_year, last_year), question())).now.median == 10


def test_without_a_win_or_a_year_before_there_is_no_trend() -> None:
    won, lost = [WON, WON], [LOST, LOST]
    this_year = by_hand([10.0, 120], won, THIS_YEAR)
    assert cycle_trends(this_year, question()) == []
    without = joined(this_year, by_hand([10.0, 120], lost, LAST_YEAR))
    assert cycle_trends(without, question()) == []
    other_month = joined(this_year, by_hand([10.0, 120], won, LAST_YEAR + 1))
    assert cycle_trends(other_month, question()) == []


def test_one_account_alone_has_a_difference_and_no_interval() -> None:
    cases = joined(
        by_hand([10.0, 120], [WON, WON], THIS_YEAR), by_hand([30.0, 120], [WON, WON], LAST_YEAR)
    )
    alone = Cases(cases.durations, cases.kinds, np.zeros(4, int), cases.months, cases.segments)
    found = only(cycle_trends(alone, question()))
    assert found.difference == -20
    assert found.interval is found.p_value is found.adjusted_p is None


def test_segments_of_one_month_are_tested_together() -> None:
    cases = joined(
        *(
            simulated(6, month, segment=segment, median=20 if (month, segment) == (15, 0) else 40)
            for month in (LAST_YEAR, THIS_YEAR)
            for segment in (0, 1, 2)
        )
    )
    found = cycle_trends(cases, question())
    assert [trend.segment for trend in found] == [0, 1, 2]
    p_values = [trend.p_value for trend in found if trend.p_value is not None]
    assert [trend.adjusted_p for trend in found] == holm(p_values)
    assert found[0].adjusted_p == pytest.approx(3 * p_values[0])


def test_holm_worked_by_hand() -> None:
    # 0.01 * 4, 0.02 * 3, 0.03 * 2 raised to the one before, 0.5 * 1.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(p_values=st.lists(st.fractions(0, 1), min_size=1, max_size=8))
@settings(deadline=None)
def test_holm_rejects_what_the_step_down_rejects(p_values: list[Fraction]) -> None:
    adjusted = holm([float(p) for p in p_values])
    left = sorted(range(len(p_values)), key=lambda place: p_values[place])
    rejected = set()
    while left and float(p_values[left[0]]) * len(left) <= 0.05:
        rejected.add(left.pop(0))
    assert {place for place, p in enumerate(adjusted) if p <= 0.05} == rejected


def test_the_interval_holds_a_difference_of_zero_as_often_as_stated() -> None:
    runs, held = 300, 0
    for seed in range(runs):
        cases = joined(simulated(seed, THIS_YEAR), simulated(seed, LAST_YEAR))
        interval = only(cycle_trends(cases, question(seed, horizon=60))).interval
        assert interval is not None
        held += interval.low <= 0 <= interval.high
    low, high = binom.interval(0.999, runs, 0.9)
    assert low <= held <= high
