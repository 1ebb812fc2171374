"""What the Markov chain of all paths earns each touch: against fractions solved by hand."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_project.attribution.chain_by_hand import (
    ended_paths,
    removal_effects,
    shares,
    steps_by_kind,
)
from tests.dbt_project.attribution.paths_by_hand import (
    Conversion,
    Deal,
    Journey,
    Touch,
    World,
    attribute,
    conversions,
    earned_by_all,
    split_money,
)
from tests.dbt_project.attribution.test_paths import some_world, worlds
from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples

START = datetime(2026, 1, 1)
# The effects are doubles, and what a division leaves over goes to one touch or another.
CLOSE = Fraction(3, 10**12)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many worlds: each fills it anew."""
    return project.database()


def transitions(database: Database) -> dict[tuple[str, str, str], int]:
    rows = database.rows("select * from {int_path_transition}")
    return {(r["conversion"], r["from_state"], r["to_state"]): r["transitions"] for r in rows}


def credits(database: Database) -> dict[Any, dict[Any, tuple[Fraction, Decimal | None]]]:
    """Credit and amount of each touch by the chain, by what converted where and when."""
    found: dict[Any, dict[Any, tuple[Fraction, Decimal | None]]] = {}
    for model, kind, journey, at, touch, _, credit, amount in earned_by_all(database):
        if model == "markov":
            found.setdefault((kind, journey, at), {})[touch] = (credit, amount)
    return found


def check(database: Database, world: World) -> None:
    """The steps, the effects, the credits and the money are those of the world."""
    steps = steps_by_kind(world)
    assert transitions(database) == {
        (kind, *step): count for kind, of_kind in steps.items() for step, count in of_kind.items()
    }
    effects = {kind: removal_effects(of_kind) for kind, of_kind in steps.items()}
    rows = database.rows("select * from {statistics__removal_effect}")
    assert {
        (row["conversion"], row["channel"]): row["removal_effect"]
        for row in rows
        if row["removal_effect"] is not None
    } == pytest.approx(
        {(kind, c): float(e) for kind, of_kind in effects.items() for c, e in of_kind.items()},
        abs=1e-12,
    )
    found = credits(database)
    told = list(conversions(world))
    assert len(found) == len(told)
    for conversion in told:
        of_touches = found[conversion.kind, conversion.journey, conversion.at]
        _check_conversion(conversion, of_touches, effects[conversion.kind], world.currency)


def _check_conversion(
    conversion: Conversion,
    found: dict[Any, tuple[Fraction, Decimal | None]],
    effects: dict[str, Fraction],
    currency: str,
) -> None:
    assert sum(credit for credit, _ in found.values()) == 1
    if not conversion.path:
        assert found == {None: (Fraction(1), conversion.amount)}
        return
    expected = {key: share for key, share in shares(conversion.path, effects).items() if share}
    assert found.keys() == expected.keys()
    assert all(abs(found[key][0] - share) <= CLOSE for key, share in expected.items())
    earning = [touch for touch in conversion.path if touch.key in found]
    amounts = split_money(
        conversion.amount, [found[touch.key][0] for touch in earning], earning, currency
    )
    assert [found[touch.key][1] for touch in earning] == amounts


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_any_world_earns_by_the_chain_what_fractions_say(shared: Database, world: World) -> None:
    attribute(shared, world)
    check(shared, world)


@pytest.mark.parametrize("seed", range(6))
def test_a_wide_world_earns_by_the_chain_what_fractions_say(shared: Database, seed: int) -> None:
    world = some_world(random.Random(seed).choice, people=12, most_touches=400)
    attribute(shared, world)
    check(shared, world)


def test_between_them_the_wide_worlds_end_in_every_way() -> None:
    happened = set()
    for seed in range(60):
        world = some_world(random.Random(seed).choice, people=12, most_touches=400)
        happened |= {(p.kind, p.how, bool(p.channels)) for p in ended_paths(world)}
    kinds = ("mql", "opportunity", "won")
    assert happened == {
        *(
            (kind, how, some)
            for kind in kinds
            for how in ("converted", "closed")
            for some in (0, 1)
        ),
        *((kind, "silent", True) for kind in kinds),
        *((kind, "old", False) for kind in kinds),
    }


def small_world() -> World:
    """Two deals were won and one lost: all touched by web, the won ones by event too."""
    day = timedelta(days=1)
    return World(
        journeys=tuple(Journey(f"j{n}", f"p{n}", deal=f"d{n}", opened_at=START) for n in range(3)),
        deals=(
            Deal("d0", Decimal("100.00"), "won", START + 9 * day),
            Deal("d1", Decimal("0.01"), "won", START + 9 * day),
            Deal("d2", Decimal("50.00"), "lost", START + 9 * day),
        ),
        touches=(
            *(Touch(f"web{n}", START, f"p{n}", channel="web") for n in range(3)),
            *(Touch(f"event{n}", START + day, f"p{n}", channel="event") for n in range(2)),
            Touch("again0", START + 2 * day, "p0", channel="event"),
        ),
    )


def test_a_channel_without_which_nothing_converts_has_an_effect_of_one(
    database: Database,
) -> None:
    attribute(database, small_world())
    rows = database.rows(
        "select channel, conversion_rate, removal_effect from {statistics__removal_effect} "
        "where conversion = 'won' order by channel"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("event", pytest.approx(2 / 3), pytest.approx(1.0)),
        ("web", pytest.approx(2 / 3), pytest.approx(1.0)),
    ]
    assert credits(database)["won", "j0", START + timedelta(days=9)] == {
        "web0": (Fraction(1, 2), Decimal("50.00")),
        "event0": (Fraction(1, 4), Decimal("25.00")),
        "again0": (Fraction(1, 4), Decimal("25.00")),
    }


def test_the_effect_stands_beside_what_the_chain_earned_and_beside_no_other_model(
    database: Database,
) -> None:
    attribute(database, small_world())
    rows = database.rows(
        "select distinct model, channel, removal_effect from {attribution_channel} "
        "where conversion = 'won'"
    )
    beside = {(row["model"], row["channel"]): row["removal_effect"] for row in rows}
    assert {key for key, effect in beside.items() if effect is not None} == {
        ("markov", "web"),
        ("markov", "event"),
    }
    assert beside["markov", "web"] == pytest.approx(1.0)


def test_where_no_effect_is_known_all_touches_earn_alike(database: Database) -> None:
    attribute(database, small_world())
    database.fill("statistics.removal_effect", [])
    database.build("int_attribution_credit", "attribution_touch")
    by_all = earned_by_all(database)
    of = {model: [row[1:] for row in by_all if row[0] == model] for model in ("linear", "markov")}
    assert of["markov"] == of["linear"] != []


def test_a_path_that_may_still_convert_is_not_yet_one_that_did_not(database: Database) -> None:
    as_of = START + timedelta(days=40)
    world = World(
        journeys=tuple(
            Journey(key, key, opened_at=START) for key in ("silent", "alive", "at_the_edge")
        ),
        touches=(
            Touch("a", as_of - timedelta(days=30, microseconds=1), "silent", channel="web"),
            Touch("b", START, "alive", channel="web"),
            Touch("c", as_of - timedelta(days=1), "alive", channel="web"),
            Touch("d", as_of - timedelta(days=30), "at_the_edge", channel="web"),
        ),
        window_days=30,
        as_of=as_of,
    )
    attribute(database, world)
    assert transitions(database) == {
        (kind, *step): 1
        for kind in ("mql", "opportunity", "won")
        for step in (("(start)", "web"), ("web", "(nothing)"))
    }
    rows = database.rows("select removal_effect from {statistics__removal_effect}")
    assert [row["removal_effect"] for row in rows] == [None] * 3
