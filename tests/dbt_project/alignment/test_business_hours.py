"""How long sales took in business hours, worked by hand: weekends, holidays, clock changes."""

from datetime import datetime

import pytest

from tests.dbt_project.alignment.clocked import (
    ROUND_THE_CLOCK,
    Handed,
    World,
    build,
    cell,
)
from tests.dbt_project.compiled import CompiledProject, Database


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many handoffs."""
    return project.database()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}")


# Nine to six in New York, but for US holidays. Instants are UTC: EST is 5 hours behind, EDT 4.
BY_HAND = {
    "within a day": ("03-03 15:00", "03-03 17:30", 2.5),
    "over a night: 30 minutes and 15": ("03-03 22:30", "03-04 14:15", 0.75),
    "over a weekend: Friday 17:30 to Monday 10:15": ("02-20 22:30", "02-23 15:15", 1.75),
    "from a Saturday": ("02-21 17:00", "02-23 14:20", 1 / 3),
    "over Thanksgiving: Wednesday 17:00 to Friday 10:00": ("11-25 22:00", "11-27 15:00", 2.0),
    "over Labor Day's long weekend: Friday 17:00 to Tuesday 10:00": (
        "09-04 21:00",
        "09-08 14:00",
        2,
    ),
    "over spring's change: Friday 17:00 EST to Monday 10:00 EDT": (
        "03-06 22:00",
        "03-09 14:00",
        2.0,
    ),
    "over autumn's change: Friday 17:00 EDT to Monday 10:00 EST": (
        "10-30 21:00",
        "11-02 15:00",
        2.0,
    ),
    "from the hour that comes twice, the first time": ("11-01 05:30", "11-02 15:00", 1.0),
    "from the hour that comes twice, the second time": ("11-01 06:30", "11-02 15:00", 1.0),
    "before opening": ("03-04 11:00", "03-04 14:00", 0.0),
}
# Open day and night: what passes is what the clock on the wall does not show.
ALL_HOURS = {
    "the spring night has one hour less: 23:00 EST to 04:00 EDT": (
        "03-08 04:00",
        "03-08 08:00",
        4.0,
    ),
    "the autumn night has one more: 23:00 EDT to 04:00 EST": ("11-01 03:00", "11-01 09:00", 6.0),
    "from 01:30 to 01:30 of the autumn night": ("11-01 05:30", "11-01 06:30", 1.0),
    "over the hour that spring leaves out": ("03-08 06:59", "03-08 07:01", 2 / 60),
}


def answered_after(database: Database, handed: str, attempt: str, world: World) -> dict[str, float]:
    build(database, [Handed(utc(handed), attempt_at=utc(attempt))], world)
    [row] = database.rows("select * from {int_handoff_clock}")
    return row


@pytest.mark.parametrize("case", BY_HAND)
def test_an_answer_takes_the_office_hours_in_between(shared: Database, case: str) -> None:
    handed, attempt, hours = BY_HAND[case]
    row = answered_after(shared, handed, attempt, World())
    assert row["attempt_after_hours"] == pytest.approx(hours, abs=1e-9)


@pytest.mark.parametrize("case", ALL_HOURS)
def test_round_the_clock_an_answer_takes_the_time_that_passed(shared: Database, case: str) -> None:
    handed, attempt, hours = ALL_HOURS[case]
    row = answered_after(shared, handed, attempt, World(hours=ROUND_THE_CLOCK))
    assert row["attempt_after_hours"] == pytest.approx(hours, abs=1e-9)


@pytest.mark.parametrize(
    ("handed", "in_time", "too_late"),
    [
        # Friday 17:00 and four hours: Monday 12:00, by EST before the change and EDT after it.
        ("03-06 22:00", "03-09 16:00", "03-09 16:01"),
        ("10-30 21:00", "11-02 17:00", "11-02 17:01"),
        # Wednesday 16:00 before Thanksgiving: Friday 11:00.
        ("11-25 21:00", "11-27 16:00", "11-27 16:01"),
    ],
)
def test_the_promise_to_answer_is_kept_to_the_minute_over_clock_changes_and_holidays(
    shared: Database, handed: str, in_time: str, too_late: str
) -> None:
    for attempt, is_in_time in ((in_time, True), (too_late, False)):
        build(shared, [Handed(utc(handed), attempt_at=utc(attempt))])
        [row] = shared.rows("select is_answered_in_time from {int_handoff_promise}")
        assert row == {"is_answered_in_time": is_in_time}


def waits(hours: list[int], unanswered: int = 0, ignored: int = 0) -> list[Handed]:
    """Handoffs of one Monday morning, answered so many hours later; others never."""
    at = utc("03-02 14:00")
    answered = [Handed(at, attempt_at=at.replace(hour=14 + wait)) for wait in hours]
    decided = Handed(at, decided_at=at.replace(day=20), decision="ignored")
    return [*answered, *[Handed(at)] * unanswered, *[decided] * ignored]


@pytest.mark.parametrize(
    ("unanswered", "ignored", "median"),
    [
        (0, 0, 2.0),
        # Of five, the third has been answered after three hours; of six, still half.
        (2, 0, 3.0),
        (0, 2, 3.0),
        (3, 0, 3.0),
        (4, 0, None),
        (2, 2, None),
    ],
)
def test_who_is_never_answered_moves_the_median(
    shared: Database, unanswered: int, ignored: int, median: float | None
) -> None:
    build(shared, waits([1, 2, 3], unanswered, ignored))
    [row] = cell(shared, "response_time", "month = date '2026-03-01'")
    assert (row["value"], row["n"]) == (median, 3 + unanswered + ignored)
    assert (row["status"] == "not reached") == (median is None)
