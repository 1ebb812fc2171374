"""Company records made by hand, and the build of all that stands on them."""

from collections.abc import Sequence
from typing import Any

from tests.dbt_project.compiled import Database
from tests.dbt_project.data_tests import failures
from tests.dbt_project.identity import IDENTITY_MODELS, Record, person

MODELS = (
    *IDENTITY_MODELS,
    "int_account_pointer",
    "int_account_link",
    "int_account_domain",
    "int_account_parent",
    "int_account_top",
    "dim_account",
    "bridge_record_account",
    "account_review",
    "int_person_account",
    "dim_prospect",
    "dim_segment",
)


RULES = (
    "every_chain_of_parents_is_followed_to_its_end",
    "every_company_record_that_leads_to_another_shares_its_account",
)


def failing(database: Database, rule: str) -> int:
    """How many rows a data test of the accounts returns."""
    query = database.project.data_tests(*MODELS)[rule]
    return len(database.connection.execute(query).fetchall())


def account(account_key: str, **fields: Any) -> dict[str, Any]:
    return {
        "account_key": account_key,
        "source": "crm",
        "source_record_id": account_key,
        "is_deleted": False,
        **fields,
    }


def mailing(person_key: str, address: str, **fields: Any) -> dict[str, Any]:
    domain = address.partition("@")[2]
    return person(person_key, email=address, email_normalised=address, email_domain=domain) | fields


def build(
    database: Database,
    persons: Sequence[Record] = (),
    accounts: Sequence[Record] = (),
    *,
    segment_by: str | None = None,
    segments: Sequence[Record] = (),
    cap: int = 25,
) -> None:
    """Build all models of identity and accounts, and hold them against their data tests."""
    database.fill(
        "agreement.settings",
        [{"max_group_size": cap, "use_phone": False, "segment_by": segment_by}],
    )
    database.fill("agreement.free_mail_domains", [{"domain": "gmail.com"}, {"domain": "web.de"}])
    database.fill("agreement.segments", segments)
    database.fill("input_persons", persons)
    database.fill("input_accounts", accounts)
    database.fill("input_deals", [{"deal_key": "d", "source": "crm", "is_deleted": False}])
    database.fill("int_crm_source", [{"source": "crm"}])
    database.fill("input_deal_accounts", [])
    database.build(*MODELS)
    assert {name: failures(database, name) for name in MODELS} == {name: {} for name in MODELS}
    for name in RULES:
        assert failing(database, name) == 0
