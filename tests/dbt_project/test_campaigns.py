"""Campaigns of several sources are one where they share what they are called, and no cent moves."""

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.test_input import GOOD, kept, put

SOURCES = ("ads", "crm", "portal", "web")


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def touch(number: int, source: str, called: str | None) -> dict[str, Any]:
    return {**GOOD["touches"], "record_id": str(number), "source": source, "campaign": called}


def campaign(source: str, record_id: str, **fields: Any) -> dict[str, Any]:
    return {"source": source, "record_id": record_id, "record_key": record_id, **fields}


def spend(source: str, called: str | None, amount: Decimal) -> dict[str, Any]:
    day = date(2026, 2, 1)
    return {"source": source, "day": day, "campaign": called, "amount": amount}


def records(database: Database) -> dict[tuple[str, str], dict[str, Any]]:
    """What became of each campaign of a source, by source and id."""
    database.build_with_parents("campaign_record")
    rows = database.rows("select * from {campaign_record}")
    return {(row["source"], row["source_record_id"]): row for row in rows}


def test_what_a_campaign_cost_and_what_came_of_it_meet_whatever_each_source_calls_it(
    warehouse: Database,
) -> None:
    put(
        warehouse,
        campaigns=[
            campaign("ads", "C442", channel="PPC"),
            campaign("portal", "9f-1", name="Spring fair", utm="c442"),
            campaign("crm", "701", name="spring_fair"),
        ],
        spend=[spend("ads", "C442", Decimal(5))],
        touches=[touch(1, "web", "C442"), touch(2, "crm", "701"), touch(3, "portal", "C442")],
        persons=[{**GOOD["persons"], "campaign": "701"}],
        deals=[{**GOOD["deals"], "campaign": "701"}],
    )
    [found] = kept(warehouse, "campaigns")
    assert (found["name"], found["channel"]) == ("spring_fair", "Paid search")
    named = ("spend", "touches", "persons", "deals")
    rows = [row for entity in named for row in kept(warehouse, entity)]
    assert {row["campaign_key"] for row in rows} == {found["campaign_key"]}
    assert [row["channel"] for row in kept(warehouse, "touches")] == ["Paid search"] * 3


def test_what_is_left_apart_is_counted_and_says_why(warehouse: Database) -> None:
    put(
        warehouse,
        campaigns=[
            campaign("ads", "1", name="Brand", channel="PPC"),
            campaign("portal", "1", name="brand", channel="Social"),
            campaign("crm", "7", name="News"),
            campaign("crm", "8", name="News"),
        ],
        touches=[touch(1, "web", "news"), touch(2, "web", "news"), touch(3, "web", "nowhere")],
    )
    told = {
        name: (row["joined_by"], row["doubt"], row["touches"])
        for name, row in records(warehouse).items()
    }
    assert told == {
        ("ads", "1"): ("alone", "other_channel", 0),
        ("portal", "1"): ("alone", "other_channel", 0),
        ("crm", "7"): ("alone", "several_in_a_source", 0),
        ("crm", "8"): ("alone", "several_in_a_source", 0),
        ("web", "news"): ("alone", "several_in_a_source", 2),
        ("web", "nowhere"): ("alone", None, 1),
    }
    assert len({row["campaign_id"] for row in records(warehouse).values()}) == 6


def test_the_agreement_puts_together_what_no_name_does_and_keeps_apart_what_a_name_would_not(
    warehouse: Database,
) -> None:
    campaigns = [
        campaign("ads", "C1", name="Brand"),
        campaign("crm", "7", name="Brand"),
        campaign("crm", "8", name="Fair"),
    ]
    put(warehouse, campaigns=campaigns)
    assert len(kept(warehouse, "campaigns")) == 2
    words = [("C1", "Search"), ("Search", "Search"), ("8", "Fairs"), ("7", "Fairs")]
    warehouse.fill(
        "agreement.campaign_words", [{"word": word, "campaign": name} for word, name in words]
    )
    try:
        put(warehouse, campaigns=campaigns)
        told = {name: row["campaign_name"] for name, row in records(warehouse).items()}
    finally:
        warehouse.fill("agreement.campaign_words", [])
    assert told == {("ads", "C1"): "Search", ("crm", "7"): "Fairs", ("crm", "8"): "Fairs"}


@pytest.mark.parametrize("seed", range(3))
def test_no_way_of_naming_campaigns_adds_or_loses_a_cent_or_a_touch(
    warehouse: Database, seed: int
) -> None:
    draw = random.Random(seed)
    words = ["a", "B", "c-1", "c_1", "7", None]
    campaigns = [
        campaign(
            source,
            record_id,
            name=draw.choice(words),
            utm=draw.choice(words),
            channel=draw.choice(["PPC", "Fair", None]),
        )
        for source in SOURCES[:3]
        for record_id in draw.sample(["7", "8", "c 1", "x"], 3)
    ]
    costs = [
        spend(draw.choice(SOURCES), draw.choice(words), Decimal(draw.randrange(1, 9999)) / 100)
        for _ in range(40)
    ]
    done = [touch(n, draw.choice(SOURCES), draw.choice(words)) for n in range(60)]
    put(warehouse, campaigns=campaigns, spend=costs, touches=done)
    spent, touched = kept(warehouse, "spend"), kept(warehouse, "touches")
    assert sum(row["amount"] for row in spent) == sum(row["amount"] for row in costs)
    assert len(touched) == len(done)
    there = {row["campaign_key"] for row in kept(warehouse, "campaigns")}
    assert {row["campaign_key"] for row in (*spent, *touched)} <= there | {None}
    told = records(warehouse)
    assert sum(row["touches"] for row in told.values()) == sum(
        row["campaign"] is not None for row in done
    )
    kept_records = [row for row in told.values() if row["is_record"]]
    assert len(kept_records) == len(campaigns)
    in_one = Counter((row["campaign_id"], row["source"]) for row in kept_records)
    assert max(in_one.values()) == 1
