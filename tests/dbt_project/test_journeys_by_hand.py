"""The sentences on journeys, one by one: a few records each, worked out by hand."""

from datetime import datetime
from typing import Any

import pytest

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.oracle.agreement import LADDER
from tests.dbt_project.oracle.models import Told, build
from tests.dbt_project.oracle.records import Change, Company, Contact, Deal, Person, Record, Version
from tests.dbt_project.oracle.streams import LOADED

AS_OF = datetime(2024, 3, 14)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for all: each test fills it anew."""
    return project.database()


def march(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 3, day, hour)


def told(database: Database, *records: Record) -> Told:
    """What the models make of these records, all of one load."""
    versions = [Version(record, LOADED, seq) for seq, record in enumerate(records)]
    return of_loads(database, *versions)


def of_loads(database: Database, *versions: Version, as_of: datetime = AS_OF) -> Told:
    company = Company(LADDER, as_of, versions)
    build(database, company)
    return Told(database, company)


def by_prospect(funnel: Told) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Of each prospect's only journey: its deal, that of a member, primary, outcome."""
    return {row[0][0]: (row[1], row[2], row[3], row[-7]) for row in funnel.funnel()}


def test_a_deal_created_beside_an_open_one_opens_a_parallel_journey(shared: Database) -> None:
    funnel = told(
        shared,
        Person("crm", "ann", march(1)),
        Deal("crm", "first", "ann", "opportunity", created_at=march(3)),
        Deal("crm", "second", "ann", "opportunity", created_at=march(4)),
    )
    assert sorted((row[0][1], row[1], row[-7]) for row in funnel.funnel()) == [
        (1, "first", "open"),
        (2, "second", "open"),
    ]


def test_to_be_sent_back_to_marketing_ends_no_journey(shared: Database) -> None:
    funnel = told(
        shared,
        Person("crm", "ann", march(1)),
        Change("crm", "person", "ann", "mql", march(2)),
        Change("crm", "person", "ann", "recycled", march(3)),
        Change("crm", "person", "ann", "mql", march(8)),
    )
    [row] = funnel.funnel()
    assert (row[-7], row[-2]) == ("open", 1)
    assert [row[1:3] for row in sorted(funnel.handoffs(), key=lambda row: row[1])] == [
        (1, march(2)),
        (2, march(8)),
    ]


def test_a_deal_that_is_reopened_reopens_its_journey(shared: Database) -> None:
    funnel = told(
        shared,
        Person("crm", "ann", march(1)),
        Deal("crm", "big", "ann", "opportunity", created_at=march(3)),
        Change("crm", "deal", "big", "opportunity", march(3)),
        Change("crm", "deal", "big", "lost", march(5)),
        Change("crm", "deal", "big", "opportunity", march(8)),
    )
    [row] = funnel.funnel()
    assert (row[1], row[-8], row[-7]) == ("big", None, "open")
    events = sorted((row[3], row[1]) for row in funnel.events() if row[10] and row[11])
    assert events == [(march(3), "stage_entered"), (march(5), "lost"), (march(8), "reopened")]


def test_a_deal_without_a_contact_has_a_journey_of_its_own_that_sales_began(
    shared: Database,
) -> None:
    funnel = told(shared, Deal("crm", "big", None, "opportunity", created_at=march(3)))
    [row] = funnel.funnel()
    assert (row[0][0], row[1], row[3], row[4]) == (None, "big", True, "sales")


@pytest.mark.parametrize(
    ("records", "primary"),
    [
        (
            [
                Change("crm", "person", "bob", "mql", march(2)),
                Change("crm", "person", "ann", "mql", march(4)),
                Contact("crm", "big", "ann", is_primary=True),
            ],
            "bob",
        ),
        ([Contact("crm", "big", "bob", is_primary=True)], "bob"),
        ([], "bob"),
    ],
    ids=["qualified first", "called primary", "earliest record"],
)
def test_the_contact_who_carries_a_deal_is_chosen_in_the_agreed_order(
    shared: Database, records: list[Record], primary: str
) -> None:
    there = {r.person for r in records if isinstance(r, Contact)}
    others = [Contact("crm", "big", who) for who in ("ann", "bob") if who not in there]
    funnel = told(
        shared,
        Person("crm", "ann", march(2)),
        Person("crm", "bob", march(1)),
        Deal("crm", "big", None, "won", created_at=march(6), closed_at=march(9)),
        *records,
        *others,
    )
    member = "ann" if primary == "bob" else "bob"
    assert by_prospect(funnel) == {
        (f"crm/{primary}",): ("big", None, True, "won"),
        (f"crm/{member}",): (None, "big", False, "won"),
    }


def test_of_two_contacts_alike_in_all_else_the_lower_record_id_carries_the_deal(
    shared: Database,
) -> None:
    funnel = told(
        shared,
        Person("crm", "bob", march(1)),
        Person("crm", "ann", march(1)),
        Deal("crm", "big", None, "opportunity", created_at=march(6)),
        Contact("crm", "big", "bob"),
        Contact("crm", "big", "ann"),
    )
    assert by_prospect(funnel)[("crm/ann",)] == ("big", None, True, "open")


def test_a_stage_that_nothing_dates_is_entered_at_the_load_that_saw_it_first(
    shared: Database,
) -> None:
    open_deal = Deal("crm", "big", None, "sal")
    lost = Deal("crm", "big", None, "lost")
    funnel = of_loads(
        shared,
        Version(open_deal, march(2), 0),
        Version(lost, march(5), 1),
        Version(Deal("crm", "big", None, "lost", amount=7), march(9), 2),
    )
    events = [(row[1], row[3], row[9]) for row in funnel.events() if row[10]]
    assert events == [("lost", march(5), "observed")]


def test_before_the_load_that_saw_a_deal_closed_it_was_open(shared: Database) -> None:
    funnel = of_loads(
        shared,
        Version(Deal("crm", "big", None, "sal"), march(2), 0),
        Version(Deal("crm", "big", None, "lost"), march(5), 1),
        as_of=march(4),
    )
    assert [(row[2], row[3]) for row in funnel.deals()] == [("open", march(2))]
