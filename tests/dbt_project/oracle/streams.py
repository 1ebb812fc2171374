"""Random companies: event streams in which almost anything may happen, and how they arrive."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.dbt_project.oracle.agreement import EXITS, LADDER
from tests.dbt_project.oracle.owners import OWNERS
from tests.dbt_project.oracle.records import (
    Amount,
    Change,
    Company,
    Contact,
    Deal,
    OwnerChange,
    Person,
    Record,
    Touch,
    Version,
)

START = datetime(2024, 1, 1)
LOADED = datetime(2024, 3, 15)
# What is dated after its load, as a few records are of the earlier one, is no record at all.
EARLY_LOADS = (START + timedelta(days=20), START + timedelta(days=31))
LADDERS = (
    LADDER,
    LADDER,
    LADDER,
    ("mql", "won"),
    ("sal", "opportunity", "won"),
    ("lead", "mql", "sal", "won"),
)
EVIDENCE = ("history", "history", "timestamp_property", "observed")


@dataclass(frozen=True)
class Story:
    """A few people and deals that may have to do with each other, and with nobody else."""

    chance: Random
    name: str
    ladder: tuple[str, ...]

    def pick(self, *options: Any) -> Any:
        return self.chance.choice(options)

    def at(self) -> datetime:
        """Half days, and few, so that much falls on the same instant."""
        return START + timedelta(
            hours=12 * self.chance.randint(0, 60), minutes=self.pick(0, 0, 0, 30)
        )

    def maybe_at(self) -> datetime | None:
        return self.at() if self.pick(True, True, True, False) else None

    def stage(self) -> str:
        return str(self.chance.choice((*self.ladder, *EXITS)))

    def some(self, most: int) -> range:
        return range(self.chance.randint(0, most))

    def record_ids(self, count: int) -> list[str]:
        return [f"{self.name}p{number}" for number in range(count)]

    def persons(self) -> list[Person]:
        ids = self.record_ids(self.chance.randint(1, 4))
        others = (None, None, None, None, f"{self.name}gone", *ids)
        told = [
            Person(
                source=self.pick("crm", "crm", "crm", "web"),
                id=record_id,
                created_at=self.maybe_at(),
                email=self.pick(None, None, f"{self.name}.a@x.example", f"{self.name}.b@x.example"),
                external_id=self.pick(None, None, None, self.name),
                merged_into=self.pick(*others),
                converted_to=self.pick(*others),
            )
            for record_id in ids
        ]
        return self.with_twin(told) if self.pick(True, False) else told

    def with_twin(self, persons: list[Person]) -> list[Person]:
        """The first of them is known to the other system too, by its address."""
        first, *others = persons
        system = "web" if first.source == "crm" else "crm"
        address = first.email or f"{self.name}.a@x.example"
        twin = Person(system, f"{self.name}twin", self.maybe_at(), address)
        return [replace(first, email=address), *others, twin]

    def deal(self, number: int, persons: list[Person]) -> list[Record]:
        deal = Deal(
            source="crm",
            id=f"{self.name}d{number}",
            person=self.pick(None, "gone", *(person.id for person in persons)),
            stage=self.pick(None, self.stage(), self.stage()),
            created_at=self.maybe_at(),
            closed_at=self.maybe_at(),
            amount=self.pick(None, 100, 250),
        )
        contacts = {self.pick(*persons).id for _ in self.some(3)}
        return [
            deal,
            *(
                Contact("crm", deal.id, person, self.pick(None, "buyer"), self.pick(True, False))
                for person in sorted(contacts)
            ),
            *self.changes("deal", "crm", deal.id),
            *self.owner_changes("deal", "crm", deal.id),
            *self.amounts(deal.id),
        ]

    def changes(self, kind: str, source: str, subject: str) -> list[Change]:
        return [
            Change(source, kind, subject, self.stage(), self.at(), self.pick(*EVIDENCE))
            for _ in self.some(5)
        ]

    def owner_changes(self, kind: str, source: str, subject: str) -> list[OwnerChange]:
        return [
            OwnerChange(source, kind, subject, self.pick(*OWNERS), self.at()) for _ in self.some(4)
        ]

    def amounts(self, deal: str) -> list[Amount]:
        return [Amount("crm", deal, self.pick(None, 40, 100, 250), self.at()) for _ in self.some(4)]

    def touches(self, persons: list[Person], deals: list[str]) -> list[Touch]:
        told = [self.touch(number, persons, deals) for number in self.some(8)]
        return told + [echo for touch in told for echo in self.echoes(touch, persons)]

    def echoes(self, touch: Touch, persons: list[Person]) -> list[Touch]:
        """What another system, which knows the person too, may have logged of the same touch."""
        known = [p for p in persons if (p.source, p.id) == (touch.source, touch.person)]
        others = [
            other
            for person in known
            for other in persons
            if other.source != person.source
            and (
                (other.email and other.email == person.email)
                or (other.external_id and other.external_id == person.external_id)
            )
        ]
        return [self.echo(touch, other) for other in others if self.pick(True, True, False)]

    def echo(self, touch: Touch, other: Person) -> Touch:
        at, is_day_only = touch.at, touch.is_day_only or self.pick(True, False, False)
        if is_day_only:
            at = at.replace(hour=0, minute=0)
        else:
            at += timedelta(minutes=self.pick(0, 0, 3, 5, 30, 200))
        return replace(
            touch,
            source=other.source,
            id=f"{touch.id}e{other.id}",
            at=at,
            person=other.id,
            deal=None,
            is_two_way=self.pick(True, False),
            is_day_only=is_day_only,
        )

    def touch(self, number: int, persons: list[Person], deals: list[str]) -> Touch:
        at, is_day_only = self.at(), self.pick(True, False, False)
        return Touch(
            source=self.pick("crm", "crm", "crm", "web"),
            id=f"{self.name}t{number}",
            at=at.replace(hour=0, minute=0) if is_day_only else at,
            person=self.pick(None, "gone", *(person.id for person in persons * 3)),
            deal=self.pick(None, None, "gone", *deals),
            kind=self.pick("call", "click", "bulk_send"),
            channel=self.pick(None, "ads", "web"),
            team=self.pick("marketing", "sales"),
            direction=self.pick("in", "out"),
            is_two_way=self.pick(True, False),
            is_automated=self.pick(True, False, False, False),
            is_day_only=is_day_only,
        )

    def records(self) -> list[Record]:
        """All records of the story, each once."""
        persons = self.persons()
        found: list[Record] = [*persons]
        deals = self.some(3)
        for number in deals:
            found += self.deal(number, persons)
        for person in persons:
            found += self.changes("person", person.source, person.id)
            found += self.owner_changes("person", person.source, person.id)
        found += self.touches(persons, [f"{self.name}d{number}" for number in deals])
        return list({record.told_apart_by: record for record in found}.values())


def some_company(chance: Random, most_stories: int) -> Company:
    """A company as its sources tell it once, in order; a few of its records are gone by now."""
    ladder = chance.choice(LADDERS)
    stories = range(chance.randint(1, most_stories))
    records = [r for n in stories for r in Story(chance, f"s{n}", ladder).records()]
    versions = []
    for seq, record in enumerate(records):
        loads = (LOADED, LOADED, LOADED, chance.choice(EARLY_LOADS))
        loaded_at = chance.choice(loads) if isinstance(record, Deal | Touch) else LOADED
        versions.append(Version(record, loaded_at, seq))
        if chance.choice((True, *(False,) * 15)):
            versions.append(Version(record, LOADED, len(records) + seq, is_gone=True))
    as_of = START + timedelta(days=chance.choice((15, 29, 40)))
    cap = chance.choice((25, 25, 25, 2))
    decide_within = chance.choice((1, 10))
    same_within = chance.choice((0, 5, 45, 13 * 60))
    return Company(ladder, as_of, tuple(versions), cap, decide_within, same_within)


def as_it_may_arrive(company: Company, chance: Random) -> Company:
    """The same company, told untidily: older versions first, things twice, late, in any order.

    What stands in the end is the same. A deal's newest version stays in its load, which may be all
    that dates its stage.
    """
    arrived: list[Version] = []
    for version in company.versions:
        seq = 10 * version.seq + 9
        loaded_at = version.loaded_at
        if loaded_at == LOADED and not isinstance(version.record, Deal):
            loaded_at += timedelta(days=chance.randint(0, 2))
        if version.is_gone:
            loaded_at = LOADED + timedelta(days=3)
        else:
            for earlier in range(chance.choice((0, 0, 1, 2))):
                sooner = loaded_at - timedelta(days=chance.choice((0, 0, 1, 5)))
                older = chance.choice((version.record, altered(version.record, company, chance)))
                gone = chance.choice((True, False, False))
                arrived.append(Version(older, sooner, seq - earlier - 1, gone))
        arrived.append(Version(version.record, loaded_at, seq, version.is_gone))
    chance.shuffle(arrived)
    return replace(company, versions=tuple(arrived))


def told_night_by_night(company: Company, chance: Random) -> Company:
    """The same records, each told by some of a few nights between which it may have changed.

    `as_of` is between those nights, or after or before them all.
    """
    nights = [START + timedelta(days=31 + 2 * number) for number in range(4)]
    versions = []
    for version in company.versions:
        for number, night in enumerate(nights):
            if chance.choice((True, False)):
                versions.append(_as_told(version, night, number, company, chance))
    as_of = chance.choice(nights) + timedelta(days=chance.choice((-1, 0, 1)))
    return replace(company, as_of=as_of, versions=tuple(versions))


def _as_told(
    version: Version, night: datetime, number: int, company: Company, chance: Random
) -> Version:
    record = chance.choice((version.record, altered(version.record, company, chance)))
    if isinstance(record, Deal):
        record = replace(record, amount=chance.choice((None, 100, 250, 400)))
    gone = version.is_gone and number > 1
    return Version(record, night, 10_000 * number + version.seq, gone)


def wide_company(seed: int) -> Company:
    """A company of many stories, as it may arrive: between a few, all that can happen happens."""
    chance = Random(seed)
    return as_it_may_arrive(some_company(chance, most_stories=30), chance)


def altered(record: Record, company: Company, chance: Random) -> Record:
    """The same record with something else in it."""
    other = START + timedelta(hours=12 * chance.randint(0, 60))
    match record:
        case Person():
            email = chance.choice((None, "s0.a@x.example", "s1.b@x.example"))
            return replace(record, created_at=other, email=email, merged_into=None)
        case Deal():
            stage = chance.choice(company.ladder)
            return replace(record, created_at=other, closed_at=other, stage=stage, person=None)
        case Contact():
            return replace(record, is_primary=not record.is_primary)
        case Change():
            return replace(record, evidence=chance.choice(EVIDENCE))
        case OwnerChange() | Amount():
            return replace(record, by=chance.choice(OWNERS))
        case Touch():
            return replace(
                record,
                at=other,
                person=None,
                is_automated=not record.is_automated,
                is_day_only=False,
            )


def with_one_changed(company: Company, chance: Random) -> tuple[Company, Record]:
    """The company with one of its records taken away, or with something else in it; and which."""
    changed = chance.choice(company.versions).record
    others = [v for v in company.versions if v.record.told_apart_by != changed.told_apart_by]
    if chance.choice((True, False)):
        return replace(company, versions=tuple(others)), changed
    other = altered(changed, company, chance)
    versions = (*others, Version(other, LOADED, 10_000))
    return replace(company, versions=versions), changed
