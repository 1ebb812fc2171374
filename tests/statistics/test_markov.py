"""Removal effects against a chain that is solved anew without each channel, and by hand."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.statistics.markov import (
    CONVERSION,
    NOTHING,
    START,
    RemovalEffects,
    Transitions,
    counted,
    path_shares,
    removal_effects,
)

Path = tuple[tuple[str, ...], bool]
PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcdefg"), max_size=8).map(tuple), st.booleans()),
    min_size=1,
    max_size=40,
)


def transitions_of(paths: list[Path]) -> Transitions:
    """The steps of each path, counted."""
    steps: Counter[tuple[str, str]] = Counter()
    for channels, converts in paths:
        steps.update(pairwise([START, *channels, CONVERSION if converts else NOTHING]))
    return counted((one, other, count) for (one, other), count in steps.items())


def rate_without(transitions: Transitions, removed: int | None) -> float:
    """How often the chain converts: the absorbing chain of all states, solved for this alone."""
    counts = transitions.counts
    n = len(counts) - 1
    whole = np.zeros((n + 3, n + 3))
    whole[: n + 1, 1:] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    for state in range(n + 3):
        if whole[state].sum() == 0:
            whole[state, state] = 1.0
    if removed is not None:
        whole[:, n + 2] += whole[:, removed + 1]
        whole[:, removed + 1] = 0.0
        whole[removed + 1] = 0.0
        whole[removed + 1, n + 2] = 1.0
    transient = [state for state in range(n + 3) if whole[state, state] < 1]
    inner = whole[np.ix_(transient, transient)]
    solved = np.linalg.solve(np.eye(len(transient)) - inner, whole[transient, n + 1])
    return float(solved[transient.index(0)])


def effects_by_definition(transitions: Transitions) -> dict[str, float]:
    """1 - P(without the channel) / P, with one solution a channel."""
    rate = rate_without(transitions, None)
    return {
        channel: 1 - rate_without(transitions, place) / rate if rate else 0.0
        for place, channel in enumerate(transitions.channels)
    }


def random_graph(seed: int, channels: int, density: float) -> Transitions:
    """Counts between random states, cycles and self loops among them; each channel may end."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(1, 1000, (channels + 1, channels + 2)).astype(float)
    counts[:, :channels] *= generator.random((channels + 1, channels)) < density
    return Transitions([f"c{place}" for place in range(channels)], counts)


@settings(deadline=None)
@given(
    seed=st.integers(0, 100_000), channels=st.integers(1, 25), density=st.sampled_from([0.1, 0.5])
)
def test_removal_effects_of_random_graphs_are_those_of_chains_solved_anew(
    seed: int, channels: int, density: float
) -> None:
    transitions = random_graph(seed, channels, density)
    found = removal_effects(transitions)
    assert found.conversion_rate == pytest.approx(rate_without(transitions, None), abs=1e-9)
    assert found.of_channel == pytest.approx(effects_by_definition(transitions), abs=1e-9)


@settings(deadline=None)
@given(paths=PATHS)
def test_the_chain_converts_as_often_as_the_paths_do(paths: list[Path]) -> None:
    raw = np.mean([converts for _, converts in paths])
    assert removal_effects(transitions_of(paths)).conversion_rate == pytest.approx(raw, abs=1e-9)


@settings(deadline=None)
@given(paths=PATHS)
def test_removal_effects_of_paths_are_those_of_chains_solved_anew(paths: list[Path]) -> None:
    transitions = transitions_of(paths)
    found = removal_effects(transitions).of_channel
    assert found == pytest.approx(effects_by_definition(transitions), abs=1e-9)
    assert all(0 <= effect <= 1 + 1e-12 for effect in found.values())


def test_three_paths_worked_by_hand() -> None:
    # a and b both come after the start; a leads to b half the time, b converts two times in three.
    found = removal_effects(
        transitions_of([(("a", "b"), True), (("a",), False), (("b",), True), (("b",), False)])
    )
    # Start: a 1/2, b 1/2. a: b 1/2, nothing 1/2. b: conversion 2/3. P = (1/4 + 1/2) 2/3 = 1/2.
    # Without a: 1/2 * 2/3 = 1/3, so 1 - 2/3. Without b nothing converts.
    assert found.conversion_rate == pytest.approx(1 / 2)
    assert found.of_channel == pytest.approx({"a": 1 / 3, "b": 1.0})


def test_a_channel_that_follows_itself_has_the_effect_of_one_visit() -> None:
    once = [(("a", "b"), True), (("b",), False), (("a",), False)]
    again: list[Path] = [(("a", "a", "a", "b"), True), (("b",), False), (("a",), False)]
    # The walk stays at a for a while; whether it goes on to b at last is counted the same.
    assert removal_effects(transitions_of(again)).of_channel == pytest.approx(
        removal_effects(transitions_of(once)).of_channel
    )


def test_a_channel_on_every_path_that_converts_takes_all() -> None:
    paths: list[Path] = [(("a", "x"), True), (("b", "x"), True), (("b",), False), ((), False)]
    assert removal_effects(transitions_of(paths)).of_channel["x"] == pytest.approx(1.0)


def test_a_channel_that_no_path_reaches_has_no_effect() -> None:
    rows = [(START, "a", 4), ("a", CONVERSION, 3), ("a", NOTHING, 1), ("b", CONVERSION, 5)]
    assert removal_effects(counted(rows)).of_channel == pytest.approx({"a": 1.0, "b": 0.0})


def test_a_round_that_nothing_leaves_neither_converts_nor_hinders_the_rest() -> None:
    rows = [(START, "a", 1), (START, "x", 1), ("x", "y", 2), ("y", "x", 2), ("a", CONVERSION, 1)]
    found = removal_effects(counted(rows))
    assert found.conversion_rate == pytest.approx(0.5)
    assert found.of_channel == pytest.approx({"a": 1.0, "x": 0.0, "y": 0.0})


def test_without_a_conversion_no_channel_has_an_effect() -> None:
    found = removal_effects(transitions_of([(("a", "b", "a"), False), (("b",), False)]))
    assert found == RemovalEffects(0.0, {"a": 0.0, "b": 0.0})


def test_without_a_channel_there_is_a_rate_and_nothing_else() -> None:
    found = removal_effects(counted([(START, CONVERSION, 1), (START, NOTHING, 3)]))
    assert found == RemovalEffects(0.25, {})


def test_without_a_path_nothing_converts() -> None:
    assert removal_effects(counted([])) == RemovalEffects(0.0, {})


def test_a_round_that_is_left_once_in_ten_million_steps_is_still_told_exactly() -> None:
    rows = [
        (START, "a", 2.0),
        ("a", "b", 1e7),
        ("b", "a", 1e7 - 1),
        ("b", CONVERSION, 1.0),
        ("a", NOTHING, 1.0),
    ]
    found = removal_effects(counted(rows))
    # To a; to b with 1 - q, q = 1e-7 / (1 + 1e-7); from b out with 1e-7.
    q, out = 1 / (1e7 + 1), 1e-7
    # P = (1 - q) (out + (1 - out) P)
    rate = (1 - q) * out / (1 - (1 - q) * (1 - out))
    assert found.conversion_rate == pytest.approx(rate, rel=1e-7)
    assert found.of_channel == pytest.approx({"a": 1.0, "b": 1.0}, abs=1e-9)


def test_rows_of_the_same_step_add_up() -> None:
    once = counted([(START, "a", 3), ("a", CONVERSION, 1), ("a", NOTHING, 2)])
    twice = counted(
        [(START, "a", 1), (START, "a", 2), ("a", CONVERSION, 1), *[("a", NOTHING, 1)] * 2]
    )
    assert np.array_equal(once.counts, twice.counts)


@pytest.mark.parametrize("step", [(CONVERSION, "a", 1), ("a", START, 1), (NOTHING, NOTHING, 1)])
def test_a_step_out_of_an_end_or_back_to_the_start_is_refused(step: tuple[str, str, int]) -> None:
    with pytest.raises(ValueError, match="no path steps"):
        counted([step])


def test_a_path_shares_its_conversion_by_the_effects_of_its_distinct_channels() -> None:
    effects = RemovalEffects(0.5, {"a": 0.6, "b": 0.2, "c": 0.9})
    assert path_shares(["a", "b", "a"], effects) == pytest.approx({"a": 0.75, "b": 0.25})


def test_on_a_path_of_channels_without_effect_every_touch_earns_alike() -> None:
    effects = RemovalEffects(0.0, {"a": 0.0, "b": 0.0})
    assert path_shares(["a", "b", "a"], effects) == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert path_shares([], effects) == {}
