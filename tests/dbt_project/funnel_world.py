"""Small worlds for the funnel's tests: what the sources tell, as rows of the input layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.dbt_project.compiled import Database

LADDER = ("aware", "lead", "mql", "sal", "sql", "opportunity", "won")
EXITS = ("lost", "disqualified", "recycled")
OWNERS = {"aware": "marketing", "lead": "marketing", "mql": "marketing"}
SILENT_KINDS = {"bulk_send", "email_open", "bot_click", "crm_edit"}


@dataclass(frozen=True)
class Person:
    """A person record and the prospect that it belongs to."""

    key: str
    prospect: str
    created_at: datetime | None


@dataclass(frozen=True)
class Change:
    """A statement that a person or a deal entered a stage."""

    key: str
    stage: str
    at: datetime
    evidence: str = "history"
    person: str | None = None
    deal: str | None = None


@dataclass(frozen=True)
class Deal:
    """A deal's record."""

    key: str
    person: str | None = None
    stage: str | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
    loaded_at: datetime = datetime(2030, 1, 1)
    amount: int | None = None


@dataclass(frozen=True)
class Contact:
    """A person on a deal."""

    deal: str
    person: str
    is_primary: bool = False


@dataclass(frozen=True)
class Touch:
    """A touch, of a person or on a deal or both."""

    key: str
    at: datetime
    person: str | None = None
    deal: str | None = None
    kind: str = "call"
    team: str = "sales"
    direction: str = "out"
    is_two_way: bool = False

    @property
    def counts(self) -> bool:
        """Whether anybody did anything."""
        return self.kind not in SILENT_KINDS


@dataclass(frozen=True)
class World:
    """All that the sources tell, the ladder, and what had happened by when."""

    ladder: tuple[str, ...]
    as_of: datetime
    decide_within_days: int = 10
    persons: tuple[Person, ...] = ()
    changes: tuple[Change, ...] = ()
    deals: tuple[Deal, ...] = ()
    contacts: tuple[Contact, ...] = ()
    touches: tuple[Touch, ...] = ()

    def rank(self, stage: str) -> int:
        """Where a stage stands among events of one instant."""
        last = ("recycled", "disqualified", "lost", "won")
        return 100 + last.index(stage) if stage in last else self.ladder.index(stage) + 1

    def order(self, stage: str) -> int | None:
        """A stage's place in the ladder, from 1; None for an exit."""
        return self.ladder.index(stage) + 1 if stage in self.ladder else None


def fill(database: Database, world: World) -> None:
    """Put a world where the funnel's models look for it."""
    record = {"source": "crm", "is_deleted": False, "run_id": "run"}
    loaded = {**record, "loaded_at": datetime(2030, 1, 1)}
    _fill_agreement(database, world)
    database.fill(
        "input_persons",
        [
            {**loaded, "person_key": p.key, "source_record_id": p.key, "created_at": p.created_at}
            for p in world.persons
        ],
    )
    database.fill(
        "int_person_link",
        [{"person_key": p.key, "prospect_id": p.prospect} for p in world.persons],
    )
    database.fill(
        "dim_prospect",
        [
            {"prospect_id": prospect, "segment": "unknown"}
            for prospect in sorted({person.prospect for person in world.persons})
        ],
    )
    database.fill("dim_account", [])
    database.fill("dim_campaign", [])
    database.fill("int_account_link", [])
    database.fill("input_users", [])
    database.fill("input_spend", [])
    database.fill("input_exchange_rates", [])
    database.fill(
        "input_deals",
        [
            {
                **record,
                "deal_key": deal.key,
                "source_record_id": deal.key,
                "person_key": deal.person,
                "stage": deal.stage,
                "created_at": deal.created_at,
                "closed_at": deal.closed_at,
                "loaded_at": deal.loaded_at,
                "amount": deal.amount,
            }
            for deal in world.deals
        ],
    )
    database.fill(
        "input_deal_persons",
        [
            {
                **loaded,
                "deal_person_key": f"{contact.deal}/{contact.person}",
                "deal_key": contact.deal,
                "person_key": contact.person,
                "is_primary": contact.is_primary,
            }
            for contact in world.contacts
        ],
    )
    database.fill(
        "input_stage_changes",
        [
            {
                **loaded,
                "stage_change_key": change.key,
                "source_record_id": change.key,
                "subject_kind": "deal" if change.deal else "person",
                "person_key": change.person,
                "deal_key": change.deal,
                "stage": change.stage,
                "changed_at": change.at,
                "evidence": change.evidence,
            }
            for change in world.changes
        ],
    )
    database.fill(
        "input_touches",
        [
            {
                **loaded,
                "touch_key": touch.key,
                "source_record_id": touch.key,
                "person_key": touch.person,
                "deal_key": touch.deal,
                "occurred_at": touch.at,
                "kind": touch.kind,
                "team": touch.team,
                "direction": touch.direction,
                "is_two_way": touch.is_two_way,
                "is_automated": False,
            }
            for touch in world.touches
        ],
    )


def _fill_agreement(database: Database, world: World) -> None:
    stages: list[Mapping[str, Any]] = [
        {
            "stage": stage,
            "stage_order": place,
            "owner": OWNERS.get(stage, "sales"),
            "is_exit": False,
        }
        for place, stage in enumerate(world.ladder, start=1)
    ]
    exits = [{"stage": stage, "is_exit": True} for stage in EXITS]
    database.fill("agreement.stages", [*stages, *exits])
    database.fill(
        "agreement.settings",
        [
            {
                "time_zone": "UTC",
                "reporting_currency": "USD",
                "decide_within_days": world.decide_within_days,
            }
        ],
    )
    database.fill("bound.clock", [{"as_of": world.as_of, "known_at": datetime(2031, 1, 1)}])
    database.fill("bound.sources", [{"source": "crm"}])
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
            }
        )
    return rows
