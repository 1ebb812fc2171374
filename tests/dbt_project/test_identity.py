"""Which person records are one prospect, held against an independent union-find."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.dbt_project.identity import (
    IDENTITY_MODELS,
    PHONES,
    Record,
    expected_groups,
    groups,
    joined,
    link,
    person,
    read_phone,
)
from tests.examples import examples

KEYS = [f"{source}:{number}" for number in range(9) for source in ("crm", "ads")]
ABSENT = "crm:never loaded"
over_records = settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


@st.composite
def person_records(draw: st.DrawFn) -> list[Record]:
    """Few enough values that chains, cycles, records that point at themselves and crowds arise."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=len(KEYS)))
    pointer = st.none() | st.none() | st.sampled_from([*KEYS, ABSENT])
    return [
        person(
            key,
            merged_into_key=draw(pointer),
            converted_to_key=draw(pointer),
            external_id=draw(st.none() | st.sampled_from("uvwxyz")),
            email_normalised=draw(st.none() | st.sampled_from(["a@x.de", "b@x.de", "c@y.fr"])),
            phone=draw(st.sampled_from(list(PHONES))),
            is_deleted=draw(st.booleans()),
        )
        for key in keys
    ]


@settings(over_records, max_examples=examples(40))
@given(records=person_records(), cap=st.integers(1, 8), use_phone=st.booleans())
def test_prospects_are_those_of_an_independent_union_find(
    warehouse: Database, records: list[Record], cap: int, use_phone: bool
) -> None:
    links = link(warehouse, records, cap=cap, use_phone=use_phone)
    expected = expected_groups(
        [read_phone(record) for record in records], cap=cap, use_phone=use_phone
    )
    assert groups(links) == expected
    assert links.keys() == {record["person_key"] for record in records}


@over_records
@given(records=person_records(), cap=st.integers(1, 8), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_records_makes_no_difference(
    warehouse: Database, records: list[Record], cap: int, seed: random.Random
) -> None:
    first = link(warehouse, records, cap=cap)
    reordered = list(records)
    seed.shuffle(reordered)
    assert link(warehouse, reordered, cap=cap) == first


@over_records
@given(records=person_records(), others=person_records(), cap=st.integers(1, 8))
def test_records_of_other_people_move_no_prospect_id(
    warehouse: Database, records: list[Record], others: list[Record], cap: int
) -> None:
    before = link(warehouse, records, cap=cap)
    strangers = [_renamed(record) for record in others]
    after = link(warehouse, [*strangers, *records], cap=cap)
    assert {key: after[key] for key in before} == before


def _renamed(record: Record) -> Record:
    """The same record of another world: nothing that it bears is borne in this one."""
    return {
        name: f"0 other {value}" if name.endswith("_key") or name in _SHARED else value
        for name, value in record.items()
        if value is not None
    }


_SHARED = {"external_id", "email_normalised", "phone"}


@over_records
@given(records=person_records(), cap=st.integers(1, 8), use_phone=st.booleans())
def test_no_data_test_of_the_identity_models_fails(
    warehouse: Database, records: list[Record], cap: int, use_phone: bool
) -> None:
    link(warehouse, records, cap=cap, use_phone=use_phone)
    assert {name: failures(warehouse, name) for name in IDENTITY_MODELS} == {
        name: {} for name in IDENTITY_MODELS
    }


def _groups(database: Database, records: Sequence[Record], **options: Any) -> set[frozenset[str]]:
    return groups(link(database, records, **options))


def test_a_merge_chain_through_a_record_that_is_gone_is_one_prospect(warehouse: Database) -> None:
    records = [
        person("crm:1", merged_into_key="crm:2"),
        person("crm:2", merged_into_key="crm:3", is_deleted=True),
        person("crm:3"),
    ]
    assert _groups(warehouse, records) == {frozenset({"crm:1", "crm:2", "crm:3"})}


def test_records_merged_into_one_that_was_never_loaded_are_one_prospect(
    warehouse: Database,
) -> None:
    records = [person("crm:1", merged_into_key=ABSENT), person("crm:2", merged_into_key=ABSENT)]
    assert _groups(warehouse, records) == {frozenset({"crm:1", "crm:2"})}


def test_two_sources_meet_through_different_rules(warehouse: Database) -> None:
    records = [
        person("ads:7", external_id="X"),
        person("crm:lead", external_id="X", converted_to_key="crm:contact"),
        person("crm:contact", email_normalised="ann@acme.example"),
        person("mail:9", email_normalised="ann@acme.example"),
        person("crm:somebody else", email_normalised="bob@acme.example"),
    ]
    assert _groups(warehouse, records) == {
        frozenset({"ads:7", "crm:lead", "crm:contact", "mail:9"}),
        frozenset({"crm:somebody else"}),
    }


def test_a_prospect_splits_again_when_a_wrong_merge_is_undone(warehouse: Database) -> None:
    ann = [person("crm:1", email_normalised="ann@x"), person("crm:2", email_normalised="ann@x")]
    bob = [person("crm:8", email_normalised="bob@x"), person("crm:9", email_normalised="bob@x")]
    apart = link(warehouse, [*ann, *bob])
    wrong = [ann[0], {**ann[1], "merged_into_key": "crm:8"}, *bob]
    assert len(_groups(warehouse, wrong)) == 1
    assert link(warehouse, [*ann, *bob]) == apart
    assert groups(apart) == {frozenset({"crm:1", "crm:2"}), frozenset({"crm:8", "crm:9"})}


def test_a_prospect_splits_again_when_a_wrong_conversion_is_undone(warehouse: Database) -> None:
    lead = person("crm:lead", email_normalised="ann@x")
    contact = person("crm:contact", email_normalised="bob@x")
    apart = link(warehouse, [lead, contact])
    wrong = [{**lead, "converted_to_key": "crm:contact"}, contact]
    assert _groups(warehouse, wrong) == {frozenset({"crm:lead", "crm:contact"})}
    assert link(warehouse, [lead, contact]) == apart
    assert groups(apart) == {frozenset({"crm:lead"}), frozenset({"crm:contact"})}


@pytest.mark.parametrize("field", ["email_normalised", "other_emails"])
def test_a_prospect_splits_again_when_a_wrong_address_is_taken_back(
    warehouse: Database, field: str
) -> None:
    ann = person("crm:1", email_normalised="ann@x.example")
    bob = person("ads:2", external_id="B")
    apart = link(warehouse, [ann, bob])
    wrong = [ann, {**bob, field: "ann@x.example"}]
    assert _groups(warehouse, wrong) == {frozenset({"crm:1", "ads:2"})}
    assert link(warehouse, [ann, bob]) == apart
    assert groups(apart) == {frozenset({"crm:1"}), frozenset({"ads:2"})}


def _sharing(n: int, **fields: Any) -> list[dict[str, Any]]:
    return [person(f"crm:{number}", **fields) for number in range(n)]


def _reviewed(database: Database) -> list[tuple[Any, ...]]:
    rows = database.rows("select * from {identity_review} order by finding, shared_value")
    names = ("finding", "rule", "shared_value", "least_person_key", "n_records", "n_prospects")
    return [tuple(row[name] for name in names) for row in rows]


def test_a_key_that_as_many_share_as_are_allowed_joins_them(warehouse: Database) -> None:
    assert len(_groups(warehouse, _sharing(3, email_normalised="ann@x"), cap=3)) == 1
    assert _reviewed(warehouse) == []


@pytest.mark.parametrize(
    ("field", "rule"), [("email_normalised", "email"), ("external_id", "external_id")]
)
def test_a_key_that_more_share_than_allowed_joins_nothing_and_is_listed(
    warehouse: Database, field: str, rule: str
) -> None:
    assert len(_groups(warehouse, _sharing(4, **{field: "info@x"}), cap=3)) == 4
    assert _reviewed(warehouse) == [("shared_by_too_many", rule, "info@x", "crm:0", 4, None)]


def test_a_group_that_chains_past_the_cap_is_cut_at_its_weakest_rule_and_listed(
    warehouse: Database,
) -> None:
    records = [
        person("crm:1", merged_into_key="crm:2", email_normalised="a@x"),
        person("crm:2", external_id="X"),
        person("crm:3", external_id="X", email_normalised="b@x"),
        person("crm:4", email_normalised="a@x"),
        person("crm:5", email_normalised="b@x"),
    ]
    links = link(warehouse, records, cap=4)
    assert groups(links) == {
        frozenset({"crm:1", "crm:2", "crm:3"}),
        frozenset({"crm:4"}),
        frozenset({"crm:5"}),
    }
    assert joined(warehouse)["crm:3"]["joined_by"] == "external_id"
    assert _reviewed(warehouse) == [("cut_at_weakest_rule", "email", None, "crm:1", 5, 3)]


def test_what_the_source_itself_merged_stays_one_beyond_the_cap_and_is_listed(
    warehouse: Database,
) -> None:
    records = [*_sharing(4, merged_into_key="crm:9"), person("crm:9")]
    assert len(_groups(warehouse, records, cap=3)) == 1
    assert _reviewed(warehouse) == [("merged_beyond_cap", "merge", None, "crm:0", 5, 1)]


def test_a_crowd_converted_into_one_contact_is_no_prospect(warehouse: Database) -> None:
    records = [*_sharing(4, converted_to_key="crm:9"), person("crm:9")]
    assert len(_groups(warehouse, records, cap=3)) == 5
    assert _reviewed(warehouse) == [("cut_at_weakest_rule", "conversion", None, "crm:0", 5, 5)]


def test_a_telephone_joins_only_where_the_agreement_says_so(warehouse: Database) -> None:
    records = _sharing(2, phone="+493012345")
    assert len(_groups(warehouse, records, use_phone=False)) == 2
    assert len(_groups(warehouse, records, use_phone=True)) == 1


def test_a_telephone_that_more_share_than_allowed_joins_nothing_and_is_listed(
    warehouse: Database,
) -> None:
    spelled = ["+493012345", "03012345", "+493012345", "03012345"]
    records = [person(f"crm:{number}", phone=phone) for number, phone in enumerate(spelled)]
    assert len(_groups(warehouse, records, cap=3, use_phone=True)) == 4
    assert _reviewed(warehouse) == [("shared_by_too_many", "phone", "+493012345", "crm:0", 4, None)]


def test_a_fragment_of_a_telephone_number_joins_nothing(warehouse: Database) -> None:
    assert len(_groups(warehouse, _sharing(2, phone="12"), use_phone=True)) == 2


def _arranged(how: str, length: int) -> list[int]:
    return {
        "in order": list(range(length)),
        "at random": random.Random(7).sample(range(length), length),
        "from both ends": [n // 2 if n % 2 else length - 1 - n // 2 for n in range(length)],
    }[how]


def _chain(database: Database, numbers: Sequence[int]) -> None:
    keys = [f"crm:{number:07}" for number in numbers]
    database.fill("agreement.settings", [{"max_group_size": 25, "use_phone": False}])
    database.fill("input_persons", [])
    database.change(
        "input_persons",
        """
        insert into {}
            (person_key, merged_into_key, source, source_record_id, is_deleted)
        select unnest(?), unnest(?), 'crm', '', false
        """,
        [keys, [*keys[1:], None]],
    )
    database.build(*IDENTITY_MODELS)


def _assert_followed_to_its_end(database: Database, length: int) -> None:
    found = database.rows(
        "select count(distinct prospect_id) as n, count(*) as n_records from {int_person_link}"
    )
    assert found == [{"n": 1, "n_records": length}]
    assert failures(database, "int_identity_component") == {}
    assert failures(database, "int_identity_component_by_rule") == {}


@pytest.mark.parametrize("arranged", ["in order", "at random", "from both ends"])
def test_a_chain_of_thousands_of_merges_is_followed_to_its_end(
    warehouse: Database, arranged: str
) -> None:
    _chain(warehouse, _arranged(arranged, 4_000))
    _assert_followed_to_its_end(warehouse, 4_000)


@pytest.mark.slow
@pytest.mark.parametrize("arranged", ["in order", "at random", "from both ends"])
def test_a_chain_of_hundreds_of_thousands_of_merges_is_followed_to_its_end(
    warehouse: Database, arranged: str
) -> None:
    _chain(warehouse, _arranged(arranged, 300_000))
    _assert_followed_to_its_end(warehouse, 300_000)


def test_a_chain_that_was_not_followed_to_its_end_fails_the_night(warehouse: Database) -> None:
    link(warehouse, [person("crm:1", merged_into_key="crm:2"), person("crm:2")])
    warehouse.fill(
        "int_identity_component",
        [
            {"person_key": key, "component_key": key, "level": 5, "n_records": 1}
            for key in ("crm:1", "crm:2")
        ],
    )
    failing = failures(warehouse, "int_identity_component")
    assert len(failing) == 1
    assert next(iter(failing)).startswith("no_link_leaves_its_component")


def _with_rounds(database: Database, rounds: int) -> None:
    """Build int_identity_component as if connected_components had only so many rounds."""
    relation = database.project.relations["int_identity_component"]
    assert relation.sql is not None
    assert "from stars_20" in relation.sql
    fewer = relation.sql.replace("from stars_20", f"from stars_{rounds}")
    database.connection.execute(f"create or replace table {relation.address} as {fewer}")
    database.has_changed("int_identity_component")


def test_a_chain_that_needs_more_rounds_than_there_are_fails_the_night(
    warehouse: Database,
) -> None:
    _chain(warehouse, _arranged("at random", 4_000))
    failed = []
    for rounds in range(1, 21):
        _with_rounds(warehouse, rounds)
        labels = warehouse.rows(
            "select count(distinct component_key) as n from {int_identity_component}"
        )
        fails = failures(warehouse, "int_identity_component")
        assert bool(fails) == (labels != [{"n": 1}])
        failed.append(bool(fails))
    assert failed[0]
    assert failed == sorted(failed, reverse=True)
    assert not failed[-1]
