"""Records of a type: all of them at first, then what changed, what is gone, and a part of the rest.

A first sync walks the list in the order of ids, and its place stands in the cursor. From then on
search tells what changed, from an hour before the newest change that has landed, since it shows a
change some time after it was made. Rows that the lake holds already do not land again.

Not all shows in the modified date: a record that is archived, deleted, merged away or restored, and
a calculated property, leave no trace there. So the number of records is held against the lake's
each night; where they disagree, all ids are compared. And of the whole list a part is read again in
turn, so that each record is looked at every four weeks.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pyarrow as pa

from connectors.api_stream import ApiStream
from connectors.base import Batch, Cursor, RawSchema
from connectors.held import HeldVersions
from connectors.hubspot.changes import changes, count, newest_change
from connectors.hubspot.kept import Kept, among, differing, gathered, missing_from, nothing
from connectors.hubspot.properties import (
    MERGED,
    OBJECT_ID,
    Reading,
    deletions,
    reading_of,
    to_rows,
)
from connectors.hubspot.session import RECORDS_A_PAGE, Record, Session
from connectors.hubspot.state import State

SHOWN_WITHIN: Final = timedelta(hours=1)
"""How much later than it was made search may show a change."""

_LEAST_PAGES_AGAIN: Final = 2
_NIGHTS_OF_A_ROUND: Final = 28


@dataclass(frozen=True)
class ObjectStream:
    """The records of one type."""

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
        """What is new since `cursor`, and what is gone."""
        reading = reading_of(self.session, self.declared)
        for batch in self._batches(State.of(cursor), reading):
            yield replace(batch, columns=reading.told)

    def _batches(self, state: State, reading: Reading) -> Iterator[Batch]:
        if state.since is None:
            goes_on = state.began is not None
            state = yield from self._first(state, reading)
            if state.since is None or not goes_on:
                return
            # What had landed before it was cut off may have changed since, days ago even.
        with self.kept.versions(self.name, self.schema) as held:
            yield from self._night(state, reading, held)

    def _first(self, state: State, reading: Reading) -> Generator[Batch, None, State]:
        """Everything, from where an earlier try stopped."""
        if state.began is None:
            began = newest_change(self.session, self.name, reading.modified)
            state = replace(state, began=began)
        announced = count(self.session, self.name, reading.modified)
        pages = self.session.records(self.name, reading.names, after=state.first)
        tables = (
            (to_rows(records, reading), replace(state, first=mark).cursor())
            for records, mark in pages
        )
        for rows, after in gathered(tables):
            yield Batch(rows, after, announced=announced)
        state = replace(state, first=None, since=state.began)
        yield nothing(state.cursor())
        return state

    def _night(self, state: State, reading: Reading, held: HeldVersions) -> Iterator[Batch]:
        def batch(rows: pa.Table) -> Batch:
            return differing(rows, self.schema, held, state.cursor())

        assert state.since is not None  # noqa: S101 - a night follows a first sync
        newest = since = state.since
        modified = reading.modified
        for found in changes(
            self.session, self.name, reading.names, modified, since - SHOWN_WITHIN
        ):
            newest = max(newest, found.newest)
            yield batch(to_rows(found.records, reading))
            merged = _merged_away(found.records)
            # A record that was merged before the lake had it leaves nothing to take back.
            known = among(merged, self.kept.ids(self.name)) if merged else []
            if known:
                yield batch(deletions(known, self.name))
        state = replace(state, since=newest)
        yield from self._compared(reading, batch)
        yield from self._again(state, reading, held)

    def _compared(self, reading: Reading, batch: Callable[[pa.Table], Batch]) -> Iterator[Batch]:
        """Where the numbers of records disagree: what the lake lacks, and what is gone."""
        there = count(self.session, self.name, reading.modified)
        held = self.kept.ids(self.name)
        if there == len(held):
            return
        live = pa.array(
            [
                str(record["id"])
                for records, _ in self.session.records(self.name, [OBJECT_ID])
                for record in records
            ],
            pa.string(),
        )
        lacking = missing_from(live, held)
        for records in self.session.by_ids(self.name, lacking, reading.names):
            yield batch(to_rows(records, reading))
        yield from self._gone(missing_from(held, live), reading, batch)

    def _gone(
        self, ids: Sequence[str], reading: Reading, batch: Callable[[pa.Table], Batch]
    ) -> Iterator[Batch]:
        """Archived records with their last values, then those of which nothing is left."""
        archived: set[str] = set()
        for records in self.session.by_ids(self.name, ids, reading.names, archived=True):
            archived.update(str(record["id"]) for record in records)
            yield batch(to_rows([_as_archived(record) for record in records], reading))
        rest = [id_ for id_ in ids if id_ not in archived]
        if rest:
            yield batch(deletions(rest, self.name))

    def _again(self, state: State, reading: Reading, held: HeldVersions) -> Iterator[Batch]:
        """The next part of the list, whole, and which ids are gone from it."""
        ids = self.kept.ids(self.name)
        pages = max(_LEAST_PAGES_AGAIN, -(-len(ids) // (RECORDS_A_PAGE * _NIGHTS_OF_A_ROUND)))
        part = list(self.session.records(self.name, reading.names, after=state.again, most=pages))
        mark = part[-1][1] if part else None
        seen = {str(record["id"]) for records, _ in part for record in records}
        low = int(state.swept)
        # Only ids between two that were listed are known to be listed no more.
        high = None if mark is None else max(map(int, seen))
        state = replace(state, again=mark, swept=str(high or 0))
        for rows, cursor in gathered(
            (to_rows(records, reading), state.cursor()) for records, _ in part
        ):
            yield differing(rows, self.schema, held, cursor)
        within = [
            id_
            for id_ in ids.to_pylist()
            if id_ not in seen and int(id_) > low and (high is None or int(id_) <= high)
        ]
        yield from self._gone(
            within, reading, lambda rows: differing(rows, self.schema, held, state.cursor())
        )
        yield nothing(state.cursor())


def _merged_away(records: Sequence[Record]) -> list[str]:
    """The ids of the records that these were merged from."""
    merged = [record["properties"].get(MERGED) or "" for record in records]
    return [id_.strip() for ids in merged for id_ in ids.split(";") if id_.strip()]


def _as_archived(record: Record) -> Record:
    return {**record, "archived": True}
