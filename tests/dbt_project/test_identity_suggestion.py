"""Suggestions of who may be one person, held against the people of the simulated company."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

from connectors.sandbox.parameters import Parameters
from connectors.sandbox.simulate import simulate
from orchestration.agreement.free_mail import FREE_MAIL_DOMAINS
from orchestration.statistics.suggest import suggest
from tests.dbt_project.compiled import CompiledProject, Database

AT_LEAST = 0.9
LOADED_AT = datetime(2026, 10, 1)

# How the exports tell the fields that people are recognised and compared by.
PERSONS = {
    "marketing/contacts": {
        "record_id": '"Record ID"',
        "email": '"Email"',
        "phone": '"Phone Number"',
        "full_name": """"First Name" || ' ' || "Last Name\"""",
        "external_id": '"Salesforce ID"',
        "merged_into": '"Merged Into"',
        "account": '"Company ID"',
        "country": '"Country"',
        "created_at": '"Create Date"',
    },
    "crm/leads": {
        "record_id": '"Id"',
        "email": '"Email"',
        "full_name": """"FirstName" || ' ' || "LastName\"""",
        "external_id": '"Id"',
        "merged_into": '"MergedIntoId"',
        "converted_to": '"ConvertedContactId"',
        "account": '"MatchedAccountId"',
        "company_name": '"Company"',
        "country": '"Country"',
        "created_at": '"CreatedDate"',
    },
    "crm/contacts": {
        "record_id": '"Id"',
        "email": '"Email"',
        "phone": '"Phone"',
        "full_name": """"FirstName" || ' ' || "LastName\"""",
        "external_id": '"Id"',
        "account": '"AccountId"',
        "created_at": '"CreatedDate"',
    },
}
ACCOUNTS = {
    "marketing/companies": {"record_id": '"Company ID"', "name": '"Name"', "domain": '"Domain"'},
    "crm/accounts": {"record_id": '"Id"', "name": '"Name"', "domain": '"Website"'},
}

Pairs = set[frozenset[str]]


@pytest.fixture(scope="module")
def simulated(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The prospects of the simulated company, and who each record's person really is."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(Parameters(prospects=2000, until=date(2026, 9, 30), seed=7), folder)
    database = project.database()
    database.fill("bound.clock", [{"as_of": LOADED_AT, "known_at": LOADED_AT}])
    settings = {"max_group_size": 25, "use_phone": False, "suggest_at_least": AT_LEAST}
    database.fill("agreement.settings", [settings])
    database.fill(
        "agreement.free_mail_domains", [{"domain": domain} for domain in FREE_MAIL_DOMAINS]
    )
    for entity, exports in (("persons", PERSONS), ("accounts", ACCOUNTS)):
        for export, columns in exports.items():
            _load(database, entity, folder / "exports" / f"{export}.csv", columns)
    database.fill("int_crm_source", [{"source": "crm"}])
    database.build_with_parents("int_prospect_traits", given=["int_crm_source"])
    records = folder / "truth" / "records.parquet"
    database.connection.execute(f"create table truth_records as from '{records}'")
    return database


def _load(database: Database, entity: str, path: Path, columns: Mapping[str, str]) -> None:
    relation = database.project.relations[f"raw_files.{entity}"]
    record_id = columns["record_id"]
    values = ", ".join(
        f"cast({said} as {relation.columns[field]})" for field, said in columns.items()
    )
    database.change(
        f"raw_files.{entity}",
        f"""
        insert into {{}} (
            {", ".join(columns)}, source, stream, record_key,
            _record_id, _fill, _seq, _loaded_at, _deleted
        )
        select {values}, '{path.parent.name}', '{path.stem}', {record_id},
            {record_id}, 0, row_number() over (), '{LOADED_AT}', false
        from read_csv('{path}', all_varchar = true)
        """,
    )


@pytest.fixture(scope="module")
def suggested(simulated: Database) -> Pairs:
    """The suggestions as the review table shows them."""
    address = simulated.project.relations["int_prospect_traits"].address
    traits = simulated.connection.sql(f"from {address}").to_arrow_table()
    pairs = suggest(traits, AT_LEAST).pairs.to_pylist()
    simulated.fill("statistics.identity_suggestion", pairs)
    simulated.build("identity_suggestion")
    rows = simulated.rows("select * from {identity_suggestion}")
    assert all(row["full_name"] and row["other_full_name"] for row in rows)
    return {frozenset((row["prospect_id"], row["other_prospect_id"])) for row in rows}


@pytest.fixture(scope="module")
def really_one(simulated: Database) -> Pairs:
    """The pairs of prospects that are one person, though no rule ties them."""
    rows = simulated.rows(
        "with people as (select distinct links.prospect_id, records.prospect as person"
        " from {int_person_link} as links join truth_records as records"
        " on records.source = links.source and records.record_id = links.source_record_id)"
        " select one.prospect_id as one, other.prospect_id as other"
        " from people as one join people as other using (person)"
        " where one.prospect_id < other.prospect_id"
    )
    return {frozenset((row["one"], row["other"])) for row in rows}


def test_people_whom_no_key_ties_are_found_and_hardly_anyone_else(
    suggested: Pairs, really_one: Pairs
) -> None:
    found = suggested & really_one
    precision, recall = len(found) / len(suggested), len(found) / len(really_one)
    print(
        f"suggestions at {AT_LEAST}: {len(suggested)} pairs, {len(really_one)} really one person; "
        f"precision {precision:.2f}, recall {recall:.2f}"
    )
    assert len(really_one) >= 3
    assert precision >= 0.8
    assert recall >= 0.8


def test_nothing_but_the_review_table_reads_the_suggestions(project: CompiledProject) -> None:
    readers = {
        name
        for name, relation in project.relations.items()
        if {"statistics.identity_suggestion", "identity_suggestion"} & set(relation.needs)
    }
    assert readers == {"identity_suggestion"}


def test_the_switch_alone_fills_what_is_compared(simulated: Database) -> None:
    prospects = simulated.rows("from {dim_prospect} order by prospect_id")
    assert len(simulated.rows("from {int_prospect_traits}")) == len(prospects)
    simulated.update("agreement.settings", "suggest_at_least = null")
    try:
        simulated.build_with_parents("int_prospect_traits", given=["int_crm_source"])
        assert simulated.rows("from {int_prospect_traits}") == []
        assert simulated.rows("from {dim_prospect} order by prospect_id") == prospects
    finally:
        simulated.update("agreement.settings", f"suggest_at_least = {AT_LEAST}")
        simulated.build_with_parents("int_prospect_traits", given=["int_crm_source"])
