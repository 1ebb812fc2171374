"""What the funnel's tables say, worked out by hand from the journeys of `funnel_by_hand`."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.dbt_project.deals_by_hand import DealLife, Event, believed, live_deal
from tests.dbt_project.funnel_by_hand import Journey, tell_funnel
from tests.dbt_project.funnel_world import OWNERS, Touch, World, calendar

Name = tuple[str | None, int, str | None]
Rows = list[tuple[Any, ...]]


class Facts:
    """All facts of a world, each as a sorted list of rows."""

    def __init__(self, world: World) -> None:
        self.world = world
        lives = {deal.key: live_deal(world, deal) for deal in world.deals}
        self.lives = {key: life for key, life in lives.items() if life}
        self.journeys = tell_funnel(world)
        self.carriers: dict[str, list[Journey]] = defaultdict(list)
        for journey in self.journeys:
            if journey.deal:
                self.carriers[journey.deal].append(journey)
        self.primary = {
            deal: _primary_journey(world, self.lives[deal], carriers, self.journeys)
            for deal, carriers in self.carriers.items()
        }
        self.touches = [placed for t in world.touches if (placed := self._place(t)) is not None]

    def funnel(self) -> Rows:
        """Name, deal, member of, times of the ladder, outcome, its time, amount, falls."""
        rows = []
        for journey in self.journeys:
            life = self.lives.get(journey.deal or "")
            is_primary = life is None or self.primary[life.deal.key] is journey
            outcome = life.outcome if life else journey.own_exit or "open"
            counted = [event for event in journey.events if event.counts]
            ends = [event.at for event in counted if event.event == outcome]
            ended_at = (min(ends) if outcome == "won" else max(ends)) if ends else None
            firsts = [event.at for event in counted]
            if journey.opened_at:
                firsts.append(journey.opened_at)
            rows.append(
                (
                    journey.name,
                    journey.deal if is_primary else None,
                    None if is_primary else journey.deal,
                    min(firsts, default=None),
                    *(self._reached(counted, stage) for stage in self.world.ladder[1:-1]),
                    outcome,
                    ended_at,
                    life.deal.amount if life and is_primary else None,
                    sum(event.is_regression for event in counted),
                    sum(event.event == "recycled" for event in counted),
                    self._origin(journey, counted),
                    self._is_excluded(journey, life, counted),
                )
            )
        return sorted(rows, key=repr)

    def _reached(self, counted: list[Event], stage: str) -> datetime | None:
        place = self.world.order(stage) or 0
        return min(
            (event.at for event in counted if (self.world.order(event.stage) or 0) >= place),
            default=None,
        )

    def _origin(self, journey: Journey, counted: list[Event]) -> str:
        touches = [
            touch
            for touch, stands_in, post_close in self.touches
            if stands_in is journey and touch.counts and not post_close
        ]
        if journey.prospect is None:
            return "sales"
        if touches:
            return min(touches, key=lambda touch: (touch.at, touch.key)).team
        entries = [event for event in counted if event.event == "stage_entered"]
        return OWNERS.get(entries[0].stage, "sales") if entries else "unknown"

    def _is_excluded(self, journey: Journey, life: DealLife | None, counted: list[Event]) -> bool:
        runs_back = any(later.at < earlier.at for earlier, later in pairwise(counted))
        closed_too_early = any(event.after_close for event in journey.events)
        return runs_back or closed_too_early or (life is not None and life.undated_close)

    def events(self) -> Rows:
        """One row an entry or exit, the implied ones too."""
        rows: Rows = []
        for journey in self.journeys:
            counted = [event for event in journey.events if event.counts]
            rows += [
                (
                    journey.name,
                    event.event,
                    event.stage,
                    event.at,
                    event.exited_at,
                    event.entry_seq,
                    event.is_regression,
                    event.n_skipped,
                    event.evidence,
                    event.counts,
                    event.of_deal,
                )
                for event in journey.events
            ]
            seen = {event.stage for event in counted}
            for stage in self.world.ladder:
                reached = self._reached(counted, stage)
                if reached and stage not in seen:
                    implied = (stage, reached, None, None, False, 0, "inferred", False, False)
                    rows.append((journey.name, "stage_entered", *implied))
        return sorted(rows, key=repr)

    def deals(self) -> Rows:
        """Deal, its primary journey, outcome, beginning, close and reopenings."""
        return sorted(
            (
                key,
                self.primary[key].name,
                life.outcome,
                life.started_at,
                life.closed_at if life.outcome != "open" else None,
                len(life.spans) - 1,
            )
            for key, life in self.lives.items()
        )

    def _place(self, touch: Touch) -> tuple[Touch, Journey | None, bool] | None:
        if touch.at > self.world.as_of:
            return None
        prospects = {person.key: person.prospect for person in self.world.persons}
        prospect = prospects.get(touch.person or "")
        candidates = [j for j in self.journeys if prospect and j.prospect == prospect]
        if touch.deal in self.lives:
            own = [journey for journey in candidates if journey.deal == touch.deal]
            candidates = own or [self.primary[touch.deal]]
        for journey in candidates:
            if _is_open(journey, touch.at):
                return touch, journey, False
        for journey in reversed(candidates):
            if any(closed_at and closed_at < touch.at for _, closed_at in journey.spans):
                return touch, journey, True
        return touch, candidates[0] if candidates else None, False

    def touch_places(self) -> Rows:
        """Touch, its journey (None for an orphan), and whether it came after the close."""
        return sorted(
            (touch.key, journey.name if journey else None, post_close)
            for touch, journey, post_close in self.touches
        )

    def handoffs(self) -> Rows:
        """Journey, when handed, first attempt, first two-way contact, decision, attempts."""
        rows: Rows = []
        for journey in self.journeys:
            counted = [event for event in journey.events if event.counts]
            starts = [
                place
                for place, event in enumerate(counted)
                if event.stage == "mql" and not event.of_deal
            ]
            for start, end in zip(starts, [*starts[1:], None], strict=False):
                until = counted[end].at if end is not None else None
                rows.append(self._handoff(journey, counted[start:end], until))
        return sorted(rows, key=repr)

    def _handoff(
        self, journey: Journey, events: list[Event], until: datetime | None
    ) -> tuple[Any, ...]:
        handed, *later = events
        decided_at, decision = None, "pending"
        if _business_days_over(handed.at, self.world.decide_within_days) < self.world.as_of:
            decision = "ignored"
        for event in later:
            verdict = _verdict(event)
            if verdict:
                decided_at, decision = event.at, verdict
                break
        answers = [
            touch
            for touch, stands_in, post_close in self.touches
            if stands_in is journey
            and not post_close
            and touch.counts
            and touch.team == "sales"
            and touch.at >= handed.at
            and (until is None or touch.at < until)
        ]
        attempts = [touch.at for touch in answers if touch.direction == "out"]
        talks = [touch.at for touch in answers if touch.is_two_way]
        return (
            journey.name,
            handed.at,
            min(attempts, default=None),
            min(talks, default=None),
            decided_at,
            decision,
            len(attempts),
        )


def _verdict(event: Event) -> str | None:
    if event.stage == "recycled":
        return "recycled"
    if event.stage in ("lost", "disqualified"):
        return "rejected"
    return None if event.stage in OWNERS else "accepted"


def _business_days_over(start: datetime, days: int) -> datetime:
    """The close of the n-th business day after the day of `start`."""
    closes = {row["day"]: row["closes_at"] for row in calendar()}
    day = start.date()
    while days:
        day += timedelta(days=1)
        days -= closes[day] is not None
    return closes[day]  # type: ignore[no-any-return]


def _is_open(journey: Journey, at: datetime) -> bool:
    return any(
        (opened_at is None or opened_at <= at) and (closed_at is None or at <= closed_at)
        for opened_at, closed_at in journey.spans
    )


def _primary_journey(
    world: World, life: DealLife, carriers: list[Journey], journeys: list[Journey]
) -> Journey:
    """Whose qualification came first, not after the deal's creation; else role, record, id."""
    created_at = life.deal.created_at or life.started_at
    prospects = {person.key: person.prospect for person in world.persons}
    claims = believed([c for c in world.changes if c.person], "person", prospects)

    def worth(journey: Journey) -> tuple[Any, ...]:
        mql_at = datetime.max  # noqa: DTZ901
        for other in journeys:
            if other.prospect is None or other.prospect != journey.prospect or not created_at:
                continue
            counting = {event.key for event in other.heard if event.counts}
            if _is_open(other, created_at):
                entries = [c.at for c in claims if c.key in counting and c.stage == "mql"]
                mql_at = min([mql_at, *(at for at in entries if at <= created_at)])
        records = [
            person
            for person in world.persons
            if person.prospect == journey.prospect
            and (
                person.key == life.deal.person
                or any(c.deal == life.deal.key and c.person == person.key for c in world.contacts)
            )
        ]
        ranks = [
            0 if contact.is_primary else 2
            for contact in world.contacts
            if contact.deal == life.deal.key and prospects[contact.person] == journey.prospect
        ]
        if prospects.get(life.deal.person or "") == journey.prospect and life.deal.person:
            ranks.append(1)
        dates = [person.created_at for person in records if person.created_at]
        return (
            mql_at,
            min(ranks, default=9),
            min(dates, default=datetime.max),  # noqa: DTZ901
            min((person.key for person in records), default=""),
            journey.prospect or "",
        )

    return min(carriers, key=worth)
