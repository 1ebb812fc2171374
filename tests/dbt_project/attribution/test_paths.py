"""Which touches earn, and how much: any world against the same worked out by hand."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.statistics.shapley import shapley
from tests.dbt_project.attribution.paths_by_hand import BY_PATH as EARNING
from tests.dbt_project.attribution.paths_by_hand import (
    GIVEN,
    Deal,
    Journey,
    Touch,
    World,
    attribute,
    conversions,
    earned,
    earned_by_all,
    earnings,
    fill,
)
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.examples import examples

START = datetime(2026, 1, 1)
MODELS = (
    "attribution_touch",
    "attribution_channel",
    "int_path_end",
    "int_ended_path",
    "int_path_step",
    "int_touch_before_end",
    "int_path_touch",
    "int_path_transition",
    "int_path_role",
    "int_rule_part",
    "int_attribution_credit",
)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many worlds: each fills it anew."""
    return project.database()


@st.composite
def worlds(draw: st.DrawFn) -> World:
    return some_world(lambda options: draw(st.sampled_from(list(options))))


def some_world(pick: Any, people: int = 3, most_touches: int = 12) -> World:
    """A few prospects and deals, touched at a few instants so that ties are common."""

    def at() -> datetime:
        return START + timedelta(hours=6 * pick(range(40)))

    def times() -> tuple[datetime, ...]:
        return tuple(sorted({at() for _ in range(pick((0, 1, 1, 2)))}))

    prospects = [f"p{n}" for n in range(people)]
    journeys, deals = [], []
    for n in range(pick(range(1, people + 1))):
        outcome = pick(("open", "won", "won", "lost"))
        amount = pick(
            (None, Decimal("100.00"), Decimal("0.05"), Decimal("-7.01"), Decimal("99991"))
        )
        closed_at = pick((at(), at(), None)) if outcome != "open" else None
        first_amount = pick((amount, Decimal("80.00"), None))
        deals.append(Deal(f"d{n}", amount, outcome, closed_at, (), first_amount))
        primary = pick((None, *prospects))
        entries = times()
        journeys.append(Journey(f"jd{n}", primary, 2, f"d{n}", None, (), entries))
        for other in prospects:
            if other != primary and primary and pick((True, False)):
                key = f"jd{n}-{other}"
                journeys.append(Journey(key, other, 2, None, f"d{n}", times(), entries))
    for prospect in prospects:
        won_at = pick((None, None, at()))
        journeys.append(Journey(f"j{prospect}", prospect, 1, None, None, times(), times(), won_at))
    deal_keys = [deal.key for deal in deals]
    touches = [
        Touch(
            f"t{pick(range(10))}{n}",
            at(),
            pick((None, *prospects, *prospects)),
            pick((None, None, *deal_keys)),
            pick(("web", "event", None)),
            pick(("marketing", "marketing", "marketing", "sales")),
            pick((True, True, True, False)),
            pick((False, False, False, True)),
        )
        for n in range(pick(range(most_touches)))
    ]
    world = World(
        tuple(journeys), tuple(deals), tuple(touches), pick((2, 5, 180)), pick(("USD", "EUR"))
    )

    def given_up_at(journey: Journey) -> datetime | None:
        ends_otherwise = journey.deal or journey.member_of or journey.won_at
        return None if ends_otherwise else pick((None, None, at()))

    return replace(
        world,
        journeys=tuple(
            replace(journey, opened_at=pick((None, START, at())), given_up_at=given_up_at(journey))
            for journey in journeys
        ),
        as_of=START + timedelta(days=pick((5, 10, 15))),
    )


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_any_world_earns_what_is_worked_out_by_hand(shared: Database, world: World) -> None:
    attribute(shared, world)
    assert earned(shared) == earnings(world)
    assert {model: failures(shared, model) for model in MODELS} == {model: {} for model in MODELS}


@pytest.mark.parametrize("seed", range(6))
def test_a_wide_world_earns_what_is_worked_out_by_hand(shared: Database, seed: int) -> None:
    world = some_world(random.Random(seed).choice, people=12, most_touches=400)
    attribute(shared, world)
    assert earned(shared) == earnings(world)


def test_between_them_the_wide_worlds_hold_everything_that_can_happen() -> None:
    happened = set()
    for seed in range(6):
        world = some_world(random.Random(seed).choice, people=12, most_touches=400)
        told = list(conversions(world))
        happened |= {c.kind for c in told}
        happened |= {f"{c.kind} without a touch" for c in told if not c.path}
        happened |= {f"{c.kind} with many" for c in told if len(c.path) > 5}
        happened |= {"undated win" for c in told if c.at is None}
        happened |= {"refund" for c in told if c.amount and c.amount < 0 and len(c.path) > 1}
        happened |= {"tie" for c in told for a, b in pairwise(c.path) if a.at == b.at}
    assert happened == {
        *("mql", "opportunity", "won", "undated win", "refund", "tie"),
        *("mql without a touch", "opportunity without a touch", "won without a touch"),
        *("mql with many", "opportunity with many", "won with many"),
    }


def test_a_touch_of_a_contact_of_two_deals_earns_on_both(database: Database) -> None:
    world = World(
        journeys=(Journey("a", "ann", 1, "d1"), Journey("b", "ann", 2, "d2")),
        deals=(
            Deal("d1", Decimal(100), "won", START + timedelta(days=3)),
            Deal("d2", Decimal(50), "won", START + timedelta(days=4)),
        ),
        touches=(Touch("t", START, "ann"),),
    )
    attribute(database, world)
    rows = [(r[2], r[4], r[7]) for r in earned(database) if r[0] == "linear"]
    assert rows == [("a", "t", Decimal(100)), ("b", "t", Decimal(50))]


def test_a_touch_on_a_deal_of_others_is_not_of_the_path_of_mql(database: Database) -> None:
    at = START + timedelta(days=1)
    world = World(
        journeys=(Journey("a", "ann", mqls=(at,)), Journey("b", "bob", deal="d")),
        deals=(Deal("d", Decimal(100), "won", at),),
        touches=(Touch("own", START, "ann"), Touch("of_others", START, "ann", "d")),
    )
    attribute(database, world)
    rows = [(r[1], r[4]) for r in earned(database) if r[0] == "linear"]
    assert rows == [("mql", "own"), ("won", "of_others")]


def test_by_shapley_each_channel_earns_alike_however_often_it_came(database: Database) -> None:
    at = START + timedelta(days=1)
    touches = [
        Touch(key, START + timedelta(hours=hour), "ann", channel=channel)
        for hour, (key, channel) in enumerate(
            [("a", "web"), ("b", "event"), ("c", "web"), ("d", "web"), ("e", None)]
        )
    ]
    attribute(database, World((Journey("a", "ann", mqls=(at,)),), touches=tuple(touches)))
    rows = {r[4]: r[6] for r in earned(database) if r[0] == "shapley"}
    third, ninth = Fraction(333333333333, 10**12), Fraction(111111111111, 10**12)
    step = Fraction(1, 10**12)
    # A step is left over, and a third leaves more of one than a ninth does.
    assert rows == {**dict.fromkeys("acd", ninth), "b": third + step, "e": third}


def test_what_channels_earn_by_shapley_is_the_value_of_the_game(shared: Database) -> None:
    world = some_world(random.Random(3).choice, people=12, most_touches=400)
    attribute(shared, world)
    sets = Counter(
        frozenset(touch.channel or "unknown" for touch in conversion.path)
        for conversion in conversions(world)
    )
    found: dict[str, Fraction] = defaultdict(Fraction)
    for row in earned(shared):
        if row[0] == "shapley" and row[5] != "unattributed":
            found[row[5]] += row[6]
    value = shapley(sets)
    assert len(value) == 3
    assert {channel: float(credit) for channel, credit in found.items()} == pytest.approx(value)


def test_a_touch_at_the_instant_of_the_conversion_earns_and_a_later_one_does_not(
    database: Database,
) -> None:
    at = START + timedelta(days=1)
    world = World(
        journeys=(Journey("a", "ann", mqls=(at,)),),
        touches=(Touch("now", at, "ann"), Touch("later", at + timedelta(microseconds=1), "ann")),
    )
    attribute(database, world)
    assert [row[4] for row in earned(database)] == ["now"] * len(EARNING)


def test_a_touch_at_the_edge_of_the_window_earns_and_an_earlier_one_does_not(
    database: Database,
) -> None:
    at, edge = START + timedelta(days=30), START
    world = World(
        journeys=(Journey("a", "ann", mqls=(at,)),),
        touches=(Touch("edge", edge, "ann"), Touch("out", edge - timedelta(microseconds=1), "ann")),
        window_days=30,
    )
    attribute(database, world)
    assert [row[4] for row in earned(database)] == ["edge"] * len(EARNING)


def test_where_both_teams_earn_a_touch_of_sales_earns_as_one_of_marketing(
    database: Database,
) -> None:
    world = some_world(random.Random(2).choice, people=12, most_touches=400)
    attribute(database, world)
    of_marketing_alone = earned_by_all(database)
    attribute(database, replace(world, both_teams=True))
    found = earned_by_all(database)
    as_marketing = tuple(replace(touch, team="marketing") for touch in world.touches)
    attribute(database, replace(world, touches=as_marketing))
    assert found == earned_by_all(database) != of_marketing_alone


def test_an_inferred_entry_converts_nobody(database: Database) -> None:
    fill(database, World())
    database.fill("fct_funnel", [{"journey_id": "j", "prospect_id": "p", "is_primary": True}])
    implied = {"journey_id": "j", "event": "stage_entered", "is_of_deal": False}
    database.fill(
        "fct_funnel_event",
        [
            {**implied, "event_id": stage, "stage": stage, "evidence": "inferred", "counts": False}
            for stage in ("mql", "opportunity")
        ],
    )
    database.build_with_parents("attribution_touch", given=GIVEN)
    assert earned(database) == []


def test_no_order_of_the_rows_changes_what_is_earned(database: Database) -> None:
    world = some_world(random.Random(1).choice, people=8, most_touches=80)
    attribute(database, world)
    told = earned_by_all(database)
    for seed in range(3):
        turn = random.Random(seed)
        turned = World(
            tuple(turn.sample(world.journeys, len(world.journeys))),
            tuple(turn.sample(world.deals, len(world.deals))),
            tuple(turn.sample(world.touches, len(world.touches))),
            world.window_days,
            world.currency,
            world.as_of,
        )
        attribute(database, turned)
        assert earned_by_all(database) == told


def test_an_empty_warehouse_earns_nothing(database: Database) -> None:
    database.build_with_parents("attribution_channel")
    assert database.rows("select * from {attribution_touch}") == []
    assert database.rows("select * from {attribution_channel}") == []
