"""The funnel's facts against the same story told by hand, for worlds of every kind."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import REPOSITORY, CompiledProject, Database
from tests.dbt_project.funnel_facts_by_hand import Facts, Rows
from tests.dbt_project.funnel_world import (
    EXITS,
    LADDER,
    Change,
    Contact,
    Deal,
    Person,
    Touch,
    World,
    fill,
)

START = datetime(2024, 1, 1)
LADDERS = (
    LADDER,
    LADDER,
    ("mql", "won"),
    ("sal", "opportunity", "won"),
    ("lead", "mql", "sal", "won"),
)
TABLES = (
    "fct_funnel",
    "fct_funnel_event",
    "fct_deal",
    "fct_deal_stage",
    "fct_spend",
    "int_funnel_excluded",
    "fct_touch",
    "orphan_touch",
    "fct_handoff",
    "bridge_deal_prospect",
    "funnel_conversion",
)
DECISIONS = ("accepted", "rejected", "recycled", "ignored", "pending")
ALWAYS_TRUE = {
    path.stem for path in (REPOSITORY / "dbt_project" / "tests" / "funnel").glob("*.sql")
}
NAMES = """
select journey_id, prospect_id, journey_seq,
    case when prospect_id is null then coalesce(deal_id, member_of_deal_id) end as alone
from {fct_funnel}
"""


def build(database: Database, world: World) -> None:
    fill(database, world)
    given_models = [
        name
        for name in database.project.relations
        if name.startswith(("input_", "dim_")) or name in ("int_person_link", "int_account_link")
    ]
    database.build_with_parents(*TABLES, given=given_models)


def told(database: Database, columns: str, table: str) -> Rows:
    """The table's rows, each journey by its name in place of its key."""
    rows = database.rows(
        f"select n.prospect_id, n.journey_seq, n.alone, {columns} "
        f"from {{{table}}} as t inner join ({NAMES}) as n on t.journey_id = n.journey_id"
    )
    return sorted((((*list(row.values())[:3],), *list(row.values())[3:]) for row in rows), key=repr)


def compare(database: Database, world: World) -> None:
    facts = Facts(world)
    build(database, world)
    reached = [f"t.{stage}_at" if stage in LADDER else "null" for stage in world.ladder[1:-1]]
    ended = "coalesce(t.won_at, t.lost_at, t.disqualified_at)"
    columns = ", ".join(
        [
            "t.deal_id, t.member_of_deal_id, t.aware_at",
            *reached,
            f"t.outcome, {ended}, cast(t.amount as integer), t.regressions, t.recycles",
            "t.origin_team, t.excluded_from_cycle",
        ]
    )
    assert told(database, columns, "fct_funnel") == facts.funnel()
    columns = (
        "t.event, t.stage, t.occurred_at, t.exited_at, t.entry_seq, t.is_regression, t.n_skipped, "
        "t.evidence, t.counts, t.is_of_deal"
    )
    assert told(database, columns, "fct_funnel_event") == facts.events()
    columns = "t.handed_at, t.first_attempt_at, t.two_way_at, t.decided_at, t.decision, t.attempts"
    assert told(database, columns, "fct_handoff") == facts.handoffs()
    columns = "t.deal_id, t.outcome, t.started_at, t.closed_at, t.reopenings"
    deals = [(row[1], row[0], *row[2:]) for row in told(database, columns, "fct_deal")]
    assert sorted(deals) == facts.deals()
    places = [
        (row[1], row[0], row[2]) for row in told(database, "t.touch_id, t.post_close", "fct_touch")
    ]
    places += [
        (row["touch_id"], None, False)
        for row in database.rows("select touch_id from {orphan_touch}")
    ]
    assert sorted(places) == facts.touch_places()


class Chance:
    """Where a world's details come from: a seeded generator, or Hypothesis."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def pick(self, options: Any) -> Any:
        return self.draw(list(options))

    def at(self) -> datetime:
        return START + timedelta(hours=12 * self.pick(range(1, 60)), minutes=self.pick((0, 0, 30)))

    def maybe_at(self) -> datetime | None:
        return self.at() if self.pick((True, True, True, False)) else None


def some_world(chance: Chance, prospects: int = 2, most: int = 4) -> World:
    """A world of a few prospects and deals in which almost anything may happen."""
    ladder = chance.pick(LADDERS)
    evidence = ("history", "history", "timestamp_property", "observed")
    stages = (*ladder, *EXITS)
    persons = [
        Person(f"p{n}", f"x{chance.pick(range(prospects))}", chance.maybe_at())
        for n in range(chance.pick(range(1, prospects + 2)))
    ]
    keys = [person.key for person in persons]
    deals, contacts, changes = [], [], []
    for n in range(chance.pick(range(prospects + 1))):
        deals.append(
            Deal(
                f"d{n}",
                chance.pick((None, "nobody", chance.pick(keys), chance.pick(keys))),
                chance.pick((None, *stages)),
                chance.maybe_at(),
                chance.maybe_at(),
                chance.pick((datetime(2030, 1, 1), START + timedelta(days=31))),
                chance.pick((None, 100, 250)),
            )
        )
        named = {chance.pick(keys) for _ in range(chance.pick(range(3)))}
        contacts += [Contact(f"d{n}", key, chance.pick((True, False))) for key in sorted(named)]
        changes += [
            Change(
                f"d{n}c{i}", chance.pick(stages), chance.at(), chance.pick(evidence), deal=f"d{n}"
            )
            for i in range(chance.pick(range(most + 1)))
        ]
    for key in keys:
        changes += [
            Change(f"{key}c{i}", chance.pick(stages), chance.at(), chance.pick(evidence), key)
            for i in range(chance.pick(range(most + 1)))
        ]
    deal_keys = [deal.key for deal in deals]
    touches = [
        Touch(
            f"t{n}",
            chance.at(),
            chance.pick((None, "nobody", *(chance.pick(keys) for _ in range(6)))),
            chance.pick((None, "no deal", None, chance.pick([None, *deal_keys]))),
            chance.pick(("call", "click", "bulk_send")),
            chance.pick(("marketing", "sales")),
            chance.pick(("in", "out")),
            chance.pick((True, False)),
        )
        for n in range(prospects * chance.pick(range(most)))
    ]
    as_of = START + timedelta(days=chance.pick((15, 29, 40)))
    return World(
        ladder,
        as_of,
        chance.pick((1, 10)),
        tuple(persons),
        tuple(changes),
        tuple(deals),
        tuple(contacts),
        tuple(touches),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    return some_world(Chance(lambda options: draw(st.sampled_from(options))))


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many worlds: each fills it anew."""
    return project.database()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_any_small_world_gives_the_funnel_that_is_told_by_hand(
    shared: Database, world: World
) -> None:
    compare(shared, world)


def wide_world(seed: int) -> World:
    return some_world(Chance(random.Random(seed).choice), prospects=40, most=7)


@pytest.mark.parametrize("seed", range(12))
def test_a_wide_world_gives_the_funnel_that_is_told_by_hand(shared: Database, seed: int) -> None:
    compare(shared, wide_world(seed))


def test_between_them_the_wide_worlds_hold_everything_that_can_happen() -> None:
    happened = set()
    for seed in range(12):
        facts = Facts(wide_world(seed))
        happened |= {row[1] for row in facts.events()} | {row[8] for row in facts.events()}
        happened |= {f"handoff {row[5]}" for row in facts.handoffs()}
        happened |= {f"deal {row[2]}" for row in facts.deals()}
        happened |= {"touch after the close" for row in facts.touch_places() if row[2]}
        happened |= {"orphan" for row in facts.touch_places() if row[1] is None}
        happened |= {"member" for row in facts.funnel() if row[2]}
        happened |= {"deal alone" for row in facts.funnel() if row[0][0] is None}
        happened |= {"excluded" for row in facts.funnel() if row[-1]}
        happened |= {"third pass" for row in facts.funnel() if row[0][1] == 3}
    assert happened == {
        *("stage_entered", "won", "lost", "disqualified", "recycled", "reopened"),
        *("history", "timestamp_property", "observed", "inferred"),
        *(f"handoff {decision}" for decision in DECISIONS),
        *("deal open", "deal won", "deal lost", "deal disqualified"),
        *("touch after the close", "orphan", "member", "deal alone", "excluded", "third pass"),
    }


@pytest.mark.parametrize("seed", range(2))
def test_what_must_always_hold_holds_in_a_wide_world(shared: Database, seed: int) -> None:
    build(shared, wide_world(seed))
    tests = [
        node
        for node in shared.project.manifest["nodes"].values()
        if node["resource_type"] == "test" and _reads_only_the_funnel(shared, node)
    ]
    broken = [node["name"] for node in tests if shared.rows(_plain(node["compiled_code"]))]
    assert broken == []
    assert {node["name"] for node in tests} >= ALWAYS_TRUE


def _reads_only_the_funnel(database: Database, node: Mapping[str, Any]) -> bool:
    nodes = database.project.manifest["nodes"]
    models = [nodes[parent] for parent in node["depends_on"]["nodes"] if parent in nodes]
    return any(model["name"] in TABLES for model in models) and all(
        model["fqn"][1] in ("funnel", "input") for model in models
    )


def _plain(sql: str) -> str:
    """SQL that `Database.rows` takes as it is."""
    return sql.replace("{", "{{").replace("}", "}}")
