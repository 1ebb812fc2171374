"""What a portal has little of: owners, pipelines, properties, campaigns, forms, marketing events.

Each is read whole every night; what differs lands, and what is no longer there is gone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
import pyarrow as pa

from connectors.api_stream import ApiStream
from connectors.base import Batch, Cursor, RawSchema
from connectors.hubspot.kept import Kept, differing, nothing
from connectors.hubspot.properties import extra_of, instant
from connectors.hubspot.session import Session

Row = Mapping[str, Any]
"""A record's values by column, and by other names whatever else there is of it."""

Told = Callable[[Session], Iterator[Row]]

_CAMPAIGN_PROPERTIES: Final = (
    "hs_name", "hs_start_date", "hs_end_date", "hs_campaign_status", "hs_currency_code",
    "hs_owner", "hs_utm", "hs_audience", "hs_notes", "hs_budget_items_sum_amount",
    "hs_spend_items_sum_amount",
)  # fmt: skip
_ASSETS: Final = ("FORM", "MARKETING_EMAIL", "MARKETING_EVENT")
_OBJECTS: Final = (
    "contacts", "companies", "deals", "calls", "emails", "meetings", "notes", "tasks",
)  # fmt: skip


@dataclass(frozen=True)
class CollectionStream:
    """Records that are read whole every night."""

    session: Session
    declared: ApiStream
    kept: Kept

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.declared.name

    @property
    def schema(self) -> RawSchema:
        """The declared columns."""
        return self.declared.schema

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What differs from what the lake holds, then which records there are."""
        rows = _table(self.declared, TOLD[self.name](self.session))
        reads: Cursor = {"reads": (cursor or {"reads": 0})["reads"] + 1}
        with self.kept.versions(self.name, self.schema) as held:
            yield differing(rows, self.schema, held, reads)
        yield replace(nothing(reads), present=rows.column("_record_id"))


def _table(declared: ApiStream, rows: Iterator[Row]) -> pa.Table:
    listed = [dict(row) for row in rows]
    columns: dict[str, Any] = {
        name: pa.array([_text(row.get(name)) for row in listed], pa.string())
        for name in declared.columns
    }
    ids = ["|".join(_text(row.get(name)) or "" for name in declared.key) for row in listed]
    columns["_record_id"] = pa.array(ids, pa.string())
    columns["_origin"] = pa.array([f"{declared.name}/{id_}" for id_ in ids], pa.string())
    columns["_extra"] = pa.array(
        [extra_of(row, frozenset(declared.columns)) for row in listed], pa.string()
    )
    return pa.table(columns)


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return str(value)


def _named(record: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """The record with these of its fields under the columns' names, and its times as ISO 8601."""
    named = {names.get(name, name): value for name, value in record.items()}
    return named | {name: instant(named[name]) for name in _DATED.values() if name in named}


_DATED: Final = {"createdAt": "created_at", "updatedAt": "updated_at"}


def _owners(session: Session) -> Iterator[Row]:
    names = {**_DATED, "firstName": "first_name", "lastName": "last_name", "userId": "user_id"}
    for archived in ("false", "true"):
        for owner in session.listed("/crm/v3/owners", {"archived": archived}):
            teams = owner.get("teams") or []
            primary = [team["name"] for team in teams if team.get("primary")]
            name = primary[0] if primary else (teams[0]["name"] if teams else None)
            yield {**_named(owner, names), "team": name, "teams": teams or None}


def _pipelines(session: Session) -> Iterator[Row]:
    names = {"displayOrder": "display_order"}
    for pipeline in session.get("/crm/v3/pipelines/deals")["results"]:
        rest = {name: value for name, value in pipeline.items() if name != "stages"}
        yield {**_named(rest, names), "object_type": "deals"}


def _stages(session: Session) -> Iterator[Row]:
    names = {"displayOrder": "display_order"}
    for pipeline in session.get("/crm/v3/pipelines/deals")["results"]:
        for stage in pipeline["stages"]:
            metadata = stage.get("metadata") or {}
            yield {
                **_named(stage, names),
                "object_type": "deals",
                "pipeline_id": pipeline["id"],
                "is_closed": metadata.get("isClosed"),
                "probability": metadata.get("probability"),
            }


def _properties(session: Session) -> Iterator[Row]:
    names = {
        **_DATED,
        "fieldType": "field_type",
        "groupName": "group_name",
        "hubspotDefined": "hubspot_defined",
    }
    for kind in _OBJECTS:
        for found in session.definitions(kind):
            yield {
                "archived": False,
                "calculated": False,
                **_named(found, names),
                "object_type": kind,
                "options": found.get("options") or None,
            }


def _campaigns(session: Session) -> Iterator[Row]:
    asked = {"properties": ",".join(_CAMPAIGN_PROPERTIES)}
    for campaign in session.listed("/marketing/v3/campaigns", asked):
        rest = {name: value for name, value in campaign.items() if name != "properties"}
        yield {**_named(rest, _DATED), **campaign["properties"]}


def _spend(session: Session) -> Iterator[Row]:
    names = {**_DATED, "order": "item_order"}
    for campaign in session.listed("/marketing/v3/campaigns"):
        totals = session.get(f"/marketing/v3/campaigns/{campaign['id']}/budget/totals")
        for item in totals.get("spendItems") or []:
            yield {**_named(item, names), "campaign_id": campaign["id"]}


def _assets(session: Session) -> Iterator[Row]:
    for campaign in session.listed("/marketing/v3/campaigns"):
        for kind in _ASSETS:
            path = f"/marketing/v3/campaigns/{campaign['id']}/assets/{kind}"
            for asset in session.listed(path):
                yield {
                    "campaign_id": campaign["id"],
                    "asset_type": kind,
                    "asset_id": asset["id"],
                    "name": asset.get("name"),
                }


def _marketing_emails(session: Session) -> Iterator[Row]:
    names = {**_DATED, "campaign": "campaign_id", "allEmailCampaignIds": "email_campaign_ids"}
    for email in session.listed("/marketing/v3/emails"):
        # What it looks like is much, and no number is made of it.
        yield _named({k: v for k, v in email.items() if k not in {"content", "webversion"}}, names)


def _forms(session: Session) -> Iterator[Row]:
    for archived in ("false", "true"):
        for form in session.listed("/marketing/v3/forms", {"archived": archived}):
            yield _named(form, {**_DATED, "formType": "form_type"})


def _marketing_events(session: Session) -> Iterator[Row]:
    names = {
        **_DATED,
        "objectId": "id",
        "eventName": "event_name",
        "eventType": "event_type",
        "eventOrganizer": "event_organizer",
        "externalEventId": "external_event_id",
        "eventStatus": "event_status",
        "eventCancelled": "event_cancelled",
        "eventCompleted": "event_completed",
        "startDateTime": "start_date_time",
        "endDateTime": "end_date_time",
    }
    for event in session.listed("/marketing/v3/marketing-events"):
        yield _named(event, names)


TOLD: Final[Mapping[str, Told]] = {
    "owners": _owners,
    "pipelines": _pipelines,
    "pipeline_stages": _stages,
    "properties": _properties,
    "campaigns": _campaigns,
    "campaign_spend": _spend,
    "campaign_assets": _assets,
    "marketing_emails": _marketing_emails,
    "forms": _forms,
    "marketing_events": _marketing_events,
}
"""How each of these streams tells its records."""
