"""Shapley's value in closed form against its definition over all subsets."""

from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.statistics.shapley import shapley

Sets = dict[frozenset[str], int]


def sets_of(channels: str) -> st.SearchStrategy[Sets]:
    """How many conversions there are of some sets of the channels."""
    return st.dictionaries(st.frozensets(st.sampled_from(channels)), st.integers(0, 99))


def by_definition(conversions: Sets, channels: str) -> dict[str, float]:
    """The mean of what a channel adds to the channels before it, over all orders."""

    def worth(present: frozenset[str]) -> int:
        return sum(count for members, count in conversions.items() if members <= present)

    n = len(channels)
    earned = dict.fromkeys(channels, 0.0)
    for channel in channels:
        others = [other for other in channels if other != channel]
        for size in range(n):
            for before in map(frozenset, combinations(others, size)):
                added = worth(before | {channel}) - worth(before)
                earned[channel] += added / (n * comb(n - 1, size))
    return earned


@settings(deadline=None, max_examples=60)
@given(conversions=sets_of("abcdef"))
def test_each_channel_earns_what_it_adds_on_average_over_all_orders(conversions: Sets) -> None:
    expected = by_definition(conversions, "abcdef")
    found = dict.fromkeys("abcdef", 0.0) | shapley(conversions)
    assert found == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=5)
@given(conversions=sets_of("abcdefghijkl"))
def test_it_is_the_definition_with_twelve_channels_too(conversions: Sets) -> None:
    expected = by_definition(conversions, "abcdefghijkl")
    found = dict.fromkeys("abcdefghijkl", 0.0) | shapley(conversions)
    assert found == pytest.approx(expected, abs=1e-9)


@given(conversions=sets_of("abcdef"))
def test_the_channels_earn_every_conversion_that_has_one(conversions: Sets) -> None:
    with_channel = sum(count for members, count in conversions.items() if members)
    assert sum(shapley(conversions).values()) == pytest.approx(with_channel)


def test_three_sets_worked_by_hand() -> None:
    found = shapley({("a",): 6, ("a", "b"): 4, ("a", "b", "c"): 3})
    assert found == pytest.approx({"a": 6 + 2 + 1, "b": 2 + 1, "c": 1})


def test_a_channel_that_a_path_comes_to_twice_is_one_channel() -> None:
    assert shapley({("a", "b", "a"): 1}) == pytest.approx({"a": 0.5, "b": 0.5})


def test_what_converted_without_a_channel_earns_for_none() -> None:
    assert shapley({(): 5}) == {}
