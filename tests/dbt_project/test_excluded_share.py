"""How much is left out of the totals, and when it is too much to publish anything."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.dbt_project.compiled import CompiledProject, Database, Row
from tests.dbt_project.data_tests import failures


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    for relation in ("persons", "accounts", "deals", "deal_persons", "stage_changes", "touches"):
        database.fill(f"input_{relation}", [])
    others = (
        "deal_accounts",
        "owner_changes",
        "deal_amounts",
        "campaigns",
        "spend",
        "users",
        "exchange_rates",
    )
    for relation in others:
        database.fill(f"input_{relation}", [])
    return database


def deals(n: int, **fields: Any) -> list[Row]:
    return [
        {"deal_key": str(i), "source": "crm", "source_record_id": str(i), "is_deleted": False}
        | fields
        for i in range(n)
    ]


def excluded(record_id: str | None, reason: str, **fields: Any) -> Row:
    return {
        "excluded_key": f"{record_id} {reason} {fields}",
        "entity": "deals",
        "source": "crm",
        "stream": "deals",
        "source_record_id": record_id,
        "reason": reason,
        "is_deleted": False,
        **fields,
    }


def share_of_deals(
    database: Database,
    kept: Sequence[Row],
    by_input: Sequence[Row] = (),
    by_funnel: Sequence[Row] = (),
    limit: float = 0.01,
) -> dict[str, Any]:
    database.fill("agreement.settings", [{"excluded_share_limit": limit}])
    database.fill("input_deals", kept)
    database.fill("input_excluded", by_input)
    database.fill("int_funnel_excluded", by_funnel)
    database.build("quarantine", "excluded_share")
    return database.rows("select * from {excluded_share} where entity = 'deals'")[0]


def test_as_much_as_the_agreement_allows_may_be_left_out(warehouse: Database) -> None:
    row = share_of_deals(warehouse, deals(99), [excluded("x", "unmapped_stage")])
    assert (row["n_records"], row["n_excluded"], row["excluded_share"]) == (100, 1, 0.01)
    assert row["is_within_limit"]
    assert failures(warehouse, "excluded_share") == {}


def test_one_more_fails_the_night_and_says_what_and_why(warehouse: Database) -> None:
    row = share_of_deals(
        warehouse,
        deals(98),
        [
            excluded("x", "unmapped_stage", detail="the agreement has no stage for 'Demo'"),
            excluded("y", "impossible_value", detail="amount is 1e30"),
        ],
    )
    assert list(failures(warehouse, "excluded_share").values()) == [1]
    for words in (
        "2 of 100 deals (2.0 %)",
        "allows 1.0 %",
        "1 unmapped_stage",
        "the agreement has no stage for 'Demo'",
        "1 impossible_value",
        "quarantine",
    ):
        assert words in row["detail"]


def test_each_kind_of_record_is_held_against_the_limit_by_itself(warehouse: Database) -> None:
    share_of_deals(warehouse, deals(10_000), [excluded("t", "missing_value", entity="touches")])
    beyond = warehouse.rows("select entity from {excluded_share} where not is_within_limit")
    assert beyond == [{"entity": "touches"}]


def test_a_record_that_the_funnel_leaves_out_is_counted_among_those_kept(
    warehouse: Database,
) -> None:
    row = share_of_deals(warehouse, deals(10), by_funnel=[excluded("3", "missing_rate")])
    assert (row["n_records"], row["n_excluded"]) == (10, 1)


def test_a_record_of_which_two_things_are_wrong_is_left_out_once(warehouse: Database) -> None:
    wrong = [excluded("3", "missing_rate"), excluded("3", "negative_duration")]
    assert share_of_deals(warehouse, deals(10), by_funnel=wrong)["n_excluded"] == 1


def test_records_without_an_id_are_counted_one_by_one(warehouse: Database) -> None:
    wrong = [excluded(None, "missing_key", detail=str(line)) for line in range(3)]
    row = share_of_deals(warehouse, deals(1), wrong)
    assert (row["n_records"], row["n_excluded"]) == (4, 3)


def test_what_the_source_deleted_counts_neither_way(warehouse: Database) -> None:
    gone = [excluded("x", "unmapped_stage", is_deleted=True)]
    row = share_of_deals(warehouse, deals(5, is_deleted=True), gone)
    assert (row["n_records"], row["n_excluded"], row["is_within_limit"]) == (0, 0, True)


def test_with_nothing_loaded_nothing_is_left_out(warehouse: Database) -> None:
    row = share_of_deals(warehouse, [])
    assert (row["n_records"], row["excluded_share"], row["detail"]) == (0, None, None)
    assert failures(warehouse, "excluded_share") == {}


def test_where_nothing_could_be_read_all_is_left_out(warehouse: Database) -> None:
    row = share_of_deals(warehouse, [], [excluded("x", "unparseable")])
    assert (row["excluded_share"], row["is_within_limit"]) == (1.0, False)


def test_beyond_three_reasons_the_commonest_are_told(warehouse: Database) -> None:
    wrong = [excluded(f"{reason}{i}", reason) for reason in "abcd" for i in range(ord(reason) - 95)]
    detail = share_of_deals(warehouse, deals(1), wrong)["detail"]
    assert "5 d" in detail
    assert "and others" in detail
    assert "2 a" not in detail


def test_every_record_that_is_left_out_stands_in_quarantine_with_its_reason(
    warehouse: Database,
) -> None:
    share_of_deals(
        warehouse, deals(1), [excluded("x", "unparseable")], [excluded("0", "missing_rate")]
    )
    listed = warehouse.rows(
        "select source_record_id, reason, found_by from {quarantine} order by reason"
    )
    assert [tuple(row.values()) for row in listed] == [
        ("0", "missing_rate", "funnel"),
        ("x", "unparseable", "input"),
    ]
