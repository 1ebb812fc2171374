"""When a handoff was assigned, and to whom: one rule a test, on one prospect of two records."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.oracle.agreement import LADDER, fill_agreement

HANDED = datetime(2024, 2, 5, 10)
REP, OTHER_REP, MARKETER = "rep", "other_rep", "marketer"


def later(hours: float) -> datetime:
    """So many hours after the handoff; earlier ones are negative."""
    return HANDED + timedelta(hours=hours)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    database = project.database()
    fill_agreement(database, LADDER, HANDED + timedelta(days=60), 10)
    database.fill("int_journey", [{"journey_id": "j", "prospect_id": "p"}])
    database.fill("dim_prospect", [{"prospect_id": "p", "owner_id": "todays"}])
    links = [{"person_key": key, "prospect_id": "p"} for key in ("lead", "contact")]
    database.fill("int_person_link", links)
    for name in ("int_deal", "fct_touch"):
        database.fill(name, [])
    return database


@pytest.fixture
def warehouse(shared: Database) -> Database:
    """A handoff without decision, reps and a marketer who never change teams, no owner yet."""
    teams = {REP: "sales", OTHER_REP: "sales", MARKETER: "marketing"}
    are(shared, *((user, team, None, None) for user, team in teams.items()))
    happened(shared, ("mql", HANDED))
    owned(shared)
    return shared


def are(database: Database, *spans: tuple[str, str, datetime | None, datetime | None]) -> None:
    """Let users be of these teams, from when, until when."""
    database.fill(
        "input_users",
        [
            {
                "user_validity_key": f"{user}{number}",
                "user_key": user,
                "team": team,
                "valid_from": since,
                "valid_to": until,
            }
            for number, (user, team, since, until) in enumerate(spans)
        ],
    )


def happened(database: Database, *events: tuple[str, datetime]) -> None:
    """Let the journey enter these stages, or leave by these exits."""
    database.fill(
        "fct_funnel_event",
        [
            {
                "event_id": f"e{place}",
                "journey_id": "j",
                "event": "stage_entered" if stage in LADDER else stage,
                "stage": stage,
                "occurred_at": at,
                "counts": True,
                "is_of_deal": False,
            }
            for place, (stage, at) in enumerate(events)
        ],
    )
    database.fill(
        "int_journey_event",
        [{"event_id": f"e{n}", "journey_id": "j", "place": n} for n in range(len(events))],
    )


def owned(database: Database, *changes: tuple[str, str | None, datetime]) -> None:
    """Let the records change hands: which, to whom, when."""
    database.fill(
        "input_owner_changes",
        [
            {
                "owner_change_key": f"c{number}",
                "person_key": person,
                "owner_key": owner,
                "changed_at": at,
                "is_deleted": False,
            }
            for number, (person, owner, at) in enumerate(changes)
        ],
    )


def assigned(database: Database) -> list[tuple[Any, Any]]:
    """When each handoff was assigned and whose it was, in order."""
    database.build("int_prospect_owner", "dim_user_span", "fct_handoff")
    rows = database.rows("select assigned_at, owner_id from {fct_handoff} order by handoff_seq")
    return [(row["assigned_at"], row["owner_id"]) for row in rows]


def test_a_handoff_is_assigned_when_somebody_of_sales_is_given_the_prospect(
    warehouse: Database,
) -> None:
    owned(warehouse, ("lead", MARKETER, later(-9)), ("lead", REP, later(3)))
    assert assigned(warehouse) == [(later(3), REP)]


def test_a_prospect_whom_sales_owned_already_is_assigned_at_once(warehouse: Database) -> None:
    owned(warehouse, ("lead", REP, later(-9)))
    assert assigned(warehouse) == [(HANDED, REP)]


def test_the_owner_of_a_handoff_is_the_one_of_then_and_not_a_later_one(
    warehouse: Database,
) -> None:
    owned(warehouse, ("lead", REP, later(1)), ("lead", OTHER_REP, later(2)))
    assert assigned(warehouse) == [(later(1), REP)]


def test_any_record_of_the_prospect_that_sales_owns_will_do(warehouse: Database) -> None:
    owned(warehouse, ("contact", MARKETER, later(-9)), ("lead", REP, later(2)))
    assert assigned(warehouse) == [(later(2), REP)]


def test_of_two_who_own_records_at_once_the_one_who_has_owned_it_longer_is_the_owner(
    warehouse: Database,
) -> None:
    owned(warehouse, ("contact", REP, later(-3)), ("lead", OTHER_REP, later(-4)))
    assert assigned(warehouse) == [(HANDED, OTHER_REP)]


def test_what_sales_had_given_up_before_is_not_assigned(warehouse: Database) -> None:
    owned(warehouse, ("lead", REP, later(-9)), ("lead", None, later(0)))
    assert assigned(warehouse) == [(None, None)]


def test_without_anybody_of_sales_the_handoff_is_its_first_owners(warehouse: Database) -> None:
    owned(warehouse, ("lead", MARKETER, later(-9)))
    assert assigned(warehouse) == [(None, MARKETER)]


def test_an_owner_who_moves_to_sales_takes_the_handoff_on_that_day(warehouse: Database) -> None:
    are(warehouse, ("mover", "marketing", None, later(5)), ("mover", "sales", later(5), None))
    owned(warehouse, ("lead", "mover", later(-9)))
    assert assigned(warehouse) == [(later(5), "mover")]


def test_an_owner_who_has_left_sales_by_then_takes_nothing(warehouse: Database) -> None:
    are(warehouse, ("mover", "sales", None, later(0)), ("mover", "marketing", later(0), None))
    owned(warehouse, ("lead", "mover", later(-9)))
    assert assigned(warehouse) == [(None, "mover")]


def test_each_handoff_is_assigned_before_the_next_one(warehouse: Database) -> None:
    happened(warehouse, ("mql", HANDED), ("lead", later(4)), ("mql", later(8)))
    owned(warehouse, ("lead", MARKETER, later(-9)), ("lead", REP, later(8)))
    assert assigned(warehouse) == [(None, MARKETER), (later(8), REP)]


@pytest.mark.parametrize("decision", ["recycled", "disqualified", "lost"])
def test_what_sales_sent_away_is_assigned_no_more(warehouse: Database, decision: str) -> None:
    happened(warehouse, ("mql", HANDED), (decision, later(4)))
    owned(warehouse, ("lead", MARKETER, later(-9)), ("lead", REP, later(5)))
    assert assigned(warehouse) == [(None, MARKETER)]


def test_whoever_was_given_it_in_the_instant_of_sending_it_away_had_it(
    warehouse: Database,
) -> None:
    happened(warehouse, ("mql", HANDED), ("recycled", later(4)))
    owned(warehouse, ("lead", REP, later(4)))
    assert assigned(warehouse) == [(later(4), REP)]


def test_what_sales_accepted_may_be_assigned_after_that(warehouse: Database) -> None:
    happened(warehouse, ("mql", HANDED), ("sal", later(4)))
    owned(warehouse, ("lead", MARKETER, later(-9)), ("lead", REP, later(5)))
    assert assigned(warehouse) == [(later(5), REP)]


def test_where_no_source_tells_of_owners_nobody_knows_when_and_the_owner_is_todays(
    warehouse: Database,
) -> None:
    assert assigned(warehouse) == [(None, "todays")]
