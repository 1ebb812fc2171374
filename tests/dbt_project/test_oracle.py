"""The funnel's models, from the lake's versions on, against an independent telling of the rules."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.oracle.facts import Facts, name
from tests.dbt_project.oracle.journeys import Clerk
from tests.dbt_project.oracle.models import TABLES, Told, build
from tests.dbt_project.oracle.prospects import prospects
from tests.dbt_project.oracle.records import (
    Amount,
    Change,
    Company,
    Contact,
    Deal,
    OwnerChange,
    Person,
    Record,
    Touch,
)
from tests.dbt_project.oracle.streams import (
    as_it_may_arrive,
    some_company,
    wide_company,
    with_one_changed,
)

FACTS = ("funnel", "events", "touches", "bridge", "handoffs", "deals")
few = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(few, max_examples=400)

chances = st.randoms(use_true_random=False)
OneChanged = tuple[Company, Company, Record]
Row = tuple[Any, ...]


def arrivals() -> st.SearchStrategy[tuple[Company, Company]]:
    """A company told in order, and the same one as it may arrive."""
    return chances.map(lambda chance: _arrival(some_company(chance, most_stories=5), chance))


def changes() -> st.SearchStrategy[OneChanged]:
    """A company, the same one with a record changed, and that record."""
    return chances.map(lambda chance: _change(some_company(chance, most_stories=5), chance))


def _arrival(company: Company, chance: Random) -> tuple[Company, Company]:
    return company, as_it_may_arrive(company, chance)


def _change(company: Company, chance: Random) -> OneChanged:
    return company, *with_one_changed(company, chance)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many companies: each fills it anew."""
    return project.database()


def hold_against_the_oracle(database: Database, company: Company) -> None:
    facts = Facts(company)
    build(database, company)
    told = Told(database, company)
    for table in (*FACTS, "pipeline"):
        found = sorted(getattr(told, table)(), key=repr)
        assert found == sorted(getattr(facts, table)(), key=repr), table


@few
@given(arrival=arrivals())
def test_any_company_gives_the_rows_that_the_rules_give(
    shared: Database, arrival: tuple[Company, Company]
) -> None:
    hold_against_the_oracle(shared, arrival[1])


@pytest.mark.slow
@many
@given(arrival=arrivals())
def test_many_companies_give_the_rows_that_the_rules_give(
    shared: Database, arrival: tuple[Company, Company]
) -> None:
    hold_against_the_oracle(shared, arrival[1])


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_company_gives_the_rows_that_the_rules_give(shared: Database, seed: int) -> None:
    hold_against_the_oracle(shared, wide_company(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5, 105))
def test_many_wide_companies_give_the_rows_that_the_rules_give(shared: Database, seed: int) -> None:
    hold_against_the_oracle(shared, wide_company(seed))


def hold_against_the_clean_stream(database: Database, clean: Company, arrived: Company) -> None:
    tables = []
    for company in (clean, arrived):
        build(database, company)
        tables.append({table: _all_but_the_load(database, table) for table in TABLES})
    assert tables[1] == tables[0]


def _all_but_the_load(database: Database, table: str) -> list[str]:
    # Whether a record was loaded by as_of is the one thing that hangs on when it arrived.
    rows = database.rows(f"select * from {{{table}}}")
    return sorted(repr({k: v for k, v in row.items() if k != "as_of_exact"}) for row in rows)


@few
@given(arrival=arrivals())
def test_disorder_repetition_and_lateness_change_nothing(
    shared: Database, arrival: tuple[Company, Company]
) -> None:
    hold_against_the_clean_stream(shared, *arrival)


@pytest.mark.slow
@many
@given(arrival=arrivals())
def test_disorder_repetition_and_lateness_change_nothing_in_many_companies(
    shared: Database, arrival: tuple[Company, Company]
) -> None:
    hold_against_the_clean_stream(shared, *arrival)


def hold_to_the_changed_records_journeys(
    database: Database, before: Company, after: Company, record: Record
) -> None:
    found = []
    for company in (before, after):
        build(database, company)
        told = Told(database, company)
        rows = {(table, row) for table in FACTS for row in getattr(told, table)()}
        found.append(rows | {("ids", (key, journey)) for key, journey in told.journeys.items()})
    differing = {(table, values) for table, values in found[0] ^ found[1]}
    assert {row for row in differing if not may_differ(row[1], before, after, record)} == set()


def may_differ(row: Row, before: Company, after: Company, record: Record) -> bool:
    """Whether a row tells of a journey that the changed record has to do with.

    A touch that is nobody's first sign changes the journeys alone in which it stands.
    """
    facts = Facts(before), Facts(after)
    if {journey_of(row), row[0]} & told_apart_anew(*facts):
        return True
    if isinstance(record, Touch) and facts[0].clerk.starts == facts[1].clerk.starts:
        return bool({journey_of(row), row[0]} & journeys_of_touch(facts, record))
    names = set().union(*(near(company, record) for company in (before, after)))
    return bool(names & names_in(row))


def told_apart_anew(before: Facts, after: Facts) -> set[Any]:
    """The touches that became copies of one another or no longer are, and their journeys."""
    pairs = before.clerk.copies.items() ^ after.clerk.copies.items()
    touches = {touch for pair in pairs for touch in pair}
    return {
        place
        for telling in (before, after)
        for touch, journey, _ in telling.places
        if touch in touches
        for place in (f"{touch.source}/{touch.id}", journey and name(journey))
        if place
    }


def journeys_of_touch(facts: Iterable[Facts], touch: Touch) -> set[Any]:
    return {f"{touch.source}/{touch.id}"} | {
        name(journey)
        for telling in facts
        for placed, journey, _ in telling.places
        if journey and placed.told_apart_by == touch.told_apart_by
    }


def journey_of(row: Row) -> Any:
    """The name of the journey in a row: alone of its tuples it has a number."""
    tuples = [value for value in row if isinstance(value, tuple)]
    return next((value for value in tuples if any(isinstance(v, int) for v in value)), None)


def names_in(row: Row) -> set[str]:
    """The names of records that a row bears, those of its journey's prospect among them."""
    names = set()
    for value in row:
        if isinstance(value, tuple):
            names |= names_in(value)
        elif isinstance(value, str):
            names.add(value)
    return names


def near(company: Company, record: Record) -> set[str]:
    """The names of those whom a record is about, and of all who share a deal with them."""
    clerk = Clerk(company)
    # A record may make a component of records small enough to be one prospect, or too large.
    linked = prospects(clerk.known.persons, cap=10**6)
    components = {f"{p.source}/{p.id}": linked[p.key] for p in clerk.known.persons}
    names = {f"{record.source}/{person}" for person in persons_named(record)}
    names |= {
        f"{touch.source}/{name}"
        for touch in clerk.known.touches
        for name in (touch.person, touch.id)
        if isinstance(record, Deal) and (touch.source, touch.deal) == (record.source, record.id)
    }
    names |= {
        f"{touch.source}/{touch.id}"
        for touch in clerk.known.touches
        if isinstance(record, Person) and (touch.source, touch.person) == (record.source, record.id)
    }
    names |= {member for person in names & components.keys() for member in components[person]}
    deals = {deal_named(record)}
    for story, contacts in zip(clerk.deals.values(), clerk.contacts.values(), strict=True):
        if story.deal.id in deals or any(names & set(contact) for contact in contacts):
            deals.add(story.deal.id)
    for story, contacts in zip(clerk.deals.values(), clerk.contacts.values(), strict=True):
        if story.deal.id in deals:
            names |= {member for contact in contacts for member in contact}
    return names | {deal for deal in deals if deal}


def persons_named(record: Record) -> set[str | None]:
    match record:
        case Person():
            return {record.id}
        case Deal() | Contact() | Touch():
            return {record.person}
        case Change() | OwnerChange():
            return {record.subject} if record.kind == "person" else set()
        case Amount():
            return set()


def deal_named(record: Record) -> str | None:
    match record:
        case Deal():
            return record.id
        case Contact() | Amount() | Touch():
            return record.deal
        case Change() | OwnerChange():
            return record.subject if record.kind == "deal" else None
        case Person():
            return None


@few
@given(change=changes())
def test_a_changed_record_changes_the_rows_of_its_journeys_only(
    shared: Database, change: OneChanged
) -> None:
    hold_to_the_changed_records_journeys(shared, *change)


@pytest.mark.slow
@many
@given(change=changes())
def test_a_changed_record_changes_the_rows_of_its_journeys_only_in_many_companies(
    shared: Database, change: OneChanged
) -> None:
    hold_to_the_changed_records_journeys(shared, *change)
