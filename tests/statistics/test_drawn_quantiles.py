"""Quantiles over clusters drawn anew, from cells that tell apart only what matters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.statistics.arrays import Floats
from orchestration.statistics.drawn_quantiles import Waits, cells_near, drawn_quantiles
from orchestration.statistics.incidence import CENSORED, incidence, quantiles_of_draws

ANSWERED, DECIDED = 1, 2
SHARES = np.array([0.5, 0.9])


def waits(seed: int, n: int, *, rounded_to: float = 1e-9, seen_for: float = 200.0) -> Waits:
    """Waits of accounts with one to three cases each; who waits longer than seen is censored."""
    turn = np.random.default_rng(seed)
    clusters = np.sort(turn.integers(0, n // 2 + 1, n))
    pace = turn.exponential(1.0, n // 2 + 1)[clusters]
    hours = np.ceil(turn.exponential(20 * (0.5 + pace)) / rounded_to) * rounded_to
    seen = np.ceil(turn.uniform(0, seen_for, n) / rounded_to) * rounded_to
    kinds = np.where(turn.random(n) < 0.9, ANSWERED, DECIDED)
    return Waits(np.minimum(hours, seen), np.where(hours <= seen, kinds, CENSORED), clusters)


def drawn_one_by_one(of: Waits, draws: int, seed: int = 5) -> Floats:
    """The quantiles of draws of clusters, a loop over each."""
    turn = np.random.default_rng(seed)
    names, cluster = np.unique(of.clusters, return_inverse=True)
    found = []
    for _ in range(draws):
        times = np.bincount(turn.integers(0, len(names), len(names)), minlength=len(names))
        curve = incidence(of.durations, of.kinds, times[cluster].astype(float), 2)
        found.append([curve.quantile(ANSWERED, share) for share in SHARES])
    return np.array(found, dtype=float)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(2, 400),
    rounded_to=st.sampled_from([1e-9, 1.0, 10.0]),
    standard_errors=st.sampled_from([0.05, 0.5, 2.0]),
)
def test_a_quantile_called_exact_is_that_of_cases_told_apart(
    seed: int, n: int, rounded_to: float, standard_errors: float
) -> None:
    of = waits(seed, n, rounded_to=rounded_to)
    cells = cells_near(of, ANSWERED, SHARES, standard_errors)
    counts = np.random.default_rng(seed).integers(0, 3, (20, n)).astype(float)
    counts[:, 0] += 1
    in_cells = np.stack([np.bincount(cells.of_case, row, len(cells.kinds)) for row in counts])
    found = quantiles_of_draws(cells.durations, cells.kinds, in_cells, ANSWERED, SHARES)
    for row, quantiles in zip(counts, found, strict=True):
        curve = incidence(of.durations, of.kinds, row, 2)
        for share, quantile in zip(SHARES, quantiles, strict=True):
            if quantile in cells.exact:
                expected = curve.quantile(ANSWERED, share)
                assert quantile == (np.inf if expected is None else expected)


@pytest.mark.parametrize("seen_for", [60.0, 500.0])
def test_the_draws_are_spread_as_those_of_accounts_drawn_one_by_one(seen_for: float) -> None:
    of = waits(3, 600, seen_for=seen_for)
    ours = drawn_quantiles(of, ANSWERED, SHARES, draws=4_000, seed=1)
    theirs = drawn_one_by_one(of, 1_500)
    assert ours is not None
    for own, other in zip(ours.T, np.nan_to_num(theirs, nan=np.inf).T, strict=True):
        for level in (0.05, 0.25, 0.5, 0.75, 0.95):
            bound = np.quantile(other, level, method="lower")
            share = (own <= bound).mean() if np.isfinite(bound) else np.isfinite(own).mean()
            expected = (other <= bound).mean() if np.isfinite(bound) else np.isfinite(other).mean()
            assert share == pytest.approx(expected, abs=0.06)


def test_where_few_are_left_at_risk_and_draws_go_far_all_are_told_apart() -> None:
    # Most are lost from view at once: a dozen cases alone say where the half is reached.
    n = 1_000
    ended = np.arange(n) < 12
    of = Waits(
        np.where(ended, np.arange(n) + 1.0, 0.5),
        np.where(ended, ANSWERED, CENSORED),
        np.arange(n),
    )
    cells = cells_near(of, ANSWERED, SHARES[:1], 5.0)
    assert len(cells.exact) < 6
    found = drawn_quantiles(of, ANSWERED, SHARES[:1], draws=400, seed=2)
    assert found is not None
    assert set(np.unique(found)) > set(cells.exact)


def test_the_cells_of_many_cases_are_few() -> None:
    of = waits(1, 40_000, seen_for=1e6)
    cells = cells_near(of, ANSWERED, SHARES, 5.0)
    assert len(np.unique(of.durations)) > 39_000
    assert len(cells.durations) < 40_000 / 8


def test_a_share_that_no_draw_can_reach_is_never_reached() -> None:
    of = Waits(np.arange(60.0), np.where(np.arange(60) < 12, ANSWERED, DECIDED), np.arange(60))
    found = drawn_quantiles(of, ANSWERED, SHARES, draws=50, seed=1)
    assert found is not None
    assert np.isinf(found).all()


def test_one_account_alone_is_not_drawn() -> None:
    of = Waits(np.arange(9.0), np.full(9, ANSWERED), np.zeros(9, dtype=np.int64))
    assert drawn_quantiles(of, ANSWERED, SHARES, draws=50, seed=1) is None
