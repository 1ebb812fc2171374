"""When an entry to a stage begins, ends and comes under observation: journeys told by hand."""

from datetime import datetime
from typing import Any

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.paths import GIVEN, Path, fill

NEW_YORK = "America/New_York"


def spells(
    database: Database, path: Path, *, unit: str = "calendar", time_zone: str = "UTC"
) -> list[dict[str, Any]]:
    """The spells of one journey, in order."""
    fill(database, [path], time_zone=time_zone)
    database.build_with_parents("int_stage_spell", given=GIVEN)
    return database.rows(
        f"select * from {{int_stage_spell}} where unit = '{unit}' order by event_id"
    )


def days(rows: list[dict[str, Any]]) -> list[tuple[str, int, int, str]]:
    return [(row["stage"], row["entry_day"], row["exit_day"], row["left_as"]) for row in rows]


def test_each_entry_lasts_until_the_next_event_and_says_which_way_it_left(
    database: Database,
) -> None:
    path = Path(
        [
            ("lead", datetime(2026, 1, 5, 9)),
            ("mql", datetime(2026, 1, 8, 9)),
            ("recycled", datetime(2026, 1, 10, 9)),
            ("mql", datetime(2026, 2, 1, 9)),
            ("lead", datetime(2026, 2, 3, 9)),
            ("opportunity", datetime(2026, 2, 4, 9)),
            ("lost", datetime(2026, 2, 14, 9)),
        ]
    )
    assert days(spells(database, path)) == [
        ("lead", 0, 3, "advanced"),
        ("mql", 0, 2, "returned"),
        ("mql", 0, 2, "returned"),
        ("lead", 0, 1, "advanced"),
        ("opportunity", 0, 10, "closed"),
    ]


def test_won_advances_and_who_is_still_there_stays_open_until_as_of(database: Database) -> None:
    won = Path([("sql", datetime(2026, 9, 1)), ("won", datetime(2026, 9, 11))])
    assert days(spells(database, won)) == [("sql", 0, 10, "advanced")]
    waiting = Path([("sql", datetime(2026, 9, 1))])
    assert days(spells(database, waiting)) == [("sql", 0, 29, "open")]


def test_business_days_leave_the_weekend_out(database: Database) -> None:
    path = Path([("mql", datetime(2026, 1, 9, 12)), ("sal", datetime(2026, 1, 12, 12))])
    assert days(spells(database, path, unit="business")) == [
        ("mql", 0, 1, "advanced"),
        ("sal", 0, 187, "open"),
    ]


def test_days_are_cut_in_the_agreements_time_zone(database: Database) -> None:
    # Three in the morning UTC is the evening before in New York.
    path = Path([("mql", datetime(2026, 1, 6, 3)), ("sal", datetime(2026, 1, 6, 18))])
    rows = spells(database, path, time_zone=NEW_YORK)
    assert rows[0]["entered_on"].isoformat() == "2026-01-05"
    assert days(rows)[0] == ("mql", 0, 1, "advanced")


def test_a_date_without_a_time_of_day_is_no_step_backwards(database: Database) -> None:
    # Midnight UTC is the day before in New York, yet it stands for the whole sixth.
    path = Path([("mql", datetime(2026, 1, 6, 15)), ("sal", datetime(2026, 1, 6))])
    [mql, _] = spells(database, path, time_zone=NEW_YORK)
    assert (mql["exit_day"], mql["standing"]) == (0, "at_risk")


def test_a_stay_that_ends_before_it_begins_is_excluded(database: Database) -> None:
    path = Path([("mql", datetime(2026, 1, 6)), ("sal", datetime(2026, 1, 3))])
    assert [row["standing"] for row in spells(database, path)] == ["excluded", "at_risk"]


def test_what_begins_before_observation_enters_late_and_what_is_over_by_then_is_unseen(
    database: Database,
) -> None:
    path = Path(
        [
            ("lead", datetime(2026, 1, 1)),
            ("mql", datetime(2026, 1, 10)),
            ("sal", datetime(2026, 2, 1)),
        ],
        observed_from=datetime(2026, 1, 10),
    )
    rows = spells(database, path)
    assert days(rows)[:2] == [("lead", 9, 9, "advanced"), ("mql", 0, 22, "advanced")]
    assert [row["standing"] for row in rows] == ["unseen", "at_risk", "at_risk"]
    late = Path(path.events, observed_from=datetime(2026, 1, 9))
    [lead, *_] = spells(database, late)
    assert (lead["entry_day"], lead["exit_day"], lead["standing"]) == (8, 9, "at_risk")


def test_from_aware_a_stay_is_seen_once_there_is_a_record(database: Database) -> None:
    events = [("aware", datetime(2026, 1, 1)), ("lead", datetime(2026, 1, 20))]
    recorded = Path(events, recorded_at=datetime(2026, 1, 4))
    assert days(spells(database, recorded))[0] == ("aware", 3, 19, "advanced")
    [aware, lead] = spells(database, Path(events))
    assert (aware["standing"], lead["standing"]) == ("excluded", "at_risk")


def test_a_close_without_a_date_is_excluded_where_nothing_follows(database: Database) -> None:
    path = Path([("mql", datetime(2026, 1, 6))])
    fill(database, [path])
    database.update("fct_funnel", "outcome = 'lost'")
    database.build_with_parents("int_stage_spell", given=GIVEN)
    [row] = database.rows("select * from {int_stage_spell} where unit = 'calendar'")
    assert row["standing"] == "excluded"


def test_member_journeys_have_no_stay_of_their_own(database: Database) -> None:
    assert spells(database, Path([("mql", datetime(2026, 1, 6))], is_primary=False)) == []
