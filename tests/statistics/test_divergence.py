"""Segment alignment against scipy, and its null against its promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import binom, hypergeom

from orchestration.statistics.arrays import Floats, Ints
from orchestration.statistics.divergence import divergence, segment_alignment

SHARES = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any)


@settings(deadline=None)
@given(one=SHARES, other=SHARES)
def test_the_divergence_is_the_square_of_scipys_distance(one: list[int], other: list[int]) -> None:
    ours = float(divergence(np.array(one, float), np.array(other, float)))
    assert ours == pytest.approx(jensenshannon(one, other, base=2) ** 2, abs=1e-12)


def cases(one: list[int], both: list[int]) -> tuple[Ints, Floats, Floats]:
    """So many cases of each segment in the one measure, and of these so many in the other too."""
    segment = np.repeat(np.arange(len(one)), one)
    place = np.concatenate([np.arange(count) for count in one])
    return segment, np.ones(len(segment)), (place < np.repeat(both, one)).astype(float)


def test_measures_that_share_no_segment_are_as_far_apart_as_can_be() -> None:
    segment = np.repeat([0, 1], 200)
    found = segment_alignment(segment, (segment == 0) * 1.0, (segment == 1) * 1.0, 199, seed=1)
    assert found is not None
    assert found.divergence == pytest.approx(1.0)
    assert found.p_value == pytest.approx(1 / 200)
    assert found.value < 0.02


def test_equal_shares_of_few_cases_are_not_taken_for_a_difference() -> None:
    found = segment_alignment(*cases([20, 20, 20], [4, 4, 4]), 499, seed=1)
    assert found is not None
    assert found.divergence == pytest.approx(0.0)
    assert found.by_chance > 0
    assert found.p_value == pytest.approx(1.0)
    assert found.value > 1


def test_equal_shares_are_told_apart_as_seldom_as_stated() -> None:
    generator, runs, told_apart = np.random.default_rng(7), 300, 0
    for seed in range(runs):
        segment = generator.choice(3, 150, p=[0.6, 0.3, 0.1])
        worth = generator.lognormal(0, 1, 150)
        won = generator.random(150) < 0.25
        found = segment_alignment(segment, worth, worth * won, 99, seed=seed)
        assert found is not None
        told_apart += found.p_value <= 0.1
    low, high = binom.interval(0.999, runs, 0.1)
    assert low <= told_apart <= high


def test_chance_deals_segments_as_fishers_exact_test_does() -> None:
    # Of 300 cases 60 are won; those of the first segment are hypergeometric where nothing matters.
    segment = np.repeat([0, 1], [200, 100])
    won = np.isin(np.arange(300), [*range(34), *range(200, 226)]).astype(float)
    found = segment_alignment(segment, np.ones(300), won, 9_999, seed=2)
    assert found is not None
    numbers = np.arange(61)
    chances = hypergeom.pmf(numbers, 300, 200, 60)
    apart = divergence(
        np.tile([200.0, 100.0], (61, 1)), np.column_stack([numbers, 60 - numbers]).astype(float)
    )
    assert found.by_chance == pytest.approx(chances @ apart, rel=0.05)
    exact = chances[apart >= found.divergence - 1e-12].sum()
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact / 9_999))


def test_cases_dealt_by_their_kind_have_the_null_of_cases_dealt_one_by_one() -> None:
    turn = np.random.default_rng(3)
    segment, one = turn.choice(3, 900, p=[0.6, 0.3, 0.1]), turn.integers(1, 4, 900).astype(float)
    other = one * (turn.random(900) < 0.2)
    # No two cases are the same any more, but for all that matters they are.
    apart = segment_alignment(segment, one + 1e-9 * turn.random(900), other, 4_999, seed=1)
    alike = segment_alignment(segment, one, other, 4_999, seed=1)
    assert apart is not None
    assert alike is not None
    assert alike.by_chance == pytest.approx(apart.by_chance, rel=0.08)
    assert alike.p_value == pytest.approx(apart.p_value, abs=0.04)


def test_what_is_aimed_at_others_than_those_who_buy_is_told_apart() -> None:
    found = segment_alignment(*cases([300, 60], [15, 30]), 499, seed=1)
    assert found is not None
    assert found.p_value < 0.01
    assert found.value < 0.95


def test_the_same_seed_gives_the_same_null() -> None:
    rows = cases([30, 20, 10], [5, 9, 2])
    assert segment_alignment(*rows, 99, seed=4) == segment_alignment(*rows, 99, seed=4)
    assert segment_alignment(*rows, 99, seed=4) != segment_alignment(*rows, 99, seed=5)


def test_a_measure_without_anything_is_not_compared() -> None:
    assert segment_alignment(*cases([30, 20], [0, 0]), 99, seed=1) is None
