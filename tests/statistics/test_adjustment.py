"""What comparisons are adjusted for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.statistics.adjustment import bands, indicators, standardised


def test_each_level_but_the_most_frequent_has_a_column() -> None:
    levels = ["a"] * 12 + ["b"] * 8 + ["c"] * 7
    found = indicators({"letter": levels}, np.ones(27, dtype=np.bool_), budget=5)
    assert found.factors == ("letter",)
    assert found.columns.sum(axis=0).tolist() == [8, 7]


def test_a_level_with_too_few_events_is_taken_together_with_the_most_frequent() -> None:
    levels = ["a"] * 12 + ["b"] * 8 + ["c"] * 7
    events = np.array([True] * 12 + [True] * 4 + [False] * 4 + [True] * 7)
    found = indicators({"letter": levels}, events, budget=5)
    assert found.columns.sum(axis=0).tolist() == [7]


def test_a_factor_that_does_not_fit_the_budget_is_left_out_and_a_later_one_may_fit() -> None:
    first = ["a"] * 10 + ["b"] * 8 + ["c"] * 7
    second = ["x"] * 13 + ["y"] * 12
    everyone = np.ones(25, dtype=np.bool_)
    found = indicators({"first": first, "second": second}, everyone, budget=1)
    assert found.factors == ("second",)
    assert indicators({"first": first}, everyone, budget=-1).columns.shape == (25, 0)


def test_amounts_are_cut_into_equal_parts_and_those_without_are_a_band_of_their_own() -> None:
    assert bands(np.array([4.0, 1.0, np.nan, 3.0, 2.0]), 2) == ["2", "1", "none", "2", "1"]
    assert bands(np.array([np.nan]), 2) == ["none"]


_CASES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=40
)


@given(cases=_CASES)
def test_exposed_and_others_both_get_the_strata_of_all_that_have_both(
    cases: list[tuple[bool, int, int]],
) -> None:
    exposed = np.array([case[0] for case in cases])
    strata = np.array([case[1] for case in cases], dtype=np.int64)
    weights = np.array([case[2] for case in cases], dtype=np.float64)
    found = standardised(exposed, strata, weights)
    usable = [s for s in range(3) if {True, False} <= set(exposed[strata == s].tolist())]
    if not usable:
        assert found is None
        return
    assert found is not None
    for stratum in range(3):
        of_all = float(weights[strata == stratum].sum()) if stratum in usable else 0.0
        for group in (exposed, ~exposed):
            assert found[group & (strata == stratum)].sum() == pytest.approx(of_all)
