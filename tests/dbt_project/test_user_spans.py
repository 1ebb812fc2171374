"""Of which team a user was when, told from what the loads have found."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.dbt_project.api_records import day, given, gone, table, version
from tests.dbt_project.compiled import CompiledProject, Database

FIRST, SECOND, THIRD = day(10), day(20), day(30)
LATER = day(100)


@pytest.fixture
def warehouse(shared: Database) -> Database:
    shared.fill("bound.clock", [{"as_of": LATER, "known_at": LATER}])
    return shared


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    database = project.database()
    database.fill("agreement.settings", [{"max_group_size": 50, "time_zone": "UTC"}])
    words = [
        {"vocabulary": f"crm.{column}", "word": word, "team": team}
        for column in ("owners.team", "users.role")
        for word, team in (("Field", "marketing"), ("Reps", "sales"))
    ]
    database.fill("agreement.team_words", words)
    return database


def in_hubspot(database: Database, **streams: list[dict[str, Any]]) -> None:
    given(database, "salesforce")
    given(database, "hubspot", **streams)


def in_salesforce(database: Database, **streams: list[dict[str, Any]]) -> None:
    given(database, "hubspot")
    given(database, "salesforce", **streams)


def found(loaded_at: datetime, record_id: str = "7", **fields: Any) -> dict[str, Any]:
    """What a load found of an owner, a user or a role."""
    return version("crm", record_id, loaded_at=loaded_at, id=record_id, **fields)


def spans(database: Database) -> list[Any]:
    columns = "role, team, valid_from, valid_to"
    return table(database, "input_users", columns, "source_record_id, valid_from nulls first")


def test_a_user_is_of_the_team_that_the_first_load_found_since_ever(warehouse: Database) -> None:
    in_hubspot(warehouse, owners=[found(FIRST, team="Field"), found(SECOND, team="Field")])
    assert spans(warehouse) == [("Field", "marketing", None, None)]


def test_a_user_who_changes_team_between_two_loads_has_a_span_from_the_later_one_on(
    warehouse: Database,
) -> None:
    in_hubspot(warehouse, owners=[found(FIRST, team="Field"), found(SECOND, team="Reps")])
    assert spans(warehouse) == [
        ("Field", "marketing", None, SECOND),
        ("Reps", "sales", SECOND, None),
    ]


def test_a_user_who_goes_back_has_three_spans(warehouse: Database) -> None:
    loads = ((FIRST, "Field"), (SECOND, "Reps"), (THIRD, "Field"))
    in_hubspot(warehouse, owners=[found(at, team=team) for at, team in loads])
    assert [(role, since) for role, _, since, _ in spans(warehouse)] == [
        ("Field", None),
        ("Reps", SECOND),
        ("Field", THIRD),
    ]


def test_of_one_load_the_last_that_it_found_counts(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        owners=[found(FIRST, team="Field", seq=1), found(FIRST, team="Reps", seq=2)],
    )
    assert spans(warehouse) == [("Reps", "sales", None, None)]


def test_what_was_loaded_after_known_at_is_not_known(warehouse: Database) -> None:
    in_hubspot(warehouse, owners=[found(FIRST, team="Field"), found(SECOND, team="Reps")])
    before = SECOND - timedelta(days=1)
    warehouse.fill("bound.clock", [{"as_of": before, "known_at": before}])
    assert spans(warehouse) == [("Field", "marketing", None, None)]


def test_a_user_who_is_gone_keeps_the_teams_of_the_past(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        owners=[
            found(FIRST, team="Field"),
            found(SECOND, team="Reps"),
            gone("crm", "7", THIRD),
        ],
    )
    assert [team for _, team, *_ in spans(warehouse)] == ["marketing", "sales"]


def test_a_user_in_salesforce_who_is_given_another_role_has_a_span_of_it(
    warehouse: Database,
) -> None:
    in_salesforce(
        warehouse,
        user_roles=[found(FIRST, "r1", name="Field"), found(FIRST, "r2", name="Reps")],
        users=[found(FIRST, user_role_id="r1"), found(SECOND, user_role_id="r2")],
    )
    assert spans(warehouse) == [
        ("Field", "marketing", None, SECOND),
        ("Reps", "sales", SECOND, None),
    ]


def test_a_role_in_salesforce_that_is_renamed_changes_the_spans_of_its_users(
    warehouse: Database,
) -> None:
    in_salesforce(
        warehouse,
        user_roles=[found(FIRST, "r1", name="Field"), found(SECOND, "r1", name="Reps")],
        users=[found(FIRST, user_role_id="r1")],
    )
    assert [(role, since) for role, _, since, _ in spans(warehouse)] == [
        ("Field", None),
        ("Reps", SECOND),
    ]


def test_a_user_in_salesforce_without_a_role_goes_by_the_title(warehouse: Database) -> None:
    in_salesforce(
        warehouse,
        user_roles=[found(FIRST, "r1", name="Reps")],
        users=[found(FIRST, title="Field"), found(SECOND, title="Field", user_role_id="r1")],
    )
    assert [(role, since) for role, _, since, _ in spans(warehouse)] == [
        ("Field", None),
        ("Reps", SECOND),
    ]


def test_a_role_in_salesforce_that_moves_with_its_user_makes_no_new_span(
    warehouse: Database,
) -> None:
    in_salesforce(
        warehouse,
        user_roles=[found(FIRST, "r1", name="Reps"), found(FIRST, "r2", name="Reps")],
        users=[found(FIRST, user_role_id="r1"), found(SECOND, user_role_id="r2")],
    )
    assert spans(warehouse) == [("Reps", "sales", None, None)]


def test_a_call_is_of_the_team_that_its_user_was_of_then(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        owners=[found(FIRST, team="Field"), found(SECOND, team="Reps")],
        calls=[
            version("crm", call, loaded_at=THIRD, id=call, hubspot_owner_id="7", hs_timestamp=at)
            for call, at in (("c1", SECOND - timedelta(seconds=1)), ("c2", SECOND))
        ],
    )
    assert table(warehouse, "int_touches_checked", "source_record_id, team") == [
        ("c1", "marketing"),
        ("c2", "sales"),
    ]
