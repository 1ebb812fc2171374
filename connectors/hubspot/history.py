"""What properties of records were, and when: every value that the portal still tells.

The rows of a record are read again whenever it has changed. What has landed stays, though the
portal forgets a record's oldest values, or the record itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.api_stream import ApiStream
from connectors.base import Batch, Cursor, RawSchema
from connectors.hubspot.changes import changes, count, newest_change
from connectors.hubspot.kept import Kept, differing, gathered, nothing
from connectors.hubspot.objects import SHOWN_WITHIN
from connectors.hubspot.properties import MODIFIED
from connectors.hubspot.session import Record, Session
from connectors.hubspot.state import State

OF: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "contact_history": ("contacts", ("lifecyclestage", "hs_lead_status", "hubspot_owner_id")),
    "deal_history": (
        "deals",
        ("dealstage", "pipeline", "amount", "closedate", "hubspot_owner_id"),
    ),
}
"""Of which type a stream tells the history, and of which of its properties."""

_FIELDS: Final = (
    "id", "property", "changed_at", "nth", "value", "source_type", "source_id",
    "updated_by_user_id",
)  # fmt: skip


@dataclass(frozen=True)
class HistoryStream:
    """The history of some properties of one type."""

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
        """What is new since `cursor`."""
        state = State.of(cursor)
        kind, properties = OF[self.name]
        modified = MODIFIED.get(kind, "hs_lastmodifieddate")
        if state.since is None:
            yield from self._first(state, kind, properties, modified)
            return
        newest = state.since
        with self.kept.versions(self.name, self.schema) as held:
            for found in changes(self.session, kind, [], modified, state.since - SHOWN_WITHIN):
                newest = max(newest, found.newest)
                ids = [str(record["id"]) for record in found.records]
                for records in self.session.by_ids(kind, ids, properties, with_history=True):
                    rows = self._rows(kind, records)
                    yield differing(rows, self.schema, held, state.cursor())
        yield nothing(replace(state, since=newest).cursor())

    def _first(
        self, state: State, kind: str, properties: Sequence[str], modified: str
    ) -> Iterator[Batch]:
        """Everything, from where an earlier try stopped."""
        if state.began is None:
            state = replace(state, began=newest_change(self.session, kind, modified))
        announced = count(self.session, kind, modified)
        pages = self.session.records(kind, properties, after=state.first, with_history=True)
        tables = (
            (self._rows(kind, records), replace(state, first=mark).cursor())
            for records, mark in pages
        )
        for rows, after in gathered(tables):
            # Each record has some rows: how many in all nobody tells.
            yield Batch(rows, after, announced=max(announced, len(rows)))
        yield nothing(replace(state, first=None, since=state.began).cursor())

    def _rows(self, kind: str, records: Sequence[Record]) -> pa.Table:
        rows = [row for record in records for row in _told(record)]
        told = zip(*rows, strict=True) if rows else ((),) * len(_FIELDS)
        columns = {
            name: pa.array(values, pa.string()) for name, values in zip(_FIELDS, told, strict=True)
        }
        columns[self.declared.key[0]] = ids = columns.pop("id")
        columns["_origin"] = pc.binary_join_element_wise(kind, ids, "/")
        key = (ids, columns["property"], columns["changed_at"], columns["nth"])
        columns["_record_id"] = pc.binary_join_element_wise(*key, "|")
        return pa.table(columns)


def _told(record: Record) -> Iterator[tuple[str | None, ...]]:
    """A record's history, each property's from the oldest value on, as rows of `_FIELDS`."""
    id_ = str(record["id"])
    histories: Mapping[str, Sequence[Mapping[str, Any]]] = record.get("propertiesWithHistory") or {}
    for name, values in histories.items():
        nth, before = 0, None
        # The newest stands first; of two of one time the first is the newer one.
        oldest_first = list(values)[::-1]
        oldest_first.sort(key=_time)
        for value in oldest_first:
            time = _time(value)
            nth = nth + 1 if time == before else 0
            before = time
            yield (
                id_,
                name,
                time,
                str(nth),
                value.get("value") or None,
                value.get("sourceType"),
                value.get("sourceId"),
                _text(value.get("updatedByUserId")),
            )


def _time(told: Mapping[str, Any]) -> str:
    return str(told["timestamp"])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
