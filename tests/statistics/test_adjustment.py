"""What comparisons are adjusted for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.statistics.adjustment import bands, indicators, standardised

TWELVE_EIGHT_SEVEN = np.repeat([0, 1, 2], [12, 8, 7])


def test_each_level_but_the_most_frequent_has_a_column() -> None:
    found = indicators({"letter": TWELVE_EIGHT_SEVEN}, np.ones(27, dtype=np.bool_), budget=5)
    assert found.factors == ("letter",)
    assert found.columns[found.pattern].sum(axis=0).tolist() == [8, 7]


def test_a_level_with_too_few_events_is_taken_together_with_the_most_frequent() -> None:
    events = np.array([True] * 12 + [True] * 4 + [False] * 4 + [True] * 7)
    found = indicators({"letter": TWELVE_EIGHT_SEVEN}, events, budget=5)
    assert found.columns[found.pattern].sum(axis=0).tolist() == [7]


def test_a_factor_that_does_not_fit_the_budget_is_left_out_and_a_later_one_may_fit() -> None:
    first = np.repeat([0, 1, 2], [10, 8, 7])
    second = np.repeat([0, 1], [13, 12])
    everyone = np.ones(25, dtype=np.bool_)
    found = indicators({"first": first, "second": second}, everyone, budget=1)
    assert found.factors == ("second",)
    assert indicators({"first": first}, everyone, budget=-1).columns.shape == (1, 0)


@given(
    cases=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), min_size=1, max_size=80
    )
)
def test_each_case_has_the_columns_of_its_own_levels(cases: list[tuple[int, int, bool]]) -> None:
    first, second = (np.array([case[place] for case in cases]) for place in (0, 1))
    is_event = np.array([case[2] for case in cases])
    found = indicators({"first": first, "second": second}, is_event, budget=9)
    expected = []
    for levels in (first, second):
        counts = np.bincount(levels)
        events = np.bincount(levels[is_event], minlength=len(counts))
        kept = [n for n, e in enumerate(events) if e >= 5 and n != counts.argmax()]
        expected += [(levels == level).astype(float).tolist() for level in kept]
    assert found.columns[found.pattern].T.tolist() == expected
    assert len(np.unique(found.columns, axis=0)) == len(found.columns)


def test_amounts_are_cut_into_equal_parts_and_those_without_are_a_band_of_their_own() -> None:
    assert bands(np.array([4.0, 1.0, np.nan, 3.0, 2.0]), 2).tolist() == [1, 0, 2, 1, 0]
    assert bands(np.array([np.nan]), 2).tolist() == [2]


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
