"""Which account a person, and so a prospect, belongs to; which segment that is."""

from datetime import datetime
from typing import Any

import pytest

from tests.dbt_project.accounts import account, build, mailing
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.identity import person


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def account_of(database: Database, person_key: str) -> tuple[Any, Any, Any]:
    """How the person's account was told, its name and its domain."""
    rows = database.rows(
        "select account_by, name, domain from {int_person_account}"
        " left join {dim_account} using (account_id)"
        f" where person_key = '{person_key}'"
    )
    return rows[0]["account_by"], rows[0]["name"], rows[0]["domain"]


def test_the_company_of_record_comes_before_the_mail_domain(warehouse: Database) -> None:
    build(
        warehouse,
        [mailing("crm:1", "ann@other.example", account_key="acme")],
        [account("acme", name="Acme", domain="acme.example")],
    )
    assert account_of(warehouse, "crm:1") == ("crm", "Acme", "acme.example")


def test_a_mail_domain_that_a_company_of_record_has_is_that_company(warehouse: Database) -> None:
    build(
        warehouse,
        [mailing("crm:1", "ann@mail.acme.example")],
        [account("acme", name="Acme", domain="www2.acme.example")],
    )
    assert account_of(warehouse, "crm:1") == ("domain", "Acme", "www2.acme.example")


def test_a_mail_domain_without_a_company_of_record_is_an_account_of_its_own(
    warehouse: Database,
) -> None:
    build(
        warehouse, [mailing("crm:1", "ann@acme.example"), mailing("crm:2", "bob@eu.acme.example")]
    )
    assert account_of(warehouse, "crm:1") == ("domain", "acme.example", "acme.example")
    assert warehouse.rows("select count(*) as n from {dim_account}") == [{"n": 1}]


@pytest.mark.parametrize("address", ["ann@gmail.com", "ann@mail.gmail.com"])
def test_a_free_mail_address_tells_no_account(warehouse: Database, address: str) -> None:
    build(warehouse, [mailing("crm:1", address)])
    assert account_of(warehouse, "crm:1") == (None, None, None)
    assert warehouse.rows("select * from {dim_account}") == []


def test_a_company_that_writes_a_free_mail_domain_does_not_own_it(warehouse: Database) -> None:
    build(
        warehouse,
        [mailing("crm:1", "ann@gmail.com")],
        [account("acme", name="Acme", domain="gmail.com")],
    )
    assert account_of(warehouse, "crm:1") == (None, None, None)


def test_marketing_s_company_is_the_crm_s_of_the_same_domain(warehouse: Database) -> None:
    build(
        warehouse,
        [person("marketing:1", account_key="m"), person("crm:1", account_key="c")],
        [
            account("m", source="marketing", name="ACME", domain="acme.example", industry="Steel"),
            account("c", name="Acme", domain="www2.acme.example", employees=10),
            account("other", source="marketing", name="Other", domain="other.example"),
        ],
    )
    found = warehouse.rows(
        "select account_id, name, industry, employees, n_records from {dim_account}"
        " order by account_id"
    )
    assert [tuple(row.values()) for row in found] == [
        ("c", "Acme", "Steel", 10, 2),
        ("other", "Other", None, None, 1),
    ]
    assert account_of(warehouse, "marketing:1") == ("record", "Acme", "www2.acme.example")
    assert account_of(warehouse, "crm:1") == ("crm", "Acme", "www2.acme.example")


def test_a_person_s_company_in_the_crm_comes_before_that_of_another_system(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        [
            person("marketing:1", account_key="m", external_id="X"),
            person("crm:1", account_key="c", external_id="X", converted_to_key="crm:2"),
        ],
        [account("m", source="marketing"), account("c")],
    )
    assert warehouse.rows("select account_id from {dim_prospect}") == [{"account_id": "c"}]


def test_a_parent_company_is_named_by_its_account(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("child", source="marketing", parent_key="m"),
            account("m", source="marketing", domain="acme.example"),
            account("c", domain="acme.example"),
        ],
    )
    found = warehouse.rows("select parent_account_id from {dim_account} where account_id = 'child'")
    assert found == [{"parent_account_id": "c"}]


def test_a_company_that_was_never_loaded_leaves_the_mail_domain_to_tell(
    warehouse: Database,
) -> None:
    build(warehouse, [mailing("crm:1", "ann@acme.example", account_key="not loaded")])
    assert account_of(warehouse, "crm:1") == ("domain", "acme.example", "acme.example")


def test_of_two_companies_with_one_domain_the_earliest_that_still_stands_has_it(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        [mailing("crm:1", "ann@acme.example")],
        [
            account(
                "a",
                name="Gone",
                domain="acme.example",
                created_at=datetime(2019, 1, 1),
                is_deleted=True,
            ),
            account("b", name="Late", domain="acme.example", created_at=datetime(2024, 1, 1)),
            account("c", name="Early", domain="acme.example", created_at=datetime(2021, 1, 1)),
        ],
    )
    assert account_of(warehouse, "crm:1") == ("domain", "Early", "acme.example")


@pytest.mark.parametrize(
    ("domain", "registrable"),
    [
        ("acme.com", "acme.com"),
        ("eu.mail.acme.com", "acme.com"),
        ("acme.co.uk", "acme.co.uk"),
        ("sales.acme.co.uk", "acme.co.uk"),
        ("loja.acme.com.br", "acme.com.br"),
        ("a.b.acme.de", "acme.de"),
        ("acme.com.", "acme.com"),
        ("mail.acme.co.uk.", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("www2.acme.github.io", "acme.github.io"),
        ("mail.büro.de", "büro.de"),
        ("mail.xn--bro-hoa.de", "xn--bro-hoa.de"),
    ],
)
def test_a_domain_is_cut_to_what_its_owner_registered(
    warehouse: Database, domain: str, registrable: str
) -> None:
    build(warehouse, [mailing("crm:1", f"ann@{domain}")])
    assert account_of(warehouse, "crm:1")[2] == registrable


CUTS = [
    {"segment": "smb", "position": 1, "low": 0, "high": 200},
    {"segment": "mid", "position": 2, "low": 200, "high": 1000},
    {"segment": "enterprise", "position": 3, "low": 1000, "high": None},
]


@pytest.mark.parametrize(
    ("employees", "segment"),
    [
        (0, "smb"),
        (199, "smb"),
        (200, "mid"),
        (999, "mid"),
        (1000, "enterprise"),
        (500_000, "enterprise"),
        (None, "unknown"),
        (-1, "unknown"),
    ],
)
def test_a_cut_holds_from_its_lower_bound_up_to_but_without_its_upper(
    warehouse: Database, employees: int | None, segment: str
) -> None:
    build(
        warehouse,
        [person("crm:1", account_key="acme")],
        [account("acme", employees=employees)],
        segment_by="account.employees",
        segments=CUTS,
    )
    assert warehouse.rows("select segment from {dim_prospect}") == [{"segment": segment}]
    assert warehouse.rows("select segment from {dim_account}") == [{"segment": segment}]


@pytest.mark.parametrize(
    ("segment_by", "segment"),
    [
        ("account.industry", "Steel"),
        ("account.country", "DE"),
        ("person.country", "FR"),
        ("person.lead_source", "Fair"),
        (None, "all"),
    ],
)
def test_a_prospect_s_segment_is_what_the_agreement_cuts_by(
    warehouse: Database, segment_by: str | None, segment: str
) -> None:
    build(
        warehouse,
        [person("crm:1", account_key="acme", country="FR", lead_source="Fair")],
        [account("acme", industry="Steel", country="DE")],
        segment_by=segment_by,
    )
    assert warehouse.rows("select segment from {dim_prospect}") == [{"segment": segment}]


@pytest.mark.parametrize(
    "segment_by", ["account.industry", "account.country", "person.country", "person.lead_source"]
)
def test_not_to_know_is_a_segment_of_its_own(warehouse: Database, segment_by: str) -> None:
    build(warehouse, [person("crm:1")], segment_by=segment_by)
    assert warehouse.rows("select segment from {dim_prospect}") == [{"segment": "unknown"}]
    assert warehouse.rows("select segment, position from {dim_segment}") == [
        {"segment": "unknown", "position": 1}
    ]


def test_segments_stand_in_the_agreement_s_order_and_the_unknown_last(warehouse: Database) -> None:
    build(warehouse, segment_by="account.employees", segments=CUTS)
    shown = warehouse.rows("select segment from {dim_segment} order by position")
    assert [row["segment"] for row in shown] == ["smb", "mid", "enterprise", "unknown"]


def test_a_prospect_is_told_by_the_record_that_still_stands_for_it(warehouse: Database) -> None:
    build(
        warehouse,
        [
            mailing(
                "crm:lead",
                "ann@old.example",
                full_name="A. Old",
                country="DE",
                lead_source="Fair",
                converted_to_key="crm:contact",
                created_at=datetime(2026, 1, 1),
            ),
            mailing(
                "crm:contact",
                "ann@new.example",
                full_name="Ann New",
                lead_source="Import",
                created_at=datetime(2026, 3, 1),
            ),
        ],
    )
    told = warehouse.rows(
        "select person_key, full_name, email, country, lead_source, created_at, n_records,"
        " is_deleted from {dim_prospect}"
    )
    assert told == [
        {
            "person_key": "crm:contact",
            "full_name": "Ann New",
            "email": "ann@new.example",
            "country": "DE",
            "lead_source": "Fair",
            "created_at": datetime(2026, 1, 1),
            "n_records": 2,
            "is_deleted": False,
        }
    ]


def test_a_company_that_any_record_names_comes_before_any_mail_domain(warehouse: Database) -> None:
    build(
        warehouse,
        [
            mailing("crm:contact", "ann@acme.example"),
            person("crm:lead", account_key="holding", converted_to_key="crm:contact"),
        ],
        [account("holding", name="Holding")],
    )
    assert warehouse.rows("select account_id from {dim_prospect}") == [{"account_id": "holding"}]


def test_a_prospect_is_deleted_only_when_all_its_records_are(warehouse: Database) -> None:
    gone = person("crm:1", external_id="X", is_deleted=True)
    build(warehouse, [gone, person("crm:2", external_id="X")])
    assert warehouse.rows("select is_deleted from {dim_prospect}") == [{"is_deleted": False}]
    build(warehouse, [gone])
    assert warehouse.rows("select is_deleted from {dim_prospect}") == [{"is_deleted": True}]
