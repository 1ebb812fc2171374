"""Channels, campaigns and contents only add what touches earned, and cost what was spent."""

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.attribution.paths_by_hand import (
    GIVEN,
    MODELS,
    build_attribution,
    fill,
)
from tests.dbt_project.attribution.test_paths import some_world
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures

LEVELS = ("attribution_channel", "attribution_campaign", "attribution_content")
NIGHTLY = {
    "every_conversion_is_given_away_once_and_whole",
    "channels_and_campaigns_earn_what_their_touches_do_in_each_month",
    "the_contents_earn_every_conversion_in_each_month_and_segment",
    "channels_and_campaigns_cost_what_was_spent",
}


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many worlds: each fills it anew."""
    return project.database()


def build(database: Database, seed: int = 1) -> None:
    """A wide world whose touches are of campaigns and contents, or of none, with spend."""
    world = some_world(random.Random(seed).choice, people=12, most_touches=400)
    fill(database, world)
    database.update(
        "fct_touch",
        "campaign_id = nullif('c' || hash(touch_id) % 4, 'c0'), "
        "content = nullif('x' || hash('x' || touch_id) % 3, 'x0')",
    )
    database.update("fct_funnel", "segment = 's' || hash(journey_id) % 3")
    database.fill("dim_campaign", [{"campaign_id": "c1", "name": "One", "channel": "web"}])
    database.fill(
        "fct_spend",
        [
            {"spend_id": "a", "day": "2026-01-02", "channel": "web", "campaign_id": "c1"}
            | {"amount_reporting": "100.10"},
            {"spend_id": "b", "day": "2026-01-03", "channel": "web", "amount_reporting": "0.01"},
            {"spend_id": "c", "day": "2026-02-03", "campaign_id": "c9", "amount_reporting": "7"},
            {"spend_id": "d", "day": "2026-02-03", "channel": "event", "campaign_id": "c2"},
        ],
    )
    database.fill(
        "funnel_conversion",
        [{"stage": "lead", "month": "2026-01-01", "channel": "web", "entered": 4}],
    )
    build_attribution(database)
    database.build_with_parents(*LEVELS, given=(*GIVEN, "dim_campaign"))


def nightly(database: Database) -> dict[str, list[dict[str, Any]]]:
    """What the data tests over all levels find."""
    tests = database.project.data_tests(
        "int_conversion", "attribution_touch", *LEVELS, "fct_spend", "agreement.stages"
    )
    return {name: database.rows(query) for name, query in tests.items() if name in NIGHTLY}


@pytest.mark.parametrize("seed", range(3))
def test_every_level_keeps_its_promises(shared: Database, seed: int) -> None:
    build(shared, seed)
    assert nightly(shared) == {name: [] for name in NIGHTLY}
    assert {level: failures(shared, level) for level in LEVELS} == {level: {} for level in LEVELS}


@pytest.mark.parametrize(
    "slices", ["month", "segment", "segment, month", "channel", "campaign_id", "content"]
)
def test_the_contents_earn_in_any_slice_what_the_touches_do(shared: Database, slices: str) -> None:
    build(shared)
    query = (
        f"select model, conversion, {slices}, sum({{credit}}) as n, sum(amount) as amount "
        f"from {{{{{{table}}}}}} group by all order by all"
    )
    touches = shared.rows(query.format(credit="credit", table="attribution_touch"))
    contents = shared.rows(query.format(credit="conversions", table="attribution_content"))
    assert len(touches) > len(MODELS)
    assert contents == touches


def test_a_campaign_costs_what_was_spent_on_it_and_null_where_nothing_was(
    shared: Database,
) -> None:
    build(shared)
    rows = shared.rows(
        "select campaign_id, month, cost from {attribution_campaign} "
        "where model = 'linear' and conversion = 'won' and cost is not null order by all"
    )
    assert [(row["campaign_id"], row["month"].month, row["cost"]) for row in rows] == [
        ("c1", 1, Decimal("100.10")),
        ("c9", 2, Decimal("7.00")),
        (None, 1, Decimal("0.01")),
    ]
    [unattributed] = shared.rows(
        "select sum(conversions) > 0 as some, sum(cost) as cost from {attribution_campaign} "
        "where campaign_id = 'unattributed'"
    )
    assert unattributed == {"some": True, "cost": None}


@pytest.mark.parametrize(
    ("table", "fault", "found_by"),
    [
        (
            "attribution_channel",
            "update {} set amount = amount + 0.01 where channel = 'web' and conversion = 'won'",
            "channels_and_campaigns_earn_what_their_touches_do_in_each_month",
        ),
        (
            "attribution_campaign",
            "update {} set conversions = 0 where campaign_id = 'unattributed'",
            "channels_and_campaigns_earn_what_their_touches_do_in_each_month",
        ),
        (
            "attribution_content",
            "update {} set segment = 's0' where model = 'markov'",
            "the_contents_earn_every_conversion_in_each_month_and_segment",
        ),
        (
            "attribution_campaign",
            "delete from {} where campaign_id = 'c9' and model = 'first'",
            "channels_and_campaigns_cost_what_was_spent",
        ),
        (
            "attribution_channel",
            "update {} set cost = 99 where channel = 'web' and cost is not null",
            "channels_and_campaigns_cost_what_was_spent",
        ),
    ],
)
def test_the_nightly_tests_find_what_a_level_loses(
    shared: Database, table: str, fault: str, found_by: str
) -> None:
    build(shared)
    shared.change(table, fault)
    assert nightly(shared)[found_by] != []
