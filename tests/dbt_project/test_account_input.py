"""What HubSpot and Salesforce tell of companies and of the companies on a deal."""

from datetime import timedelta
from typing import Any

import pytest

from tests.dbt_project.api_records import (
    LOADED_AT,
    day,
    given,
    gone,
    open_warehouse,
    stage_words,
    table,
    version,
)
from tests.dbt_project.compiled import CompiledProject, Database

ACCOUNT = "001Aa00000ABCdeXYZ"


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    open_warehouse(database)
    stage_words(database, {})
    database.fill("agreement.settings", [{"max_group_size": 50, "time_zone": "UTC"}])
    return database


def company(record_id: str, **fields: Any) -> dict[str, Any]:
    return version("portal", record_id, id=record_id, **fields)


def account(record_id: str, **fields: Any) -> dict[str, Any]:
    return version("org", record_id, id=record_id, **fields)


def on_deal(to_id: str, label: str | None, **fields: Any) -> dict[str, Any]:
    ends = {"from_id": "7", "to_type": "companies", "to_id": to_id}
    return version("portal", f"{to_id}|{label}", label=label, **ends, **fields)


def accounts(database: Database) -> dict[str, str]:
    """The record of which each company record's account is made, by their ids."""
    database.build_with_parents("bridge_record_account")
    rows = database.rows(
        "select records.source_record_id as id, accounts.source_record_id as account"
        " from {bridge_record_account} as records"
        " inner join {bridge_record_account} as accounts"
        " on records.account_id = accounts.account_key"
    )
    return {row["id"]: row["account"] for row in rows}


@pytest.mark.parametrize("carried", [ACCOUNT, ACCOUNT[:15]])
def test_hubspots_company_is_the_account_whose_id_it_carries(
    warehouse: Database, carried: str
) -> None:
    given(
        warehouse,
        "hubspot",
        companies=[company("1", salesforceaccountid=carried, domain="other.example")],
    )
    given(warehouse, "salesforce", accounts=[account(ACCOUNT, website="acme.example")])
    assert accounts(warehouse) == {"1": ACCOUNT, ACCOUNT: ACCOUNT}


@pytest.mark.parametrize("listed", [("1", "1;2"), ("1", "2")])
def test_companies_that_hubspot_merged_lead_to_the_last_survivor(
    warehouse: Database, listed: tuple[str, str]
) -> None:
    given(warehouse, "salesforce")
    given(
        warehouse,
        "hubspot",
        companies=[
            company("1", _deleted=True),
            company("2", hs_merged_object_ids=listed[0], _deleted=True),
            company("3", hs_merged_object_ids=listed[1]),
        ],
    )
    assert accounts(warehouse) == {"1": "3", "2": "3", "3": "3"}


def test_an_account_that_salesforce_merged_leads_to_its_survivor(warehouse: Database) -> None:
    given(warehouse, "hubspot", companies=[company("1", salesforceaccountid="001A")])
    given(
        warehouse,
        "salesforce",
        accounts=[account("001A", master_record_id="001B", _deleted=True), account("001B")],
    )
    assert accounts(warehouse) == {"1": "001B", "001A": "001B", "001B": "001B"}


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("https://www.Acme.co.uk/about?x=1", "acme.co.uk"),
        ("ACME.COM.", "acme.com"),
        ("http://acme.com:8080/", "acme.com"),
        ("BÜRO.de", "büro.de"),
        ("acme.github.io", "acme.github.io"),
        ("https://www.facebook.com/acme", None),
        ("linkedin.com/company/acme", None),
        ("linkedin.com", "linkedin.com"),
        ("netflix.com/about", "netflix.com"),
        (" ", None),
    ],
)
def test_a_web_site_is_cut_to_its_host(
    warehouse: Database, written: str, domain: str | None
) -> None:
    given(warehouse, "salesforce")
    given(warehouse, "hubspot", companies=[company("1", domain=written)])
    assert table(warehouse, "input_accounts", "domain") == [(domain,)]


def test_a_deal_names_its_companies_once_each_with_label_and_the_primary_one(
    warehouse: Database,
) -> None:
    later = LOADED_AT + timedelta(days=1)
    given(warehouse, "salesforce")
    given(
        warehouse,
        "hubspot",
        deal_associations=[
            on_deal("1", None),
            on_deal("1", "Primary"),
            on_deal("2", None),
            on_deal("2", "Partner"),
            on_deal("3", "Primary"),
            gone("portal", "3|Primary", later),
            on_deal("3", None),
            on_deal("4", None),
            gone("portal", "4|None", later),
            version("portal", "p", from_id="7", to_type="contacts", to_id="9", label="Primary"),
        ],
    )
    columns = "deal, account, role, is_primary, is_deleted"
    assert table(warehouse, "int_hubspot__deal_accounts", columns) == [
        ("7", "1", None, True, False),
        ("7", "2", "Partner", False, False),
        ("7", "3", None, False, False),
        ("7", "4", None, False, True),
    ]


def test_an_opportunitys_account_is_its_primary_one(warehouse: Database) -> None:
    given(warehouse, "hubspot")
    given(
        warehouse,
        "salesforce",
        opportunities=[account("006A", account_id=ACCOUNT), account("006B")],
    )
    columns = "deal, account, role, is_primary"
    assert table(warehouse, "int_salesforce__deal_accounts", columns) == [
        ("006A", ACCOUNT, None, True)
    ]


def test_on_a_deal_of_both_systems_salesforce_tells_which_company_is_primary(
    warehouse: Database,
) -> None:
    given(
        warehouse,
        "hubspot",
        deals=[company("7", hs_salesforceopportunityid="006A", createdate=day(1))],
        companies=[company("1"), company("2", salesforceaccountid=ACCOUNT)],
        deal_associations=[on_deal("1", "Primary"), on_deal("2", "Payer")],
    )
    given(
        warehouse,
        "salesforce",
        accounts=[account(ACCOUNT)],
        opportunities=[account("006A", account_id=ACCOUNT, created_date=day(1))],
    )
    warehouse.build_with_parents("int_deal_account", "input_accounts")
    rows = warehouse.rows(
        "select source_record_id as id, role, is_primary from {int_deal_account} as named"
        " inner join {input_accounts} as accounts on named.account_id = accounts.account_key"
        " order by id"
    )
    assert [tuple(row.values()) for row in rows] == [
        (ACCOUNT, "Payer", True),
        ("1", None, False),
    ]
