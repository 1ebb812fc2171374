"""The effects that are built in can be found again in the truth."""

import math
from collections.abc import Iterator
from datetime import date

import duckdb
import pandas as pd
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter

from connectors.sandbox import Parameters, simulate
from tests.connectors.sandbox.conftest import views_of

_TRUTH = Parameters(prospects=20_000, until=date(2026, 9, 30))


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pd.DataFrame]:
    folder = tmp_path_factory.mktemp("large")
    simulate(_TRUTH, folder)
    with views_of(folder) as connection:
        yield _spans(connection)


def _spans(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return connection.sql(
        """
        select deal_id, from_day, to_day,
            joint_nurture::int as joint_nurture, is_large::int as large,
            (segment = 'smb')::int as smb, (segment = 'enterprise')::int as enterprise,
            (ends_with = 'won')::int as won, (ends_with = 'lost')::int as lost
        from deal_spans where to_day > from_day
        """
    ).df()


def _cox(spans: pd.DataFrame, event: str, covariates: list[str]) -> CoxTimeVaryingFitter:
    columns = ["deal_id", "from_day", "to_day", event, *covariates]
    return CoxTimeVaryingFitter().fit(
        spans[columns], id_col="deal_id", event_col=event, start_col="from_day", stop_col="to_day"
    )


def _holds(fit: CoxTimeVaryingFitter, covariate: str, ratio: float) -> bool:
    """Whether the 99 % interval holds the true hazard ratio."""
    row = fit.summary.loc[covariate]
    distance = abs(row["coef"] - math.log(ratio))
    return bool(distance <= 2.576 * row["se(coef)"])


_COVARIATES = ["joint_nurture", "large", "smb", "enterprise"]


def test_the_effect_of_joint_nurture_on_winning_is_found(spans: pd.DataFrame) -> None:
    fit = _cox(spans, "won", _COVARIATES)
    assert _holds(fit, "joint_nurture", _TRUTH.nurture_on_won)
    assert fit.summary.loc["joint_nurture", "exp(coef) lower 95%"] > 1


def test_the_effect_of_joint_nurture_on_losing_is_found(spans: pd.DataFrame) -> None:
    assert _holds(_cox(spans, "lost", _COVARIATES), "joint_nurture", _TRUTH.nurture_on_lost)


def test_the_effects_of_segment_and_amount_are_found(spans: pd.DataFrame) -> None:
    fit = _cox(spans, "won", _COVARIATES)
    smb, mid, enterprise = _TRUTH.segment_on_won
    assert _holds(fit, "large", _TRUTH.large_on_won)
    assert _holds(fit, "smb", smb / mid)
    assert _holds(fit, "enterprise", enterprise / mid)


def test_leaving_the_confounders_out_makes_joint_nurture_look_weaker(spans: pd.DataFrame) -> None:
    crude = _cox(spans, "won", ["joint_nurture"]).params_["joint_nurture"]
    adjusted = _cox(spans, "won", _COVARIATES).params_["joint_nurture"]
    assert crude < adjusted


def test_ever_against_never_misses_the_truth(spans: pd.DataFrame) -> None:
    deals = spans.groupby("deal_id").agg(
        ever=("joint_nurture", "max"), days=("to_day", "max"), won=("won", "max")
    )
    naive = CoxPHFitter().fit(deals, duration_col="days", event_col="won")
    high = naive.summary.loc["ever", "exp(coef) upper 95%"]
    assert high < _TRUTH.nurture_on_won
