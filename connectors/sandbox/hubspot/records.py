"""The records of one object type: as they are, as they were, and as search has them so far."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, NamedTuple

import orjson

from connectors.sandbox.hubspot.kinds import Kind, instant

_MANY: Final = 2000
_ID_BITS: Final = 48

Values = dict[str, str | None]


class Source(NamedTuple):
    """What changed a property: `type` as HubSpot names it, and who."""

    type: str = "CRM_UI"
    id: str | None = None
    user_id: int | None = None


UI: Final = Source()


class Past(NamedTuple):
    """A value of a property, from when on (milliseconds), and what set it."""

    value: str
    at: int
    source: Source = UI


def packed(values: Values) -> bytes:
    """Properties as JSON, those without a value left out."""
    told = orjson.dumps({name: value for name, value in values.items() if value})
    # The encoder's own bytes hold on to a kilobyte; a million records would feel it.
    return memoryview(told).tobytes()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record at one time. `packed` holds its properties as JSON; times are milliseconds."""

    id: int
    packed: bytes
    created: int
    modified: int
    archived: int | None = None

    @classmethod
    def of(cls, id_: int, values: Values, created: int, modified: int) -> "Snapshot":
        """A record with these properties."""
        return cls(id_, packed(values), created, modified)

    @property
    def values(self) -> Values:
        """The properties that people and programs set."""
        values: Values = orjson.loads(self.packed)
        return values

    @property
    def place(self) -> int:
        """Where it stands in the order of (modified, id)."""
        return self.modified << _ID_BITS | self.id


def place_of(modified: int, id_: int = 0) -> int:
    """Where a record of that time and id stands in the order of (modified, id)."""
    return modified << _ID_BITS | id_


def system_value(kind: Kind, name: str, snapshot: Snapshot) -> str | None:
    """A property that the portal itself keeps; None where it is none of those."""
    if name == "hs_object_id":
        return str(snapshot.id)
    if name == kind.modified:
        return instant(snapshot.modified)
    if name in (kind.created, "hs_createdate"):
        return instant(snapshot.created)
    return None


def is_system(kind: Kind, name: str) -> bool:
    """Whether the portal itself keeps that property."""
    return name in ("hs_object_id", "hs_createdate", kind.created, kind.modified)


class SearchIndex:
    """What search sees: each write only once it is due. Archived records are not in it."""

    def __init__(self) -> None:
        self._pending: list[tuple[int, int, int, Snapshot | None]] = []
        self._written = 0
        self._latest: dict[int, int] = {}
        self.found: dict[int, Snapshot] = {}
        self.places: list[int] = []
        self.ids: list[int] = []

    def write(self, id_: int, snapshot: Snapshot | None, due: int) -> None:
        """Take a record as it is now (None: gone), seen from `due` on."""
        self._written += 1
        heappush(self._pending, (due, self._written, id_, snapshot))

    def catch_up(self, now: int) -> None:
        """See what is due by now."""
        if not self._pending or self._pending[0][0] > now:
            return
        due: list[tuple[int, Snapshot | None]] = []
        while self._pending and self._pending[0][0] <= now:
            _, nth, id_, snapshot = heappop(self._pending)
            if nth > self._latest.get(id_, 0):
                self._latest[id_] = nth
                due.append((id_, snapshot))
        if not self._pending:
            self._latest.clear()
        if len(due) > _MANY:
            self._replace_all(due)
            return
        for id_, snapshot in due:
            self._replace(id_, snapshot)

    def _replace(self, id_: int, snapshot: Snapshot | None) -> None:
        before = self.found.pop(id_, None)
        if before is not None:
            del self.places[bisect_left(self.places, before.place)]
        if snapshot is not None:
            self.found[id_] = snapshot
            insort(self.places, snapshot.place)
        if before is None and snapshot is not None:
            insort(self.ids, id_)
        elif before is not None and snapshot is None:
            del self.ids[bisect_left(self.ids, id_)]

    def _replace_all(self, due: Iterable[tuple[int, Snapshot | None]]) -> None:
        for id_, snapshot in due:
            if snapshot is None:
                self.found.pop(id_, None)
            else:
                self.found[id_] = snapshot
        self.places = sorted(snapshot.place for snapshot in self.found.values())
        self.ids = sorted(self.found)

    def at(self, place: int) -> Snapshot:
        """The record at a place of `places`."""
        return self.found[place & ((1 << _ID_BITS) - 1)]


class Records:
    """All records of a type. Not safe between threads by itself."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.by_id: dict[int, Snapshot] = {}
        self.survivors: dict[int, int] = {}
        self.index = SearchIndex()
        self._ids: dict[bool, list[int]] = {False: [], True: []}
        self._pasts: dict[int, dict[str, list[Past]]] = {}

    def put(self, snapshot: Snapshot, due: int) -> None:
        """Keep a record as it is now; search sees it from `due` on."""
        before = self.by_id.get(snapshot.id)
        is_archived = snapshot.archived is not None
        if before is None or (before.archived is not None) != is_archived:
            if before is not None:
                self._forget(before)
            ids = self._ids[is_archived]
            if not ids or ids[-1] < snapshot.id:
                ids.append(snapshot.id)
            else:
                insort(ids, snapshot.id)
        self.by_id[snapshot.id] = snapshot
        self.index.write(snapshot.id, None if is_archived else snapshot, due)

    def remove(self, id_: int, due: int) -> None:
        """Let a record vanish."""
        self._forget(self.by_id.pop(id_))
        self._pasts.pop(id_, None)
        self.index.write(id_, None, due)

    def _forget(self, snapshot: Snapshot) -> None:
        ids = self._ids[snapshot.archived is not None]
        del ids[bisect_left(ids, snapshot.id)]

    def find(self, id_: int) -> Snapshot | None:
        """The record of an id; of one that was merged away, the one that survives."""
        while id_ in self.survivors:
            id_ = self.survivors[id_]
        return self.by_id.get(id_)

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Snapshot], bool]:
        """Up to `limit` records from the id `after` on, and whether there are more."""
        ids = self._ids[archived]
        start = bisect_left(ids, after)
        chosen = ids[start : start + limit]
        return [self.by_id[id_] for id_ in chosen], start + limit < len(ids)

    def ids(self, *, archived: bool = False) -> Iterator[int]:
        """The ids of the live records or of the archived ones, rising."""
        return iter(self._ids[archived])

    def pasts(self, snapshot: Snapshot, name: str, value: str | None) -> list[Past]:
        """What a property was, oldest first; `value` is what it is now."""
        kept = self._pasts.get(snapshot.id, {}).get(name)
        if kept is not None:
            return kept
        return [] if value is None else [Past(value, snapshot.created)]

    def add_past(
        self, snapshot: Snapshot, values: Mapping[str, str | None], past: Past, name: str
    ) -> None:
        """Note what a property becomes; `snapshot` and `values` are how the record was before."""
        kept = self._pasts.setdefault(snapshot.id, {})
        if name not in kept:
            kept[name] = list(self.pasts(snapshot, name, values.get(name)))
        kept[name].append(past)

    def set_pasts(self, id_: int, name: str, pasts: Iterable[Past]) -> None:
        """Let a property have been these values, oldest first."""
        self._pasts.setdefault(id_, {})[name] = list(pasts)

    def forget_property(self, name: str) -> None:
        """Let no record have been anything of a property."""
        for kept in self._pasts.values():
            kept.pop(name, None)
