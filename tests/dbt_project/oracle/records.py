"""What sources tell, as records in versions, and which of it stands.

The oracle of the funnel starts here. It is written from the definitions of the funnel alone and
shares no code with the models: it is meant to be simple enough to be read and believed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

ENDS = ("won", "lost", "disqualified")
SILENT_KINDS = {"bulk_send", "email_open", "bot_click", "crm_edit"}


def identifier(*parts: str) -> str:
    """The key of a record, by which ties are broken where nothing else tells two apart."""
    text = "|,|".join(part.replace("|", "||") for part in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Person:
    """A person record of a source."""

    source: str
    id: str
    created_at: datetime | None = None
    email: str | None = None
    external_id: str | None = None
    merged_into: str | None = None
    converted_to: str | None = None

    @property
    def key(self) -> str:
        return identifier(self.source, self.id)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("persons", self.source, self.id)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return (self.created_at,)


@dataclass(frozen=True)
class Deal:
    """A deal's record."""

    source: str
    id: str
    person: str | None = None
    stage: str | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
    amount: int | None = None

    @property
    def key(self) -> str:
        return identifier(self.source, self.id)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("deals", self.source, self.id)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return (self.created_at, self.closed_at)


@dataclass(frozen=True)
class Contact:
    """A person on a deal."""

    source: str
    deal: str
    person: str
    role: str | None = None
    is_primary: bool = False

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("deal_persons", self.source, self.deal, self.person)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return ()


@dataclass(frozen=True)
class Change:
    """A statement that a person or a deal entered a stage."""

    source: str
    kind: str
    subject: str
    stage: str
    at: datetime
    evidence: str = "history"

    @property
    def record_id(self) -> str:
        return "|".join((self.kind, self.subject, self.stage, f"{self.at:%Y-%m-%d %H:%M:%S}"))

    @property
    def key(self) -> str:
        return identifier(self.source, self.record_id)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("stage_changes", self.source, self.record_id)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return (self.at,)


@dataclass(frozen=True)
class OwnerChange:
    """A statement that somebody took over a person or a deal, or that nobody has it any more."""

    source: str
    kind: str
    subject: str
    owner: str | None
    at: datetime
    by: str | None = None

    @property
    def record_id(self) -> str:
        at = f"{self.at:%Y-%m-%d %H:%M:%S}"
        return "|".join((self.kind, self.subject, self.owner or "", at))

    @property
    def key(self) -> str:
        return identifier(self.source, self.record_id)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("owner_changes", self.source, self.record_id)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return (self.at,)


@dataclass(frozen=True)
class Amount:
    """A statement of what a deal amounts to from then on; None: it has no amount."""

    source: str
    deal: str
    amount: int | None
    at: datetime
    by: str | None = None

    @property
    def record_id(self) -> str:
        amount = "" if self.amount is None else str(self.amount)
        return "|".join((self.deal, amount, f"{self.at:%Y-%m-%d %H:%M:%S}"))

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("deal_amounts", self.source, self.record_id)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return (self.at,)


@dataclass(frozen=True)
class Touch:
    """A touch, of a person or on a deal or both."""

    source: str
    id: str
    at: datetime
    person: str | None = None
    deal: str | None = None
    kind: str = "call"
    channel: str | None = None
    team: str = "sales"
    direction: str = "out"
    is_two_way: bool = False
    is_automated: bool = False
    is_day_only: bool = False

    @property
    def key(self) -> str:
        return identifier(self.source, "touches", self.kind, self.id)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        return ("touches", self.source, self.kind, self.id)

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        return (self.at,)

    @property
    def n_known(self) -> int:
        """How much its record knows, of what other systems may know too."""
        return self.is_two_way + (self.deal is not None)

    @property
    def counts(self) -> bool:
        """Whether a person did anything."""
        return not self.is_automated and self.kind not in SILENT_KINDS


Record = Person | Deal | Contact | Change | OwnerChange | Amount | Touch
Kind = TypeVar("Kind", Person, Deal, Contact, Change, OwnerChange, Amount, Touch)


@dataclass(frozen=True)
class Version:
    """A record as a load brought it, or the news that it is gone from its source."""

    record: Record
    loaded_at: datetime
    seq: int = 0
    is_gone: bool = False


@dataclass(frozen=True)
class Company:
    """All that the sources have told, what both teams agreed on, and what had happened by when."""

    ladder: tuple[str, ...]
    as_of: datetime
    versions: tuple[Version, ...]
    cap: int = 25
    decide_within_days: int = 10
    same_within_minutes: int = 5
    known_at: datetime = datetime(2031, 1, 1)

    def order(self, stage: str) -> int:
        """A stage's place in the ladder, from 1; 0 for an exit."""
        return self.ladder.index(stage) + 1 if stage in self.ladder else 0

    def rank(self, stage: str) -> int:
        """Where a stage stands at one instant: up the ladder, back to marketing, out, a win."""
        last = ("recycled", "disqualified", "lost", "won")
        return 100 + last.index(stage) if stage in last else self.order(stage)

    @property
    def open_stages(self) -> tuple[str, ...]:
        """The stages of the ladder before it is won."""
        return self.ladder[:-1]


class Known:
    """The records that stand: of each the newest version, if it is neither gone nor impossible.

    What a source tells of the present alone, a deal's amount, is that of the newest load by as_of.
    """

    def __init__(self, versions: Iterable[Version], as_of: datetime, known_at: datetime) -> None:
        newest: dict[tuple[str, ...], Version] = {}
        last_values: dict[tuple[str, ...], Version] = {}
        told: dict[tuple[str, ...], list[Version]] = {}
        for version in sorted(versions, key=lambda v: (v.loaded_at, v.seq)):
            if version.loaded_at > known_at:
                continue
            name = version.record.told_apart_by
            newest[name] = version
            if not version.is_gone:
                last_values[name] = version
                told.setdefault(name, []).append(version)
        self.standing: list[Version] = []
        for name, version in newest.items():
            value = last_values.get(name)
            if value is None or any(at and at > value.loaded_at for at in value.record.dates):
                continue
            # What a person was stays known when the record is deleted; all else is taken back.
            if not version.is_gone or isinstance(value.record, Person):
                self.standing.append(_as_it_stood(value, told[name], as_of))
        self.first_loaded_at = {name: versions[0].loaded_at for name, versions in told.items()}
        self.stage_seen_at = {name: _stage_seen_at(versions) for name, versions in told.items()}
        self.persons = self._all(Person)
        self.deals = self._all(Deal)
        self.contacts = self._all(Contact)
        self.changes = self._all(Change)
        self.owner_changes = self._all(OwnerChange)
        self.amounts = self._all(Amount)
        self.touches = self._all(Touch)

    def _all(self, kind: type[Kind]) -> list[Kind]:
        return [v.record for v in self.standing if isinstance(v.record, kind)]


def _stage_seen_at(told: list[Version]) -> datetime:
    """The load since which a deal has been in the stage that it is in."""
    seen_at, before = told[0].loaded_at, None
    for version in told:
        if isinstance(version.record, Deal):
            if version.record.stage != before:
                seen_at = version.loaded_at
            before = version.record.stage
    return seen_at


def _as_it_stood(newest: Version, told: list[Version], as_of: datetime) -> Version:
    """The newest version, with the amount of the last load by as_of; before any, of the first."""
    if not isinstance(newest.record, Deal):
        return newest
    by_then = [version for version in told if version.loaded_at <= as_of]
    first = [version for version in told if version.loaded_at == told[0].loaded_at]
    then = (by_then or first)[-1].record
    assert isinstance(then, Deal)
    return replace(newest, record=replace(newest.record, amount=then.amount))
