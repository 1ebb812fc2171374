"""Hand-made journeys, deals and touches, and what they earn, worked out in Python."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from orchestration.measures.tables import STATISTICS
from tests.dbt_project.attribution.weights import HALF_LIFE_DAYS, fill_weights
from tests.dbt_project.compiled import Database
from tests.dbt_project.statistic import make

BY_PATH = ("first", "last", "linear", "shapley")
"""The models that look at nothing but the path itself."""
BY_RULE = ("last_non_direct", "position_u", "position_w", "full_path", "time_decay")
"""The models that go by a touch's place or age."""
MODELS = (*BY_PATH, *BY_RULE, "markov")
GIVEN = (
    "fct_funnel",
    "fct_funnel_event",
    "fct_deal",
    "fct_touch",
    "fct_spend",
    "bridge_deal_prospect",
    "funnel_conversion",
)
STEP = Fraction(1, 10**12)


@dataclass(frozen=True)
class Journey:
    """One pass of a prospect; `mqls` and `opportunities` are its observed entries.

    It closes with its deal; without one, when it is won or given up.
    """

    key: str
    prospect: str | None
    seq: int = 1
    deal: str | None = None
    member_of: str | None = None
    mqls: tuple[datetime, ...] = ()
    opportunities: tuple[datetime, ...] = ()
    won_at: datetime | None = None
    segment: str = "all"
    opened_at: datetime | None = None
    given_up_at: datetime | None = None


@dataclass(frozen=True)
class Deal:
    """A deal, its contacts beside the primary one, and when it was won, if it was."""

    key: str
    amount: Decimal | None = None
    outcome: str = "open"
    closed_at: datetime | None = None
    contacts: tuple[str, ...] = ()
    first_amount: Decimal | None = None


@dataclass(frozen=True)
class Touch:
    """One touch."""

    key: str
    at: datetime
    prospect: str | None = None
    deal: str | None = None
    channel: str | None = "web"
    team: str = "marketing"
    counts: bool = True
    post_close: bool = False

    @property
    def earns(self) -> bool:
        """Whether it may earn at all."""
        return self.team == "marketing" and self.counts and not self.post_close


@dataclass(frozen=True)
class World:
    """All of it, and how far back a path reaches."""

    journeys: tuple[Journey, ...] = ()
    deals: tuple[Deal, ...] = ()
    touches: tuple[Touch, ...] = ()
    window_days: int = 180
    currency: str = "USD"
    as_of: datetime = datetime(2026, 1, 20)
    both_teams: bool = False


@dataclass(frozen=True)
class Conversion:
    """One conversion as told by hand: what it is, its path in order, its money."""

    kind: str
    journey: str
    at: datetime | None
    path: tuple[Touch, ...]
    amount: Decimal | None


def fill(database: Database, world: World) -> None:
    """Put a world where the attribution's models look for it."""
    deals = {deal.key: deal for deal in world.deals}
    database.fill("fct_funnel", [_funnel_row(j, deals) for j in world.journeys])
    database.fill("fct_funnel_event", [row for j in world.journeys for row in _event_rows(j)])
    database.fill(
        "fct_deal",
        [
            {
                "deal_id": d.key,
                "outcome": d.outcome,
                "closed_at": d.closed_at,
                "amount_reporting": d.amount,
                "amount_at_creation_reporting": d.first_amount,
            }
            for d in world.deals
        ],
    )
    database.fill(
        "bridge_deal_prospect",
        [
            {"deal_id": j.deal or j.member_of, "prospect_id": j.prospect}
            for j in world.journeys
            if j.prospect and (j.deal or j.member_of)
        ],
    )
    database.fill(
        "fct_touch",
        [
            {
                "touch_id": t.key,
                "prospect_id": t.prospect,
                "deal_id": t.deal,
                "occurred_at": t.at,
                "team": t.team,
                "channel": t.channel,
                "counts": t.counts,
                "post_close": t.post_close,
                "is_path_of_mql": t.counts and not t.post_close and is_own(world, t),
            }
            for t in world.touches
        ],
    )
    database.fill("fct_spend", [])
    database.fill("funnel_conversion", [])
    database.fill(
        "agreement.settings",
        [
            {
                "time_zone": "UTC",
                "reporting_currency": world.currency,
                "attribution_window_days": world.window_days,
                "attribution_both_teams": world.both_teams,
                "half_life_days": HALF_LIFE_DAYS,
            }
        ],
    )
    fill_weights(database)
    database.fill("bound.clock", [{"as_of": world.as_of}])
    database.fill("agreement.stages", [{"stage": stage} for stage in ("mql", "opportunity", "won")])


def attribute(database: Database, world: World) -> None:
    """Fill the warehouse with a world and build what attribution makes of it."""
    fill(database, world)
    build_attribution(database)


def build_attribution(database: Database) -> None:
    """Build what attribution makes of what is there."""
    database.build_with_parents(*STATISTICS["removal_effect"].reads, given=GIVEN)
    make(database, "removal_effect")
    database.build_with_parents("attribution_channel", given=GIVEN)


def conversions(world: World) -> Iterator[Conversion]:
    """Every conversion of a world, by the book."""
    yield from _mqls(world)
    deals = {deal.key: deal for deal in world.deals}
    for journey in world.journeys:
        if journey.member_of:
            continue
        deal = deals.get(journey.deal or "")
        touches = touches_of(world, journey)
        amount = deal.amount if deal else None
        first_amount = deal.first_amount if deal else None
        before: datetime | None = None
        for n, at in enumerate(sorted(journey.opportunities)):
            path = path_of(touches, at, before, world.window_days)
            yield Conversion("opportunity", journey.key, at, path, None if n else first_amount)
            before = at
        if deal and deal.outcome == "won":
            path = path_of(touches, deal.closed_at, None, world.window_days)
            yield Conversion("won", journey.key, deal.closed_at, path, amount)
        elif not deal and journey.won_at:
            path = path_of(touches, journey.won_at, None, world.window_days)
            yield Conversion("won", journey.key, journey.won_at, path, None)


def earnings(world: World) -> list[tuple[Any, ...]]:
    """Model, conversion, journey, time, touch, channel, credit and amount of every row.

    These are the rows of the models that look at the path alone.
    """
    rows: list[tuple[Any, ...]] = []
    for conversion in conversions(world):
        told = (conversion.kind, conversion.journey, conversion.at)
        for model in BY_PATH:
            if not conversion.path:
                nobody = (model, *told, None, "unattributed", Fraction(1), conversion.amount)
                rows.append(nobody)
                continue
            touches = _of_model(conversion.path, model)
            credits = split(Fraction(1), _parts(touches, model), touches, STEP)
            amounts = split_money(conversion.amount, credits, touches, world.currency)
            rows += [
                (model, *told, touch.key, touch.channel or "unknown", credit, amount)
                for touch, credit, amount in zip(touches, credits, amounts, strict=True)
            ]
    return sorted(rows, key=repr)


def earned(database: Database) -> list[tuple[Any, ...]]:
    """The same of `attribution_touch`."""
    return [row for row in earned_by_all(database) if row[0] in BY_PATH]


def earned_by_all(database: Database) -> list[tuple[Any, ...]]:
    """Every row of `attribution_touch`, as `earnings` tells them."""
    rows = database.rows(
        "select model, conversion, journey_id, converted_at, touch_id, channel, credit, amount "
        "from {attribution_touch}"
    )
    exact = [{**row, "credit": Fraction(row["credit"])} for row in rows]
    return sorted((tuple(row.values()) for row in exact), key=repr)


def split(
    whole: Fraction, parts: Sequence[Fraction], touches: Sequence[Touch], step: Fraction
) -> list[Fraction]:
    """Split a whole in steps: the rest goes to the largest remainders, ties by key."""
    shares = [whole * part / sum(parts) / step for part in parts]
    steps = [share.numerator // share.denominator for share in shares]
    left = whole / step - sum(steps)
    by_remainder = sorted(
        range(len(parts)), key=lambda i: (-(shares[i] - steps[i]), touches[i].key)
    )
    for i in by_remainder[: int(left)]:
        steps[i] += 1
    return [count * step for count in steps]


def split_money(
    amount: Decimal | None, credits: Sequence[Fraction], touches: Sequence[Touch], currency: str
) -> list[Decimal | None]:
    """Split an amount by credits in the currency's minor unit; its sign is kept."""
    if amount is None:
        return [None] * len(credits)
    step = Fraction(1) if currency == "JPY" else Fraction(1, 100)
    sign = -1 if amount < 0 else 1
    shares = split(Fraction(abs(amount)), credits, touches, step)
    return [Decimal(sign * int(share * 100)) / 100 for share in shares]


def _mqls(world: World) -> Iterator[Conversion]:
    prospects = sorted({j.prospect for j in world.journeys if j.prospect})
    for prospect in prospects:
        own = [t for t in world.touches if t.prospect == prospect and is_own(world, t)]
        entries = sorted(
            (at, j.seq, j.key) for j in world.journeys if j.prospect == prospect for at in j.mqls
        )
        before: datetime | None = None
        for at, _, journey in entries:
            yield Conversion("mql", journey, at, path_of(own, at, before, world.window_days), None)
            before = at


def is_own(world: World, touch: Touch) -> bool:
    """Whether it stands in a journey of its prospect: not if it is logged on a deal of others."""
    contacts = {j.prospect for j in world.journeys if touch.deal in (j.deal, j.member_of)}
    return touch.prospect is not None and (touch.deal is None or touch.prospect in contacts)


def touches_of(world: World, journey: Journey) -> list[Touch]:
    """The touches of a journey's prospect, of the contacts of its deal, and on that deal."""
    people = {journey.prospect}
    if journey.deal:
        people |= {j.prospect for j in world.journeys if j.member_of == journey.deal}
    return [
        touch
        for touch in world.touches
        if (touch.prospect and touch.prospect in people)
        or (touch.deal and touch.deal == journey.deal)
    ]


def path_of(
    touches: Iterable[Touch], at: datetime | None, before: datetime | None, window_days: int
) -> tuple[Touch, ...]:
    """Those of the touches that earn for what came at that time, in order."""
    if at is None:
        return ()
    opens_at = at - timedelta(days=window_days)
    return tuple(
        sorted(
            (
                touch
                for touch in touches
                if touch.earns
                and opens_at <= touch.at <= at
                and (before is None or touch.at > before)
            ),
            key=lambda touch: (touch.at, touch.key),
        )
    )


def _of_model(path: tuple[Touch, ...], model: str) -> tuple[Touch, ...]:
    return {"first": path[:1], "last": path[-1:]}.get(model, path)


def _parts(touches: tuple[Touch, ...], model: str) -> list[Fraction]:
    """How much each touch weighs: all alike, or each channel's touches as much as another's."""
    if model != "shapley":
        return [Fraction(1)] * len(touches)
    of_channel = Counter(touch.channel or "unknown" for touch in touches)
    return [Fraction(1, of_channel[touch.channel or "unknown"]) for touch in touches]


def _funnel_row(journey: Journey, deals: dict[str, Deal]) -> dict[str, Any]:
    deal = deals.get(journey.deal or journey.member_of or "")
    ended_without_deal = (
        "won" if journey.won_at else "disqualified" if journey.given_up_at else "open"
    )
    # The journeys of a deal's members carry its times; that of its primary one tells none here.
    ended = {deal.outcome: deal.closed_at} if deal and journey.member_of else {}
    return {
        "journey_id": journey.key,
        "prospect_id": journey.prospect,
        "journey_seq": journey.seq,
        "deal_id": journey.deal,
        "member_of_deal_id": journey.member_of,
        "is_primary": journey.member_of is None,
        "segment": journey.segment,
        "outcome": deal.outcome if deal else ended_without_deal,
        "aware_at": journey.opened_at,
        "won_at": ended.get("won", journey.won_at),
        "lost_at": ended.get("lost"),
        "disqualified_at": journey.given_up_at,
        "amount": deal.amount if deal and journey.deal else None,
    }


def _event_rows(journey: Journey) -> Iterator[dict[str, Any]]:
    is_of_deal = bool(journey.deal or journey.member_of)
    entered = {"mql": journey.mqls, "opportunity": journey.opportunities}
    for stage, times in entered.items():
        for n, at in enumerate(sorted(times)):
            yield {
                "event_id": f"{journey.key}-{stage}-{n}",
                "journey_id": journey.key,
                "event": "reopened" if n and stage == "opportunity" else "stage_entered",
                "stage": stage,
                "occurred_at": at,
                "entry_seq": n + 1,
                "evidence": "history",
                "counts": True,
                "is_of_deal": is_of_deal and stage == "opportunity",
            }
            yield {
                "event_id": f"{journey.key}-{stage}-{n}-implied",
                "journey_id": journey.key,
                "event": "stage_entered",
                "stage": stage,
                "occurred_at": at - timedelta(hours=1),
                "evidence": "inferred",
                "counts": False,
                "is_of_deal": False,
            }
