"""The dimensions that stand on one input each."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.dbt_project.compiled import Database


@pytest.mark.parametrize(
    ("starts", "day", "year", "quarter"),
    [
        (1, date(2026, 12, 31), 2026, 4),
        (2, date(2026, 1, 31), 2026, 4),
        (2, date(2026, 2, 1), 2027, 1),
        (10, date(2026, 9, 30), 2026, 4),
        (10, date(2026, 10, 1), 2027, 1),
        (7, date(2026, 3, 15), 2026, 3),
    ],
)
def test_a_fiscal_year_bears_the_year_in_which_it_ends(
    database: Database, starts: int, day: date, year: int, quarter: int
) -> None:
    database.fill("agreement.settings", [{"fiscal_year_starts_month": starts}])
    database.fill("agreement.business_days", [{"day": day, "is_business_day": True}])
    database.build("dim_date")
    found = database.rows("select fiscal_year, fiscal_quarter from {dim_date}")
    assert found == [{"fiscal_year": year, "fiscal_quarter": quarter}]


def test_weeks_start_on_monday(database: Database) -> None:
    database.fill("agreement.settings", [{"fiscal_year_starts_month": 1}])
    database.fill("agreement.business_days", [{"day": date(2027, 1, 3), "is_business_day": False}])
    database.build("dim_date")
    assert database.rows("select week, month, quarter from {dim_date}") == [
        {"week": date(2026, 12, 28), "month": date(2027, 1, 1), "quarter": date(2027, 1, 1)}
    ]


def _span(key: str, valid_from: datetime | None, **fields: Any) -> dict[str, Any]:
    return {
        "user_validity_key": key,
        "user_key": "ann",
        "valid_from": valid_from,
        "source": "crm",
        "is_deleted": False,
        **fields,
    }


def test_a_user_who_changed_teams_is_of_the_latest(database: Database) -> None:
    database.fill(
        "input_users",
        [
            _span("2", datetime(2026, 5, 1), team="sales", role="AE"),
            _span("1", None, team="marketing", role="Content"),
        ],
    )
    database.build("dim_user")
    found = database.rows("select user_id, team, role, n_spans from {dim_user}")
    assert found == [{"user_id": "ann", "team": "sales", "role": "AE", "n_spans": 2}]


def test_every_channel_that_anything_names_is_listed_once(database: Database) -> None:
    database.fill("input_touches", [{"channel": "Direct"}, {"channel": None}, {"channel": "Fair"}])
    database.fill("input_spend", [{"channel": "Search"}, {"channel": "Fair"}])
    database.fill("input_campaigns", [{"channel": "Fair"}, {"channel": "Typed in"}])
    directs = [{"channel": name} for name in ("direct", "Direct", "typed in")]
    database.fill("agreement.direct_channels", directs)
    database.build("dim_channel")
    found = database.rows("select channel, is_direct from {dim_channel} order by channel")
    assert [tuple(row.values()) for row in found] == [
        ("Direct", True),
        ("Fair", False),
        ("Search", False),
        ("Typed in", True),
    ]
