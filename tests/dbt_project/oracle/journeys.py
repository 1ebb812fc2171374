"""The journeys of all prospects, as a clerk would keep them who lived through every day.

All that happens in the company is put in one line, by instant and by the defined order within an
instant, and taken one by one. Whoever is known has a list of journeys; each happening opens,
closes, reopens or moves one of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.dbt_project.oracle.deals import TRUST, DealStory, Entry, believed, deal_story, name_of
from tests.dbt_project.oracle.prospects import Prospect, prospects
from tests.dbt_project.oracle.records import ENDS, Change, Company, Deal, Known, Person, Touch
from tests.dbt_project.oracle.same_touch import same_touches

LONG_AGO = datetime.min  # noqa: DTZ901
"""The instant of what nobody dates: before all else."""


@dataclass
class Journey:
    """One pass of a prospect through the funnel, or a deal that no known contact stands behind."""

    prospect: Prospect | None
    seq: int
    opened_at: datetime
    is_open: bool = True
    deal: DealStory | None = None
    joined_at: datetime = LONG_AGO
    own_exit: str | None = None
    times_open: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    # What the contact's own records say, and what of that and of the deal's is an entry or exit.
    heard: list[Entry] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def open(self, at: datetime) -> None:
        """It opens, or opens again."""
        self.is_open = True
        self.times_open.append((at, None))

    def close(self, at: datetime, period: int = 0) -> None:
        """A time that it was open ends; it is closed once all of them have ended."""
        self.times_open[period] = (self.times_open[period][0], at)
        self.is_open = any(end is None for _, end in self.times_open)

    def was_open(self, at: datetime) -> bool:
        """Whether it was open at an instant; that of its close is the last."""
        return any(start <= at and (end is None or at <= end) for start, end in self.times_open)

    def had_closed(self, at: datetime) -> bool:
        """Whether it had been closed before an instant."""
        return any(end is not None and end < at for _, end in self.times_open)


@dataclass(frozen=True)
class Start:
    """Since when a prospect is known, and by what: LONG_AGO where nothing is dated."""

    at: datetime
    sign: str
    evidence: str | None = None
    source_record: str | None = None


# An instant, the turn within it and what tells two of a kind apart; and what then happens.
Happening = tuple[tuple[Any, ...], Callable[[], None]]
KNOWN, ENTERED, DEAL_BEGAN, OWN_EXIT, DEAL_REOPENED, DEAL_CLOSED = range(6)


class Clerk:
    """Keeps the journeys of a company; read `journeys` when done."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.known = Known(company.versions, company.as_of, company.known_at)
        self.prospect_of = prospects(self.known.persons, company.cap)
        by_name = {f"{p.source}/{p.id}": self.prospect_of[p.key] for p in self.known.persons}
        self.changes_of: dict[Prospect, list[Change]] = defaultdict(list)
        own = [c for c in self.known.changes if c.kind == "person"]
        own = [c for c in own if f"{c.source}/{c.subject}" in by_name]
        for change in believed(own, dict(by_name)):
            self.changes_of[by_name[f"{change.source}/{change.subject}"]].append(change)
        self.prospect_named = by_name
        happened = [touch for touch in self.known.touches if touch.at <= company.as_of]
        self.copies = same_touches(happened, self._whose, company.same_within_minutes)
        self.deals = self._deal_stories()
        self.contacts = {key: self._contacts(story.deal) for key, story in self.deals.items()}
        self.journeys_of: dict[Prospect, list[Journey]] = defaultdict(list)
        self.starts: dict[Prospect, Start] = {}
        for happening in self._in_order():
            happening()
        self.journeys = [j for name in sorted(self.journeys_of) for j in self.journeys_of[name]]
        self.journeys += [self._alone(s) for k, s in self.deals.items() if not self.contacts[k]]
        for journey in self.journeys:
            self._settle(journey)

    def person(self, source: str, record_id: str | None) -> Prospect | None:
        """The prospect of a person that a record names; None where it is not known."""
        return self.prospect_named.get(f"{source}/{record_id}")

    def _whose(self, touch: Touch) -> object:
        """Whom a touch is of: its deal where no person is known; None where nobody is."""
        deal = ("deal", touch.source, touch.deal) if touch.deal else None
        return self.person(touch.source, touch.person) or deal

    def _deal_stories(self) -> dict[str, DealStory]:
        stories = {}
        for deal in self.known.deals:
            changes = [
                c
                for c in self.known.changes
                if (c.kind, c.source, c.subject) == ("deal", deal.source, deal.id)
            ]
            first_loaded_at = self.known.first_loaded_at[deal.told_apart_by]
            seen_at = self.known.stage_seen_at[deal.told_apart_by]
            story = deal_story(self.company, deal, first_loaded_at, seen_at, changes)
            if story:
                stories[deal.key] = story
        return stories

    def _contacts(self, deal: Deal) -> dict[Prospect, list[tuple[int, Person]]]:
        """The known contacts of a deal, each with its records there and how each is named.

        0: called primary, 1: named by the deal itself, 2: any other.
        """
        named = [(1, deal.person)] if deal.person else []
        named += [
            (0 if contact.is_primary else 2, contact.person)
            for contact in self.known.contacts
            if (contact.source, contact.deal) == (deal.source, deal.id)
        ]
        found: dict[Prospect, list[tuple[int, Person]]] = defaultdict(list)
        for person in self.known.persons:
            for way, name in named:
                if (person.source, person.id) == (deal.source, name):
                    found[self.prospect_of[person.key]].append((way, person))
        return found

    def _start(self, prospect: Prospect, deals: list[DealStory]) -> Start | None:
        """The prospect's first sign: a touch, a record or a stage.

        A touch that does not count comes next, then a record that nobody dates, then a deal.
        """
        touches = [
            touch
            for touch in self.known.touches
            if touch not in self.copies and self.person(touch.source, touch.person) == prospect
        ]
        records = [p for p in self.known.persons if self.prospect_of[p.key] == prospect]
        signs: list[tuple[datetime, int, str, Start]] = []
        for touch in touches:
            if touch.counts:
                signs.append((touch.at, 1, touch.key, _by_touch(touch)))
        for person in records:
            if person.created_at:
                start = Start(person.created_at, "record", "timestamp_property", person.id)
                signs.append((person.created_at, 2, person.key, start))
        for change in self.changes_of[prospect]:
            signs.append((change.at, 3, change.key, Start(change.at, "stage")))
        silent = [(t.at, 1, t.key, _by_touch(t)) for t in touches if not t.counts]
        for candidates in (signs, silent):
            happened = [sign for sign in candidates if sign[0] <= self.company.as_of]
            if happened:
                return min(happened, key=lambda sign: sign[:3])[3]
        if deals or any(person.created_at is None for person in records):
            return Start(LONG_AGO, "undated")
        return None

    def _in_order(self) -> Iterator[Callable[[], None]]:
        happenings: list[Happening] = []
        for prospect in sorted(set(self.prospect_of.values())):
            deals = [s for key, s in self.deals.items() if prospect in self.contacts[key]]
            start = self._start(prospect, deals)
            if start:
                self.starts[prospect] = start
                happenings += self._life(prospect, start, deals)
        happenings.sort(key=lambda happening: happening[0])
        return (what for _, what in happenings)

    def _life(self, prospect: Prospect, start: Start, deals: list[DealStory]) -> list[Happening]:
        life: list[Happening] = [((start.at, KNOWN), lambda: self._open(prospect, start.at))]
        for change in self.changes_of[prospect]:
            if change.at <= self.company.as_of:
                turn = OWN_EXIT if change.stage in ENDS else ENTERED
                place = (change.at, turn, self.company.rank(change.stage), change.key)
                life.append((place, lambda c=change: self._hear(prospect, c)))
        for story in deals:
            tie = (story.started_at or LONG_AGO, story.deal.key)
            for number, (opened_at, closed_at) in enumerate(story.times_open):
                # A deal reaches a contact when both are there.
                at = max(opened_at or start.at, start.at)
                if number:
                    place = (at, DEAL_REOPENED, *tie, number)
                    life.append((place, lambda s=story, t=at: self._reopen(prospect, s, t)))
                else:
                    place = (at, DEAL_BEGAN, *tie)
                    life.append((place, lambda s=story, t=at: self._take(prospect, s, t)))
                if closed_at:
                    closed_at = max(closed_at, start.at)  # noqa: PLW2901
                    place = (closed_at, DEAL_CLOSED, *tie, number)
                    life.append(
                        (place, lambda s=story, t=closed_at, n=number: self._end(prospect, s, t, n))
                    )
        return life

    def _open(self, prospect: Prospect, at: datetime) -> Journey:
        journey = Journey(prospect, len(self.journeys_of[prospect]) + 1, at)
        journey.open(at)
        self.journeys_of[prospect].append(journey)
        return journey

    def _free(self, prospect: Prospect) -> Journey | None:
        """The earliest open journey that carries no deal."""
        return next((j for j in self.journeys_of[prospect] if j.is_open and not j.deal), None)

    def _carrier(self, prospect: Prospect, story: DealStory) -> Journey:
        return next(j for j in self.journeys_of[prospect] if j.deal is story)

    def _take(self, prospect: Prospect, story: DealStory, at: datetime) -> None:
        journey = self._free(prospect) or self._open(prospect, at)
        journey.deal, journey.joined_at = story, at

    def _reopen(self, prospect: Prospect, story: DealStory, at: datetime) -> None:
        self._carrier(prospect, story).open(at)

    def _end(self, prospect: Prospect, story: DealStory, at: datetime, period: int) -> None:
        self._carrier(prospect, story).close(at, period)

    def _hear(self, prospect: Prospect, change: Change) -> None:
        """A contact's own record says that it entered a stage."""
        journeys = self.journeys_of[prospect]
        is_open = [journey for journey in journeys if journey.is_open]
        is_end = change.stage in ENDS
        free = self._free(prospect)
        counts = True
        if is_end and free:
            journey = free
            journey.own_exit = change.stage
            journey.close(change.at)
        elif is_open:
            journey, counts = is_open[0], not is_end
        elif self._qualifies(change.stage):
            journey = self._open(prospect, change.at)
        else:
            journey, counts = journeys[-1], False
        entry = Entry(change.stage, change.at, change.evidence, change.record_id, change.key)
        entry.event, entry.counts = name_of(change.stage), counts
        journey.heard.append(entry)

    def _qualifies(self, stage: str) -> bool:
        ladder = self.company.ladder
        sales = next(s for s in ladder if s not in ("aware", "lead", "mql"))
        first = "mql" if "mql" in ladder else sales
        return stage not in ENDS and self.company.order(stage) >= self.company.order(first)

    def _alone(self, story: DealStory) -> Journey:
        journey = Journey(None, 1, story.started_at or LONG_AGO, deal=story)
        journey.times_open = [(start or LONG_AGO, end) for start, end in story.times_open]
        return journey

    def _settle(self, journey: Journey) -> None:
        """Put in what the deal tells and how it began, in order, without mere repetitions."""
        told = list(journey.heard)
        if journey.deal:
            told += [Entry(**vars(entry)) for entry in journey.deal.entries]
        start = self.starts.get(journey.prospect) if journey.prospect else None
        moved_at = min((entry.at for entry in told if entry.counts), default=None)
        if (
            start
            and start.source_record
            and start.evidence
            and journey.seq == 1
            and "aware" in self.company.ladder
            and (moved_at is None or start.at <= moved_at)
        ):
            name = name_of("aware")
            told.append(Entry("aware", start.at, start.evidence, start.source_record, "", 0, name))
        before = None
        last = next((e for e in reversed(told) if e.is_of_deal and e.counts), None)
        for entry in sorted(told, key=lambda entry: self._place(entry, last, journey)):
            if entry.counts:
                if entry.stage == before:
                    continue
                before = entry.stage
            journey.entries.append(entry)

    def _place(self, entry: Entry, last: Entry | None, journey: Journey) -> tuple[Any, ...]:
        # A deal that was over before its contact was known ends the journey when both are there.
        is_end = entry is last and entry.stage in ENDS
        at = max(entry.at, journey.joined_at) if is_end else entry.at
        trust = TRUST.index(entry.evidence)
        rank = self.company.rank(entry.stage)
        # What is told (it has a tie) comes before what the first sign only shows.
        return (at, entry.turn, rank, entry.is_of_deal, trust, not entry.tie, entry.tie)


def _by_touch(touch: Touch) -> Start:
    return Start(touch.at, "touch", "history", touch.id)
