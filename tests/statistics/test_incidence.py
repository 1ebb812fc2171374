"""Cumulative incidence against lifelines, and against a table worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter

from orchestration.statistics.incidence import CENSORED, incidence, quantiles_of_draws

ANSWERED, DECIDED = 1, 2


@settings(deadline=None, max_examples=40)
@given(
    kinds=st.lists(st.integers(0, 2), min_size=3, max_size=60).filter(lambda k: 1 in k and 2 in k),
    seed=st.integers(0, 1_000),
)
def test_without_ties_the_shares_are_those_of_lifelines(kinds: list[int], seed: int) -> None:
    durations = np.random.default_rng(seed).permutation(len(kinds)) + 1.0
    ours = incidence(durations, np.array(kinds), np.ones(len(kinds)), 2)
    for kind in (ANSWERED, DECIDED):
        theirs = AalenJohansenFitter(calculate_variance=False).fit(durations, kinds, kind)
        shares = theirs.cumulative_density_.iloc[:, 0]
        for time in range(1, len(kinds) + 1):
            assert ours.share(kind, time) == pytest.approx(shares[shares.index <= time].iloc[-1])


def test_ties_are_exact_and_what_happens_comes_before_what_is_censored() -> None:
    found = incidence(
        np.array([1.0, 1.0, 1.0, 2.0, 2.0, 3.0]),
        np.array([ANSWERED, DECIDED, CENSORED, ANSWERED, ANSWERED, CENSORED]),
        np.ones(6),
        2,
    )
    # Of six one is answered and one decided at 1; of the three left after 1, two are answered at 2.
    assert found.times == pytest.approx([1.0, 2.0])
    assert found.of_kind[ANSWERED - 1] == pytest.approx([1 / 6, 1 / 6 + 4 / 6 * 2 / 3])
    assert found.of_kind[DECIDED - 1] == pytest.approx([1 / 6, 1 / 6])
    assert found.waiting == pytest.approx([4 / 6, 4 / 6 * 1 / 3])


def test_those_who_are_never_answered_move_the_median_until_it_is_not_reached() -> None:
    hours = np.array([1.0, 2.0, 3.0])
    all_answered = incidence(hours, np.array([ANSWERED] * 3), np.ones(3), 2)
    assert all_answered.quantile(ANSWERED, 0.5) == 2.0
    with_one_ignored = incidence(np.append(hours, 50.0), np.array([1, 1, 1, 0]), np.ones(4), 2)
    assert with_one_ignored.quantile(ANSWERED, 0.5) == 2.0
    assert with_one_ignored.quantile(ANSWERED, 0.9) is None
    with_four_ignored = incidence(
        np.append(hours, [50.0] * 4), np.array([1, 1, 1, 0, 0, 0, 0]), np.ones(7), 2
    )
    assert with_four_ignored.quantile(ANSWERED, 0.5) is None


def test_a_decision_without_an_answer_is_no_answer() -> None:
    found = incidence(np.array([1.0, 2.0]), np.array([DECIDED, ANSWERED]), np.ones(2), 2)
    assert found.share(ANSWERED, 10.0) == pytest.approx(0.5)
    assert found.waiting[-1] == pytest.approx(0.0)


def test_a_case_that_counts_twice_is_two_cases() -> None:
    durations, kinds = np.array([1.0, 2.0, 2.0, 4.0]), np.array([1, 0, 2, 1])
    once = incidence(durations, kinds, np.array([1.0, 2.0, 0.0, 1.0]), 2)
    spelled = incidence(np.array([1.0, 2.0, 2.0, 4.0]), np.array([1, 0, 0, 1]), np.ones(4), 2)
    for time in (0.5, 1, 2, 3, 4):
        assert once.share(ANSWERED, time) == pytest.approx(spelled.share(ANSWERED, time))


def test_the_restricted_mean_is_the_time_left_after_it_happened() -> None:
    found = incidence(np.array([2.0, 6.0, 30.0]), np.array([1, 1, 0]), np.ones(3), 2)
    assert found.restricted_mean(ANSWERED, 10.0) == pytest.approx((8 + 4 + 0) / 3)
    assert found.restricted_mean(ANSWERED, 4.0) == pytest.approx((2 + 0 + 0) / 3)


@settings(deadline=None, max_examples=40)
@given(
    cases=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=2, max_size=30),
    seed=st.integers(0, 1_000),
)
def test_the_quantiles_of_many_draws_are_those_of_each(
    cases: list[tuple[int, int]], seed: int
) -> None:
    durations = np.array([float(duration) for duration, _ in cases])
    kinds = np.array([kind for _, kind in cases])
    weights = np.random.default_rng(seed).integers(0, 4, (6, len(cases))).astype(float)
    weights[:, 0] += 1
    drawn = quantiles_of_draws(durations, kinds, weights, ANSWERED, np.array([0.25, 0.5]))
    for row, quantiles in zip(weights, drawn, strict=True):
        alone = incidence(durations, kinds, row, 2)
        for share, quantile in zip((0.25, 0.5), quantiles, strict=True):
            expected = alone.quantile(ANSWERED, share)
            assert quantile == (np.inf if expected is None else expected)
