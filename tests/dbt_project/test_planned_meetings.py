"""A meeting that stands in a calendar ahead of time is a touch once it has taken place."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.dbt_project.compiled import CompiledProject, Database

PLANNED_ON = datetime(2026, 3, 2, 9)
STARTS_AT = datetime(2026, 3, 10, 15)
MINUTE = timedelta(minutes=1)

MEETINGS: dict[str, dict[str, Any]] = {
    "bound_salesforce.events": {"start_date_time": STARTS_AT},
    "bound_hubspot.meetings": {"hs_meeting_start_time": STARTS_AT},
}


def outcome(project: CompiledProject, stream: str, as_of: datetime) -> tuple[int, int]:
    """How many touches, and how many excluded ones, the meeting makes as of a moment."""
    database: Database = project.database()
    database.fill("bound.clock", [{"as_of": as_of, "known_at": as_of}])
    database.fill("agreement.settings", [{"time_zone": "UTC"}])
    version = {
        "source": "crm",
        "_record_id": "1",
        "id": "1",
        "_origin": "page:0",
        "_seq": 0,
        "_loaded_at": PLANNED_ON,
        "_deleted": False,
    }
    database.fill(stream, [version | MEETINGS[stream]])
    database.build_with_parents("input_touches")
    kept = database.rows("select touch_key from {input_touches}")
    faults = database.rows(
        "select touch_key from {int_touches_checked} where fault_reason is not null"
    )
    return len(kept), len(faults)


@pytest.mark.parametrize("stream", MEETINGS)
def test_a_planned_meeting_is_neither_a_touch_nor_a_fault(
    project: CompiledProject, stream: str
) -> None:
    assert outcome(project, stream, STARTS_AT - MINUTE) == (0, 0)


@pytest.mark.parametrize("stream", MEETINGS)
def test_a_meeting_that_took_place_is_a_touch_though_nothing_was_told_since(
    project: CompiledProject, stream: str
) -> None:
    assert outcome(project, stream, STARTS_AT + MINUTE) == (1, 0)
