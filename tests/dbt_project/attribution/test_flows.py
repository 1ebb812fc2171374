"""How paths flow from channel to channel: any world against the same told by hand."""

import random
from collections import Counter
from decimal import Decimal
from itertools import groupby, pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_project.attribution.chain_by_hand import CONVERSION, NOTHING, START, ended_paths
from tests.dbt_project.attribution.paths_by_hand import GIVEN, World, attribute, conversions
from tests.dbt_project.attribution.test_paths import some_world, worlds
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.examples import examples

Flow = Counter[tuple[str, str, int, str, str]]
MODELS = ("int_ended_path", "int_path_step", "attribution_path")
EVERY_CONVERSION = "the_paths_lead_to_every_conversion_with_its_money"


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many worlds: each fills it anew."""
    return project.database()


def build(database: Database, world: World) -> None:
    """Fill the warehouse with a world and build how its paths flow."""
    attribute(database, world)
    database.build_with_parents("attribution_path", given=GIVEN)


def flows_by_hand(world: World) -> tuple[Flow, Flow]:
    """How many paths, and how many conversions, take each step of each path."""
    paths: Flow = Counter()
    converting: Flow = Counter()
    for ended in ended_paths(world):
        channels = [channel for channel, _ in groupby(ended.channels)]
        name = " > ".join(channels) or "unattributed"
        end = CONVERSION if ended.how == "converted" else NOTHING
        for step, (one, other) in enumerate(pairwise((START, *channels, end)), start=1):
            paths[ended.kind, name, step, one, other] += 1
            converting[ended.kind, name, step, one, other] += ended.how == "converted"
    return paths, converting


def flows(database: Database, counted: str) -> Flow:
    """The same of `attribution_path`, over all months and segments."""
    found: Flow = Counter()
    for row in database.rows("select * from {attribution_path}"):
        step = (row["conversion"], row["path"], row["step"], row["from_channel"], row["to_channel"])
        found[step] += row[counted]
    return found


def failing(database: Database) -> list[str]:
    """The nightly tests over these tables that find something."""
    tests = database.project.data_tests(
        "int_conversion", "attribution_path", "statistics.removal_effect"
    )
    broken = [name for name, query in tests.items() if database.rows(query)]
    return broken + [name for model in MODELS for name in failures(database, model)]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_the_paths_of_any_world_flow_as_told_by_hand(shared: Database, world: World) -> None:
    build(shared, world)
    paths, converting = flows_by_hand(world)
    assert flows(shared, "paths") == paths
    assert flows(shared, "conversions") == converting
    assert failing(shared) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_paths_of_a_wide_world_bring_its_conversions_and_its_money(
    shared: Database, seed: int
) -> None:
    world = some_world(random.Random(seed).choice, people=12, most_touches=400)
    build(shared, world)
    assert flows(shared, "paths") == flows_by_hand(world)[0]
    for where in ("step = 1", "to_channel = '(conversion)'"):
        rows = shared.rows(
            "select conversion, sum(conversions) as n, coalesce(sum(amount), 0) as amount "
            f"from {{attribution_path}} where {where} group by conversion"
        )
        told = list(conversions(world))
        assert {row["conversion"]: (row["n"], row["amount"]) for row in rows} == {
            kind: (
                sum(c.kind == kind for c in told),
                sum((c.amount or Decimal(0) for c in told if c.kind == kind), Decimal(0)),
            )
            for kind in ("mql", "opportunity", "won")
        }


def test_the_nightly_test_finds_a_chain_that_converts_more_often_than_the_paths(
    shared: Database,
) -> None:
    build(shared, some_world(random.Random(1).choice, people=12, most_touches=400))
    shared.update("statistics.removal_effect", "conversion_rate = conversion_rate + 0.00000001")
    assert failing(shared) == ["the_chain_converts_as_often_as_the_paths_do"]


@pytest.mark.parametrize(
    "fault",
    [
        "update {} set amount = amount + 0.01 where step = 1 and amount is not null",
        "update {} set conversions = conversions - 1 where to_channel = '(conversion)'",
        "delete from {} where step = 1 and conversions > 0",
        "update {} set month = null where conversion = 'mql'",
    ],
)
def test_the_nightly_test_finds_conversions_and_money_that_no_path_leads_to(
    shared: Database, fault: str
) -> None:
    build(shared, some_world(random.Random(1).choice, people=12, most_touches=400))
    assert failing(shared) == []
    shared.change("attribution_path", fault)
    assert EVERY_CONVERSION in failing(shared)
