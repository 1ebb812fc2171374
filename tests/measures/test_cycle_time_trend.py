"""The trend of cycle times, month by month and segment by segment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from orchestration.measures.cycle_time_trend import TRENDS, cycle_time_trend
from orchestration.measures.figures import Settings

SETTINGS = Settings(confidence_level=0.95, too_few=20, horizon_days=100)
OPEN, WON, LOST = 0, 1, 2
CASES = pa.schema(
    [
        *((name, pa.string()) for name in ("curve", "journey_id", "cluster_id")),
        *((name, pa.string()) for name in ("segment", "cohort")),
        ("days", pa.int32()),
        ("ended_by", pa.int32()),
        ("is_seen_late", pa.bool_()),
        ("has_segments", pa.bool_()),
    ]
)


def cohort(
    month: str, days: Sequence[int], ended_by: int = WON, **more: Any
) -> list[dict[str, Any]]:
    """Journeys of a month, each of its own account, that ended after so many days."""
    name = f"{month}{ended_by}{more.get('segment', '')}"
    return [
        {
            "curve": "mql_to_won",
            "journey_id": f"{name}{number:04}",
            "cluster_id": f"{name}{number:04}",
            "segment": "smb",
            "cohort": month,
            "days": day,
            "ended_by": ended_by,
            "is_seen_late": False,
            "has_segments": False,
            **more,
        }
        for number, day in enumerate(days)
    ]


def trends(*cohorts: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """What is made of these cohorts, by segment and month."""
    rows = [row for part in cohorts for row in part]
    made = cycle_time_trend(pa.Table.from_pylist(rows, schema=CASES), SETTINGS)
    assert made.schema == TRENDS
    return {(row["segment"], row["cohort"]): row for row in made.to_pylist()}


SLOW, FAST = range(40, 80), range(20, 60)


def test_a_cycle_that_got_twenty_days_shorter_is_told_with_its_interval() -> None:
    row = trends(cohort("2025-03", SLOW), cohort("2026-03", FAST))["all", "2026-03"]
    assert (row["p50_before"], row["p50"], row["difference"]) == (59.0, 39.0, -20.0)
    assert row["low"] < -20.0 < row["high"] < 0
    assert row["p_value"] == row["adjusted_p_value"] < 0.01
    assert (row["status"], row["cohort_before"]) == ("ok", "2025-03")


def test_the_share_won_stands_beside_and_grays_test_tells_of_it_where_speed_is_the_same() -> None:
    mostly_lost = cohort("2026-03", range(40, 80, 8)) + cohort("2026-03", SLOW, LOST)
    row = trends(cohort("2025-03", SLOW), mostly_lost)["all", "2026-03"]
    assert row["share_won_before"] == pytest.approx(1.0)
    assert row["share_won"] == pytest.approx(5 / 45)
    assert row["low"] <= 0 <= row["high"]
    assert row["share_and_speed_p_value"] < 1e-6


@pytest.mark.parametrize(
    ("now", "before", "status"),
    [
        (cohort("2026-03", FAST), [], "no year before"),
        (cohort("2026-03", range(19)), cohort("2025-03", SLOW), "too few"),
        (cohort("2026-03", FAST, is_seen_late=True), cohort("2025-03", SLOW), "late entry"),
        (cohort("2026-03", FAST), cohort("2025-03", SLOW, is_seen_late=True), "late entry"),
        (
            cohort("2026-03", FAST) + cohort("2026-03", [90], OPEN),
            cohort("2025-03", SLOW),
            "follow-up too short",
        ),
        (cohort("2026-03", FAST, LOST), cohort("2025-03", SLOW), "none won"),
        (
            cohort("2026-03", FAST, cluster_id="one"),
            cohort("2025-03", SLOW, cluster_id="one"),
            "no interval",
        ),
    ],
)
def test_what_the_data_cannot_tell_is_null_and_the_status_says_why(
    now: list[dict[str, Any]], before: list[dict[str, Any]], status: str
) -> None:
    row = trends(now, before)["all", "2026-03"]
    assert row["status"] == status
    assert (row["low"], row["high"], row["p_value"]) == (None, None, None)
    assert row["n"] == len(now)
    assert row["n_before"] == len(before)


def test_a_deal_open_past_the_horizon_counts_as_not_won_by_it() -> None:
    now = cohort("2026-03", FAST) + cohort("2026-03", [300] * 40, OPEN)
    row = trends(now, cohort("2025-03", SLOW))["all", "2026-03"]
    assert (row["status"], row["share_won"], row["p50"]) == ("ok", pytest.approx(0.5), 39.0)


def test_p_values_are_adjusted_over_the_segments_of_a_month_and_all_stands_for_itself() -> None:
    parts = [
        cohort(month, days, segment=segment, has_segments=True)
        for segment in ("mid", "smb")
        for month, days in (("2025-03", SLOW), ("2026-03", FAST))
    ]
    found = trends(*parts)
    for segment in ("mid", "smb"):
        row = found[segment, "2026-03"]
        assert row["adjusted_p_value"] == pytest.approx(2 * row["p_value"])
    everyone = found["all", "2026-03"]
    assert everyone["adjusted_p_value"] == everyone["p_value"]
    assert everyone["n"] == 80


def test_equal_timing_with_another_share_won_is_no_trend_of_the_cycle() -> None:
    shorter_or_longer = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)

        def month(name: str, loses: float, turn: np.random.Generator = generator) -> Any:
            days = turn.geometric(0.03, 80)
            won = turn.random(80) > loses
            return cohort(name, days[won].tolist()) + cohort(name, days[~won].tolist(), LOST)

        row = trends(month("2025-03", 0.3), month("2026-03", 0.6))["all", "2026-03"]
        shorter_or_longer += not row["low"] <= 0 <= row["high"]
    assert shorter_or_longer <= 6  # binomial(40, 5 %) exceeds 6 in less than one run of 100
