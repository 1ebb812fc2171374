"""The curves of cycle_time_curve, over journeys made by hand."""

import math
from datetime import datetime, timedelta

import pytest

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.journeys import (
    AS_OF,
    GIVEN,
    START,
    Journey,
    curve_rows,
    cycle_times,
    fill,
    lasting,
)


def _column(rows: list[dict[str, float]], name: str) -> dict[float, float]:
    return {row["day"]: row[name] for row in rows}


def test_an_empty_warehouse_gives_no_rows(database: Database) -> None:
    for name in GIVEN:
        database.fill(name, [])
    cycle_times(database)
    assert database.rows("select * from {cycle_time_curve}") == []
    assert database.rows("select * from {cycle_time_summary}") == []


def test_survival_is_kaplan_meiers_worked_by_hand(database: Database) -> None:
    # Five journeys: won at 2, open at 3, lost at 4, won at 4, open at 6.
    journeys = [
        lasting(2, "won"),
        lasting(3),
        lasting(4, "lost"),
        lasting(4, "won"),
        lasting(6),
    ]
    fill(database, journeys)
    cycle_times(database)
    rows = curve_rows(database)
    assert _column(rows, "at_risk") == {0: 5, 2: 5, 3: 4, 4: 3, 6: 1}
    assert _column(rows, "survival") == pytest.approx(
        {0: 1, 2: 4 / 5, 3: 4 / 5, 4: 4 / 15, 6: 4 / 15}
    )
    assert _column(rows, "cif_won") == pytest.approx(
        {0: 0, 2: 1 / 5, 3: 1 / 5, 4: 1 / 5 + 4 / 15, 6: 1 / 5 + 4 / 15}
    )
    assert _column(rows, "cif_lost") == pytest.approx({0: 0, 2: 0, 3: 0, 4: 4 / 15, 6: 4 / 15})


def test_an_exit_comes_before_a_censoring_on_the_same_day(database: Database) -> None:
    fill(database, [lasting(3, "won"), lasting(3)])
    cycle_times(database)
    last = curve_rows(database)[-1]
    assert (last["at_risk"], last["survival"]) == (2, pytest.approx(0.5))


def test_a_win_on_the_first_day_is_on_the_curve(database: Database) -> None:
    fill(database, [lasting(0, "won"), lasting(5, "lost")])
    cycle_times(database)
    first = curve_rows(database)[0]
    assert (first["day"], first["at_risk"], first["won"]) == (0, 2, 1)
    assert first["cif_won"] == pytest.approx(0.5)


def test_survival_is_exactly_zero_when_nobody_is_left(database: Database) -> None:
    fill(database, [lasting(2, "won"), lasting(5, "lost"), lasting(5, "won")])
    cycle_times(database)
    last = curve_rows(database)[-1]
    assert last["survival"] == 0
    assert (last["survival_se"], last["survival_low"], last["survival_high"]) == (None, None, None)
    assert last["cif_won"] + last["cif_lost"] == pytest.approx(1)


def test_survival_stays_zero_for_those_who_come_after_it(database: Database) -> None:
    late = lasting(9, "lost", seen_from_day=4)
    fill(database, [lasting(2, "won"), late])
    cycle_times(database)
    rows = curve_rows(database)
    assert _column(rows, "survival") == {0: 1, 2: 0, 4: 0, 9: 0}
    assert _column(rows, "cif_lost") == {0: 0, 2: 0, 4: 0, 9: 0}
    assert _column(rows, "at_risk") == {0: 1, 2: 1, 4: 0, 9: 1}


def test_who_comes_under_observation_late_is_at_risk_from_the_next_day_on(
    database: Database,
) -> None:
    journeys = [
        lasting(3, "won"),
        lasting(4, "won"),
        lasting(9),
        lasting(7, "won", seen_from_day=3),
    ]
    fill(database, journeys)
    cycle_times(database)
    assert _column(curve_rows(database), "at_risk") == {0: 3, 3: 3, 4: 3, 7: 2, 9: 1}


def test_what_was_over_before_it_could_be_seen_is_on_no_curve(database: Database) -> None:
    fill(database, [lasting(3, "won", seen_from_day=3), lasting(8, "won")])
    cycle_times(database)
    assert _column(curve_rows(database), "won") == {0: 0, 8: 1}


def test_a_curve_starts_where_enough_are_at_risk_and_says_where(database: Database) -> None:
    early = [lasting(1, "lost"), lasting(4, "lost"), lasting(20)]
    late = [lasting(day, "won", seen_from_day=6) for day in (10, 11, 12)]
    fill(database, early + late, minimum_at_risk=4)
    cycle_times(database)
    rows = curve_rows(database)
    assert {row["starts_at_day"] for row in rows} == {7}
    assert _column(rows, "at_risk") == {10: 4, 11: 3, 12: 2, 20: 1}
    assert _column(rows, "survival") == pytest.approx({10: 3 / 4, 11: 1 / 2, 12: 1 / 4, 20: 1 / 4})


def test_a_curve_with_too_few_at_risk_is_not_there(database: Database) -> None:
    fill(database, [lasting(day, "won") for day in range(1, 20)], minimum_at_risk=20)
    cycle_times(database)
    assert curve_rows(database) == []


def test_members_of_a_deal_are_left_out(database: Database) -> None:
    member = Journey({"mql": START}, "won", START + timedelta(days=2), is_primary=False)
    fill(database, [member, lasting(5, "won")])
    cycle_times(database)
    assert curve_rows(database)[0]["at_risk"] == 1


def test_inferred_entries_make_no_duration(database: Database) -> None:
    at = START + timedelta(days=3)
    skipped = Journey(
        {"opportunity": at},
        "won",
        at + timedelta(days=10),
        inferred={"lead": at, "mql": at},
    )
    fill(database, [skipped])
    cycle_times(database)
    assert curve_rows(database, "lead_to_won") == []
    assert curve_rows(database, "mql_to_won") == []
    assert _column(curve_rows(database, "opportunity_to_won"), "won") == {0: 0, 10: 1}


def test_each_clock_starts_at_the_first_entry_to_its_own_stage(database: Database) -> None:
    journey = Journey(
        {
            "lead": START,
            "mql": START + timedelta(days=4),
            "opportunity": START + timedelta(days=9),
        },
        "won",
        START + timedelta(days=30),
    )
    fill(database, [journey])
    cycle_times(database)
    last_days = {
        curve: curve_rows(database, curve)[-1]["day"]
        for curve in ("lead_to_won", "mql_to_won", "opportunity_to_won")
    }
    assert last_days == {"lead_to_won": 30, "mql_to_won": 26, "opportunity_to_won": 21}


def test_a_clock_from_aware_runs_among_those_who_became_records(database: Database) -> None:
    def known(day_of_record: int, day_of_win: int) -> Journey:
        recorded_at = START + timedelta(days=day_of_record)
        won_at = START + timedelta(days=day_of_win)
        return Journey({"aware": START}, "won", won_at, recorded_at=recorded_at)

    fill(database, [known(0, 5), known(4, 12), known(9, 30)])
    cycle_times(database)
    rows = curve_rows(database, "aware_to_won")
    assert _column(rows, "at_risk") == {0: 1, 4: 1, 5: 2, 9: 1, 12: 2, 30: 1}


def test_the_later_of_record_and_observation_opens_a_clock_from_aware(database: Database) -> None:
    watched_late = Journey(
        {"aware": START},
        "won",
        START + timedelta(days=30),
        observed_from=START + timedelta(days=7),
        recorded_at=START + timedelta(days=2),
    )
    fill(database, [watched_late])
    cycle_times(database)
    rows = curve_rows(database, "aware_to_won")
    assert _column(rows, "entered") == {30: 0}
    assert {row["starts_at_day"] for row in rows} == {8}


def test_a_ladder_without_a_stage_has_no_clock_from_it(database: Database) -> None:
    deal = lasting(6, "won", stage="opportunity")
    fill(database, [deal], ladder=("sal", "opportunity", "won"))
    cycle_times(database)
    curves = database.rows("select curve from {cycle_time_summary} group by curve")
    assert curves == [{"curve": "opportunity_to_won"}]


def test_days_are_cut_in_the_agreements_time_zone(database: Database) -> None:
    # 03:00 UTC is still the day before in New York.
    journey = Journey({"mql": datetime(2026, 3, 2, 23)}, "won", datetime(2026, 3, 4, 3))
    fill(database, [journey], time_zone="America/New_York")
    cycle_times(database)
    assert curve_rows(database)[-1]["day"] == 1


def test_a_close_known_by_its_date_alone_stands_for_its_whole_day(database: Database) -> None:
    journey = Journey({"mql": datetime(2026, 3, 2, 15)}, "won", datetime(2026, 3, 2))
    fill(database, [journey], time_zone="America/New_York")
    cycle_times(database)
    assert [row["day"] for row in curve_rows(database)] == [0]


def test_a_later_stage_dated_on_the_same_day_does_not_hide_the_start(database: Database) -> None:
    journey = Journey(
        {"mql": datetime(2026, 3, 2, 15), "opportunity": datetime(2026, 3, 2)},
        "won",
        datetime(2026, 3, 9),
    )
    fill(database, [journey])
    cycle_times(database)
    assert curve_rows(database)[-1]["day"] == 7


def test_a_stage_entered_after_a_later_one_starts_no_clock(database: Database) -> None:
    back = Journey(
        {"opportunity": START, "mql": START + timedelta(days=5)}, "won", START + timedelta(days=9)
    )
    fill(database, [back])
    cycle_times(database)
    assert curve_rows(database, "mql_to_won") == []
    assert curve_rows(database, "opportunity_to_won")[-1]["day"] == 9


def test_business_days_leave_out_weekends(database: Database) -> None:
    friday, tuesday = datetime(2026, 3, 6, 12), datetime(2026, 3, 10, 12)
    fill(database, [Journey({"mql": friday}, "won", tuesday)])
    cycle_times(database)
    assert curve_rows(database, unit="calendar")[-1]["day"] == 4
    assert curve_rows(database, unit="business")[-1]["day"] == 2


def test_each_segment_and_each_month_of_entry_has_a_curve_beside_all(database: Database) -> None:
    journeys = [lasting(5, "won", segment="smb"), lasting(9, "won", segment="mid"), lasting(50)]
    fill(database, journeys, segment_by="account.employees")
    cycle_times(database)
    assert curve_rows(database, segment="smb")[-1]["day"] == 5
    assert curve_rows(database, segment="mid")[-1]["day"] == 9
    assert curve_rows(database, segment="unknown")[-1]["day"] == 50
    january = curve_rows(database, cohort="2026-01")
    assert january[0]["at_risk"] == 2
    assert curve_rows(database, segment="smb", cohort="2026-01")[0]["at_risk"] == 1
    assert curve_rows(database)[0]["at_risk"] == 3


def test_without_agreed_segments_there_is_only_all(database: Database) -> None:
    fill(database, [lasting(5, "won", segment="unknown")], segment_by=None)
    cycle_times(database)
    assert database.rows("select segment from {cycle_time_curve} group by 1") == [
        {"segment": "all"}
    ]


def test_the_curve_says_as_of_when_it_holds(database: Database) -> None:
    fill(database, [lasting(5, "won")])
    cycle_times(database)
    assert {row["as_of"] for row in curve_rows(database)} == {AS_OF}


def test_intervals_follow_the_agreements_confidence_level(database: Database) -> None:
    fill(database, [lasting(day, "won") for day in (2, 4, 6, 8)])
    widths = []
    for level in (0.5, 0.95, 0.999):
        database.update("agreement.settings", f"confidence_level = {level}")
        cycle_times(database)
        row = curve_rows(database)[2]
        assert 0 < row["survival_low"] < row["survival"] < row["survival_high"] < 1
        widths.append(row["survival_high"] - row["survival_low"])
    assert widths == sorted(widths)
    assert len({round(width, 6) for width in widths}) == 3


def test_the_interval_is_the_log_log_one_worked_by_hand(database: Database) -> None:
    fill(database, [lasting(2, "won"), lasting(3), lasting(4), lasting(5)])
    cycle_times(database)
    row = curve_rows(database)[1]
    survival, spread = 3 / 4, math.sqrt(1 / (4 * 3)) / abs(math.log(3 / 4))
    assert row["survival_low"] == pytest.approx(survival ** math.exp(1.959963984540054 * spread))
    assert row["survival_high"] == pytest.approx(survival ** math.exp(-1.959963984540054 * spread))


def test_the_work_follows_the_days_not_the_journeys(database: Database) -> None:
    few = [lasting(day, outcome) for day in (3, 5) for outcome in ("won", "lost", "open")]
    sizes = []
    for journeys in (few, few * 50):
        fill(database, journeys)
        cycle_times(database)
        sizes.append(database.rows("select count(*) as rows from {int_cycle_count}"))
    assert sizes[0] == sizes[1]
