"""The first sentence: what it says of which trend, and when it says that it does not know."""

from typing import Any

import pytest

from orchestration.report.cycle import Cycle, CycleSummary, TrendMonth
from orchestration.report.verdict import Verdict, verdict


def _month(difference: float | None, low: float | None, high: float | None, **more: Any) -> Any:
    told = {
        "curve": "lead_to_won",
        "cohort": "2025-05",
        "cohort_before": "2024-05",
        "horizon_days": 180,
        "n": 61,
        "n_before": 52,
        "share_won": 0.31,
        "share_won_before": 0.29,
        "p50": 77.0,
        "p50_before": 90.0,
        "difference": difference,
        "low": low,
        "high": high,
        "status": "ok",
    }
    return TrendMonth(**(told | more))


def _summary() -> CycleSummary:
    return CycleSummary(
        curve="lead_to_won",
        unit="calendar",
        from_stage="lead",
        segment="all",
        status="ok",
        p25=41,
        p50=77,
        p75=120,
        p90=170,
        horizon_days=180,
        n=1234,
        events=456,
        won=123,
        censored=778,
        share_won=0.2,
        share_won_low=0.1,
        share_won_high=0.3,
        share_open=0.4,
        starts_at_day=0,
        restricted_mean=None,
        naive_mean_closed=None,
        n_unknown_start=0,
        n_excluded=0,
    )


def _of(*months: TrendMonth, summary: CycleSummary | None = None) -> Verdict:
    summaries = [summary] if summary else []
    cycle = Cycle("lead_to_won", months, summaries, [], [], [], [])
    return verdict(cycle, "95 %", "lead to won")


@pytest.mark.parametrize(
    ("difference", "low", "high", "kind", "answer"),
    [
        (-13.0, -21.0, -5.0, "shorter", "Yes: 13 days shorter"),
        (-1.0, -1.5, -0.5, "shorter", "Yes: 1 day shorter"),
        (13.0, 5.0, 21.0, "longer", "No: 13 days longer"),
        (-13.0, -30.0, 4.0, "unclear", "Too close to call: 13 days shorter"),
        (13.0, 0.0, 26.0, "unclear", "Too close to call: 13 days longer"),
        (-13.0, -26.0, 0.0, "unclear", "Too close to call: 13 days shorter"),
        (-13.0, None, None, "unclear", "Too close to call: 13 days shorter"),
        (0.0, -3.0, 3.0, "unclear", "Neither: as long as a year before"),
    ],
)
def test_it_is_shorter_or_longer_only_where_the_interval_leaves_out_zero(
    difference: float, low: float | None, high: float | None, kind: str, answer: str
) -> None:
    told = _of(_month(difference, low, high))
    assert (told.kind, told.answer.replace("\N{NO-BREAK SPACE}", " ")) == (kind, answer)


def test_the_answer_carries_its_uncertainty() -> None:
    assert _plain(_of(_month(-13.0, -30.0, 4.0)).uncertainty) == (
        "than a year before; 95 % interval −30 to +4 days, so chance alone could do that"
    )
    assert _plain(_of(_month(-13.0, None, None)).uncertainty) == (
        "than a year before, of too few accounts for an interval"
    )


def test_the_other_months_are_counted_beside_the_newest() -> None:
    told = _of(
        _month(-9.0, -15.0, -3.0), _month(9.0, 3.0, 15.0), _month(1.0, -3.0, 5.0), _month(2, 1, 3)
    )
    assert told.kind == "longer"
    assert told.others == (
        "Of the 4 months that can be compared, 1 got shorter by more than chance and 2 longer; "
        "1 tell neither."
    )


def test_where_no_month_can_be_compared_it_says_why_and_what_can_be_told() -> None:
    unknown = {"difference": None, "low": None, "high": None}
    told = _of(
        _month(**unknown, status="no year before"),
        _month(**unknown, status="no year before"),
        _month(**unknown, status="follow-up too short"),
        summary=_summary(),
    )
    assert (told.kind, told.answer, told.uncertainty) == ("unknown", "Not known yet", None)
    assert _plain(told.figures) == (
        "No month can be compared with a year before: the same months of the year before are not "
        "in the sources (2 of 3); the months have not been watched up to the horizon yet (1 of 3). "
        "What can be told: half of those won within 180 days are won by day 77, counted from lead "
        "to won (n = 1,234, 123 won)."
    )


def test_where_nothing_can_be_told_it_says_just_that() -> None:
    assert _of().figures == "How long it takes at all can’t be told yet either."


def _plain(text: str | None) -> str:
    return (text or "").replace("\N{NO-BREAK SPACE}", " ")
