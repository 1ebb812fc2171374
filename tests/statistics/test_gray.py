"""Gray's test against the paper's sums written out row by row, the log-rank test, and its size."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test
from scipy.stats import binom, chi2

from orchestration.statistics.arrays import Floats, Ints, chi_squared_p
from orchestration.statistics.gray import Ends, GrayTest, gray_test

IN_VIEW, WON, LOST = 0, 1, 2


@dataclass(frozen=True)
class Deals:
    """Deals, a row each: how long, how it ended, and of which group it is."""

    days: Floats
    ended: Ints
    group: Ints


def ends_of(deals: Deals) -> Ends:
    """How many ended at each distinct time, counted."""
    times, place = np.unique(deals.days, return_inverse=True)
    counts = np.zeros((3, deals.group.max() + 1, len(times)))
    np.add.at(counts, (deals.ended, deals.group, place), 1)
    return Ends(times, counts[WON], counts[LOST], counts[IN_VIEW])


def gray_of(deals: Deals) -> GrayTest:
    found = gray_test(ends_of(deals))
    assert found is not None
    return found


def deals_of(
    seed: int, sizes: list[int], *, rounded_to: float = 1.0, lost: float = 0.01, open_: float = 0.01
) -> Deals:
    """Deals of groups that do not differ: each day some are won, some lost, some out of view."""
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    waits = np.full((3, len(group)), np.inf)
    for kind, rate in ((IN_VIEW, open_), (WON, 0.02), (LOST, lost)):
        if rate > 0:
            waits[kind] = generator.exponential(1 / rate, len(group))
    days = np.ceil(waits.min(axis=0) / rounded_to) * rounded_to
    return Deals(days, waits.argmin(axis=0), group)


def cut_at(day: float, deals: Deals) -> Deals:
    """The same deals, lost from view right after the day."""
    ended = np.where(deals.days > day, IN_VIEW, deals.ended)
    return Deals(np.minimum(deals.days, day + 0.5), ended, deals.group)


class Groupwise:
    """What each group's rows tell of the time right before `t` and right after it."""

    def __init__(self, deals: Deals, group: int) -> None:
        self.days = deals.days[deals.group == group]
        self.ended = deals.ended[deals.group == group]

    def at_risk(self, t: float) -> int:
        return int((self.days >= t).sum())

    def happened(self, t: float, kind: int) -> int:
        return int(((self.days == t) & (self.ended == kind)).sum())

    def stays(self, t: float, *, after: bool) -> float:
        share = 1.0
        for s in sorted(set(self.days[self.ended != IN_VIEW])):
            if s < t or (after and s == t):
                share *= 1 - (self.happened(s, WON) + self.happened(s, LOST)) / self.at_risk(s)
        return share

    def incidence_before(self, t: float) -> float:
        return sum(
            self.stays(s, after=False) * self.happened(s, WON) / self.at_risk(s)
            for s in sorted(set(self.days[self.ended == WON]))
            if s < t
        )


def by_the_paper(deals: Deals) -> tuple[Floats, Floats]:
    """The scores and their covariance, one sum at a time."""
    groups = [Groupwise(deals, number) for number in range(deals.group.max() + 1)]
    k_all = range(len(groups))
    times = sorted(set(deals.days[deals.ended != IN_VIEW]))

    def scaled(k: int, t: float) -> float:
        at_risk = groups[k].at_risk(t)
        return at_risk / groups[k].stays(t, after=False) if at_risk else 0.0

    def events(t: float) -> int:
        return sum(group.happened(t, WON) for group in groups)

    total = {t: sum(scaled(k, t) for k in k_all) for t in times}
    pooled = {t: sum(events(s) / total[s] for s in times if s < t) for t in times}

    def at_once(i: int, k: int, t: float) -> float:
        return scaled(i, t) * ((i == k) - scaled(k, t) / total[t])

    def to_come(i: int, k: int, t: float) -> float:
        return sum(
            at_once(i, k, s) * events(s) / total[s] / (1 - pooled[s]) for s in times if s > t
        )

    scores = np.zeros(len(groups))
    covariance = np.zeros((len(groups), len(groups)))
    for t in times:
        r = [scaled(k, t) * (1 - groups[k].incidence_before(t)) for k in k_all]
        for i in k_all:
            scores[i] += groups[i].happened(t, WON) - r[i] / sum(r) * events(t)
        now = pooled[t] + events(t) / total[t]
        for k in k_all:
            at_risk, others = groups[k].at_risk(t), groups[k].happened(t, LOST)
            before, after = groups[k].stays(t, after=False), groups[k].stays(t, after=True)
            if at_risk and events(t):
                through = 1 - (1 - now) / after if after > 0 else 1.0
                moved = [at_once(i, k, t) + through * to_come(i, k, t) for i in k_all]
                ties = 1 - (events(t) - 1) / (total[t] * before - 1) if events(t) > 1 else 1.0
                variance = max(ties, 0.0) * before * events(t) / total[t] / at_risk
                covariance += variance * np.outer(moved, moved)
            if others and after > 0:
                held = [(1 - now) / after * to_come(i, k, t) for i in k_all]
                ties = 1 - (others - 1) / (at_risk - 1) if others > 1 else 1.0
                covariance += ties * before**2 * others / at_risk**2 * np.outer(held, held)
    return scores, covariance


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(1, 15), min_size=2, max_size=4),
    rounded_to=st.sampled_from([0.001, 10.0, 40.0]),
)
def test_scores_and_covariance_are_the_papers_sums(
    seed: int, sizes: list[int], rounded_to: float
) -> None:
    deals = deals_of(seed, sizes, rounded_to=rounded_to)
    found, (scores, covariance) = gray_test(ends_of(deals)), by_the_paper(deals)
    if found is None:
        assert covariance == pytest.approx(np.zeros_like(covariance), abs=1e-9)
        return
    assert found.scores == pytest.approx(scores, abs=1e-9)
    assert found.covariance == pytest.approx(covariance, abs=1e-9)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), groups=st.integers(2, 4))
def test_the_statistic_leaves_out_any_one_group(seed: int, groups: int) -> None:
    found = gray_of(deals_of(seed, [40] * groups))
    assert found.scores.sum() == pytest.approx(0, abs=1e-9)
    assert found.degrees == groups - 1
    some, covariance = found.scores[1:], found.covariance[1:, 1:]
    assert found.statistic == pytest.approx(some @ np.linalg.solve(covariance, some))


def test_four_deals_worked_by_hand() -> None:
    # One group: won at 1, lost at 3. The other: lost at 2, won at 4.
    deals = Deals(
        np.array([1.0, 3, 2, 4]), np.array([WON, LOST, LOST, WON]), np.array([0, 0, 1, 1])
    )
    # At 1 both have two at risk, so half an event is expected of each. At 4 only the second group
    # is at risk: its event is expected whole.
    assert gray_of(deals).scores == pytest.approx([0.5, -0.5])


def test_who_lost_stays_in_the_weights_of_later_events() -> None:
    # Of the first group two of four are lost at 1, so at 2 its two stand for four.
    deals = Deals(
        np.array([1.0, 1, 2, 3, 2, 3, 3, 3]),
        np.array([LOST, LOST, WON, IN_VIEW, IN_VIEW, IN_VIEW, IN_VIEW, IN_VIEW]),
        np.array([0, 0, 0, 0, 1, 1, 1, 1]),
    )
    assert gray_of(deals).scores == pytest.approx([1 - 4 / 8, -4 / 8])


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10_000), rounded_to=st.sampled_from([0.001, 5.0]))
def test_without_competing_events_it_is_the_log_rank_test(seed: int, rounded_to: float) -> None:
    deals = cut_at(60, deals_of(seed, [300, 300, 300], rounded_to=rounded_to, lost=0.0))
    theirs = multivariate_logrank_test(deals.days, deals.group, deals.ended == WON)
    found = gray_of(deals)
    assert found.degrees == 2
    # Its variance is of the pooled incidence, the log-rank test's of each time's lot: they come to
    # the same while many are at risk.
    assert found.statistic == pytest.approx(theirs.test_statistic, rel=0.03)
    expected = np.zeros(3)
    for t in np.unique(deals.days[deals.ended == WON]):
        at_risk = np.array([((deals.group == k) & (deals.days >= t)).sum() for k in range(3)])
        expected += at_risk / at_risk.sum() * ((deals.days == t) & (deals.ended == WON)).sum()
    observed = np.bincount(deals.group[deals.ended == WON], minlength=3)
    assert found.scores == pytest.approx(observed - expected, abs=1e-9)


@settings(deadline=None)
@given(statistic=st.floats(0, 80), degrees=st.integers(1, 12))
def test_the_p_value_is_scipys(statistic: float, degrees: int) -> None:
    assert chi_squared_p(statistic, degrees) == pytest.approx(
        chi2.sf(statistic, degrees), rel=1e-9, abs=1e-15
    )


def test_a_horizon_forgets_what_happened_after_it() -> None:
    deals = deals_of(7, [60, 60])
    found = gray_test(ends_of(deals).until(40.0))
    assert found is not None
    assert found.statistic == pytest.approx(gray_of(cut_at(40.0, deals)).statistic)


def test_groups_that_differ_are_found_out() -> None:
    slow, fast = deals_of(1, [200]), deals_of(2, [200], lost=0.05)
    both = Deals(
        np.concatenate([slow.days, fast.days]),
        np.concatenate([slow.ended, fast.ended]),
        np.repeat([0, 1], 200),
    )
    assert gray_of(both).p_value < 0.001


def test_where_nothing_happened_or_one_group_is_alone_there_is_no_test() -> None:
    assert gray_test(ends_of(Deals(np.ones(4), np.zeros(4, int), np.array([0, 0, 1, 1])))) is None
    assert gray_test(ends_of(deals_of(3, [30]))) is None


@pytest.mark.slow
@pytest.mark.parametrize("rounded_to", [0.001, 1.0])
def test_groups_of_one_incidence_are_told_apart_as_rarely_as_stated(rounded_to: float) -> None:
    runs = 2000
    found = [gray_of(deals_of(seed, [60, 90, 120], rounded_to=rounded_to)) for seed in range(runs)]
    rejected = sum(test.p_value < 0.05 for test in found)
    low, high = binom.interval(0.999, runs, 0.05)
    assert low <= rejected <= high
