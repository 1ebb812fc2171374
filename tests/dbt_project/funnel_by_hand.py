"""The funnel as METRICS defines it, told by a plain loop over events: the oracle of the SQL.

It walks every prospect's life one event at a time and keeps a list of journeys, as a person with
pencil and paper would. It shares no code with the models.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from tests.dbt_project.deals_by_hand import CLOSES, DealLife, Event, believed, live_deal
from tests.dbt_project.funnel_world import Change, World

NEVER = datetime.min  # noqa: DTZ901


@dataclass
class Journey:
    """One pass of a prospect, or of a deal that nobody known stands behind."""

    prospect: str | None
    seq: int
    opened_at: datetime | None
    deal: str | None = None
    joined_at: datetime | None = None
    is_open: bool = True
    own_exit: str | None = None
    spans: list[list[datetime | None]] = field(default_factory=list)
    # What was heard of it, and what of that is an entry or exit.
    heard: list[Event] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def name(self) -> tuple[str | None, int, str | None]:
        """What tells it apart: prospect and pass, or the deal."""
        return (self.prospect, self.seq, None if self.prospect else self.deal)


def tell_funnel(world: World) -> list[Journey]:
    """All journeys of a world, with their events and touches."""
    lives = {deal.key: live_deal(world, deal) for deal in world.deals}
    living = {key: life for key, life in lives.items() if life}
    prospect_of = {person.key: person.prospect for person in world.persons}
    claims = believed([c for c in world.changes if c.person], "person", prospect_of)
    contacts = defaultdict(set)
    for key, life in living.items():
        if life.deal.person in prospect_of:
            contacts[prospect_of[life.deal.person]].add(key)
    for contact in world.contacts:
        if contact.deal in living:
            contacts[prospect_of[contact.person]].add(contact.deal)

    journeys: list[Journey] = []
    for prospect in sorted(set(prospect_of.values())):
        own = [c for c in claims if c.person and prospect_of[c.person] == prospect]
        deals = [living[key] for key in sorted(contacts[prospect])]
        journeys += _live_prospect(world, prospect, own, deals, prospect_of)
    carried = {journey.deal for journey in journeys}
    for key in sorted(living):
        if key not in carried:
            life = living[key]
            journey = Journey(None, 1, life.started_at, key, life.started_at)
            journey.spans = [list(span) for span in life.spans]
            journey.heard = list(life.events)
            journeys.append(journey)
    for journey in journeys:
        _settle_events(world, journey)
    return journeys


def known_since(
    world: World, prospect: str, claims: list[Change], prospect_of: dict[str, str]
) -> tuple[bool, datetime | None, str]:
    """Whether a prospect is known by as_of, since when, and by what sign first."""
    touches = [t for t in world.touches if t.person and prospect_of.get(t.person) == prospect]
    records = [p.created_at for p in world.persons if p.prospect == prospect]
    signs = [(t.at, 1, "touch") for t in touches if t.counts]
    signs += [(at, 2, "record") for at in records if at]
    signs += [(c.at, 3, "stage") for c in claims]
    silent = [(t.at, 1, "touch") for t in touches if not t.counts]
    for candidates in (signs, silent):
        happened = [sign for sign in candidates if sign[0] <= world.as_of]
        if happened:
            at, _, sign = min(happened)
            return True, at, sign
    return None in records, None, "record"


def _live_prospect(
    world: World,
    prospect: str,
    claims: list[Change],
    deals: list[DealLife],
    prospect_of: dict[str, str],
) -> list[Journey]:
    is_known, since, sign = known_since(world, prospect, claims, prospect_of)
    if not is_known and not deals:
        return []
    walk = _Walk(world, prospect, since)
    first = walk.journeys[0]
    if sign != "stage" and since and "aware" in world.ladder:
        evidence = "history" if sign == "touch" else "timestamp_property"
        first.heard.append(Event("aware", "stage_entered", "aware", since, evidence))
    for _place, step in sorted(_steps(world, since, claims, deals), key=lambda pair: pair[0]):
        walk.take(step)
    for journey in walk.journeys:
        if journey.opened_at == NEVER:
            journey.opened_at = None
        for span in journey.spans:
            span[:] = [None if at == NEVER else at for at in span]
        journey.heard += [event for life in deals for event in _copies(life, journey)]
    return walk.journeys


@dataclass(frozen=True)
class DealStep:
    """A deal begins, or opens again, or closes, as a contact of it lives it."""

    life: DealLife
    number: int
    at: datetime
    closes: bool


Steps = list[tuple[tuple[object, ...], Change | DealStep]]


def _steps(
    world: World, since: datetime | None, claims: list[Change], deals: list[DealLife]
) -> Steps:
    """What happens to a prospect, each thing with its place in the order."""
    steps: Steps = []
    for claim in claims:
        if claim.at <= world.as_of:
            turn = 3 if claim.stage in CLOSES else 1
            steps.append(((claim.at, turn, world.rank(claim.stage), claim.key), claim))
    for life in deals:
        began = (life.started_at or NEVER, life.deal.key)
        for number, (opened_at, closed_at) in enumerate(life.spans):
            at = max(opened_at or NEVER, since or NEVER)
            place = (at, 4 if number else 2, *began, number)
            steps.append((place, DealStep(life, number, at, closes=False)))
            if closed_at:
                at = max(closed_at, since or NEVER)
                steps.append(((at, 5, *began, number), DealStep(life, number, at, closes=True)))
    return steps


class _Walk:
    """A prospect's journeys as they stand after each step."""

    def __init__(self, world: World, prospect: str, since: datetime | None) -> None:
        self.world = world
        self.prospect = prospect
        self.journeys = [Journey(prospect, 1, since, spans=[[since, None]])]
        qualifying = "mql" if "mql" in world.ladder else _first_of_sales(world)
        self.qualifying = world.order(qualifying) or 0

    def take(self, step: Change | DealStep) -> None:
        if isinstance(step, Change):
            self._claim(step)
        elif step.closes:
            self._close(step)
        elif step.number:
            journey = self._carrier(step)
            journey.is_open = True
            journey.spans.append([step.at, None])
        else:
            journey = self._free() or self._open_another(step.at)
            journey.deal = step.life.deal.key
            journey.joined_at = None if step.at == NEVER else step.at

    def _free(self) -> Journey | None:
        free = (journey for journey in self.journeys if journey.is_open and not journey.deal)
        return next(free, None)

    def _carrier(self, step: DealStep) -> Journey:
        return next(journey for journey in self.journeys if journey.deal == step.life.deal.key)

    def _open_another(self, at: datetime) -> Journey:
        journey = Journey(self.prospect, len(self.journeys) + 1, at, spans=[[at, None]])
        self.journeys.append(journey)
        return journey

    def _close(self, step: DealStep) -> None:
        # Periods that were over before the contact was known may all end at once.
        journey = self._carrier(step)
        journey.spans[step.number][1] = step.at
        journey.is_open = any(closed_at is None for _, closed_at in journey.spans)

    def _claim(self, claim: Change) -> None:
        still_open = [journey for journey in self.journeys if journey.is_open]
        is_exit = claim.stage in CLOSES
        free = self._free()
        counts, journey = True, self.journeys[-1]
        if is_exit and free:
            journey, free.is_open, free.own_exit = free, False, claim.stage
            free.spans[-1][1] = claim.at
        elif still_open:
            counts, journey = not is_exit, still_open[0]
        elif not is_exit and (self.world.order(claim.stage) or 0) >= self.qualifying:
            journey = self._open_another(claim.at)
        else:
            counts = False
        name = claim.stage if is_exit or claim.stage == "recycled" else "stage_entered"
        journey.heard.append(Event(claim.key, name, claim.stage, claim.at, claim.evidence, counts))


def _copies(life: DealLife, journey: Journey) -> list[Event]:
    if life.deal.key != journey.deal:
        return []
    return [Event(**vars(event)) for event in life.events]


def _first_of_sales(world: World) -> str:
    return next(stage for stage in world.ladder if stage not in ("aware", "lead", "mql"))


def _settle_events(world: World, journey: Journey) -> None:
    """Put a journey's events in order, drop what only repeats, and say what each one is."""
    moves = [event for event in journey.heard if event.counts and event.key != "aware"]
    closes = [event for event in moves if event.of_deal]
    last = closes[-1] if closes else None

    def place(event: Event) -> tuple[object, ...]:
        at = event.at
        if event is last and event.stage in CLOSES and journey.joined_at:
            at = max(at, journey.joined_at)
        turn = (0, world.rank(event.stage))
        if event.key.startswith("created"):
            turn = (0, 0)
        elif event.key.startswith("present"):
            turn = (1, world.rank(event.stage))
        return (at, turn, event.of_deal, event.key)

    first_move = min((event.at for event in moves), default=None)
    kept: list[Event] = []
    counted: list[Event] = []
    highest_before = 0
    entries: dict[str, int] = defaultdict(int)
    for event in sorted(journey.heard, key=place):
        if event.key == "aware" and first_move and event.at > first_move:
            continue
        if event.counts:
            if counted and counted[-1].stage == event.stage:
                continue
            entries[event.stage] += 1
            event.entry_seq = entries[event.stage]
            if counted and event.at >= counted[-1].at:
                counted[-1].exited_at = event.at
            order = world.order(event.stage)
            if order:
                event.is_regression = order < highest_before
                event.n_skipped = max(order - highest_before - 1, 0)
                if event.stage != "won":
                    highest_before = order
            counted.append(event)
        kept.append(event)
    journey.events = kept
