"""Journeys told event by event, in the tables that the times in a stage read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.journeys import AS_OF, EXITS, LADDER, fill_agreement

GIVEN = ("fct_funnel", "int_journey_event", "dim_prospect", "fct_deal")


@dataclass(frozen=True)
class Path:
    """One journey: what it entered when, in order; open unless its last event closes it."""

    events: Sequence[tuple[str, datetime]]
    segment: str | None = "smb"
    account: str | None = None
    observed_from: datetime | None = None
    recorded_at: datetime | None = None
    is_primary: bool = True
    excluded: bool = False
    owner: str | None = None
    channel: str | None = None

    @property
    def outcome(self) -> str:
        last = self.events[-1][0] if self.events else None
        return last if last in ("won", "lost", "disqualified") else "open"


def fill(database: Database, paths: Iterable[Path], **settings: Any) -> None:
    """Put the paths, a ladder and an agreement into the warehouse."""
    paths = list(paths)
    database.fill("fct_funnel", [_funnel_row(str(n), path) for n, path in enumerate(paths)])
    ranks = {stage: rank for rank, stage in enumerate(LADDER, 1)}
    database.fill(
        "int_journey_event",
        [
            {
                "event_id": f"{number}-{place}",
                "journey_id": str(number),
                "place": place,
                "stage": stage,
                "stage_order": ranks.get(stage),
                "occurred_at": at,
                "counts": True,
            }
            for number, path in enumerate(paths)
            for place, (stage, at) in enumerate(path.events, 1)
        ],
    )
    database.fill(
        "dim_prospect",
        [
            {"prospect_id": str(number), "created_at": path.recorded_at}
            for number, path in enumerate(paths)
        ],
    )
    database.fill(
        "fct_deal",
        [{"deal_id": str(n), "owner_id": path.owner} for n, path in enumerate(paths) if path.owner],
    )
    stages = [{"stage": s, "stage_order": rank, "is_exit": False} for s, rank in ranks.items()]
    database.fill("agreement.stages", stages + [{"stage": e, "is_exit": True} for e in EXITS])
    agreed = {"minimum_at_risk": 1, "horizon_days": 100, "time_zone": "UTC", **settings}
    fill_agreement(database, **agreed)


def _funnel_row(key: str, path: Path) -> dict[str, Any]:
    return {
        "journey_id": key,
        "prospect_id": key,
        "deal_id": key,
        "account_id": path.account or key,
        "is_primary": path.is_primary,
        "segment": path.segment,
        "first_channel": path.channel,
        "outcome": path.outcome,
        "excluded_from_cycle": path.excluded,
        "observed_from": path.observed_from,
        "as_of": AS_OF,
    }
