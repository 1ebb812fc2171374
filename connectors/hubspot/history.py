"""What properties of records were, and when: every value that the portal still tells.

The rows of a record are read again whenever it has changed. What has landed stays, though the
portal forgets a record's oldest values, or the record itself.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
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

_TOLD: Final = pa.struct([(name, pa.string()) for name in ("value", "sourceType", "sourceId")])


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
        kind, always = OF[self.name]
        properties = tuple(dict.fromkeys((*always, *self.declared.chosen.values())))
        modified = MODIFIED.get(kind, "hs_lastmodifieddate")
        if state.since is None:
            goes_on = state.began is not None
            state = yield from self._first(state, kind, properties, modified)
            if state.since is None or not goes_on:
                return
            # What had landed before it was cut off may have changed since.
        newest, low = state.since, state.since - SHOWN_WITHIN
        late = self.kept.landed_late(kind, modified, state.landed, low)
        landed = self.kept.last_landing(kind)
        with self.kept.versions(self.name, self.schema) as held:
            for found in changes(self.session, kind, [], modified, low):
                newest = max(newest, found.newest)
                ids = [str(record["id"]) for record in found.records]
                for records in self.session.by_ids(kind, ids, properties, with_history=True):
                    rows = self._rows(kind, records)
                    yield differing(rows, self.schema, held, state.cursor())
            for records in self.session.by_ids(kind, late, properties, with_history=True):
                yield differing(self._rows(kind, records), self.schema, held, state.cursor())
        yield nothing(replace(state, since=newest, landed=landed).cursor())

    def _first(
        self, state: State, kind: str, properties: Sequence[str], modified: str
    ) -> Generator[Batch, None, State]:
        """Everything, from where an earlier try stopped."""
        if state.began is None:
            began = newest_change(self.session, kind, modified)
            state = replace(state, began=began, landed=self.kept.last_landing(kind))
        announced = count(self.session, kind, modified)
        pages = self.session.records(kind, properties, after=state.first, with_history=True)
        tables = (
            (self._rows(kind, records), replace(state, first=mark).cursor())
            for records, mark in pages
        )
        for rows, after in gathered(tables):
            # Each record has some rows: how many in all nobody tells.
            yield Batch(rows, after, announced=max(announced, len(rows)))
        state = replace(state, first=None, since=state.began)
        yield nothing(state.cursor())
        return state

    def _rows(self, kind: str, records: Sequence[Record]) -> pa.Table:
        """The histories of records, each property's from the oldest value on.

        A list a column, and no object a row: a portal tells far more values than records.
        """
        ids: list[str] = []
        properties: list[str] = []
        times: list[str] = []
        nths: list[str] = []
        values: list[Mapping[str, Any]] = []
        for record in records:
            id_ = str(record["id"])
            for name, told in (record.get("propertiesWithHistory") or {}).items():
                oldest_first = _oldest_first(told)
                at = [str(value["timestamp"]) for value in oldest_first]
                ids += [id_] * len(at)
                properties += [name] * len(at)
                times += at
                nths += _nths(at)
                values += oldest_first
        users = [_text(value.get("updatedByUserId")) for value in values]
        subject = pa.array(ids, pa.string())
        key = {
            "property": pa.array(properties, pa.string()),
            "changed_at": pa.array(times, pa.string()),
            "nth": pa.array(nths, pa.string()),
        }
        columns = {self.declared.key[0]: subject, **key}
        value, columns["source_type"], columns["source_id"] = pa.array(values, _TOLD).flatten()
        columns["value"] = pc.if_else(pc.equal(value, ""), None, value)
        columns["updated_by_user_id"] = pa.array(users, pa.string())
        columns["_origin"] = pc.binary_join_element_wise(kind, subject, "/")
        columns["_record_id"] = pc.binary_join_element_wise(subject, *key.values(), "|")
        return pa.table(columns)


def _oldest_first(values: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    # The newest stands first; of two of one time the first is the newer one.
    turned = list(values)[::-1]
    if len(turned) > 1:
        turned.sort(key=_time)
    return turned


def _nths(times: Sequence[str]) -> list[str]:
    """The place of each among those of its time, from 0; times rise."""
    nths = ["0"] * len(times)
    if len(set(times)) < len(times):
        for place in range(1, len(times)):
            if times[place] == times[place - 1]:
                nths[place] = str(int(nths[place - 1]) + 1)
    return nths


def _time(told: Mapping[str, Any]) -> str:
    return str(told["timestamp"])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
