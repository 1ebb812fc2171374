"""The simulated company many times over: every copy is the small one, and none meets another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from benchmarks.full_build import build
from benchmarks.scaled_company import add_night, copies_in, make_small, scaled_company, write_copies
from connectors.lake import snapshot
from orchestration.company import Company
from orchestration.warehouse.bind import Binding, bind
from orchestration.warehouse.connection import read_warehouse
from orchestration.warehouse.dbt_project import read_project

pytestmark = pytest.mark.slow

COPIES: Final = 3
SHARED: Final = {
    "hubspot.owners",
    "hubspot.pipelines",
    "hubspot.pipeline_stages",
    "hubspot.properties",
    "hubspot.campaigns",
    "hubspot.campaign_spend",
    "hubspot.campaign_assets",
    "hubspot.forms",
    "hubspot.marketing_emails",
    "hubspot.marketing_events",
    "salesforce.campaigns",
    "salesforce.users",
    "salesforce.user_roles",
    "salesforce.currency_types",
    "salesforce.dated_conversion_rates",
    "salesforce.field_definitions",
    "ads.search",
    "ads.social",
}
OWN: Final = (
    ("hubspot.contacts", "lower(email)"),
    ("hubspot.contacts", "id"),
    ("hubspot.contacts", "unnest(string_split(hs_merged_object_ids, ';'))"),
    ("hubspot.companies", "domain"),
    ("hubspot.companies", "name"),
    ("hubspot.email_events", "lower(recipient)"),
    ("hubspot.deals", "hs_salesforceopportunityid"),
    ("salesforce.leads", "lower(email)"),
    ("salesforce.contacts", "phone || last_name"),
    ("salesforce.accounts", "website"),
    ("salesforce.tasks", "who_id"),
    ("web.web_activity", "contact_id"),
)
MEETING: Final = (
    ("hubspot.contact_history", "contact_id", "hubspot.contacts", "id"),
    ("hubspot.deals", "hs_salesforceopportunityid", "salesforce.opportunities", "left(id, 15)"),
    ("hubspot.email_events", "recipient", "hubspot.contacts", "email"),
    ("salesforce.leads", "converted_contact_id", "salesforce.contacts", "id"),
    ("salesforce.leads", "lower(email)", "hubspot.contacts", "lower(email)"),
    ("web.visitors", "record_id", "hubspot.contacts", "id"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scaled")
    make_small(made, 80)
    write_copies(scaled_company(made / "small"), scaled_company(made), range(1, COPIES + 1))
    return made


@pytest.fixture(scope="module")
def small(folder: Path) -> Company:
    return scaled_company(folder / "small")


@pytest.fixture(scope="module")
def many(folder: Path) -> Company:
    return scaled_company(folder)


def ask(company: Company, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query over the raw tables that it names, as `<source>.<stream>`."""
    with duckdb.connect() as connection:
        for source in company.sources.sources:
            connection.execute(f"create schema {source.name}")
            for stream in source.streams:
                name = f"{source.name}.{stream.name}"
                if f"{name} " in f"{query} ":
                    found = snapshot(company.lake, source.name, stream.name)
                    files = (
                        f"read_parquet({list(found.files if found else ())}, union_by_name = true)"
                    )
                    connection.execute(f"create view {name} as select * from {files}")
        return connection.execute(query).fetchall()


def streams(company: Company) -> Mapping[str, int]:
    """How many rows each raw table has, where it has any."""
    found = {
        f"{source.name}.{stream.name}": snapshot(company.lake, source.name, stream.name)
        for source in company.sources.sources
        for stream in source.streams
    }
    return {name: one.rows for name, one in found.items() if one is not None and one.rows}


def test_every_copy_has_what_the_small_company_has_and_what_all_share_is_there_once(
    small: Company, many: Company
) -> None:
    expected = {n: rows if n in SHARED else COPIES * rows for n, rows in streams(small).items()}
    assert streams(many) == expected


def test_no_record_of_a_copy_has_the_id_of_another(small: Company, many: Company) -> None:
    for name in streams(small).keys() - SHARED:
        query = f"select count(distinct _record_id) from {name}"
        [(one,)], [(all_copies,)] = ask(small, query), ask(many, query)
        assert all_copies == COPIES * one, name


@pytest.mark.parametrize(("stream", "value"), OWN)
def test_no_copy_shares_with_another_what_people_and_firms_are_told_by(
    small: Company, many: Company, stream: str, value: str
) -> None:
    query = f"select count(distinct value) from (select {value} as value from {stream} )"
    [(one,)], [(all_copies,)] = ask(small, query), ask(many, query)
    assert one > 0
    assert all_copies == COPIES * one


@pytest.mark.parametrize("meeting", MEETING)
def test_records_lead_to_one_another_in_every_copy_as_in_the_small_company(
    small: Company, many: Company, meeting: tuple[str, str, str, str]
) -> None:
    stream, column, other, key = meeting
    query = f"""
        select count(*) from (select {column} as value from {stream} ) as records
        join (select {key} as value from {other} ) as others using (value)
    """
    [(one,)], [(all_copies,)] = ask(small, query), ask(many, query)
    assert one > 0
    assert all_copies == COPIES * one


def test_the_lake_is_bound_like_a_loaded_one(small: Company, many: Company) -> None:
    one, all_copies = bind(small), bind(many)

    def told(binding: Binding) -> list[tuple[Any, ...]]:
        return [(s.source, s.state, s.watermark, s.not_loaded, s.lacking) for s in binding.sources]

    assert told(all_copies) == told(one)
    assert all_copies.as_of == one.as_of
    assert all_copies.known_at == one.known_at


def test_a_build_finds_every_prospect_touch_and_deal_as_often_as_there_are_copies(
    small: Company, many: Company
) -> None:
    counts = []
    for company in (small, many):
        build(company, read_project(company), is_tested=False)
        with read_warehouse(company.warehouse) as connection:
            counts.append(
                [
                    connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0]
                    for name in ("dim_prospect", "dim_account", "fct_touch", "fct_deal")
                ]
            )
    one, all_copies = counts
    assert all_copies == [COPIES * count for count in one]


# The last one, as it changes what the others look at.
def test_a_night_lands_what_is_new_in_the_small_company_for_some_of_the_copies(
    folder: Path, small: Company, many: Company
) -> None:
    before, newest = streams(many), bind(many)

    night = add_night(folder, days=4, share=0.02)

    after = streams(many)
    assert 1 <= night.copies < COPIES
    assert copies_in(many) == COPIES
    assert after["web.web_activity"] > before["web.web_activity"]
    assert after["hubspot.contacts"] > before["hubspot.contacts"]
    later = bind(scaled_company(folder))
    assert later.as_of > newest.as_of
    assert later.known_at > newest.known_at
    [(repeated,)] = ask(
        many,
        "select count(*) from (select _record_id, email from web.visitors group by all "
        "having count(*) > 1)",
    )
    assert repeated == 0
