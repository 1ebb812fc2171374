"""The stalled deals: who is on the list, and what stands beside each."""

from datetime import datetime
from typing import Any

from tests.dbt_project.compiled import Database


def stalled(database: Database, agings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list that is made of these open deals."""
    database.fill("open_deal_aging", agings)
    database.fill(
        "fct_deal",
        [
            {
                "deal_id": row["deal_id"],
                "account_id": "acme",
                "owner_id": "una",
                "name": f"Deal {row['deal_id']}",
                "amount_reporting": 300,
            }
            for row in agings
        ],
    )
    database.fill("dim_account", [{"account_id": "acme", "name": "Acme"}])
    database.fill("dim_user", [{"user_id": "una", "full_name": "Una Field"}])
    database.fill(
        "int_last_touch",
        [
            {
                "journey_id": "j",
                "last_sales_touch_at": datetime(2026, 9, 1),
                "last_sales_touch": "call",
            }
        ],
    )
    database.build("stalled_deals")
    return database.rows("select * from {stalled_deals} order by deal_id")


def _deal(key: str, journey: str | None, *, is_stalled: bool | None) -> dict[str, Any]:
    return {
        "deal_id": key,
        "journey_id": journey,
        "stage": "opportunity",
        "age_in_stage": 40,
        "stage_p90": 30,
        "is_stalled": is_stalled,
    }


def test_only_deals_that_are_told_to_be_stalled_are_listed(database: Database) -> None:
    agings = [
        _deal("a", "j", is_stalled=True),
        _deal("b", "k", is_stalled=False),
        _deal("c", "l", is_stalled=None),
    ]
    assert [row["deal_id"] for row in stalled(database, agings)] == ["a"]


def test_a_stalled_deal_says_whose_it_is_and_who_last_did_what(database: Database) -> None:
    [row] = stalled(database, [_deal("a", "j", is_stalled=True)])
    names = ("deal_name", "account_name", "owner_name", "last_sales_touch", "last_marketing_touch")
    assert tuple(row[name] for name in names) == ("Deal a", "Acme", "Una Field", "call", None)
    assert row["last_sales_touch_at"] == datetime(2026, 9, 1)


def test_a_stalled_deal_without_a_touch_or_a_known_owner_is_listed_all_the_same(
    database: Database,
) -> None:
    agings = [_deal("a", None, is_stalled=True)]
    stalled(database, agings)
    database.fill("dim_user", [])
    database.fill("dim_account", [])
    database.build("stalled_deals")
    [row] = database.rows("select * from {stalled_deals}")
    assert (row["owner_name"], row["account_name"], row["last_sales_touch_at"]) == (None,) * 3
