"""The two clocks: what had happened by as_of, as known at known_at."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.api_records import given as given_records
from tests.dbt_project.api_records import gone as api_gone
from tests.dbt_project.api_records import version as api_version
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.oracle.agreement import LADDER
from tests.dbt_project.oracle.models import TABLES, build
from tests.dbt_project.oracle.records import Company, Deal, Person, Version
from tests.dbt_project.oracle.streams import some_company, told_night_by_night
from tests.dbt_project.test_oracle import hold_against_the_oracle

few = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(few, max_examples=300)
LATER = datetime(2031, 1, 1)


def _night_by_night(chance: Any) -> Company:
    return told_night_by_night(some_company(chance, most_stories=5), chance)


companies = st.randoms(use_true_random=False).map(_night_by_night)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    return project.database()


def day(number: int) -> datetime:
    return datetime(2026, 3, number)


# One field after another: what of a record is as it stood at as_of, and what as it is known.


def _told(night: int, **fields: Any) -> dict[str, Any]:
    """A deal's version as a file of that night told it."""
    return {
        "source": "crm",
        "stream": "deals",
        "record_key": "d",
        "record_id": "d",
        "_record_id": "d",
        "_fill": 0,
        "_seq": night,
        "_loaded_at": day(night),
        "_deleted": False,
        **fields,
    }


NIGHTS = [
    _told(5, amount=100, owner="ann", created_at=day(1)),
    _told(10, amount=250, owner="bob", created_at=day(2)),
    _told(15, amount=400, owner="cat", created_at=day(3)),
]


def _deals(
    database: Database,
    as_of: datetime,
    known_at: datetime = LATER,
    nights: list[dict[str, Any]] = NIGHTS,
) -> list[Any]:
    database.fill("bound.clock", [{"as_of": as_of, "known_at": known_at}])
    database.fill("raw_files.deals", nights)
    database.build_with_parents("stg_files__deals")
    return [
        tuple(row.values())
        for row in database.rows(
            "select cast(amount as integer), owner, created_at, first_loaded_at, loaded_at "
            "from {stg_files__deals}"
        )
    ]


def test_a_field_without_a_history_is_that_of_the_newest_load_by_as_of(shared: Database) -> None:
    [(amount, owner, *_)] = _deals(shared, as_of=day(12))
    assert (amount, owner) == (250, "bob")


def test_a_load_at_the_instant_of_as_of_is_by_as_of(shared: Database) -> None:
    [(amount, *_)] = _deals(shared, as_of=day(10))
    assert amount == 250


def test_before_the_first_load_a_field_has_its_earliest_value(shared: Database) -> None:
    [(amount, owner, *_)] = _deals(shared, as_of=day(2))
    assert (amount, owner) == (100, "ann")


def test_after_the_newest_load_a_field_has_its_newest_value(shared: Database) -> None:
    [(amount, owner, *_)] = _deals(shared, as_of=day(20))
    assert (amount, owner) == (400, "cat")


def test_a_load_after_known_at_is_not_known_whatever_as_of_is(shared: Database) -> None:
    [(amount, _, created_at, _, loaded_at)] = _deals(shared, as_of=day(12), known_at=day(12))
    assert (amount, created_at, loaded_at) == (250, day(2), day(10))


def test_the_dates_of_a_record_are_those_that_are_known_by_known_at(shared: Database) -> None:
    [(_, _, created_at, first_loaded_at, loaded_at)] = _deals(shared, as_of=day(12))
    assert (created_at, first_loaded_at, loaded_at) == (day(3), day(5), day(15))


def test_a_load_that_told_of_a_deletion_alone_did_not_see_the_record(shared: Database) -> None:
    gone = _told(3, record_key=None, record_id=None, _deleted=True)
    [(_, _, _, first_loaded_at, _)] = _deals(shared, as_of=day(12), nights=[gone, *NIGHTS])
    assert first_loaded_at == day(5)


def test_nor_did_one_of_an_api(shared: Database) -> None:
    versions = [api_gone("hub", "1", day(3)), api_version("hub", "1", 1, day(5), amount=100)]
    given_records(shared, "hubspot", deals=versions)
    shared.fill("bound.clock", [{"as_of": day(12), "known_at": LATER}])
    shared.build_with_parents("stg_hubspot__deals")
    [row] = shared.rows("select first_loaded_at from {stg_hubspot__deals}")
    assert row["first_loaded_at"] == day(5)


def test_a_version_that_the_source_dates_by_as_of_was_there_by_as_of(shared: Database) -> None:
    versions = [
        api_version(
            "hub", "1", 1, day(5), amount=100, hs_lastmodifieddate=day(4), closedate=day(8)
        ),
        api_version(
            "hub", "1", 2, day(10), amount=250, hs_lastmodifieddate=day(7), closedate=day(9)
        ),
    ]
    given_records(shared, "hubspot", deals=versions)
    amounts = {}
    for as_of in (6, 7):
        shared.fill("bound.clock", [{"as_of": day(as_of), "known_at": LATER}])
        shared.build_with_parents("stg_hubspot__deals")
        [row] = shared.rows("select amount, closedate, closedate_then from {stg_hubspot__deals}")
        amounts[as_of] = (int(row["amount"]), row["closedate"], row["closedate_then"])
    assert amounts == {6: (100, day(9), day(8)), 7: (250, day(9), day(9))}
    given_records(shared, "hubspot")


# The funnel as a whole.


@few
@given(company=companies)
def test_a_company_of_many_nights_gives_the_rows_that_the_rules_give_as_of_any_day(
    shared: Database, company: Company
) -> None:
    hold_against_the_oracle(shared, company)


@pytest.mark.slow
@many
@given(company=companies)
def test_many_companies_of_many_nights_give_the_rows_that_the_rules_give_as_of_any_day(
    shared: Database, company: Company
) -> None:
    hold_against_the_oracle(shared, company)


def hold_against_what_was_loaded_by_then(database: Database, company: Company) -> None:
    then = replace(company, known_at=company.as_of)
    loaded = [v for v in company.versions if v.loaded_at <= company.as_of]
    tables = []
    for telling in (then, replace(then, versions=tuple(loaded), known_at=LATER)):
        build(database, telling)
        # The second clock itself is the one thing that may differ.
        tables.append({table: _all_but_the_clock(database, table) for table in TABLES})
    assert tables[0] == tables[1]


def _all_but_the_clock(database: Database, table: str) -> list[str]:
    rows = database.rows(f"select * from {{{table}}}")
    return sorted(repr({k: v for k, v in row.items() if k != "known_at"}) for row in rows)


@few
@given(company=companies)
def test_what_was_known_then_is_what_had_been_loaded_by_then(
    shared: Database, company: Company
) -> None:
    hold_against_what_was_loaded_by_then(shared, company)


@pytest.mark.slow
@many
@given(company=companies)
def test_what_was_known_then_is_what_had_been_loaded_by_then_in_many_companies(
    shared: Database, company: Company
) -> None:
    hold_against_what_was_loaded_by_then(shared, company)


def _deal_of_two_nights(as_of: datetime) -> Company:
    person = Person("crm", "p", created_at=day(1))
    deal = Deal("crm", "d", person="p", created_at=day(2), amount=100)
    versions = [Version(record, night) for record in (person, deal) for night in (day(5), day(10))]
    return Company(LADDER, as_of, tuple(versions))


@pytest.mark.parametrize(("as_of", "is_exact"), [(3, False), (5, True), (7, True), (12, True)])
def test_a_journey_is_exact_once_its_records_had_been_loaded_by_as_of(
    shared: Database, as_of: int, is_exact: bool
) -> None:
    build(shared, _deal_of_two_nights(day(as_of)))
    assert shared.rows("select as_of_exact from {fct_funnel}") == [{"as_of_exact": is_exact}]
    assert shared.rows("select as_of_exact from {fct_deal}") == [{"as_of_exact": is_exact}]
