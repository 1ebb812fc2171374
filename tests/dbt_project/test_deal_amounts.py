"""What a deal amounted to, and since when, as HubSpot and Salesforce tell it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.api_records import day, given, open_warehouse, table, version
from tests.dbt_project.compiled import CompiledProject, Database


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    open_warehouse(database)
    database.fill("agreement.settings", [{"max_group_size": 50, "time_zone": "UTC"}])
    return database


def record(record_id: str, **fields: Any) -> dict[str, Any]:
    return version("crm", record_id, id=record_id, **fields)


def became(deal: str, value: str | None, on: int, **fields: Any) -> dict[str, Any]:
    """A version in the history of a deal's amount in HubSpot."""
    told = {"deal_id": deal, "property": "amount", "value": value, "changed_at": day(on), "nth": 0}
    return version("crm", f"{deal}|amount|{on}", **told, **fields)


def snapshot(opportunity: str, amount: int | None, on: int, **fields: Any) -> dict[str, Any]:
    """A row of OpportunityHistory: what the opportunity was from then on."""
    told = {"opportunity_id": opportunity, "amount": amount, "created_date": day(on)}
    return record(f"{opportunity}h{on}", **told, **fields)


def amounts(database: Database, kind: str) -> list[Any]:
    asked = "deal, amount, currency, changed_at"
    return table(database, f"int_{kind}__deal_amounts", asked, "deal, changed_at")


def in_hubspot(database: Database, **streams: list[dict[str, Any]]) -> list[Any]:
    given(database, "salesforce")
    given(database, "hubspot", **streams)
    return amounts(database, "hubspot")


def in_salesforce(database: Database, **streams: list[dict[str, Any]]) -> list[Any]:
    given(database, "hubspot")
    given(database, "salesforce", **streams)
    return amounts(database, "salesforce")


def test_each_version_of_a_deals_amount_in_hubspot_is_one(warehouse: Database) -> None:
    told = in_hubspot(
        warehouse,
        deals=[record("1", amount=Decimal("12.5"))],
        deal_history=[became("1", "10", 1), became("1", None, 2), became("1", "12.50", 3)],
    )
    assert told == [
        ("1", Decimal(10), None, day(1)),
        ("1", None, None, day(2)),
        ("1", Decimal("12.5"), None, day(3)),
    ]


def test_who_changed_an_amount_in_hubspot_is_an_owner(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        owners=[record("7", user_id="70")],
        deals=[record("1", amount=Decimal(10))],
        deal_history=[became("1", "10", 1, updated_by_user_id="70")],
    )
    assert table(warehouse, "int_hubspot__deal_amounts", "changed_by", "deal") == [("7",)]


def test_without_a_history_a_deal_has_had_its_amount_from_the_start(warehouse: Database) -> None:
    told = in_hubspot(
        warehouse,
        deals=[record("1", amount=Decimal(10), createdate=day(2), hs_lastmodifieddate=day(5))],
    )
    assert told == [("1", Decimal(10), None, day(2))]


def test_the_present_amount_wins_over_a_history_that_does_not_end_in_it(
    warehouse: Database,
) -> None:
    told = in_hubspot(
        warehouse,
        deals=[record("1", amount=Decimal(10), createdate=day(1), hs_lastmodifieddate=day(5))],
        deal_history=[became("1", "8", 2)],
    )
    assert told == [("1", Decimal(8), None, day(2)), ("1", Decimal(10), None, day(5))]


def test_an_amount_that_is_no_number_is_told_apart_and_kept_out(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        deals=[record("1", amount=Decimal(10))],
        deal_history=[became("1", "ten", 1), became("1", "10", 2)],
    )
    warehouse.build_with_parents("int_deal_amounts_checked")
    found = warehouse.rows(
        "select amount, fault_reason, fault_detail from {int_deal_amounts_checked} "
        "order by changed_at"
    )
    assert [tuple(row.values()) for row in found] == [
        (None, "impossible_value", "amount is 'ten', which is no number"),
        (Decimal(10), None, None),
    ]


def test_only_the_rows_of_an_opportunitys_history_that_bring_another_amount_are_one(
    warehouse: Database,
) -> None:
    told = in_salesforce(
        warehouse,
        opportunities=[record("006", amount=Decimal(15), currency_iso_code="EUR")],
        opportunity_history=[
            snapshot("006", None, 1, currency_iso_code="EUR"),
            snapshot("006", 10, 2, currency_iso_code="EUR"),
            snapshot("006", 10, 3, currency_iso_code="EUR"),
            snapshot("006", 10, 4, currency_iso_code="USD"),
            snapshot("006", 15, 5, currency_iso_code="EUR"),
        ],
    )
    assert told == [
        ("006", None, "EUR", day(1)),
        ("006", Decimal(10), "EUR", day(2)),
        ("006", Decimal(10), "USD", day(4)),
        ("006", Decimal(15), "EUR", day(5)),
    ]


def test_an_opportunity_without_history_has_had_its_amount_from_the_start(
    warehouse: Database,
) -> None:
    told = in_salesforce(
        warehouse,
        opportunities=[record("006", amount=Decimal(15), created_date=day(2))],
    )
    assert told == [("006", Decimal(15), None, day(2))]
