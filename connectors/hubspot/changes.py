"""What changed in a type since some time, by search: complete whatever the search's limits.

Search ends at 10,000 records, and its pages shift while records change. So no page but the first is
ever asked for: the next search begins at the last time seen. A time that more records share than a
page holds is walked in the order of ids.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.errors import TransientError
from connectors.hubspot.properties import OBJECT_ID
from connectors.hubspot.session import FOUND_A_PAGE, Record, Session

_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Changed:
    """Records that changed, in the order in which they did; `newest` is when the last one did."""

    records: Sequence[Record]
    newest: datetime
    announced: int


def newest_change(session: Session, kind: str, modified: str) -> datetime | None:
    """When a record of the type was last modified, as search knows it; None where there is none."""
    found = session.search(kind, [modified], [], sort=modified, limit=1, descending=True)
    return _modified(found.records[0], modified) if found.records else None


def count(session: Session, kind: str, modified: str) -> int:
    """How many live records of the type there are, as search knows it."""
    return session.search(kind, [], [], sort=modified, limit=1).total


def changes(
    session: Session, kind: str, properties: Sequence[str], modified: str, since: datetime
) -> Iterator[Changed]:
    """All records modified at or after `since`, a page at a time, each at least once.

    Raises TransientError where fewer come than the search announced.
    """
    asked = tuple(dict.fromkeys((*properties, modified, OBJECT_ID)))
    low, seen, announced, came = since, frozenset[str](), None, 0
    while True:
        found = session.search(kind, asked, [_at_least(modified, low)], sort=modified)
        announced = found.total if announced is None else announced
        times = [_modified(record, modified) for record in found.records]
        new = [record for record in found.records if record["id"] not in seen]
        if len(found.records) == FOUND_A_PAGE and times[0] == times[-1]:
            for tied in _ties(session, kind, asked, modified, times[0]):
                came += sum(record["id"] not in seen for record in tied)
                yield Changed(tied, times[0], announced)
            low, seen = times[0] + _MILLISECOND, frozenset()
            continue
        came += len(new)
        if new:
            yield Changed(new, times[-1], announced)
        if len(found.records) < FOUND_A_PAGE:
            break
        low = times[-1]
        seen = frozenset(
            record["id"]
            for record, time in zip(found.records, times, strict=True)
            if time == times[-1]
        )
    if came < announced:
        _check(session, kind, modified, since, came)


def _ties(
    session: Session, kind: str, asked: Sequence[str], modified: str, time: datetime
) -> Iterator[Sequence[Record]]:
    """All records modified at one millisecond, in the order of their ids."""
    after = "0"
    while True:
        filters = [
            {"propertyName": modified, "operator": "EQ", "value": _milliseconds(time)},
            {"propertyName": OBJECT_ID, "operator": "GT", "value": after},
        ]
        found = session.search(kind, asked, filters, sort=OBJECT_ID)
        if found.records:
            yield found.records
        if len(found.records) < FOUND_A_PAGE:
            return
        after = str(found.records[-1]["id"])


def _check(session: Session, kind: str, modified: str, since: datetime, came: int) -> None:
    # Some may have gone since the first page told its total.
    now = session.search(kind, [], [_at_least(modified, since)], sort=modified, limit=1).total
    if came < now:
        raise TransientError(
            f"search announces {now:,} changed records, and gave {came:,}",
            where=f"POST /crm/v3/objects/{kind}/search",
            fix="What came has landed. The next try asks for the rest; if it persists, tell "
            "HubSpot's support",
        )


def _at_least(modified: str, low: datetime) -> Mapping[str, str]:
    return {"propertyName": modified, "operator": "GTE", "value": _milliseconds(low)}


def _modified(record: Mapping[str, Any], modified: str) -> datetime:
    return datetime.fromisoformat(record["properties"][modified])


def _milliseconds(time: datetime) -> str:
    return str(round(time.timestamp() * 1000))
