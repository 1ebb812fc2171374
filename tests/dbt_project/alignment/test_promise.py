"""Business time and the promise of sales, against a calendar walked minute by minute."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples

FIRST = date(2026, 3, 2)
CLOSED = date(2026, 3, 11)
DAYS = 28
AS_OF = datetime(2026, 3, 19, 12)
MINUTE = timedelta(minutes=1)


def is_open(at: datetime) -> bool:
    """Nine to five in UTC on working days, but for one holiday."""
    return at.weekday() < 5 and at.date() != CLOSED and 9 <= at.hour < 17


def calendar() -> list[dict[str, Any]]:
    """The days as the agreement's calendar has them."""
    rows, number = [], 0
    for offset in range(DAYS):
        day = FIRST + timedelta(days=offset)
        opens = datetime(day.year, day.month, day.day, 9)
        is_business_day = is_open(opens)
        rows.append(
            {
                "day": day,
                "is_business_day": is_business_day,
                "business_day_number": number + is_business_day,
                "opens_at": opens if is_business_day else None,
                "closes_at": opens + timedelta(hours=8) if is_business_day else None,
                "business_minutes_before": number * 480,
            }
        )
        number += is_business_day
    return rows


def business_hours(start: datetime, end: datetime) -> float:
    """Hours of work between two minutes, counted one minute at a time."""
    minutes = int((end - start) / MINUTE)
    return sum(is_open(start + n * MINUTE) for n in range(minutes)) / 60


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many handoffs."""
    database = project.database()
    database.fill("agreement.business_days", calendar())
    database.fill(
        "agreement.settings",
        [
            {
                "time_zone": "UTC",
                "answer_within_minutes": 240,
                "attempts_at_least": 2,
                "attempts_within_days": 3,
            }
        ],
    )
    database.fill("bound.clock", [{"as_of": AS_OF, "known_at": AS_OF}])
    return database


INSTANTS = st.integers(0, 16 * 24 * 60).map(
    lambda minutes: datetime(FIRST.year, FIRST.month, FIRST.day) + minutes * MINUTE
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(handed_at=INSTANTS, waits=st.lists(st.integers(0, 6_000), max_size=4).map(sorted))
def test_the_clock_and_the_promise_are_those_of_a_walk_through_the_calendar(
    shared: Database, handed_at: datetime, waits: list[int]
) -> None:
    attempts = [at for wait in waits if (at := handed_at + wait * MINUTE) <= AS_OF]
    shared.fill(
        "fct_handoff",
        [
            {
                "handoff_id": "h",
                "journey_id": "j",
                "handoff_seq": 1,
                "handed_at": handed_at,
                "first_attempt_at": min(attempts, default=None),
                "decision": "pending",
            }
        ],
    )
    shared.fill(
        "fct_touch",
        [
            {
                "touch_id": str(n),
                "journey_id": "j",
                "occurred_at": at,
                "team": "sales",
                "direction": "out",
                "counts": True,
                "post_close": False,
            }
            for n, at in enumerate(attempts)
        ],
    )
    shared.build("int_handoff_clock", "int_handoff_promise")
    [clock] = shared.rows("select * from {int_handoff_clock}")
    [promise] = shared.rows("select * from {int_handoff_promise}")

    waited = business_hours(handed_at, attempts[0]) if attempts else None
    seen = business_hours(handed_at, AS_OF)
    assert clock["attempt_after_hours"] == (None if waited is None else pytest.approx(waited))
    assert clock["seen_for_hours"] == pytest.approx(seen)

    ends, left = handed_at.date(), 3
    while left:
        ends += timedelta(days=1)
        left -= is_open(datetime(ends.year, ends.month, ends.day, 9))
    window = datetime(ends.year, ends.month, ends.day, 17)
    in_time = sum(at <= window for at in attempts)
    is_answered = waited is not None and waited <= 4
    assert promise == {
        "handoff_id": "h",
        "attempts_in_time": in_time,
        "is_answered_in_time": is_answered,
        "is_followed_up": in_time >= 2,
        "is_over": seen > 4 and window < AS_OF,
        "is_kept": is_answered and in_time >= 2,
        "is_overdue": not attempts and seen > 4,
    }
