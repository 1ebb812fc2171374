"""Hand-made journeys in the tables that the cycle times read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any

from tests.dbt_project.compiled import Database

START = datetime(2026, 1, 5, 12)
AS_OF = datetime(2026, 9, 30, 12)
LADDER = ("aware", "lead", "mql", "sal", "sql", "opportunity", "won")
EXITS = ("lost", "disqualified", "recycled")
GIVEN = ("fct_funnel", "fct_funnel_event", "dim_prospect", "fct_deal")
MODELS = ("cycle_time_curve", "cycle_time_summary")


@dataclass(frozen=True)
class Journey:
    """One journey: the stages it was seen to enter, and how it ended (`open`: not by as_of)."""

    entries: Mapping[str, datetime | None]
    outcome: str = "open"
    ended_at: datetime | None = None
    segment: str | None = None
    observed_from: datetime | None = None
    is_primary: bool = True
    excluded: bool = False
    inferred: Mapping[str, datetime] = field(default_factory=dict)
    recorded_at: datetime | None = None
    channel: str | None = None
    owner: str | None = None


def lasting(
    days: int,
    outcome: str = "open",
    *,
    stage: str = "mql",
    seen_from_day: int = 0,
    segment: str | None = None,
) -> Journey:
    """A journey that was at `stage` for so many days and then ended, or as_of came."""
    if outcome == "open":
        start, ended_at = AS_OF - timedelta(days=days), None
    else:
        start, ended_at = START, START + timedelta(days=days)
    observed_from = start + timedelta(days=seen_from_day) if seen_from_day else None
    return Journey({stage: start}, outcome, ended_at, segment, observed_from)


def fill(
    database: Database,
    journeys: Iterable[Journey],
    *,
    minimum_at_risk: int = 1,
    horizon_days: int = 100,
    time_zone: str = "UTC",
    segment_by: str | None = None,
    ladder: Sequence[str] = LADDER,
    as_of: datetime = AS_OF,
) -> None:
    """Put journeys, agreement and clock into the warehouse."""
    journeys = list(journeys)
    database.fill("fct_funnel", [_funnel_row(i, j, as_of) for i, j in enumerate(journeys)])
    database.fill(
        "fct_funnel_event", [row for i, j in enumerate(journeys) for row in _event_rows(i, j)]
    )
    database.fill(
        "dim_prospect",
        [{"prospect_id": str(i), "created_at": j.recorded_at} for i, j in enumerate(journeys)],
    )
    database.fill(
        "fct_deal",
        [{"deal_id": str(i), "owner_id": j.owner} for i, j in enumerate(journeys) if j.owner],
    )
    stages = [
        {"stage": stage, "stage_order": order, "is_exit": False}
        for order, stage in enumerate(ladder, 1)
    ]
    stages += [{"stage": stage, "is_exit": True} for stage in EXITS]
    database.fill("agreement.stages", stages)
    fill_agreement(
        database,
        minimum_at_risk=minimum_at_risk,
        horizon_days=horizon_days,
        time_zone=time_zone,
        segment_by=segment_by,
        as_of=as_of,
    )


def fill_agreement(database: Database, *, as_of: datetime = AS_OF, **settings: Any) -> None:
    """Put the settings, the clock and a calendar with free weekends into the warehouse."""
    database.fill("agreement.settings", [{"confidence_level": 0.95, **settings}])
    database.fill("bound.clock", [{"as_of": as_of, "known_at": as_of}])
    database.fill("agreement.business_days", _calendar())


@cache
def _calendar() -> list[dict[str, Any]]:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(1096)]
    open_ = [day.isoweekday() < 6 for day in days]
    return [
        {"day": day, "is_business_day": is_open, "business_day_number": number}
        for day, is_open, number in zip(days, open_, accumulate(open_), strict=True)
    ]


def cycle_times(database: Database, *models: str) -> None:
    """Build the marts from what was filled."""
    database.build_with_parents(*(models or MODELS), given=GIVEN)


def curve_rows(
    database: Database,
    curve: str = "mql_to_won",
    *,
    unit: str = "calendar",
    segment: str = "all",
    cohort: str = "all",
) -> list[dict[str, Any]]:
    """One curve, day by day."""
    return database.rows(
        "select * from {cycle_time_curve} "
        f"where curve = '{curve}' and unit = '{unit}' and segment = '{segment}' "
        f"and cohort = '{cohort}' order by day"
    )


def summary_row(
    database: Database,
    curve: str = "mql_to_won",
    *,
    unit: str = "calendar",
    segment: str = "all",
    cohort: str = "all",
) -> dict[str, Any]:
    """The summary of one curve."""
    [row] = database.rows(
        "select * from {cycle_time_summary} "
        f"where curve = '{curve}' and unit = '{unit}' and segment = '{segment}' "
        f"and cohort = '{cohort}'"
    )
    return row


def _funnel_row(number: int, journey: Journey, as_of: datetime) -> dict[str, Any]:
    row = {
        "journey_id": str(number),
        "prospect_id": str(number),
        "deal_id": str(number),
        "first_channel": journey.channel,
        "is_primary": journey.is_primary,
        "segment": journey.segment,
        "outcome": journey.outcome,
        "excluded_from_cycle": journey.excluded,
        "observed_from": journey.observed_from,
        "as_of": as_of,
    }
    if journey.outcome != "open":
        row[f"{journey.outcome}_at"] = journey.ended_at
    return row


def _event_rows(number: int, journey: Journey) -> list[dict[str, Any]]:
    entries = [
        {"event": "stage_entered", "stage": stage, "occurred_at": at, "counts": True}
        for stage, at in journey.entries.items()
    ]
    entries += [
        {"event": "stage_entered", "stage": stage, "occurred_at": at, "counts": False}
        for stage, at in journey.inferred.items()
    ]
    if journey.outcome != "open" and journey.ended_at:
        entries.append(
            {
                "event": journey.outcome,
                "stage": journey.outcome,
                "occurred_at": journey.ended_at,
                "counts": True,
            }
        )
    return [
        {"event_id": f"{number}-{i}", "journey_id": str(number), **entry}
        for i, entry in enumerate(entries)
    ]
