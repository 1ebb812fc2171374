"""The prospects of the simulated company, held against the people who really are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.parameters import Parameters
from connectors.sandbox.simulate import simulate
from orchestration.agreement.free_mail import FREE_MAIL_DOMAINS
from tests.dbt_project.compiled import CompiledProject, Database

# How sources.yml maps the exports that have persons and companies.
PERSONS = {
    ("marketing", "contacts"): {
        "record_id": "Record ID",
        "email": "Email",
        "phone": "Phone Number",
        "external_id": "Salesforce ID",
        "merged_into": "Merged Into",
        "account": "Company ID",
        "created_at": "Create Date",
    },
    ("crm", "leads"): {
        "record_id": "Id",
        "email": "Email",
        "external_id": "Id",
        "merged_into": "MergedIntoId",
        "converted_to": "ConvertedContactId",
        "account": "MatchedAccountId",
        "created_at": "CreatedDate",
    },
    ("crm", "contacts"): {
        "record_id": "Id",
        "email": "Email",
        "phone": "Phone",
        "external_id": "Id",
        "account": "AccountId",
        "created_at": "CreatedDate",
    },
}
ACCOUNTS = {
    ("marketing", "companies"): {
        "record_id": "Company ID",
        "domain": "Domain",
        "employees": "Number of Employees",
        "created_at": "Create Date",
    },
    ("crm", "accounts"): {
        "record_id": "Id",
        "domain": "Website",
        "employees": "NumberOfEmployees",
        "created_at": "CreatedDate",
    },
}
LOADED_AT = datetime(2026, 10, 1)


@pytest.fixture(scope="module")
def simulated(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The simulated company's persons and companies, and the truth as tables beside them."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(Parameters(prospects=1500, until=date(2026, 9, 30), seed=7), folder)
    database = project.database()
    database.fill("bound.clock", [{"as_of": LOADED_AT, "known_at": LOADED_AT}])
    database.fill("agreement.settings", [{"max_group_size": 25, "use_phone": False}])
    database.fill(
        "agreement.free_mail_domains", [{"domain": domain} for domain in FREE_MAIL_DOMAINS]
    )
    for (source, stream), columns in PERSONS.items():
        _load(database, "persons", folder / "exports" / source / f"{stream}.csv", columns)
    for (source, stream), columns in ACCOUNTS.items():
        _load(database, "accounts", folder / "exports" / source / f"{stream}.csv", columns)
    database.fill("int_crm_source", [{"source": "crm"}])
    database.build_with_parents("int_person_link", "dim_prospect", given=["int_crm_source"])
    for table in ("records", "prospects"):
        path = folder / "truth" / f"{table}.parquet"
        database.connection.execute(f"create table truth_{table} as from '{path}'")
    return database


def _load(database: Database, entity: str, path: Path, columns: Mapping[str, str]) -> None:
    relation = database.project.relations[f"raw_files.{entity}"]
    record_id = columns["record_id"]
    values = ", ".join(
        f'cast("{column}" as {relation.columns[field]})' for field, column in columns.items()
    )
    database.change(
        f"raw_files.{entity}",
        f"""
        insert into {{}} (
            {", ".join(columns)}, source, stream, record_key,
            _record_id, _fill, _seq, _loaded_at, _deleted
        )
        select {values}, '{path.parent.name}', '{path.stem}', "{record_id}",
            "{record_id}", 0, row_number() over (), '{LOADED_AT}', false
        from read_csv('{path}', all_varchar = true)
        """,
    )


def _people(database: Database) -> list[dict[str, Any]]:
    """Each person record with its prospect and the real person, whom the models never saw."""
    return database.rows(
        "select links.*, records.prospect as person, truth.account, prospects.account_id,"
        " persons.email_normalised"
        " from {int_person_link} as links"
        " join truth_records as records"
        " on records.source = links.source and records.record_id = links.source_record_id"
        " join truth_prospects as truth using (prospect)"
        " join {dim_prospect} as prospects using (prospect_id)"
        " join {input_persons} as persons on persons.person_key = links.person_key"
    )


def _by(rows: Iterable[Mapping[str, Any]], key: str, value: str) -> dict[Any, set[Any]]:
    found = defaultdict(set)
    for row in rows:
        found[row[key]].add(row[value])
    return found


def test_every_record_that_was_simulated_is_there(simulated: Database) -> None:
    there = simulated.rows("select count(*) as n from {int_person_link}")
    assert there == simulated.rows("select count(*) as n from truth_records")
    assert len(_people(simulated)) == there[0]["n"]


def test_no_prospect_is_made_of_two_people(simulated: Database) -> None:
    persons = _by(_people(simulated), "prospect_id", "person")
    assert [prospect for prospect, people in persons.items() if len(people) > 1] == []


def test_a_person_is_two_prospects_only_where_nothing_ties_the_records(
    simulated: Database,
) -> None:
    people = _people(simulated)
    split = {
        person
        for person, prospects in _by(people, "person", "prospect_id").items()
        if len(prospects) > 1
    }
    assert len(split) < 0.01 * len({row["person"] for row in people})
    for person in split:
        records = [row for row in people if row["person"] == person]
        mailboxes = _by(records, "email_normalised", "prospect_id")
        assert all(len(prospects) == 1 for prospects in mailboxes.values())


def test_the_people_of_one_firm_stand_on_one_account_and_no_other_firm_s(
    simulated: Database,
) -> None:
    people = [row for row in _people(simulated) if row["account_id"] is not None]
    assert len(people) > 0
    assert all(len(firms) == 1 for firms in _by(people, "account_id", "account").values())
    assert all(len(accounts) == 1 for accounts in _by(people, "account", "account_id").values())
