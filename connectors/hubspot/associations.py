"""Which records belong together, and by which labels.

An association that is made or ended leaves no trace in the modified date of either record. So each
night the associations of what changed are read, and in turn those of the other records that the
lake holds: of all of them, where they are few. A record's associations are read whole, so that what
has ended is seen to be gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.api_stream import ApiStream
from connectors.base import Batch, Cursor, RawSchema
from connectors.hubspot.changes import changes, newest_change
from connectors.hubspot.kept import Kept, differing, nothing, portions
from connectors.hubspot.objects import SHOWN_WITHIN
from connectors.hubspot.properties import MODIFIED, OBJECT_ID
from connectors.hubspot.session import SUBJECTS_A_REQUEST, Pair, Session
from connectors.hubspot.state import State

OF: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "contact_associations": ("contacts", ("companies",)),
    "deal_associations": ("deals", ("contacts", "companies")),
    "call_associations": ("calls", ("contacts", "companies", "deals")),
    "email_associations": ("emails", ("contacts", "companies", "deals")),
    "meeting_associations": ("meetings", ("contacts", "companies", "deals")),
    "note_associations": ("notes", ("contacts", "companies", "deals")),
    "task_associations": ("tasks", ("contacts", "companies", "deals")),
}
"""Of which type a stream tells the associations, and with which others."""

_LEAST_REQUESTS_AGAIN: Final = 5
_NIGHTS_OF_A_ROUND: Final = 7
_FIELDS: Final = ("from_id", "to_type", "to_id", "category", "type_id")


@dataclass(frozen=True)
class AssociationStream:
    """The associations of the records of one type with those of others."""

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
        """The associations of what changed, and of the next part of the rest."""
        state = State.of(cursor)
        kind, others = OF[self.name]
        modified = MODIFIED.get(kind, "hs_lastmodifieddate")
        changed = list[str]()
        if state.since is None:
            newest = low = newest_change(self.session, kind, modified)
        else:
            newest, low = state.since, state.since - SHOWN_WITHIN
            for found in changes(self.session, kind, [], modified, low):
                newest = max(newest or found.newest, found.newest)
                changed += [str(record["id"]) for record in found.records]
        part, swept = self._next_part(kind, state)
        late = self.kept.landed_late(kind, modified, state.landed, low)
        landed = self.kept.last_landing(kind)
        ids = sorted({*changed, *late, *part}, key=int)
        is_first = state.since is None
        with self.kept.versions(self.name, self.schema) as held:
            for some in portions(ids, SUBJECTS_A_REQUEST):
                for to in others:
                    rows = self._rows(kind, to, some)
                    yield replace(
                        differing(rows, self.schema, held, state.cursor()),
                        whole_of=_beginnings(some, to),
                        present=rows.column("_record_id"),
                    )
        if not is_first:
            yield from self._of_the_gone(kind, others, ids, state.cursor())
        yield nothing(replace(state, since=newest, swept=swept, landed=landed).cursor())

    def _next_part(self, kind: str, state: State) -> tuple[Sequence[str], str]:
        """The ids of the next part of a round, and where the part after it begins."""
        if state.since is None:
            # The lake may not have the records themselves yet.
            pages = self.session.records(kind, [OBJECT_ID])
            return [str(record["id"]) for records, _ in pages for record in records], "0"
        ids = self.kept.ids(kind)
        rest = ids.filter(pc.greater(pc.cast(ids, pa.int64()), int(state.swept)))
        requests = max(
            _LEAST_REQUESTS_AGAIN, -(-len(ids) // (SUBJECTS_A_REQUEST * _NIGHTS_OF_A_ROUND))
        )
        part = rest.slice(0, requests * SUBJECTS_A_REQUEST).to_pylist()
        is_end = len(part) == len(rest)
        return part, "0" if is_end or not part else part[-1]

    def _rows(self, kind: str, to: str, ids: Sequence[str]) -> pa.Table:
        found = [pair for pairs in self.session.associations(kind, to, ids) for pair in pairs]
        return _rows(kind, to, found)

    def _of_the_gone(
        self, kind: str, others: Sequence[str], seen: Sequence[str], cursor: Cursor
    ) -> Iterator[Batch]:
        """What records that are gone belonged to has ended; what was seen tonight is not gone."""
        held = self.kept.beginnings(self.name)
        there = pa.concat_arrays([self.kept.ids(kind), pa.array(seen, pa.string())])
        gone = held.filter(pc.invert(pc.is_in(held, value_set=there))).to_pylist()
        for some in portions(gone, SUBJECTS_A_REQUEST):
            for to in others:
                yield replace(nothing(cursor), whole_of=_beginnings(some, to))


def _beginnings(ids: Sequence[str], to: str) -> pa.Array:
    return pa.array([f"{id_}|{to}" for id_ in ids], pa.string())


def _rows(kind: str, to: str, pairs: Sequence[Pair]) -> pa.Table:
    columns = {
        "from_id": [pair.from_id for pair in pairs],
        "to_type": [to for _ in pairs],
        "to_id": [pair.to_id for pair in pairs],
        "category": [pair.category for pair in pairs],
        "type_id": [str(pair.type_id) for pair in pairs],
        "label": [pair.label for pair in pairs],
        "_origin": [f"{kind}/{pair.from_id}" for pair in pairs],
        "_record_id": [
            "|".join((pair.from_id, to, pair.to_id, pair.category, str(pair.type_id)))
            for pair in pairs
        ],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
