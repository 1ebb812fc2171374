"""Hazard ratios against lifelines, and their variance against its definition."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from scipy.stats import norm

from orchestration.statistics.arrays import Floats
from orchestration.statistics.cox import Fit, NotEstimable, Spells, fit_cox

NAMES = ["exposed", "size"]


def spells_of(seed: int, subjects: int, rounded_to: float) -> Spells:
    """Subjects in pairs of one account, whose exposure changes twice, with late entries."""
    generator = np.random.default_rng(seed)
    rows: list[tuple[float, float, bool, float, float, int]] = []
    for subject in range(subjects):
        account, size = subject // 2, generator.normal()
        edges = np.array([generator.choice([0.0, 7.0]), *generator.uniform(10, 60, 2), 120.0])
        edges = np.unique(np.ceil(edges / rounded_to) * rounded_to)
        for start, end in pairwise(edges):
            exposed = float(generator.integers(0, 2))
            waits = generator.exponential(70 * np.exp(-0.6 * exposed - 0.3 * size))
            stop = min(np.ceil((start + waits) / rounded_to) * rounded_to, end)
            is_event = start + waits <= end
            rows.append((start, stop, bool(is_event), exposed, size, account))
            if is_event:
                break
    start, stop, is_event, exposed, size, account = (np.array(c) for c in zip(*rows, strict=True))
    return Spells(
        start, stop, is_event, np.arange(len(rows)), account, np.column_stack([exposed, size])
    )


def in_patterns(spells: Spells) -> Spells:
    """The same, each pattern of covariates stated once."""
    covariates, pattern = np.unique(spells.covariates, axis=0, return_inverse=True)
    return replace(spells, pattern=pattern[spells.pattern], covariates=covariates)


def by_size_class(spells: Spells) -> Spells:
    """The same where the size is a class, as what a model of deals is adjusted for is."""
    covariates = spells.covariates.copy()
    covariates[:, 1] = np.digitize(covariates[:, 1], [-0.5, 0.5])
    return replace(spells, covariates=covariates)


def by_lifelines(spells: Spells) -> CoxPHFitter:
    """The same fit by lifelines, which handles ties by Efron too."""
    frame = pd.DataFrame(spells.covariates[spells.pattern], columns=NAMES)
    frame["start"], frame["stop"], frame["event"] = spells.start, spells.stop, spells.is_event
    fitter = CoxPHFitter()
    return fitter.fit(
        frame,
        duration_col="stop",
        event_col="event",
        entry_col="start",
        fit_options={"precision": 1e-12},
    )


def robust_variance_by_definition(spells: Spells, fit: Fit) -> Floats:
    """The sandwich, spelled out: a loop over each event of each time."""
    x, beta = spells.covariates[spells.pattern], fit.coefficients
    risk = np.exp(x @ beta)
    residuals, information = np.zeros_like(x), np.zeros((x.shape[1], x.shape[1]))
    for time in np.unique(spells.stop[spells.is_event]):
        at_risk = (spells.start < time) & (spells.stop >= time)
        events = (spells.stop == time) & spells.is_event
        for place in range(events.sum()):
            counted = np.where(events, 1 - place / events.sum(), 1.0) * at_risk * risk
            mean = counted @ x / counted.sum()
            information += (x.T * counted) @ x / counted.sum() - np.outer(mean, mean)
            residuals[events] += (x[events] - mean) / events.sum()
            residuals -= counted[:, None] * (x - mean) / counted.sum()
    clusters = np.zeros((spells.clusters.max() + 1, x.shape[1]))
    np.add.at(clusters, spells.clusters, residuals)
    inverse = np.linalg.inv(information)
    return np.asarray(inverse @ (clusters.T @ clusters) @ inverse)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), rounded_to=st.sampled_from([0.001, 1.0, 5.0]))
def test_ratios_and_variances_agree_with_lifelines(seed: int, rounded_to: float) -> None:
    spells = spells_of(seed, 120, rounded_to)
    ours, theirs = fit_cox(spells), by_lifelines(spells)
    assert ours.coefficients == pytest.approx(theirs.params_.to_numpy(), abs=1e-5)
    assert ours.variance == pytest.approx(theirs.variance_matrix_.to_numpy(), rel=1e-4, abs=1e-7)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, rel=1e-7)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), rounded_to=st.sampled_from([0.001, 1.0, 5.0]))
def test_the_variance_between_accounts_is_that_of_its_definition(
    seed: int, rounded_to: float
) -> None:
    spells = spells_of(seed, 60, rounded_to)
    fit = fit_cox(spells)
    assert fit.robust_variance == pytest.approx(robust_variance_by_definition(spells, fit))


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), rounded_to=st.sampled_from([1.0, 5.0]))
def test_spans_counted_by_pattern_and_day_give_what_spans_one_by_one_give(
    seed: int, rounded_to: float
) -> None:
    one_by_one = by_size_class(spells_of(seed, 120, rounded_to))
    counted = in_patterns(one_by_one)
    assert len(counted.covariates) <= 2 * 3 < len(one_by_one.covariates)
    ours, theirs = fit_cox(counted), fit_cox(one_by_one)
    lifelines = by_lifelines(one_by_one)
    for name in ("coefficients", "variance", "robust_variance"):
        expected = getattr(theirs, name)
        assert getattr(ours, name) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)
    assert ours.coefficients == pytest.approx(lifelines.params_.to_numpy(), abs=1e-5)


def test_a_pattern_that_no_span_has_changes_nothing() -> None:
    spells = in_patterns(by_size_class(spells_of(4, 60, 1.0)))
    more = replace(spells, covariates=np.vstack([spells.covariates, [[7.0, -9.0]]]))
    assert fit_cox(more).coefficients == pytest.approx(fit_cox(spells).coefficients, rel=1e-12)


def test_a_span_counts_from_after_its_start_to_its_stop() -> None:
    fit = fit_cox(
        Spells(
            start=np.array([0.0, 0.0, 2.0, 0.0]),
            stop=np.array([2.0, 3.0, 4.0, 5.0]),
            is_event=np.array([True, True, False, False]),
            pattern=np.array([1, 0, 1, 0]),
            clusters=np.arange(4),
            covariates=np.array([[0.0], [1.0]]),
        )
    )
    # At 2 one exposed and two others are at risk, at 3 again one exposed and two others.
    ratio = fit.hazard_ratio()
    assert ratio / (ratio + 2) + ratio / (ratio + 2) == pytest.approx(1.0)


def test_copies_of_every_deal_within_its_account_make_no_ratio_more_certain() -> None:
    spells = spells_of(3, 200, 0.001)
    twice = Spells(
        *(np.concatenate([column, column]) for column in (spells.start, spells.stop)),
        is_event=np.concatenate([spells.is_event, spells.is_event]),
        pattern=np.concatenate([spells.pattern, spells.pattern]),
        clusters=np.concatenate([spells.clusters, spells.clusters]),
        covariates=spells.covariates,
    )
    once, doubled = fit_cox(spells), fit_cox(twice)
    assert np.sqrt(doubled.robust_variance[0, 0] / once.robust_variance[0, 0]) == pytest.approx(
        1.0, abs=0.02
    )
    assert np.sqrt(doubled.variance[0, 0] / once.variance[0, 0]) == pytest.approx(
        np.sqrt(0.5), abs=0.02
    )


def test_the_interval_and_the_p_value_are_those_of_a_normal_variable() -> None:
    fit = fit_cox(spells_of(5, 200, 1.0))
    middle, error = fit.coefficients[0], np.sqrt(fit.robust_variance[0, 0])
    interval = fit.interval(0.9)
    bounds = norm.interval(0.9, loc=middle, scale=error)
    assert (np.log(interval.low), np.log(interval.high)) == pytest.approx(bounds)
    assert fit.p_value() == pytest.approx(2 * norm.sf(abs(middle / error)))


@pytest.mark.parametrize(
    ("is_event", "exposed", "reason"),
    [
        ([False, False, False, False], [1.0, 0.0, 1.0, 0.0], "no event"),
        ([True, True, False, True], [1.0, 1.0, 1.0, 1.0], "same for all"),
        ([True, True, False, False], [1.0, 1.0, 0.0, 0.0], "all without"),
    ],
)
def test_what_the_data_cannot_tell_is_refused_with_the_reason(
    is_event: list[bool], exposed: list[float], reason: str
) -> None:
    spells = Spells(
        start=np.zeros(4),
        stop=np.array([1.0, 2.0, 3.0, 4.0]),
        is_event=np.array(is_event),
        pattern=np.arange(4),
        clusters=np.arange(4),
        covariates=np.array(exposed)[:, None],
    )
    with pytest.raises(NotEstimable, match=reason):
        fit_cox(spells)


def test_a_covariate_that_is_the_same_for_all_at_risk_at_the_events_is_refused() -> None:
    # The exposed one is gone by the first event: no ratio, and none of one with certainty.
    spells = Spells(
        start=np.array([1.0, 1.0, 4.0, 0.0, 0.0, 4.0, 4.0]),
        stop=np.array([2.0, 10.0, 8.0, 6.0, 8.0, 11.0, 11.0]),
        is_event=np.array([False, False, False, False, True, True, True]),
        pattern=np.array([1, 0, 0, 0, 0, 0, 0]),
        clusters=np.array([0, 0, 4, 1, 1, 3, 4]),
        covariates=np.array([[0.0], [1.0]]),
    )
    with pytest.raises(NotEstimable, match="does not vary"):
        fit_cox(spells)


@pytest.mark.filterwarnings("error")
@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 100_000), share=st.sampled_from([0.1, 0.5, 1.0]))
def test_whatever_the_data_every_figure_is_a_number_or_the_fit_is_refused(
    seed: int, share: float
) -> None:
    turn = np.random.default_rng(seed)
    n, columns = turn.integers(3, 60), turn.integers(1, 4)
    start = np.floor(turn.uniform(0, 5, n)) * turn.integers(0, 2)
    covariates = (turn.random((n, columns)) < turn.choice([0.05, 0.3, 0.5], columns)).astype(float)
    stop = start + np.ceil(turn.exponential(8 * np.exp(-3.0 * covariates[:, 0])))
    spells = Spells(
        start=start,
        stop=stop,
        is_event=turn.random(n) < share,
        pattern=np.arange(n),
        clusters=turn.integers(0, max(2, n // 2), n),
        covariates=covariates * turn.choice([1.0, 1_000.0]),
    )
    try:
        fit = fit_cox(spells)
    except NotEstimable:
        return
    figures = (fit.hazard_ratio(), fit.interval(0.95).low, fit.p_value())
    assert np.isfinite([*figures, *fit.coefficients, *fit.variance.ravel()]).all()


def test_events_of_one_cluster_alone_tell_no_variance_between_clusters() -> None:
    stop = np.array([3.0, 4.0, 5.0, 6.0])
    spells = Spells(
        start=np.zeros(4),
        stop=stop,
        is_event=np.array([True, True, True, False]),
        pattern=np.array([1, 0, 1, 0]),
        clusters=np.zeros(4, dtype=np.int64),
        covariates=np.array([[0.0], [1.0]]),
    )
    with pytest.raises(NotEstimable, match="too few clusters"):
        fit_cox(spells)
