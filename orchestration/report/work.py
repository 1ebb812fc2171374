"""What the report reads of what is to be done: handoffs that wait, deals that went stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from orchestration.report.tables import Tables

SHOWN: Final = 12
"""How many rows of each list the page shows; the tables have all of them."""


@dataclass(frozen=True)
class Waiting:
    """A handoff that is overdue or ignored (`handoff_worklist`). Instants are UTC."""

    why: str
    full_name: str | None
    email: str | None
    account_name: str | None
    segment: str | None
    owner_id: str | None
    owner_name: str | None
    handed_at: datetime | None
    waits_for_hours: float | None
    attempts: int | None
    last_marketing_touch_at: datetime | None
    last_marketing_touch: str | None


@dataclass(frozen=True)
class Stalled:
    """An open deal that has been in its stage for longer than nine of ten (`stalled_deals`)."""

    deal_id: str
    deal_name: str | None
    account_name: str | None
    amount_reporting: Decimal | None
    owner_id: str | None
    owner_name: str | None
    stage: str
    age_in_stage: int | None
    stage_p90: int | None
    won_within_90: float | None
    last_marketing_touch_at: datetime | None
    last_sales_touch_at: datetime | None
    expected_close_on: date | None


@dataclass(frozen=True)
class OwnerLoad:
    """How much waits for one person. `amount` is in the reporting currency."""

    owner: str | None
    overdue: int
    ignored: int
    stalled: int
    amount: Decimal | None


@dataclass(frozen=True)
class Work:
    """What to do on Monday: counts over all, and the first rows of each list."""

    overdue: int
    ignored: int
    stalled: int
    owners: Sequence[OwnerLoad]
    waiting: Sequence[Waiting]
    stale: Sequence[Stalled]


def read_work(tables: Tables) -> Work:
    """Read what is to be done: overdue before ignored, the newest first; the largest deals."""
    waiting = tables.read(
        Waiting,
        "handoff_worklist",
        "order by why = 'ignored', waits_for_hours, full_name, handoff_id",
    )
    stale = tables.read(
        Stalled, "stalled_deals", "order by amount_reporting desc nulls last, deal_id"
    )
    return Work(
        overdue=sum(row.why == "overdue" for row in waiting),
        ignored=sum(row.why == "ignored" for row in waiting),
        stalled=len(stale),
        owners=_owners(waiting, stale),
        waiting=waiting[:SHOWN],
        stale=stale[:SHOWN],
    )


def _owners(waiting: Sequence[Waiting], stale: Sequence[Stalled]) -> list[OwnerLoad]:
    names = {row.owner_id: row.owner_name for row in waiting}
    names |= {row.owner_id: row.owner_name for row in stale}
    loads = [
        OwnerLoad(
            owner=name or owner_id,
            overdue=sum(r.why == "overdue" for r in waiting if r.owner_id == owner_id),
            ignored=sum(r.why == "ignored" for r in waiting if r.owner_id == owner_id),
            stalled=sum(r.owner_id == owner_id for r in stale),
            amount=_total([r.amount_reporting for r in stale if r.owner_id == owner_id]),
        )
        for owner_id, name in names.items()
    ]
    return sorted(
        loads, key=lambda load: (-load.overdue, -load.ignored - load.stalled, str(load.owner or ""))
    )


def _total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
