"""The funnel's tables, written from the clerk's journeys. Each row is a tuple.

A journey is named by (prospect, seq, deal alone), a record by its id in its source.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.dbt_project.oracle.agreement import OWNERS, calendar
from tests.dbt_project.oracle.deals import DealStory, Entry
from tests.dbt_project.oracle.journeys import LONG_AGO, Clerk, Journey
from tests.dbt_project.oracle.owners import Owned
from tests.dbt_project.oracle.pipeline import Worth, pipeline
from tests.dbt_project.oracle.records import Company, Deal, Touch

Row = tuple[Any, ...]
FAR_AWAY = datetime.max  # noqa: DTZ901


class Facts:
    """All that the models should say of a company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.clerk = Clerk(company)
        self.carriers: dict[str, list[Journey]] = {key: [] for key in self.clerk.deals}
        for journey in self.clerk.journeys:
            if journey.deal:
                self.carriers[journey.deal.deal.key].append(journey)
        self.primary = {
            key: min(journeys, key=lambda j, k=key: self._claim_to(self.clerk.deals[k], j))
            for key, journeys in self.carriers.items()
        }
        happened = [t for t in self.clerk.known.touches if t.at <= company.as_of]
        self.places = [
            (touch, *self._place(touch))
            for touch in sorted(happened, key=lambda touch: (touch.at, touch.key))
        ]

    def funnel(self) -> Iterable[Row]:
        """fct_funnel."""
        for journey in self.clerk.journeys:
            story = journey.deal
            is_primary = story is None or self.primary[story.deal.key] is journey
            counted = [entry for entry in journey.entries if entry.counts]
            outcome = story.outcome if story else journey.own_exit or "open"
            ends = [entry.at for entry in counted if entry.event == outcome]
            own = [t for t, where, late in self.places if where is journey and not late]
            working = [touch for touch in own if touch.counts]
            marketing = [touch for touch in working if touch.team == "marketing"]
            firsts = [entry.at for entry in counted]
            if journey.opened_at != LONG_AGO:
                firsts.append(journey.opened_at)
            yield (
                name(journey),
                story.deal.id if story and is_primary else None,
                story.deal.id if story and not is_primary else None,
                is_primary,
                _origin(journey, working, counted),
                (marketing or working)[0].channel if working else None,
                min(firsts, default=None),
                *(self._reached(counted, stage) for stage in self.company.ladder[1:-1]),
                _at_end(outcome, ends),
                outcome,
                self._amounts(story.deal).at_last if story and is_primary else None,
                len(marketing),
                len(working) - len(marketing),
                sum(self._falls(counted)),
                sum(entry.event == "recycled" for entry in counted),
                self._tells_no_time(journey),
            )

    def events(self) -> Iterable[Row]:
        """fct_funnel_event."""
        for journey in self.clerk.journeys:
            counted = [entry for entry in journey.entries if entry.counts]
            falls = dict(zip(map(id, counted), self._falls(counted), strict=True))
            skips = dict(zip(map(id, counted), self._skips(counted), strict=True))
            for entry in journey.entries:
                number = exited_at = None
                if entry.counts:
                    place = counted.index(entry)
                    number = sum(other.stage == entry.stage for other in counted[: place + 1])
                    exited_at = counted[place + 1].at if place + 1 < len(counted) else None
                    if exited_at and exited_at < entry.at:
                        exited_at = None
                yield (
                    name(journey),
                    entry.event,
                    entry.stage,
                    entry.at,
                    exited_at,
                    number,
                    falls.get(id(entry), False),
                    skips.get(id(entry), 0),
                    _answering(entry.stage),
                    entry.evidence,
                    entry.counts,
                    entry.is_of_deal,
                    entry.source_record,
                )
            seen = {entry.stage for entry in counted}
            for stage in self.company.ladder:
                reached = self._reached(counted, stage)
                if reached and stage not in seen:
                    implied = (None, None, False, 0, _answering(stage), "inferred", False, False)
                    yield (name(journey), "stage_entered", stage, reached, *implied, None)

    def touches(self) -> Iterable[Row]:
        """fct_touch, and with no journey orphan_touch."""
        for touch, journey, is_late in self.places:
            prospect = self.clerk.person(touch.source, touch.person)
            own = journey is not None and prospect is not None and journey.prospect == prospect
            yield (
                f"{touch.source}/{touch.id}",
                name(journey) if journey else None,
                prospect if journey else None,
                touch.counts if journey else None,
                is_late if journey else None,
                own and touch.counts and not is_late if journey else None,
            )

    def bridge(self) -> Iterable[Row]:
        """bridge_deal_prospect."""
        for key, journeys in self.carriers.items():
            story = self.clerk.deals[key]
            for journey in journeys:
                if journey.prospect is None:
                    continue
                yield story.deal.id, name(journey), self.primary[key] is journey

    def handoffs(self) -> Iterable[Row]:
        """fct_handoff."""
        for journey in self.clerk.journeys:
            counted = [entry for entry in journey.entries if entry.counts]
            handed = [
                place
                for place, entry in enumerate(counted)
                if entry.stage == "mql" and not entry.is_of_deal
            ]
            for number, place in enumerate(handed, start=1):
                following = handed[number] if number < len(handed) else len(counted)
                until = counted[following].at if following < len(counted) else FAR_AWAY
                after = counted[place + 1 : following]
                yield (name(journey), number, *self._handoff(journey, counted[place], after, until))

    def deals(self) -> Iterable[Row]:
        """fct_deal."""
        for key, story in self.clerk.deals.items():
            closed_at = story.times_open[-1][1]
            again = len(story.times_open) - 1
            primary = name(self.primary[key])
            times = (story.started_at, closed_at)
            amounts = self._amounts(story.deal)
            yield (
                story.deal.id,
                primary,
                story.outcome,
                *times,
                again,
                self._owner(story.deal),
                amounts.at_last,
                amounts.first,
            )

    def pipeline(self) -> Iterable[Row]:
        """fct_pipeline_daily, its pipelines and segments together."""
        return pipeline(self.company, self.clerk)

    def _amounts(self, deal: Deal) -> Worth:
        return Worth(deal, self.clerk.known.amounts, self.company.as_of)

    def _owner(self, deal: Deal) -> str | None:
        """Who owned a deal at as_of."""
        return Owned(
            change
            for change in self.clerk.known.owner_changes
            if change.kind == "deal"
            and change.at <= self.company.as_of
            and (change.source, change.subject) == (deal.source, deal.id)
        ).last()

    def _reached(self, counted: list[Entry], stage: str) -> datetime | None:
        order = self.company.order(stage)
        return min((e.at for e in counted if self.company.order(e.stage) >= order), default=None)

    def _climb(self, counted: list[Entry]) -> Iterable[tuple[int, int]]:
        """Of every entry, its stage's place and that of the stage before; 0 is none."""
        before = 0
        for entry in counted:
            order = self.company.order(entry.stage)
            yield order, before
            if order and entry.event != "won":
                before = order

    def _falls(self, counted: list[Entry]) -> list[bool]:
        return [0 < order < before for order, before in self._climb(counted)]

    def _skips(self, counted: list[Entry]) -> list[int]:
        return [max(order - before - 1, 0) for order, before in self._climb(counted)]

    def _tells_no_time(self, journey: Journey) -> bool:
        counted = [entry.at for entry in journey.entries if entry.counts]
        is_backwards = counted != sorted(counted)
        is_backwards = is_backwards or any(entry.is_after_close for entry in journey.entries)
        return is_backwards or bool(journey.deal and journey.deal.is_undated_close)

    def _place(self, touch: Touch) -> tuple[Journey | None, bool]:
        """The journey in which a touch stands, and whether it came after its close.

        A copy of another touch stands nowhere.
        """
        if touch in self.clerk.copies:
            return None, False
        prospect = self.clerk.person(touch.source, touch.person)
        journeys = [j for j in self.clerk.journeys if prospect and j.prospect == prospect]
        deal = next(
            (
                key
                for key, story in self.clerk.deals.items()
                if (story.deal.source, story.deal.id) == (touch.source, touch.deal)
            ),
            None,
        )
        if deal:
            on_deal = [j for j in self.carriers[deal] if prospect and j.prospect == prospect]
            journeys = on_deal or [self.primary[deal]]
        open_then = [journey for journey in journeys if journey.was_open(touch.at)]
        if open_then:
            return open_then[0], False
        closed = [journey for journey in journeys if journey.had_closed(touch.at)]
        if closed:
            return closed[-1], True
        return (journeys[0] if journeys else None), False

    def _claim_to(self, story: DealStory, journey: Journey) -> Row:
        """How good a journey's claim is to be the deal's primary one: the least is the best."""
        prospect = journey.prospect
        if prospect is None:
            return ()
        created_at = story.deal.created_at or story.started_at
        qualified = FAR_AWAY
        for other in self.clerk.journeys_of[prospect]:
            if created_at and other.was_open(created_at):
                mqls = [e.at for e in other.heard if e.counts and e.stage == "mql"]
                mqls = [at for at in mqls if at <= created_at]
                qualified = min([qualified, *mqls])
        named = self.clerk.contacts[story.deal.key][prospect]
        return (
            qualified,
            min(way for way, _ in named),
            min((person.created_at or FAR_AWAY for _, person in named), default=FAR_AWAY),
            min(person.id for _, person in named),
        )

    def _handoff(self, journey: Journey, handed: Entry, after: list[Entry], until: datetime) -> Row:
        answers = [
            touch
            for touch, where, is_late in self.places
            if where is journey
            and touch.counts
            and not is_late
            and touch.team == "sales"
            and handed.at <= touch.at < until
        ]
        attempts = [touch.at for touch in answers if touch.direction == "out"]
        talks = [touch.at for touch in answers if touch.is_two_way]
        verdicts = [(e.at, verdict) for e in after if (verdict := _verdict(e))]
        is_over = _decide_by(handed.at, self.company.decide_within_days) < self.company.as_of
        decided_at, decision = (
            verdicts[0] if verdicts else (None, "ignored" if is_over else "pending")
        )
        is_taken = not verdicts or decision == "accepted"
        sent_away_at = FAR_AWAY if is_taken or not decided_at else decided_at
        return (
            handed.at,
            min(attempts, default=None),
            min(talks, default=None),
            decided_at,
            decision,
            len(attempts),
            *self._taker(journey, handed.at, until, sent_away_at),
        )

    def _taker(
        self, journey: Journey, since: datetime, before: datetime, not_after: datetime
    ) -> tuple[datetime | None, str | None]:
        """When a handoff was assigned, and whose it is."""
        changes = [
            change
            for change in self.clerk.known.owner_changes
            if change.kind == "person"
            and change.at <= self.company.as_of
            and self.clerk.person(change.source, change.subject) == journey.prospect
        ]
        if changes or journey.deal is None:
            return Owned(changes).first_taker(since, before, not_after)
        return None, self._owner(journey.deal.deal)


def name(journey: Journey) -> Row:
    """What tells a journey apart."""
    alone = journey.deal.deal.id if journey.deal and journey.prospect is None else None
    return journey.prospect, journey.seq, alone


def _at_end(outcome: str, ends: list[datetime]) -> datetime | None:
    """A win is dated by its earliest entry, another exit by its last."""
    if not ends:
        return None
    return min(ends) if outcome == "won" else max(ends)


def _answering(stage: str) -> str | None:
    """Who answers for a stage; for an exit nobody does."""
    return None if stage in ("lost", "disqualified", "recycled") else OWNERS.get(stage, "sales")


def _origin(journey: Journey, working: list[Touch], counted: list[Entry]) -> str:
    if journey.prospect is None:
        return "sales"
    if working:
        return working[0].team
    entered = [team for entry in counted if (team := _answering(entry.stage))]
    return entered[0] if entered else "unknown"


def _verdict(entry: Entry) -> str | None:
    if entry.stage == "recycled":
        return "recycled"
    if entry.stage in ("lost", "disqualified"):
        return "rejected"
    return "accepted" if _answering(entry.stage) == "sales" else None


def _decide_by(handed_at: datetime, days: int) -> datetime:
    """The close of the n-th business day after that of the handoff."""
    closes = {row["day"]: row["closes_at"] for row in calendar()}
    day = handed_at.date()
    while days:
        day += timedelta(days=1)
        days -= closes[day] is not None
    at: datetime = closes[day]
    return at
