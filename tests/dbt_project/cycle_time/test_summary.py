"""The rows of cycle_time_summary, over journeys made by hand."""

import random
from datetime import datetime, timedelta

import pytest

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.journeys import (
    AS_OF,
    START,
    Journey,
    cycle_times,
    fill,
    lasting,
    summary_row,
)

OPEN_PAST_THE_HORIZON = lasting(150)


def test_the_median_cycle_is_among_those_won_by_the_horizon(database: Database) -> None:
    # Eight in all: four won by day 100, one only later, three never.
    won = [lasting(day, "won") for day in (10, 20, 30, 40, 120)]
    fill(database, [*won, lasting(15, "lost"), lasting(25, "lost"), OPEN_PAST_THE_HORIZON])
    cycle_times(database)
    row = summary_row(database)
    assert (row["p25"], row["p50"], row["p75"], row["p90"]) == (10, 20, 30, 40)
    assert row["share_won"] == pytest.approx(4 / 8)
    assert row["share_lost"] == pytest.approx(2 / 8)
    assert row["share_open"] == pytest.approx(2 / 8)
    assert (row["status"], row["horizon_days"]) == ("ok", 100)


def test_the_median_is_no_mean_over_the_closed_ones(database: Database) -> None:
    # The quick one is won; the slow ones are still open, and so count against a short cycle.
    fill(database, [lasting(5, "won"), lasting(90, "won"), *[lasting(80)] * 8, lasting(200)])
    cycle_times(database)
    row = summary_row(database)
    # F(90) = 1/11 + 10/11 * 1/2 = 6/11; half of it is not there at day 5.
    assert row["share_won"] == pytest.approx(6 / 11)
    assert row["p50"] == 90


def test_quantiles_of_the_close_are_null_where_not_reached(database: Database) -> None:
    fill(database, [lasting(10, "lost"), lasting(20, "won"), lasting(150), lasting(150)])
    cycle_times(database)
    row = summary_row(database)
    assert (row["close_p25"], row["close_p50"]) == (10, 20)
    assert (row["close_p75"], row["close_p90"]) == (None, None)


def test_the_restricted_mean_is_the_area_under_survival_to_the_horizon(database: Database) -> None:
    fill(database, [lasting(10, "won"), lasting(30, "lost"), lasting(130, "won"), lasting(150)])
    cycle_times(database)
    assert summary_row(database)["restricted_mean"] == pytest.approx((10 + 30 + 100 + 100) / 4)


def test_what_lies_beyond_the_follow_up_is_not_told(database: Database) -> None:
    fill(database, [lasting(10, "won"), lasting(99)])
    cycle_times(database)
    row = summary_row(database)
    assert row["status"] == "follow-up too short"
    assert (row["p50"], row["share_won"], row["restricted_mean"]) == (None, None, None)
    assert (row["close_p50"], row["followed_until_day"], row["n"]) == (10, 99, 2)


def test_follow_up_need_not_go_on_once_everybody_has_closed(database: Database) -> None:
    fill(database, [lasting(10, "won"), lasting(40, "won")])
    cycle_times(database)
    row = summary_row(database)
    assert (row["status"], row["p50"], row["share_won"]) == ("ok", 10, 1)
    assert row["restricted_mean"] == 25
    assert (row["share_won_low"], row["share_won_high"]) == (None, None)


def test_without_a_win_there_is_no_cycle(database: Database) -> None:
    fill(database, [lasting(10, "lost"), OPEN_PAST_THE_HORIZON])
    cycle_times(database)
    row = summary_row(database)
    assert (row["status"], row["p50"], row["share_won"]) == ("none won", None, 0)


def test_too_few_at_risk_is_a_row_that_says_so(database: Database) -> None:
    fill(database, [lasting(10, "won")] * 19, minimum_at_risk=20)
    cycle_times(database)
    row = summary_row(database)
    assert (row["status"], row["n"], row["n_off_curve"]) == ("too few", 0, 19)
    assert (row["p50"], row["restricted_mean"], row["starts_at_day"]) == (None, None, None)


def test_those_left_out_are_counted_by_reason(database: Database) -> None:
    unknown = Journey({"opportunity": START}, "won", START + timedelta(days=9))
    undated = Journey({"mql": START}, "lost", None, excluded=True)
    negative = Journey({"mql": START}, "lost", START - timedelta(days=3))
    unseen = lasting(5, "won", seen_from_day=5)
    journeys = [lasting(10, "won"), lasting(20), unknown, undated, negative, unseen]
    fill(database, journeys)
    cycle_times(database)
    row = summary_row(database)
    assert row["n"] == 2
    assert row["n_unknown_start"] == 1
    assert row["n_excluded"] == 2
    assert row["n_unseen"] == 1
    assert (row["events"], row["won"], row["censored"]) == (1, 1, 1)


def test_a_clock_from_aware_leaves_out_who_has_no_dated_record(database: Database) -> None:
    fill(database, [Journey({"aware": START}, "won", START + timedelta(days=3))])
    cycle_times(database)
    assert summary_row(database, "aware_to_won")["n_excluded"] == 1


def test_who_left_before_the_curve_started_is_off_it(database: Database) -> None:
    early = [lasting(1, "won")]
    late = [lasting(day, "won", seen_from_day=6) for day in (10, 11, 12)]
    fill(database, early + late, minimum_at_risk=3)
    cycle_times(database)
    row = summary_row(database)
    assert (row["n"], row["n_off_curve"], row["starts_at_day"]) == (3, 1, 7)


def test_an_unknown_start_belongs_to_no_month(database: Database) -> None:
    unknown = Journey({"opportunity": START}, "won", START + timedelta(days=9))
    fill(database, [unknown, lasting(5, "won")])
    cycle_times(database)
    assert summary_row(database)["n_unknown_start"] == 1
    assert summary_row(database, cohort="2026-01")["n_unknown_start"] == 0


def test_a_win_without_any_observed_stage_is_an_unknown_start(database: Database) -> None:
    fill(database, [Journey({}, "won", START)])
    cycle_times(database)
    assert summary_row(database, "opportunity_to_won")["n_unknown_start"] == 1


def test_a_journey_lost_before_the_stage_is_not_counted_there(database: Database) -> None:
    fill(database, [lasting(5, "lost", stage="lead"), lasting(5, "won")])
    cycle_times(database)
    row = summary_row(database)
    assert row["n"] + row["n_unknown_start"] + row["n_excluded"] + row["n_unseen"] == 1


def test_the_horizon_in_business_days_is_the_same_stretch_of_time(database: Database) -> None:
    fill(database, [lasting(5, "won")], horizon_days=28)
    cycle_times(database)
    assert summary_row(database, unit="calendar")["horizon_days"] == 28
    assert summary_row(database, unit="business")["horizon_days"] == 20


def test_days_outside_the_business_calendar_are_counted_as_excluded(database: Database) -> None:
    ancient = Journey({"mql": datetime(1999, 1, 4)}, "won", datetime(1999, 1, 8))
    fill(database, [ancient])
    cycle_times(database)
    assert summary_row(database, unit="calendar")["n"] == 1
    assert summary_row(database, unit="business")["n_excluded"] == 1


def test_where_most_deals_are_open_the_mean_over_the_closed_is_short_and_ours_is_right(
    database: Database,
) -> None:
    # Cycles of 1 to 80 days, 40.5 on average, in a company that grows: most began of late.
    turn = random.Random(7)
    journeys = []
    for _ in range(3_000):
        lasts, watched = turn.randint(1, 80), min(turn.randint(1, 100), turn.randint(1, 100))
        start = AS_OF - timedelta(days=watched)
        is_over = lasts <= watched
        outcome = turn.choice(["won", "lost"]) if is_over else "open"
        ended_at = start + timedelta(days=lasts) if is_over else None
        journeys.append(Journey({"mql": start}, outcome, ended_at))
    fill(database, [*journeys, lasting(100)])
    cycle_times(database)
    row = summary_row(database)
    assert row["censored"] > row["n"] / 2
    assert row["restricted_mean"] == pytest.approx(40.5, abs=1.5)
    assert row["naive_mean_closed"] < 30
