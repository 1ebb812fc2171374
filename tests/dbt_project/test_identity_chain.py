"""How each person record came to its prospect: by which rule, and through which record."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.dbt_project.identity import (
    CHAIN_MODELS,
    IDENTITY_MODELS,
    Record,
    bearers,
    groups,
    joined,
    link,
    person,
    read_phone,
)
from tests.dbt_project.test_identity import person_records
from tests.examples import examples

RULES = (
    "every_person_record_is_in_one_prospect",
    "every_record_hangs_on_its_prospects_first_record",
)


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def _failing(database: Database, rule: str) -> int:
    query = database.project.data_tests(*IDENTITY_MODELS, *CHAIN_MODELS, "input_persons")[rule]
    return len(database.connection.execute(query).fetchall())


def _way(rows: Mapping[str, Mapping[str, Any]], person_key: str) -> list[str]:
    """The records passed from a record to the first of its prospect."""
    passed = [person_key]
    while (through := rows[passed[-1]]["joined_through_key"]) is not None:
        assert through not in passed
        passed.append(through)
    return passed


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records=person_records(), cap=st.integers(1, 8), use_phone=st.booleans())
def test_every_record_comes_to_its_prospects_first_record_by_links_that_hold(
    warehouse: Database, records: list[Record], cap: int, use_phone: bool
) -> None:
    links = link(warehouse, records, cap=cap, use_phone=use_phone)
    rows = joined(warehouse)
    assert rows.keys() == {record["person_key"] for record in records}
    first = {key: min(group) for group in groups(links) for key in group}
    for person_key, row in rows.items():
        passed = _way(rows, person_key)
        assert passed[-1] == first[person_key]
        assert row["depth"] == len(passed) - 1
        assert row["prospect_id"] == links[person_key]["prospect_id"]
        if len(passed) > 1:
            shared = bearers(map(read_phone, records), row["joined_by"]).values()
            assert any(set(passed[:2]) <= keys for keys in shared)
    assert {rule: _failing(warehouse, rule) for rule in RULES} == dict.fromkeys(RULES, 0)


def _told(database: Database, records: Sequence[Record]) -> dict[str, tuple[Any, Any, Any]]:
    link(database, records)
    return {
        key: (row["joined_by"], row["joined_through_key"], row["depth"])
        for key, row in joined(database).items()
    }


def test_a_record_that_stands_alone_is_its_own_prospect(warehouse: Database) -> None:
    assert _told(warehouse, [person("crm:1")]) == {"crm:1": ("own", None, 0)}


def test_each_step_names_the_rule_of_that_step(warehouse: Database) -> None:
    records = [
        person("crm:1", email_normalised="ann@acme.example"),
        person("mail:9", email_normalised="ann@acme.example", external_id="X"),
        person("web:5", external_id="X"),
        person("web:7", merged_into_key="web:5"),
    ]
    assert _told(warehouse, records) == {
        "crm:1": ("own", None, 0),
        "mail:9": ("email", "crm:1", 1),
        "web:5": ("external_id", "mail:9", 2),
        "web:7": ("merge", "web:5", 3),
    }


def test_of_two_links_to_one_record_the_more_trusted_rule_is_named(warehouse: Database) -> None:
    records = [
        person("crm:contact", email_normalised="ann@acme.example"),
        person("crm:lead", email_normalised="ann@acme.example", converted_to_key="crm:contact"),
    ]
    assert _told(warehouse, records)["crm:lead"] == ("conversion", "crm:contact", 1)


def test_a_record_passed_on_the_way_may_itself_be_merged_away(warehouse: Database) -> None:
    records = [
        person("crm:1", merged_into_key="crm:2"),
        person("crm:2", merged_into_key="crm:3", is_deleted=True),
        person("crm:3"),
    ]
    assert _told(warehouse, records)["crm:3"] == ("merge", "crm:2", 2)


def _merged(length: int, *, first: int) -> list[Record]:
    """A chain of merges in which the least key stands at the place `first`."""
    keys = [f"crm:{number + 1:05}" for number in range(length)]
    keys[first] = "crm:00000"
    return [
        person(key, merged_into_key=into) for key, into in zip(keys, [*keys[1:], None], strict=True)
    ]


@pytest.mark.parametrize("first", [0, 700, 1_999])
def test_a_chain_of_thousands_of_merges_is_walked_step_by_step(
    warehouse: Database, first: int
) -> None:
    records = _merged(2_000, first=first)
    link(warehouse, records)
    rows = joined(warehouse)
    depths = [rows[record["person_key"]]["depth"] for record in records]
    assert depths == [abs(place - first) for place in range(2_000)]
    assert _failing(warehouse, RULES[1]) == 0


def _line(n_records: int) -> list[Record]:
    """Records of which each shares an address with the next, and none with the one after it."""
    return [
        person(
            f"crm:{number:03}",
            email_normalised=f"{number}@x.example",
            other_emails=f"{number + 1}@x.example",
        )
        for number in range(n_records)
    ]


def test_the_longest_line_that_the_default_cap_allows_is_walked(warehouse: Database) -> None:
    told = _told(warehouse, _line(25))
    assert [told[f"crm:{number:03}"][2] for number in range(25)] == list(range(25))
    assert failures(warehouse, "int_identity_depth") == {}


def test_a_line_longer_than_the_rounds_fails_the_night(warehouse: Database) -> None:
    link(warehouse, _line(40), cap=40)
    joined(warehouse)
    [failing] = failures(warehouse, "int_identity_depth")
    assert failing.startswith("never_null_int_identity_depth")


@pytest.mark.parametrize(
    "wrong",
    [
        "depth = depth + 1 where person_key = 'crm:3'",
        "joined_by = 'email' where person_key = 'crm:3'",
        "joined_through_key = 'crm:1' where person_key = 'crm:3'",
        "prospect_id = 'another' where person_key = 'crm:3'",
        "depth = 0 where person_key = 'crm:3'",
    ],
)
def test_a_step_that_does_not_hold_fails_the_night(warehouse: Database, wrong: str) -> None:
    link(
        warehouse,
        [
            person("crm:1", merged_into_key="crm:2"),
            person("crm:2", merged_into_key="crm:3"),
            person("crm:3"),
        ],
    )
    joined(warehouse)
    assert _failing(warehouse, RULES[1]) == 0
    warehouse.update("bridge_record_prospect", wrong)
    assert _failing(warehouse, RULES[1]) > 0


def test_a_record_without_a_prospect_fails_the_night(warehouse: Database) -> None:
    link(warehouse, [person("crm:1"), person("crm:2")])
    joined(warehouse)
    warehouse.change("bridge_record_prospect", "delete from {} where person_key = 'crm:2'")
    assert _failing(warehouse, RULES[0]) == 1
