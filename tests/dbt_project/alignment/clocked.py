"""Handoffs by a real business calendar, on the scorecard with their response times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orchestration.agreement.hours import BusinessHours
from orchestration.measures.figures import Settings
from orchestration.warehouse.business_calendar import business_calendar
from tests.dbt_project.compiled import Database
from tests.dbt_project.statistic import make

TOO_FEW = 3
OFFICE = BusinessHours.model_validate(
    {"days": "mon-fri", "from": "09:00", "to": "18:00", "holidays": "US"}
)
ROUND_THE_CLOCK = BusinessHours.model_validate({"days": "mon-sun", "from": "00:00", "to": "24:00"})


@dataclass(frozen=True)
class World:
    """By which calendar, in which zone and up to when handoffs are looked at."""

    hours: BusinessHours = OFFICE
    zone: str = "America/New_York"
    first: date = date(2026, 1, 1)
    last: date = date(2026, 12, 31)
    as_of: datetime = datetime(2026, 12, 15)
    segments: tuple[str, ...] = ("all",)
    commitments: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Handed:
    """A handoff (instants naive in UTC), what became of it, and what it is sliced by."""

    at: datetime
    assigned_at: datetime | None = None
    attempt_at: datetime | None = None
    two_way_at: datetime | None = None
    decided_at: datetime | None = None
    decision: str = "pending"
    qualified_at: datetime | None = None
    segment: str = "all"
    owner: str | None = None
    source: str | None = None


def build(database: Database, handoffs: Sequence[Handed], world: World = World()) -> None:
    """Put handoffs where the scorecard looks for them, and build it, statistics and all."""
    given = _read_from_other_rooms(database)
    for name in given:
        database.fill(name, [])
    _fill(database, handoffs, world)
    database.build_with_parents("int_response_wait", "int_commitment_delivery", given=given)
    for name in ("response_time", "delivered_volume"):
        make(database, name, Settings(0.95, TOO_FEW))
    database.build_with_parents("alignment_scorecard", given=given)


def _read_from_other_rooms(database: Database) -> list[str]:
    """The models of other rooms that the room of alignment reads."""
    nodes = database.project.manifest["nodes"]
    return sorted(
        {
            str(nodes[parent]["name"])
            for node in nodes.values()
            if node["resource_type"] == "model" and node["fqn"][1] == "alignment"
            for parent in node["depends_on"]["nodes"]
            if parent in nodes and nodes[parent]["fqn"][1] != "alignment"
        }
    )


def cell(database: Database, metric: str, where: str = "true") -> list[dict[str, Any]]:
    """The rows of a measure of the whole, by month; `where` narrows them."""
    return database.rows(
        "select month, n, value, low, high, numerator, denominator, status "
        f"from {{alignment_scorecard}} where metric = '{metric}' and segment = 'all' "
        f"and slice_kind = 'all' and {where} order by month"
    )


def _fill(database: Database, handoffs: Sequence[Handed], world: World) -> None:
    numbered = list(enumerate(handoffs))
    database.fill(
        "fct_handoff",
        [
            {
                "handoff_id": f"h{n}",
                "journey_id": f"j{n}",
                "handoff_seq": 1,
                "handed_at": h.at,
                "assigned_at": h.assigned_at,
                "first_attempt_at": h.attempt_at,
                "two_way_at": h.two_way_at,
                "decided_at": h.decided_at,
                "decision": h.decision,
                "owner_id": h.owner,
            }
            for n, h in numbered
        ],
    )
    database.fill(
        "fct_funnel",
        [
            {
                "journey_id": f"j{n}",
                "prospect_id": f"p{n}",
                "is_primary": True,
                "segment": h.segment,
                "outcome": "open",
            }
            for n, h in numbered
        ],
    )
    entries = [(n, stage, at) for n, h in numbered for stage, at in _stages(h)]
    database.fill(
        "fct_funnel_event",
        [
            {
                "event_id": f"e{n} {stage}",
                "journey_id": f"j{n}",
                "event": "stage_entered",
                "stage": stage,
                "occurred_at": at,
                "entry_seq": 1,
                "counts": True,
                "is_of_deal": False,
            }
            for n, stage, at in entries
        ],
    )
    database.fill(
        "dim_prospect", [{"prospect_id": f"p{n}", "lead_source": h.source} for n, h in numbered]
    )
    database.fill("input_users", [{"user_key": "una", "team": "sales"}])
    database.fill("dim_segment", [{"segment": segment} for segment in world.segments])
    calendar = business_calendar(world.hours, ZoneInfo(world.zone), world.first, world.last)
    database.fill("agreement.business_days", [vars(day) for day in calendar])
    database.fill(
        "dim_date",
        [
            {
                "day": day.day,
                "month": day.day.replace(day=1),
                "week": day.day - timedelta(days=day.day.weekday()),
            }
            for day in calendar
        ],
    )
    database.fill(
        "agreement.stages",
        [
            {"stage": stage, "stage_order": order, "is_exit": False}
            for order, stage in enumerate(("lead", "mql", "sql", "opportunity", "won"), start=1)
        ],
    )
    database.fill(
        "agreement.settings",
        [
            {
                "version": "first",
                "time_zone": world.zone,
                "segment_by": "account.employees" if world.segments != ("all",) else None,
                "answer_within_minutes": 240,
                "attempts_at_least": 1,
                "attempts_within_days": 2,
                "decide_within_days": 10,
                "too_few": TOO_FEW,
                "confidence_level": 0.95,
                "nurture_lag_days": 7,
                "nurture_window_days": 30,
                "nurture_trailing_days": 365,
                "attribution_window_days": 180,
                "horizon_days": 365,
            }
        ],
    )
    clock = {"as_of": world.as_of, "known_at": world.as_of, "agreement_version": "first"}
    database.fill("bound.clock", [clock])
    database.fill("agreement.commitments", world.commitments)


def _stages(handed: Handed) -> list[tuple[str, datetime]]:
    found = [("mql", handed.at)]
    if handed.qualified_at is not None:
        found.append(("sql", handed.qualified_at))
    return found
