"""Days in a stage through the models: from events told by hand to the public table."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from orchestration.measures.figures import Settings
from orchestration.measures.tables import STATISTICS
from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.paths import GIVEN, Path, fill
from tests.dbt_project.statistic import make

START = datetime(2026, 1, 5, 12)
HORIZON = 100
ORDER = ("lead", "mql", "sal", "opportunity")


def occupations(
    database: Database, paths: Iterable[Path], *, minimum: int = 1, **settings: Any
) -> dict[tuple[str, str], dict[str, Any]]:
    """The table by segment and stage, in calendar days."""
    fill(database, paths, horizon_days=HORIZON, minimum_at_risk=minimum, **settings)
    database.build_with_parents(*STATISTICS["stage_occupation"].reads, given=GIVEN)
    make(database, "stage_occupation", Settings(0.95, 20, minimum_at_risk=minimum))
    database.build_with_parents("stage_occupation", given=GIVEN)
    rows = database.rows("select * from {stage_occupation} where unit = 'calendar'")
    return {(row["segment"], row["stage"]): row for row in rows}


def path(*events: tuple[str, float], **more: Any) -> Path:
    """A journey from START on: what it entered after how many days."""
    return Path([(stage, START + timedelta(days=days)) for stage, days in events], **more)


def days(rows: dict[tuple[str, str], dict[str, Any]], segment: str = "all") -> dict[str, float]:
    return {
        stage: row["expected_days"]
        for (of, stage), row in rows.items()
        if of == segment and row["expected_days"] is not None
    }


def test_without_censoring_it_is_the_mean_of_each_journeys_summed_days(database: Database) -> None:
    paths = [
        # Two stays as an MQL, ten days together, and five back with marketing.
        path(("lead", 0), ("mql", 3), ("recycled", 9), ("mql", 14), ("sal", 18), ("won", 20)),
        # Never an MQL; passes sal within a day.
        path(("lead", 0), ("sal", 7), ("opportunity", 7.1), ("lost", 27)),
        # In the stage for longer than the horizon.
        path(("mql", 0), ("won", 150)),
    ]
    assert days(occupations(database, paths)) == {
        "lead": pytest.approx((3 + 7) / 3),
        "mql": pytest.approx((10 + 100) / 3),
        "recycled": pytest.approx(5 / 3),
        "sal": pytest.approx(2 / 3),
        "opportunity": pytest.approx(20 / 3),
    }


def test_random_paths_give_their_means_in_each_segment(database: Database) -> None:
    turn = random.Random(12)
    paths, spent = [], []
    for _ in range(60):
        day, stage, events, own = 0, "lead", [], dict.fromkeys(ORDER, 0)
        while stage in ORDER:
            events.append((stage, day))
            stay = turn.randint(0, 12)
            own[stage] += max(min(day + stay, HORIZON) - min(day, HORIZON), 0)
            day += stay
            stage = turn.choice([s for s in (*ORDER, "won", "lost") if s != stage])
        segment = turn.choice(["smb", "mid"])
        paths.append(path(*events, (stage, day), segment=segment))
        spent.append((segment, own))
    rows = occupations(database, paths, segment_by="employees")
    for segment in ("all", "smb", "mid"):
        mine = [own for of, own in spent if segment in (of, "all")]
        expected = {stage: sum(own[stage] for own in mine) / len(mine) for stage in ORDER}
        assert days(rows, segment) == pytest.approx(expected)
        assert rows[(segment, "lead")]["n"] == len(mine)


def test_who_is_still_there_counts_for_as_long_as_it_was_watched(database: Database) -> None:
    gone = [path(("lead", 0), ("mql", 10), ("won", 30)), path(("lead", 0), ("lost", 50))]
    watched = Path([("lead", datetime(2026, 9, 10, 12))])  # for 20 days
    rows = occupations(database, [*gone, watched])
    # From day 10 on 2 of 3 are leads; from day 20 on one is watched, and leaves on day 50.
    assert days(rows)["lead"] == pytest.approx(10 + 40 * 2 / 3)
    assert days(rows)["mql"] == pytest.approx(20 / 3)
    assert rows[("all", "lead")]["low"] < 10 + 40 * 2 / 3 < rows[("all", "lead")]["high"]


def test_a_reopened_journey_goes_on(database: Database) -> None:
    paths = [path(("opportunity", 0), ("lost", 10), ("opportunity", 30), ("won", 45))]
    assert days(occupations(database, paths)) == {"opportunity": pytest.approx(25)}


def test_a_path_that_cannot_be_dated_is_left_out_as_a_whole_and_counted(
    database: Database,
) -> None:
    paths = [
        path(("lead", 0), ("won", 10)),
        path(("lead", 0), ("won", 90), excluded=True),
        path(("aware", 0), ("won", 90)),
        path(("lead", 0), ("won", 5), observed_from=START + timedelta(days=5)),
    ]
    rows = occupations(database, paths)
    assert days(rows)["lead"] == 10
    row = rows[("all", "lead")]
    assert (row["n"], row["n_excluded"], row["n_unseen"]) == (1, 2, 1)


def test_a_journey_that_was_aware_first_starts_with_its_record(database: Database) -> None:
    still = path(("aware", 0), ("lead", 30), ("won", 40), recorded_at=START + timedelta(days=20))
    # The record was made as the person became a lead: nothing is told of those who never did.
    at_once = path(("aware", 0), ("lead", 50), ("won", 54), recorded_at=START + timedelta(days=50))
    beyond = path(("aware", 0), ("lead", 3), ("won", 8), recorded_at=START + timedelta(days=6))
    rows = occupations(database, [still, at_once, beyond])
    assert days(rows) == {
        "aware": pytest.approx(10 / 3),
        "lead": pytest.approx((10 + 4 + 2) / 3),
    }
    assert rows[("all", "lead")]["starts_at_day"] == 0


def test_without_follow_up_or_with_too_few_the_row_says_so(database: Database) -> None:
    short = occupations(database, [Path([("lead", datetime(2026, 9, 10, 12))])])
    assert short[("all", "lead")]["status"] == "follow-up too short"
    few = occupations(database, [path(("lead", 0), ("won", 10))] * 2, minimum=3)
    assert few[("all", "lead")]["status"] == "too few"
    assert {row["expected_days"] for row in (*short.values(), *few.values())} == {None}


def test_a_company_without_deals_has_no_rows(database: Database) -> None:
    assert occupations(database, []) == {}


def test_business_days_leave_the_weekends_out(database: Database) -> None:
    occupations(database, [path(("lead", 0), ("won", 14))])
    [row] = database.rows(
        "select expected_days from {stage_occupation} where unit = 'business' and stage = 'lead'"
    )
    assert row["expected_days"] == 10


def test_where_the_business_calendar_does_not_reach_there_is_no_data(database: Database) -> None:
    paths = [path(("lead", 0), ("won", 14))]
    fill(database, paths, horizon_days=10_000)
    database.update("bound.clock", "as_of = timestamp '2026-09-30 12:00:00'")
    database.build_with_parents(*STATISTICS["stage_occupation"].reads, given=GIVEN)
    make(database, "stage_occupation", Settings(0.95, 20, minimum_at_risk=1))
    database.build_with_parents("stage_occupation", given=GIVEN)
    rows = database.rows("select status from {stage_occupation} where unit = 'business'")
    assert {row["status"] for row in rows} == {"no data"}


def test_the_tables_promises_hold(database: Database) -> None:
    paths = [path(("lead", 0), ("mql", 3), ("won", 9)), path(("lead", 0), ("lost", 40))]
    occupations(database, paths, segment_by="employees")
    tests = database.project.data_tests("stage_occupation")
    tests |= database.project.data_tests("int_stage_transition")
    tests |= database.project.data_tests("int_stage_visit")
    tests |= database.project.data_tests("int_stage_move")
    assert len(tests) > 10
    broken = [name for name, sql in tests.items() if database.connection.execute(sql).fetchall()]
    assert broken == []
