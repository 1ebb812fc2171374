"""Which company records are one account, and which account is whose parent."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.accounts import account, build, failing
from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def joined(database: Database) -> dict[str, tuple[str, str, str | None]]:
    """Of every company record its account, the rule and the record through which it joined."""
    rows = database.rows("select * from {bridge_record_account}")
    return {
        row["account_key"]: (row["account_id"], row["joined_by"], row["joined_through_key"])
        for row in rows
    }


def chains(database: Database) -> dict[str, tuple[str | None, str, int]]:
    """Of every account its parent, the end of the chain and how far that is."""
    rows = database.rows("select * from {dim_account}")
    return {
        row["account_id"]: (row["parent_account_id"], row["top_account_id"], row["depth"])
        for row in rows
    }


def findings(database: Database) -> set[tuple[str, str, int]]:
    rows = database.rows("select finding, account_key, n_records from {account_review}")
    return {(row["finding"], row["account_key"], row["n_records"]) for row in rows}


def test_a_company_that_carries_another_system_s_id_is_that_account_whatever_its_domain(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        accounts=[
            account("h", source="hubspot", external_id="001A", domain="other.example"),
            account("s", source_record_id="001A", external_id="001A", domain="acme.example"),
            account("o", domain="other.example", created_at=datetime(2020, 1, 1)),
        ],
    )
    assert joined(warehouse) == {
        "h": ("s", "external_id", "s"),
        "s": ("s", "own", None),
        "o": ("o", "own", None),
    }


def test_15_of_the_18_characters_of_an_id_tell_whose_it_is(warehouse: Database) -> None:
    short, full = "001Aa00000ABCde", "001Aa00000ABCdeXYZ"
    build(
        warehouse,
        accounts=[
            account("first", source="hubspot", external_id=short, created_at=datetime(2020, 1, 1)),
            account("s", source_record_id=full, external_id=short),
        ],
    )
    assert joined(warehouse)["first"] == ("s", "external_id", "s")


def test_companies_that_carry_one_id_are_one_account_even_if_nobody_has_it(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        accounts=[
            account("a", source="hubspot", external_id="X", created_at=datetime(2024, 1, 1)),
            account("b", source="erp", external_id="X", created_at=datetime(2020, 1, 1)),
        ],
    )
    assert joined(warehouse) == {"a": ("b", "external_id", "b"), "b": ("b", "own", None)}


def test_an_id_that_too_many_companies_carry_joins_none_of_them_and_is_listed(
    warehouse: Database,
) -> None:
    build(warehouse, accounts=[account(key, external_id="n/a") for key in "abc"], cap=2)
    assert {account_id for account_id, _, _ in joined(warehouse).values()} == {"a", "b", "c"}
    assert findings(warehouse) == {("shared_by_too_many", "a", 3)}


def test_a_company_that_was_merged_away_leads_to_the_last_survivor(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("a", merged_into_key="b", is_deleted=True),
            account("b", merged_into_key="c", is_deleted=True),
            account("c", name="Acme"),
        ],
    )
    assert joined(warehouse) == {
        "a": ("c", "merge", "b"),
        "b": ("c", "merge", "c"),
        "c": ("c", "own", None),
    }
    assert warehouse.rows("select name, n_records, is_deleted from {dim_account}") == [
        {"name": "Acme", "n_records": 3, "is_deleted": False}
    ]


def test_the_id_of_an_account_that_was_merged_away_leads_to_its_survivor(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        accounts=[
            account("h", source="hubspot", external_id="001A"),
            account("s1", source_record_id="001A", external_id="001A", merged_into_key="s2"),
            account("s2", source_record_id="001B", external_id="001B"),
        ],
    )
    assert joined(warehouse)["h"] == ("s2", "external_id", "s1")


def test_two_accounts_of_the_crm_stay_two_when_marketing_merges_its_own(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        accounts=[
            account("h1", source="hubspot", external_id="001A", merged_into_key="h2"),
            account("h2", source="hubspot", external_id="001B"),
            account("s1", source_record_id="001A", external_id="001A"),
            account("s2", source_record_id="001B", external_id="001B"),
        ],
    )
    assert joined(warehouse) == {
        "h1": ("s2", "merge", "h2"),
        "h2": ("s2", "external_id", "s2"),
        "s1": ("s1", "own", None),
        "s2": ("s2", "own", None),
    }


def test_records_merged_into_one_that_was_never_loaded_are_one_account(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        accounts=[account("a", merged_into_key="?"), account("b", merged_into_key="?")],
    )
    assert joined(warehouse) == {"a": ("a", "own", None), "b": ("a", "merge", "a")}


def test_merges_that_go_in_a_circle_are_one_account_and_listed(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("tail", merged_into_key="c"),
            account("a", merged_into_key="b"),
            account("b", merged_into_key="c"),
            account("c", merged_into_key="a"),
        ],
    )
    assert {account_id for account_id, _, _ in joined(warehouse).values()} == {"a"}
    assert findings(warehouse) == {("circle_of_merges", "a", 3)}


def test_a_domain_that_a_tied_record_has_is_its_account_s(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("h", source="hubspot", external_id="001A", domain="acme.example"),
            account("s", source_record_id="001A", external_id="001A"),
            account("e", source="erp", domain="www2.acme.example"),
        ],
    )
    assert joined(warehouse)["e"] == ("s", "domain", "h")


def test_accounts_that_own_each_other_s_domains_stay_apart(warehouse: Database) -> None:
    hubspot = {"source": "hubspot", "created_at": datetime(2020, 1, 1)}
    build(
        warehouse,
        accounts=[
            account("h1", external_id="1", domain="b.example", **hubspot),
            account("s1", source="a", source_record_id="1", external_id="1", domain="a.example"),
            account("h2", external_id="2", domain="a.example", **hubspot),
            account("e2", source="b", source_record_id="2", external_id="2", domain="b.example"),
        ],
    )
    found = {key: account_id for key, (account_id, _, _) in joined(warehouse).items()}
    assert found == {"h1": "s1", "s1": "s1", "h2": "e2", "e2": "e2"}


def test_a_chain_of_parents_leads_to_its_top(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("plant", parent_key="country"),
            account("country", parent_key="holding"),
            account("holding"),
            account("alone"),
        ],
    )
    assert chains(warehouse) == {
        "plant": ("country", "holding", 2),
        "country": ("holding", "holding", 1),
        "holding": (None, "holding", 0),
        "alone": (None, "alone", 0),
    }


def test_a_chain_of_a_hundred_parents_is_followed_to_its_end(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("0"),
            *(account(str(n), parent_key=str(n - 1)) for n in range(1, 101)),
        ],
    )
    assert chains(warehouse)["100"] == ("99", "0", 100)


def test_a_circle_of_parents_is_cut_at_its_least_account_and_listed(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[
            account("a", parent_key="c"),
            account("b", parent_key="a"),
            account("c", parent_key="b"),
            account("child", parent_key="b"),
            account("own", parent_key="own"),
        ],
    )
    assert chains(warehouse) == {
        "a": (None, "a", 0),
        "b": ("a", "a", 1),
        "c": ("b", "a", 2),
        "child": ("b", "a", 2),
        "own": (None, "own", 0),
    }
    assert findings(warehouse) == {("circle_of_parents", "a", 3)}


def test_of_several_parents_the_first_record_s_counts_and_they_are_listed(
    warehouse: Database,
) -> None:
    build(
        warehouse,
        accounts=[
            account("s", source_record_id="001A", external_id="001A", parent_key="p"),
            account("h", source="hubspot", external_id="001A", parent_key="q"),
            account("p"),
            account("q", source="hubspot"),
        ],
    )
    assert chains(warehouse)["s"] == ("p", "p", 1)
    assert findings(warehouse) == {("several_parents", "s", 2)}


def test_a_chain_that_is_not_followed_to_its_end_is_noticed(warehouse: Database) -> None:
    build(
        warehouse,
        accounts=[account("a", parent_key="b"), account("b", parent_key="c"), account("c")],
    )
    warehouse.update("dim_account", "top_account_id = 'b', depth = 1 where account_id = 'a'")
    assert failing(warehouse, "every_chain_of_parents_is_followed_to_its_end") == 1


def climbed(parents: dict[str, str]) -> dict[str, tuple[str, int]]:
    """The top of every account that still has a parent once circles are cut, and the steps."""
    cut = set()
    for start in parents:
        passed = [start]
        while (up := parents.get(passed[-1])) and up not in passed:
            passed.append(up)
        if up == start:
            cut.add(min(passed))
    found = {}
    for start in parents.keys() - cut:
        node, steps = start, 0
        while node in parents and node not in cut:
            node, steps = parents[node], steps + 1
        found[start] = (node, steps)
    return found


NAMES = st.sampled_from("abcdefghi")


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(NAMES, NAMES))
def test_parents_of_any_shape_are_those_of_a_walk_from_each_account(
    warehouse: Database, parents: dict[str, str]
) -> None:
    warehouse.fill(
        "input_accounts", [account(key, parent_key=parents.get(key)) for key in "abcdefghi"]
    )
    warehouse.fill(
        "int_account_link",
        [{"account_key": key, "account_id": key, "record_rank": 1} for key in "abcdefghi"],
    )
    warehouse.build("int_account_parent", "int_account_top")
    rows = warehouse.rows("select * from {int_account_top}")
    found = {row["account_id"]: (row["top_account_id"], row["depth"]) for row in rows}
    assert found == climbed({key: up for key, up in parents.items() if up != key})
