"""An org's records: made, changed, binned, merged, converted, and seen once they may be seen."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any, Final

from connectors.sandbox.salesforce.history import Deed, Stages, note, with_stage
from connectors.sandbox.salesforce.ids import numbered_id
from connectors.sandbox.salesforce.objects import OBJECTS, FieldTold, described_field, fields_of
from connectors.sandbox.serving import Clock

Record = dict[str, Any]

# What names a record of an object, and goes with it when two of them are merged.
_REFERENCES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Lead": (("Task", "WhoId"), ("Event", "WhoId"), ("CampaignMember", "LeadId")),
    "Contact": (
        ("Task", "WhoId"),
        ("Event", "WhoId"),
        ("CampaignMember", "ContactId"),
        ("OpportunityContactRole", "ContactId"),
        ("Opportunity", "ContactId"),
    ),
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")),
}
_NAMING: Final = frozenset(name for names in _REFERENCES.values() for _, name in names)


@dataclass(frozen=True, order=True)
class Planned:
    """Something that will happen: when, after what else of that instant, and what.

    No two have the same `key`. `happen` is called with the instant.
    """

    at: datetime
    rank: int
    key: str
    happen: Callable[[datetime], object] = field(compare=False)


@dataclass
class Table:
    """An object: its fields as `describe` tells them, and its records by id.

    `earlier` holds, for records that changed lately, how they were (None: not at all) and until
    when they are still seen so. `naming` finds, by field and id, records that name or named it.
    """

    name: str
    fields: dict[str, FieldTold]
    records: dict[str, Record] = field(default_factory=dict)
    made: int = 0
    earlier: dict[str, list[tuple[datetime, Record | None]]] = field(default_factory=dict)
    naming: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def visible(self, now: datetime) -> list[Record]:
        """The records as they are seen now, by their ids."""
        records = self.records
        if self.earlier:
            shown: dict[str, Record | None] = {**records}
            for id_, versions in list(self.earlier.items()):
                self.earlier[id_] = left = [v for v in versions if v[0] > now]
                if left:
                    shown[id_] = left[0][1]
                else:
                    del self.earlier[id_]
            records = {id_: record for id_, record in shown.items() if record is not None}
        return [records[id_] for id_ in sorted(records)]


class Org:
    """An org. `lag`: how long after a change it is seen; `lock` is held while it is asked.

    Where a method takes `at`, it is when the thing happened, now if None; `by` is the user who did
    it.
    """

    def __init__(self, clock: Clock, objects: Iterable[str] = OBJECTS) -> None:
        self.clock = clock
        self.tables = {name: Table(name, fields_of(name)) for name in objects}
        self.lag = timedelta(0)
        self.stages: Stages = {}
        self.lock = RLock()
        self._planned: deque[Planned] = deque()
        self._happened: set[str] = set()
        self._caught_up: datetime | None = None

    @property
    def now(self) -> datetime:
        """The present, to the second below, as records tell it."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def add(
        self,
        sobject: str,
        *,
        id_: str | None = None,
        at: datetime | None = None,
        by: str | None = None,
        **values: Any,
    ) -> str:
        """A new record; its id."""
        with self.lock:
            table = self.tables[sobject]
            if id_ is None:
                table.made += 1
                id_ = numbered_id(sobject, table.made)
            at = at or self.now
            record: Record = {
                name: False if told["type"] == "boolean" else None
                for name, told in table.fields.items()
            }
            stamps = dict.fromkeys(("CreatedDate", "SystemModstamp"), at)
            record |= {name: value for name, value in stamps.items() if name in table.fields}
            record |= {"Id": id_, **with_stage(self.stages, sobject, values, at)}
            self._put(table, id_, record, at)
            note(self, sobject, Deed(None, record, at, by))
            return id_

    def change(
        self,
        sobject: str,
        id_: str,
        *,
        at: datetime | None = None,
        by: str | None = None,
        **values: Any,
    ) -> None:
        """Change a record; KeyError where there is none of that id."""
        with self.lock:
            table = self.tables[sobject]
            before = table.records[id_]
            at = at or self.now
            stamp = {"SystemModstamp": at} if "SystemModstamp" in table.fields else {}
            changed = {k: v for k, v in values.items() if before.get(k) != v}
            after = before | stamp | values | with_stage(self.stages, sobject, changed, at)
            self._put(table, id_, after, at)
            note(self, sobject, Deed(before, after, at, by))

    def delete(self, sobject: str, id_: str) -> None:
        """Into the bin."""
        self.change(sobject, id_, IsDeleted=True)

    def undelete(self, sobject: str, id_: str) -> None:
        """Out of the bin again."""
        self.change(sobject, id_, IsDeleted=False)

    def remove(self, sobject: str, id_: str) -> None:
        """For good, at once, in the bin or not."""
        with self.lock:
            table = self.tables[sobject]
            del table.records[id_]
            table.earlier.pop(id_, None)

    def merge(self, sobject: str, winner: str, loser: str, *, at: datetime | None = None) -> None:
        """Merge two leads, contacts or accounts: what names the loser names the winner then."""
        with self.lock:
            self.change(sobject, loser, at=at, IsDeleted=True, MasterRecordId=winner)
            self.change(sobject, winner, at=at)
            for other, name in _REFERENCES[sobject]:
                self._name_anew(other, name, loser, {name: winner}, at)

    def convert(
        self,
        lead: str,
        *,
        contact: str | None = None,
        account: str | None = None,
        opportunity: str | None = None,
        at: datetime | None = None,
        by: str | None = None,
        **values: Any,
    ) -> str:
        """Convert a lead; the contact's id. A contact and an account are made unless named.

        An opportunity is made by whoever wants one. `values` are further ones of the lead.
        """
        with self.lock:
            at = at or self.now
            held = self.tables["Lead"].records[lead]
            owner = held["OwnerId"]
            account = account or self.add(
                "Account", at=at, by=by, Name=held["Company"], OwnerId=owner
            )
            taken = ("FirstName", "LastName", "Email", "Phone", "MobilePhone", "LeadSource")
            contact = contact or self.add(
                "Contact",
                at=at,
                by=by,
                AccountId=account,
                OwnerId=owner,
                **{name: held[name] for name in taken},
            )
            converted = {
                "IsConverted": True,
                "ConvertedDate": at.date(),
                "ConvertedAccountId": account,
                "ConvertedContactId": contact,
                "ConvertedOpportunityId": opportunity,
            }
            self.change("Lead", lead, at=at, by=by, **converted, **values)
            for sobject in ("Task", "Event"):
                self._name_anew(sobject, "WhoId", lead, {"WhoId": contact}, at)
            self._name_anew("CampaignMember", "LeadId", lead, {"ContactId": contact}, at)
            return contact

    def add_field(self, sobject: str, name: str, type_: str = "string", **told: Any) -> None:
        """A field of the org's own, null in every record. `told`: more that `describe` says."""
        with self.lock:
            table = self.tables[sobject]
            table.fields[name] = described_field(name, type_, custom=True) | told
            for record in table.records.values():
                record.setdefault(name, None)

    def plan(self, planned: Iterable[Planned]) -> None:
        """Let this happen, in place of all that was planned and has not happened yet.

        What has happened by its key already is left out. What should have happened before the org
        was last looked at, and was not known then, happens now.
        """
        with self.lock:
            left = (p for p in planned if p.key not in self._happened)
            known = self._caught_up
            if known is not None:
                left = (p if p.at >= known else replace(p, at=self.now) for p in left)
            self._planned = deque(sorted(left))
            self.catch_up()

    def catch_up(self) -> None:
        """Let happen what is due by now."""
        with self.lock:
            self._caught_up = now = self.now
            while self._planned and self._planned[0].at <= now:
                due = self._planned.popleft()
                self._happened.add(due.key)
                due.happen(due.at)

    def _name_anew(
        self, sobject: str, name: str, id_: str, values: Record, at: datetime | None
    ) -> None:
        if sobject in self.tables:
            table = self.tables[sobject]
            for other in sorted(table.naming[name, id_]):
                if other in table.records and table.records[other][name] == id_:
                    self.change(sobject, other, at=at, **values)

    def _put(self, table: Table, id_: str, record: Record, at: datetime) -> None:
        if at + self.lag > self.clock.now():
            before = table.records.get(id_)
            table.earlier.setdefault(id_, []).append((at + self.lag, before))
        for name in _NAMING.intersection(record):
            if record[name] is not None:
                table.naming[name, record[name]].add(id_)
        table.records[id_] = record
