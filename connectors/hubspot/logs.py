"""What happened, and does not change: submissions of forms, who came to events, what came of mail.

Each is read from the newest back to what is known already, and a day further, since some of it is
told late; what has landed does not land again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from connectors.api_stream import ApiStream
from connectors.base import Batch, Cursor, RawSchema
from connectors.held import HeldVersions
from connectors.hubspot.kept import ROWS_A_BATCH, Kept, differing, nothing
from connectors.hubspot.properties import extra_of, instant
from connectors.hubspot.session import Session

_TOLD_WITHIN: Final = timedelta(days=1)
_SUBMISSIONS_A_PAGE: Final = 50
_EVENTS_A_PAGE: Final = 1_000
_EVENT_SETTLES_IN: Final = timedelta(days=30)

Row = dict[str, Any]
Pages = Iterator[Sequence[Row]]


@dataclass(frozen=True)
class LogStream:
    """A log: `pages` tells it from the newest back, by what it is of (a form, an event, all)."""

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
        """What is new since `cursor`: of each part of the log, one after the other."""
        log = LOGS[self.name]
        newest = {of: datetime.fromisoformat(at) for of, at in (cursor or {}).items()}
        with self.kept.versions(self.name, self.schema) as held:
            for of in log.parts(self.session, newest):
                since = newest.get(of)
                latest = yield from self._part(log, of, since, held, _cursor(newest))
                if latest is not None:
                    newest[of] = max(latest, since) if since else latest
                yield nothing(_cursor(newest))

    def _part(
        self, log: "Log", of: str, since: datetime | None, held: HeldVersions, cursor: Cursor
    ) -> Any:
        """Its rows back to those that are known; returns the newest one's time."""
        latest: datetime | None = None
        waiting: list[Row] = []
        low = since - _TOLD_WITHIN if since else None
        for rows in log.pages(self.session, of, low):
            waiting += rows
            times = [datetime.fromisoformat(row[log.time]) for row in rows]
            latest = max([*times, *([latest] if latest else [])], default=None)
            if len(waiting) >= ROWS_A_BATCH:
                yield self._batch(waiting, held, cursor)
                waiting = []
            if low is not None and times and min(times) < low:
                break
        if waiting:
            yield self._batch(waiting, held, cursor)
        return latest

    def _batch(self, rows: Sequence[Row], held: HeldVersions, cursor: Cursor) -> Batch:
        declared = self.declared
        ids = ["|".join(str(row.get(name) or "") for name in declared.key) for row in rows]
        columns = {
            name: pa.array([_text(row.get(name)) for row in rows], pa.string())
            for name in declared.columns
        }
        known = frozenset(declared.columns)
        columns["_record_id"] = pa.array(ids, pa.string())
        columns["_origin"] = pa.array([f"{declared.name}/{id_}" for id_ in ids], pa.string())
        columns["_extra"] = pa.array([extra_of(row, known) for row in rows], pa.string())
        table = pa.table(columns)
        # A page that moved on while it was read tells some rows twice.
        first: dict[str, int] = {}
        for place, id_ in enumerate(ids):
            first.setdefault(id_, place)
        return differing(table.take(list(first.values())), self.schema, held, cursor)


@dataclass(frozen=True)
class Log:
    """A log's parts that may have news, its pages from the newest back, its column of times."""

    parts: Callable[[Session, Mapping[str, datetime]], Sequence[str]]
    pages: Callable[[Session, str, datetime | None], Pages]
    time: str


def _cursor(newest: Mapping[str, datetime]) -> Cursor:
    return {of: at.isoformat() for of, at in newest.items()}


def _forms(session: Session, _: Mapping[str, datetime]) -> Sequence[str]:
    return [
        str(form["id"])
        for archived in ("false", "true")
        for form in session.listed("/marketing/v3/forms", {"archived": archived})
    ]


def _submissions(session: Session, form: str, _: datetime | None) -> Pages:
    path = f"/form-integrations/v1/submissions/forms/{form}"
    for answer in session.pages(path, limit=_SUBMISSIONS_A_PAGE):
        yield [_submission(form, told) for told in answer.json()["results"]]


def _submission(form: str, told: Mapping[str, Any]) -> Row:
    values = told.get("values") or []
    email = [value["value"] for value in values if value["name"] == "email"]
    return {
        "form_id": form,
        # Submissions from before HubSpot gave them ids are told apart by when they were made.
        "conversion_id": told.get("conversionId") or str(told["submittedAt"]),
        "submitted_at": instant(told["submittedAt"]),
        "email": email[0] if email else None,
        "page_url": told.get("pageUrl"),
        "values": values,
    }


def _events_with_news(session: Session, newest: Mapping[str, datetime]) -> Sequence[str]:
    """Marketing events that were not read yet, and those that ended not long ago or will."""
    events = list(session.listed("/marketing/v3/marketing-events"))
    ends = {
        str(event["objectId"]): datetime.fromisoformat(at)
        for event in events
        if (at := event.get("endDateTime") or event.get("startDateTime"))
    }
    latest = max([*newest.values(), *(_past(ends))], default=None)
    return [
        id_
        for event in events
        if (id_ := str(event["objectId"])) not in newest
        or id_ not in ends
        or latest is None
        or ends[id_] > latest - _EVENT_SETTLES_IN
    ]


def _past(ends: Mapping[str, datetime]) -> Sequence[datetime]:
    now = datetime.now(UTC)
    return [at for at in ends.values() if at <= now]


def _participations(session: Session, event: str, _: datetime | None) -> Pages:
    path = f"/marketing/v3/marketing-events/participations/{event}/breakdown"
    for answer in session.pages(path):
        yield [_participation(event, told) for told in answer.json()["results"]]


def _participation(event: str, told: Mapping[str, Any]) -> Row:
    properties, contact = told["properties"], told["associations"]["contact"]
    return {
        "event_id": event,
        "contact_id": str(contact["contactId"]),
        "email": contact.get("email"),
        "attendance_state": properties["attendanceState"],
        "attendance_percentage": properties.get("attendancePercentage"),
        "attendance_duration_seconds": properties.get("attendanceDurationSeconds"),
        "occurred_at": instant(properties["occurredAt"]),
    }


def _all(_: Session, __: Mapping[str, datetime]) -> Sequence[str]:
    return ["all"]


def _email_events(session: Session, _: str, low: datetime | None) -> Pages:
    asked: dict[str, str] = {"limit": str(_EVENTS_A_PAGE)}
    if low is not None:
        asked["startTimestamp"] = str(round(low.timestamp() * 1000))
    mark: str | None = None
    while True:
        page = session.get("/email/public/v1/events", asked | ({"offset": mark} if mark else {}))
        yield [_email_event(told) for told in page["events"]]
        mark = page.get("offset")
        if not page.get("hasMore"):
            return


def _email_event(told: Mapping[str, Any]) -> Row:
    names = {
        "emailCampaignId": "email_campaign_id",
        "appId": "app_id",
        "filteredEvent": "filtered_event",
    }
    named = {names.get(name, name): value for name, value in told.items()}
    return {**named, "created": instant(told["created"])}


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


LOGS: Final[Mapping[str, Log]] = {
    "form_submissions": Log(_forms, _submissions, "submitted_at"),
    "marketing_event_participations": Log(_events_with_news, _participations, "occurred_at"),
    "email_events": Log(_all, _email_events, "created"),
}
"""How each of these streams is told."""
