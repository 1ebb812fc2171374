"""The effect of joint nurture is found where there is one, and not where there is none."""

import math

import pytest

from connectors.sandbox.parameters import Parameters
from tests.dbt_project.compiled import CompiledProject
from tests.measures.calibration import Line, calibrate

SEEDS = range(1, 101)
STATED = 0.95
# Four standard errors of a share of that many companies.
LEEWAY = 4 * math.sqrt(STATED * (1 - STATED) / len(SEEDS))


@pytest.fixture(scope="module")
def with_effect(project: CompiledProject) -> dict[tuple[str, str], Line]:
    truth = Parameters()
    return _lines(project, truth.nurture_on_won, truth.nurture_on_lost)


@pytest.fixture(scope="module")
def without(project: CompiledProject) -> dict[tuple[str, str], Line]:
    return _lines(project, 1.0, 1.0)


def _lines(project: CompiledProject, on_won: float, on_lost: float) -> dict[tuple[str, str], Line]:
    found = calibrate(project, on_won, on_lost, SEEDS)
    return {(line.ending, line.estimand): line for line in found}


@pytest.mark.slow
def test_the_intervals_hold_the_truth_at_the_stated_rate(
    with_effect: dict[tuple[str, str], Line], without: dict[tuple[str, str], Line]
) -> None:
    low = {
        (line.effect, *key): line.covers
        for lines in (with_effect, without)
        for key, line in lines.items()
        if line.covers is not None and line.covers < STATED - LEEWAY
    }
    assert low == {}


@pytest.mark.slow
def test_where_there_is_no_effect_none_is_found_more_often_than_stated(
    without: dict[tuple[str, str], Line],
) -> None:
    ours = {key: line for key, line in without.items() if line.truth is not None}
    assert len(ours) == 8
    assert {k: line.finds for k, line in ours.items() if (line.finds or 0) > 0.05 + LEEWAY} == {}


@pytest.mark.slow
def test_ever_against_never_finds_an_effect_where_there_is_none_and_hides_the_true_one(
    with_effect: dict[tuple[str, str], Line], without: dict[tuple[str, str], Line]
) -> None:
    naive = without["lost", "naive_hazard_ratio"]
    assert naive.finds is not None
    assert naive.finds > 0.5
    assert with_effect["won", "naive_hazard_ratio"].mean < 1 < Parameters().nurture_on_won
