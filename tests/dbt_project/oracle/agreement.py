"""What both teams agreed on, and the days on which they work."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tests.dbt_project.compiled import Database

LADDER = ("aware", "lead", "mql", "sal", "sql", "opportunity", "won")
EXITS = ("lost", "disqualified", "recycled")
OWNERS = {"aware": "marketing", "lead": "marketing", "mql": "marketing"}


def fill_agreement(
    database: Database,
    ladder: tuple[str, ...],
    as_of: datetime,
    decide_within_days: int,
    max_group_size: int = 25,
) -> None:
    """Put a ladder, the clock and a calendar where the models look for them."""
    stages: list[Mapping[str, Any]] = [
        {
            "stage": stage,
            "stage_order": place,
            "owner": OWNERS.get(stage, "sales"),
            "is_exit": False,
        }
        for place, stage in enumerate(ladder, start=1)
    ]
    exits = [{"stage": stage, "is_exit": True} for stage in EXITS]
    database.fill("agreement.stages", [*stages, *exits])
    database.fill(
        "agreement.settings",
        [
            {
                "time_zone": "UTC",
                "reporting_currency": "USD",
                "decide_within_days": decide_within_days,
                "max_group_size": max_group_size,
                "use_phone": False,
            }
        ],
    )
    database.fill("bound.clock", [{"as_of": as_of, "known_at": datetime(2031, 1, 1)}])
    database.fill("bound.sources", [{"source": "crm"}, {"source": "web"}])
    database.fill("agreement.business_days", calendar())


def calendar() -> list[dict[str, Any]]:
    """Monday to Friday, nine to five, in the first half of 2024."""
    rows, number = [], 0
    for offset in range(182):
        day = date(2024, 1, 1) + timedelta(days=offset)
        is_open = day.weekday() < 5
        number += is_open
        opens = datetime(day.year, day.month, day.day, 9)
        rows.append(
            {
                "day": day,
                "is_business_day": is_open,
                "business_day_number": number,
                "opens_at": opens if is_open else None,
                "closes_at": opens + timedelta(hours=8) if is_open else None,
                "business_minutes_before": (number - is_open) * 8 * 60,
            }
        )
    return rows
