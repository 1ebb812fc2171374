"""The wrong records are those that the truth declares, and few enough to publish by."""

import pytest

from tests.connectors.sandbox.conftest import Query

_FOUND = {
    "unknown stage": """
        select "Contact ID" from marketing_lifecycle_history
        where "Lifecycle Stage"
            not in ('subscriber', 'lead', 'marketingqualifiedlead', 'unqualified')
    """,
    "missing key": """select count(*) from marketing_web_activity where "Activity ID" is null""",
    "future date": """
        select "Activity ID" from marketing_web_activity where "Occurred At" > '2026-10-01'
    """,
    "unparseable date": """
        select "Registration" from marketing_attendance
        where try_strptime("Attended", '%d.%m.%Y %H:%M') is null
    """,
    "closed before created": """
        select "Id" from crm_opportunities where "ClosedDate" < "CreatedDate"
    """,
}


@pytest.mark.parametrize("fault", list(_FOUND))
def test_the_wrong_records_are_exactly_those_declared(query: Query, fault: str) -> None:
    what = "count(*)" if fault == "missing key" else "record_id"
    declared = query(f"select {what} from faults where fault = '{fault}' order by 1")
    assert query(f"{_FOUND[fault]} order by 1") == declared
    assert declared not in ([], [(0,)])


def test_less_than_one_percent_of_each_stream_is_wrong(query: Query) -> None:
    for source, stream, wrong in query("select source, stream, count(*) from faults group by 1, 2"):
        [(rows,)] = query(f"select count(*) from {source}_{stream}")
        assert wrong / rows < 0.01  # type: ignore[operator]


def test_some_activities_are_logged_days_after_they_happened(query: Query) -> None:
    [(late, rows)] = query(
        """
        select count(*) filter (where "CreatedDate" > "ActivityDateTime" + interval 1 day), count(*)
        from crm_activities
        """
    )
    assert 0 < late / rows < 0.05  # type: ignore[operator]
