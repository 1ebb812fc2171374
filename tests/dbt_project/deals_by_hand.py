"""What became of each deal, told by a plain loop over its stages."""

from dataclasses import dataclass
from datetime import datetime, time

from tests.dbt_project.funnel_world import Change, Deal, World

CLOSES = ("won", "lost", "disqualified")
STRENGTH = {"history": 1, "timestamp_property": 2, "observed": 3}


@dataclass
class Event:
    """An entry or exit: of a deal, later of a journey."""

    key: str
    event: str
    stage: str
    at: datetime
    evidence: str
    counts: bool = True
    of_deal: bool = False
    after_close: bool = False
    place: tuple[object, ...] = ()
    exited_at: datetime | None = None
    entry_seq: int | None = None
    is_regression: bool = False
    n_skipped: int = 0


@dataclass
class DealLife:
    """What became of a deal by as_of."""

    deal: Deal
    events: list[Event]
    spans: list[tuple[datetime | None, datetime | None]]
    outcome: str
    started_at: datetime | None
    closed_at: datetime | None
    undated_close: bool


def believed(changes: list[Change], record: str, subject_of: dict[str, str]) -> list[Change]:
    """The statements that count: the strongest of each record and stage, one an instant."""
    strongest: dict[tuple[str, str], int] = {}
    for change in changes:
        known = (getattr(change, record), change.stage)
        strongest[known] = min(strongest.get(known, 9), STRENGTH[change.evidence])
    one: dict[tuple[str, str, datetime], Change] = {}
    for change in sorted(changes, key=lambda c: (STRENGTH[c.evidence], c.key)):
        owner = getattr(change, record)
        if STRENGTH[change.evidence] == strongest[(owner, change.stage)]:
            one.setdefault((subject_of[owner], change.stage, change.at), change)
    return list(one.values())


def live_deal(world: World, deal: Deal) -> DealLife | None:
    """A deal's life; None where it had not begun by as_of."""
    told = believed([c for c in world.changes if c.deal == deal.key], "deal", {deal.key: deal.key})
    told.sort(key=lambda c: (c.at, world.rank(c.stage), c.key))
    said = [
        Event(c.key, "", c.stage, c.at, c.evidence, place=(c.at, 1, world.rank(c.stage), c.key))
        for c in told
    ]
    closes_itself = deal.stage in CLOSES
    closed_at = deal.closed_at if closes_itself else None
    untold = deal.stage is not None and (not told or told[-1].stage != deal.stage)
    present_at = max([closed_at or deal.loaded_at, *(c.at for c in told)])
    first_close = min((c.at for c in told if c.stage in CLOSES), default=None)
    if first_close is None and untold and closed_at:
        first_close = present_at

    open_stages = [stage for stage in world.ladder if stage != "won"]
    creation = _creation_stage(world, deal, open_stages)
    if deal.created_at is None or any(c.stage in open_stages for c in told):
        creation = None
    if creation and deal.created_at:
        backwards = first_close is not None and is_before(first_close, deal.created_at)
        at = deal.created_at
        if first_close and not backwards:
            at = min(at, first_close)
        said.append(
            Event(
                f"created {deal.key}",
                "",
                creation,
                at,
                "timestamp_property",
                after_close=backwards,
                place=(at, 0, 0, ""),
            )
        )
    dated = [event.at for event in said]
    undated_close = False
    if deal.stage and untold and creation != deal.stage:
        evidence = "timestamp_property" if closed_at else "observed"
        place = (present_at, 2, 0, "")
        said.append(Event(f"present {deal.key}", "", deal.stage, present_at, evidence, place=place))
        if closed_at:
            dated.append(present_at)
        undated_close = (
            closes_itself and not closed_at and not told and deal.loaded_at > world.as_of
        )

    begun = [at for at in [deal.created_at, *dated] if at]
    started_at = min(begun, default=deal.loaded_at if deal.loaded_at <= world.as_of else None)
    if started_at and started_at > world.as_of:
        return None
    life = DealLife(deal, [], [], "open", started_at, None, undated_close)
    _walk_deal(world, life, said)
    if undated_close and deal.stage:
        life.outcome = deal.stage
    return life


def _creation_stage(world: World, deal: Deal, open_stages: list[str]) -> str | None:
    if "opportunity" not in world.ladder:
        return deal.stage if deal.stage in open_stages else None
    if deal.stage in open_stages[: world.ladder.index("opportunity")]:
        return deal.stage
    return "opportunity"


def _walk_deal(world: World, life: DealLife, said: list[Event]) -> None:
    outcome, before, close_at = "open", None, None
    opened_at = life.started_at
    for event in sorted(said, key=lambda e: e.place):
        if event.at > world.as_of:
            continue
        event.of_deal = True
        event.event = event.stage if event.stage in (*CLOSES, "recycled") else "stage_entered"
        if event.after_close:
            event.counts = False
            life.events.append(event)
            continue
        if event.stage == before:
            continue
        before = event.stage
        if event.stage == "recycled":
            event.counts = outcome == "open"
        elif event.stage in CLOSES:
            # A loss after another loss changes nothing; a win after a loss does.
            event.counts = outcome == "open" or (outcome == "won") != (event.stage == "won")
            if event.counts:
                outcome, close_at = event.stage, event.at
        elif outcome != "open":
            event.event = "reopened"
            life.spans.append((opened_at, close_at))
            outcome, opened_at, close_at = "open", event.at, None
        life.events.append(event)
    life.spans.append((opened_at, close_at))
    life.outcome, life.closed_at = outcome, close_at


def is_before(later: datetime, earlier: datetime) -> bool:
    """Whether what should come later came before; a midnight stands for its whole day."""
    whole_day = later.time() == time(0) and later.date() == earlier.date()
    return later < earlier and not whole_day
