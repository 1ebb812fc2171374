"""Kappa against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from orchestration.statistics.kappa import Cells, cells, kappa


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.5, 20)), min_size=4))
def test_kappa_agrees_with_scikit_learn(judged: list[tuple[bool, bool, float]]) -> None:
    one, other = (np.array([row[place] for row in judged]) for place in (0, 1))
    weights = np.array([row[2] for row in judged])
    ours = kappa(cells(one, other, weights))
    if (one == one[0]).all() and (other == one[0]).all():
        assert ours is None
    else:
        theirs = cohen_kappa_score(one, other, sample_weight=weights)
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_agreement_as_chance_makes_it_is_none() -> None:
    assert kappa(Cells(yes_yes=6, yes_no=2, no_yes=3, no_no=1)) == pytest.approx(0.0)


def test_a_sample_that_weighs_what_it_stands_for_tells_what_all_would() -> None:
    one = np.array([True] * 40 + [False] * 400)
    other = np.array([True] * 30 + [False] * 10 + [True] * 40 + [False] * 360)
    whole = kappa(cells(one, other, np.ones(440)))
    # Of those that the one turned down, the other judged every tenth.
    judged = np.r_[np.arange(40), np.arange(40, 440, 10)]
    weights = np.where(one[judged], 1.0, 10.0)
    assert kappa(cells(one[judged], other[judged], weights)) == pytest.approx(whole)
    assert kappa(cells(one[judged], other[judged], np.ones(80))) != pytest.approx(whole, abs=0.05)


def test_without_a_case_there_is_no_kappa() -> None:
    assert kappa(Cells(0, 0, 0, 0)) is None
