"""A portal's records and settings, and what people and programs do to them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import RLock

from connectors.sandbox.hubspot.definitions import Property, entered, standard_properties
from connectors.sandbox.hubspot.kinds import KINDS, instant
from connectors.sandbox.hubspot.links import Links, LinkType
from connectors.sandbox.hubspot.marketing import Marketing
from connectors.sandbox.hubspot.records import (
    UI,
    Past,
    Records,
    Snapshot,
    Source,
    Values,
    is_system,
    packed,
    system_value,
)
from connectors.sandbox.hubspot.settings import Owner, Pipeline
from connectors.sandbox.serving import Clock

MERGED = "hs_merged_object_ids"
"""The property that names the records that were merged into one."""

_CALCULATED = Source("CALCULATED")
_STAGES = {"contacts": "lifecyclestage", "deals": "dealstage"}


@dataclass(frozen=True)
class Held:
    """A record as the portal holds it: what tests compare with. Times are milliseconds."""

    id: str
    values: Values
    created: int
    modified: int
    archived: int | None


class Store:
    """A portal. `lag` is how long search takes to see a write; each method is safe between threads.

    Ids are strings of digits. A write names an object type by its plural, raises KeyError where the
    record, the property or the label does not exist, and happens at the clock's time.
    """

    def __init__(self, clock: Clock, lag: timedelta = timedelta(0)) -> None:
        self.clock = clock
        self.lag = lag
        self.lock = RLock()
        self.created = clock.milliseconds()
        self.records = {name: Records(kind) for name, kind in KINDS.items()}
        self.properties = {
            name: standard_properties(name, kind.created, kind.modified)
            for name, kind in KINDS.items()
        }
        self.links = Links()
        self.owners: dict[str, Owner] = {}
        self.pipelines: dict[str, dict[str, Pipeline]] = {name: {} for name in KINDS}
        self.marketing = Marketing()
        self._last_id = 0

    def create(
        self,
        kind: str,
        values: Mapping[str, str | None],
        *,
        id_: str | None = None,
        source: Source = UI,
    ) -> str:
        """A new record; its id."""
        with self.lock:
            number = int(id_) if id_ else self._last_id + 1
            if number in self.records[kind].by_id or number in self.records[kind].survivors:
                raise ValueError(f"there is a record {number} of {kind} already")
            self._last_id = max(self._last_id, number)
            now = self.clock.milliseconds()
            empty = Snapshot(number, b"{}", now, now)
            self._set(kind, empty, {}, values, source)
            return str(number)

    def update(
        self, kind: str, id_: str, values: Mapping[str, str | None], *, source: Source = UI
    ) -> None:
        """Change properties; None or an empty text clears one. The record is modified now."""
        with self.lock:
            snapshot = self._at(kind, id_)
            self._set(kind, snapshot, snapshot.values, values, source)

    def recalculate(self, kind: str, id_: str, values: Mapping[str, str | None]) -> None:
        """Change calculated properties, which does not count as a modification."""
        with self.lock:
            snapshot = self._at(kind, id_)
            after = snapshot.values | dict(values)
            self._check(kind, values)
            self._put(kind, replace(snapshot, packed=packed(after)))

    def archive(self, kind: str, id_: str) -> None:
        """Into the recycling bin; the modified date stays as it was."""
        with self.lock:
            self._put(kind, replace(self._at(kind, id_), archived=self.clock.milliseconds()))

    def restore(self, kind: str, id_: str) -> None:
        """Out of the recycling bin; the modified date stays as it was."""
        with self.lock:
            self._put(kind, replace(self._at(kind, id_), archived=None))

    def gdpr_delete(self, kind: str, id_: str) -> None:
        """Let a record vanish for good, with its history and associations."""
        with self.lock:
            number = self._at(kind, id_).id
            self.records[kind].remove(number, self._due())
            self.links.remove(kind, number)

    def merge(self, kind: str, survivor: str, loser: str) -> None:
        """Merge one record into another of its type.

        The survivor keeps its id and its values, takes those that it lacks, the associations, and
        the ids of all that were merged so far. The loser is in no list any more; whoever reads it
        by id is answered the survivor.
        """
        with self.lock:
            records = self.records[kind]
            kept, gone = self._at(kind, survivor), self._at(kind, loser)
            if kept.id == gone.id:
                raise ValueError(f"{kind} {survivor} can't be merged into itself")
            theirs, ours = gone.values, kept.values
            taken = {name: value for name, value in theirs.items() if not ours.get(name)}
            ids = [ours.get(MERGED), str(gone.id), theirs.get(MERGED)]
            taken[MERGED] = ";".join(part for part in ids if part)
            if kind == "contacts":
                stamps = [ours.get("hs_calculated_merged_vids")]
                stamps.append(theirs.get("hs_calculated_merged_vids"))
                stamps.append(f"{gone.id}:{self.clock.milliseconds()}")
                taken["hs_calculated_merged_vids"] = ";".join(part for part in stamps if part)
                also = [ours.get("hs_additional_emails"), theirs.get("email")]
                taken["hs_additional_emails"] = ";".join(part for part in also if part)
            self.links.move(kind, gone.id, kept.id)
            records.remove(gone.id, self._due())
            records.survivors[gone.id] = kept.id
            self._set(kind, kept, ours, taken, Source("MERGE_OBJECTS", str(gone.id)))

    def associate(self, from_: str, id_: str, to: str, to_id: str, *labels: str) -> None:
        """Associate two records, by labels too; no modified date moves."""
        with self.lock:
            self.links.associate(
                from_, self._at(from_, id_).id, to, self._at(to, to_id).id, *labels
            )

    def dissociate(self, from_: str, id_: str, to: str, to_id: str) -> None:
        """End an association with all its labels; no modified date moves."""
        with self.lock:
            self.links.dissociate(from_, int(id_), to, int(to_id))

    def define_label(self, from_: str, to: str, label: str, inverse: str | None = None) -> LinkType:
        """A label of the portal's own for associations; `inverse`: what it is the other way."""
        with self.lock:
            return self.links.define_label(from_, to, label, inverse)

    def define_property(self, kind: str, wanted: Property) -> None:
        """Make a property, or give one another definition; values stay as they are."""
        with self.lock:
            self.properties[kind][wanted.name] = wanted

    def remove_property(self, kind: str, name: str) -> None:
        """Remove a property and all that records say of it; no modified date moves."""
        with self.lock:
            del self.properties[kind][name]
            records = self.records[kind]
            records.forget_property(name)
            for snapshot in list(records.by_id.values()):
                values = snapshot.values
                if values.pop(name, None) is not None:
                    self._put(kind, replace(snapshot, packed=packed(values)))

    def add_pipeline(self, kind: str, pipeline: Pipeline) -> None:
        """Make or replace a pipeline, and the properties that tell when its stages were entered."""
        with self.lock:
            self.pipelines[kind][pipeline.id] = pipeline
            for stage in pipeline.stages:
                legacy = Property(
                    f"hs_date_entered_{stage.id}", "datetime", is_calculated=True, is_own=False
                )
                for found in (legacy, entered(stage.id)):
                    self.properties[kind].setdefault(found.name, found)

    def put(
        self,
        kind: str,
        snapshot: Snapshot,
        pasts: Mapping[str, Iterable[Past]] | None = None,
    ) -> None:
        """Hold a record as told, dates and pasts included, whatever it was before."""
        with self.lock:
            self._last_id = max(self._last_id, snapshot.id)
            for name, told in (pasts or {}).items():
                self.records[kind].set_pasts(snapshot.id, name, told)
            self._put(kind, snapshot)

    def held(self, kind: str, *, archived: bool = False) -> Iterator[Held]:
        """All records of a type, live ones or archived ones, in the order of their ids."""
        with self.lock:
            records = self.records[kind]
            found = [records.by_id[id_] for id_ in records.ids(archived=archived)]
        for snapshot in found:
            yield self._held(kind, snapshot)

    def get(self, kind: str, id_: str) -> Held:
        """The record of an id, or the one that survives it."""
        with self.lock:
            return self._held(kind, self._at(kind, id_))

    def history(self, kind: str, id_: str, name: str) -> list[Past]:
        """All that a property of a record was, oldest first; the last one stands."""
        with self.lock:
            snapshot = self._at(kind, id_)
            return self.pasts(kind, snapshot, snapshot.values, name)

    def pasts(self, kind: str, snapshot: Snapshot, values: Values, name: str) -> list[Past]:
        """The same, of a record at hand."""
        own = system_value(KINDS[kind], name, snapshot)
        if own is not None:
            return [
                Past(own, snapshot.modified if name == KINDS[kind].modified else snapshot.created)
            ]
        return self.records[kind].pasts(snapshot, name, values.get(name))

    def _held(self, kind: str, snapshot: Snapshot) -> Held:
        own = {
            name: system_value(KINDS[kind], name, snapshot)
            for name in KINDS[kind].default_properties
        }
        values = snapshot.values | {name: value for name, value in own.items() if value is not None}
        return Held(
            str(snapshot.id), values, snapshot.created, snapshot.modified, snapshot.archived
        )

    def _at(self, kind: str, id_: str) -> Snapshot:
        found = self.records[kind].find(int(id_))
        if found is None:
            raise KeyError(f"no record {id_} of {kind}")
        return found

    def _check(self, kind: str, values: Iterable[str]) -> None:
        for name in values:
            if name not in self.properties[kind] or is_system(KINDS[kind], name):
                raise KeyError(
                    f"{name} is no property of {kind} that can be set: define_property makes one"
                )

    def _set(
        self,
        kind: str,
        snapshot: Snapshot,
        before: Values,
        values: Mapping[str, str | None],
        source: Source,
    ) -> None:
        self._check(kind, values)
        now = self.clock.milliseconds()
        records, after = self.records[kind], dict(before)
        is_new = snapshot.id not in records.by_id
        wanted = [(name, value, source) for name, value in values.items()]
        wanted += [(name, value, _CALCULATED) for name, value in self._calculated(kind, values)]
        for name, value, by in wanted:
            text = value or None
            if text == before.get(name):
                continue
            after[name] = text
            if not is_new or by != UI:
                records.add_past(snapshot, before, Past(text or "", now, by), name)
        self._put(kind, replace(snapshot, packed=packed(after), modified=now))

    def _calculated(self, kind: str, values: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        """What the portal itself says of a record when its stage changes."""
        stage = values.get(_STAGES.get(kind, ""))
        if not stage:
            return
        yield entered(stage).name, instant(self.clock.milliseconds())
        for pipeline in self.pipelines[kind].values():
            for known in pipeline.stages:
                if kind == "deals" and known.id == stage:
                    yield "hs_is_closed", str(known.is_closed).lower()
                    yield "hs_is_closed_won", str(known.is_won).lower()

    def _put(self, kind: str, snapshot: Snapshot) -> None:
        self.records[kind].put(snapshot, self._due())

    def _due(self) -> int:
        return self.clock.milliseconds() + self.lag // timedelta(milliseconds=1)
