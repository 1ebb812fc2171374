"""Agreement of attribution models against scipy, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from orchestration.statistics.model_agreement import (
    agreements,
    dependences,
    kendall,
    shares,
    spearman,
)

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=12).filter(
    lambda pairs: all(len(set(side)) > 1 for side in zip(*pairs, strict=True))
)


@given(pairs=PAIRS)
def test_the_correlations_are_scipys_ties_and_all(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, dtype=np.float64).T
    assert kendall(one, other) == pytest.approx(kendalltau(one, other).statistic, abs=1e-12)
    assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


@pytest.mark.parametrize("flat", [[0.2, 0.2, 0.2], [1.0]])
def test_a_model_that_ranks_nothing_agrees_with_none(flat: list[float]) -> None:
    other = np.arange(len(flat), dtype=np.float64)
    assert kendall(np.array(flat), other) is None
    assert spearman(other, np.array(flat)) is None


def test_models_that_rank_the_channels_alike_and_the_other_way_round() -> None:
    found = agreements(
        shares(
            {
                "first": {"search": 6, "social": 3, "email": 1},
                "last": {"search": 1, "social": 3, "email": 6},
                "linear": {"search": 50, "social": 30, "email": 20},
            }
        )
    )
    assert [(of.model, of.other, of.kendall, of.spearman) for of in found] == [
        ("first", "last", pytest.approx(-1), pytest.approx(-1)),
        ("first", "linear", pytest.approx(1), pytest.approx(1)),
        ("last", "linear", pytest.approx(-1), pytest.approx(-1)),
    ]


def test_the_channel_whose_share_varies_most_comes_first() -> None:
    found = dependences(
        shares(
            {
                "first": {"search": 6, "social": 3, "email": 1},
                "last": {"search": 2, "social": 4, "email": 4},
                "linear": {"search": 4, "social": 4, "email": 2},
            }
        )
    )
    assert [(of.channel, of.least_model, of.most_model) for of in found] == [
        ("search", "last", "first"),
        ("email", "first", "last"),
        ("social", "first", "last"),
    ]
    assert [of.span for of in found] == pytest.approx([0.4, 0.3, 0.1])


def test_a_channel_that_a_model_gives_nothing_has_no_share_of_it() -> None:
    found = dependences(shares({"first": {"search": 5}, "linear": {"search": 3, "email": 1}}))
    assert {of.channel: (of.least, of.most) for of in found} == {
        "search": (0.75, 1.0),
        "email": (0.0, 0.25),
    }


def test_a_model_without_credit_is_left_out() -> None:
    found = shares({"first": {"search": 0}, "linear": {"search": 2}})
    assert list(found.models) == ["linear"]
    assert shares({}).values.shape == (0, 0)
    assert agreements(shares({})) == dependences(shares({})) == []
