"""Whether the volumes promised were delivered, on funnels and calendars made up at random."""

import random
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.agreement.hours import BusinessHours
from orchestration.measures.figures import Settings
from orchestration.warehouse.business_calendar import business_calendar
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.statistic import make
from tests.examples import examples

FIRST = date(2026, 1, 1)
LAST = date(2026, 5, 31)
AS_OF = datetime(2026, 5, 13, 12)
STAGES = ("lead", "mql", "sal", "opportunity", "won")
GIVEN = ("fct_funnel", "fct_funnel_event", "int_conversion", "dim_campaign")
DAYS = st.dates(FIRST, LAST)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    return project.database()


def build(database: Database, promises: list[dict[str, Any]], seed: int) -> None:
    """A funnel at random, and what is promised of it."""
    chance = random.Random(seed)
    journeys, events = [], []
    for number in range(chance.randrange(30)):
        journey = f"j{number}"
        primary = chance.random() < 0.8
        segment = chance.choice(["smb", "mid"])
        journeys.append({"journey_id": journey, "is_primary": primary, "segment": segment})
        for _ in range(chance.randrange(6)):
            stage = chance.choice(STAGES[:-1])
            at = datetime(2026, 1, 1) + timedelta(hours=chance.randrange(132 * 24))
            counts = chance.random() < 0.9
            events.append(
                {
                    "journey_id": journey,
                    "stage": stage,
                    "occurred_at": at,
                    "counts": counts,
                    "is_of_deal": stage == "opportunity",
                    "evidence": "history" if counts else "inferred",
                }
            )
    database.fill("fct_funnel", journeys)
    database.fill("fct_funnel_event", events)
    database.fill("int_conversion", [])
    database.fill("dim_campaign", [])
    database.fill(
        "agreement.stages",
        [
            {"stage": stage, "stage_order": order, "is_exit": False}
            for order, stage in enumerate(STAGES, start=1)
        ],
    )
    database.fill("agreement.commitments", promises)
    database.fill("agreement.settings", [{"time_zone": "UTC", "too_few": 5}])
    database.fill("bound.clock", [{"as_of": AS_OF, "known_at": AS_OF}])
    database.fill("agreement.business_days", [vars(day) for day in calendar()])
    database.build_with_parents("int_commitment_delivery", "funnel_conversion", given=GIVEN)
    make(database, "delivered_volume", Settings(0.95, 5))
    database.build_with_parents("commitment_attainment", "commitment_delivery", given=GIVEN)


def calendar() -> list[Any]:
    """Mondays to Fridays in UTC, but for two holidays."""
    hours = BusinessHours(also_closed=(date(2026, 1, 1), date(2026, 4, 3)))
    return business_calendar(hours, ZoneInfo("UTC"), FIRST, LAST)


def promise(start: date, **more: Any) -> dict[str, Any]:
    return {"team": "marketing", "metric": "mql", "per_month": 12.0, "from_day": start, **more}


def expected_committed(promises: list[dict[str, Any]]) -> dict[date, Fraction]:
    """Per month, day by day: the greatest promise in force over the month's business days."""
    found: dict[date, Fraction] = {}
    for day in calendar():
        in_force = [
            p["per_month"]
            for p in promises
            if p["from_day"] <= day.day <= (p.get("to_day") or date.max)
        ]
        if day.is_business_day and day.closes_at <= AS_OF and in_force:
            month = day.day.replace(day=1)
            length = sum(d.is_business_day for d in calendar() if d.day.replace(day=1) == month)
            share = Fraction(max(in_force)) / length
            found[month] = found.get(month, Fraction()) + share
    return found


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    spans=st.lists(st.tuples(DAYS, st.none() | DAYS, st.integers(1, 40)), max_size=3),
    seed=st.integers(0, 10_000),
)
def test_what_is_committed_is_each_days_part_of_the_month(
    shared: Database, spans: list[tuple[date, date | None, int]], seed: int
) -> None:
    promises = [
        promise(start, to_day=None if end is None else max(start, end), per_month=float(many))
        for start, end, many in spans
    ]
    build(shared, promises, seed)
    found = {
        row["month"]: row["committed"]
        for row in shared.rows("select * from {commitment_attainment}")
    }
    expected = expected_committed(promises)
    assert found.keys() == expected.keys()
    for month, committed in expected.items():
        assert found[month] == pytest.approx(float(committed))


@pytest.mark.parametrize("seed", range(6))
def test_a_promise_for_the_whole_time_is_delivered_on_by_what_the_funnel_counts(
    shared: Database, seed: int
) -> None:
    promises = [
        promise(FIRST, metric=stage, segment=segment)
        for stage in STAGES[:-1]
        for segment in (None, "smb")
    ]
    build(shared, promises, seed)
    query = (
        "select month, {segment} as segment, {stage} as metric, sum({count}) as n from {table} "
        "where {where} group by all having n > 0 order by all"
    )
    for segment, where in (("all", "true"), ("smb", "segment = 'smb'")):
        delivered = query.format(
            segment=f"'{segment}'",
            stage="metric",
            count="delivered",
            table="{commitment_attainment}",
            where=f"segment = '{segment}'",
        )
        counted = query.format(
            segment=f"'{segment}'",
            stage="stage",
            count="entered",
            table="{funnel_conversion}",
            where=where,
        )
        assert shared.rows(delivered) == shared.rows(counted)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_delivered_is_its_rows(shared: Database, seed: int) -> None:
    build(shared, [promise(FIRST), promise(date(2026, 2, 10), segment="smb")], seed)
    rows = shared.rows(
        "select a.month, a.segment, a.delivered, a.n_delivered, count(d.journey_id) as n, "
        "coalesce(sum(d.quantity), 0) as quantity from {commitment_attainment} as a "
        "left join {commitment_delivery} as d on a.month = d.month and a.segment = d.segment "
        "and a.team = d.team and a.metric = d.metric group by all"
    )
    assert rows
    for row in rows:
        assert (row["delivered"], row["n_delivered"]) == (row["quantity"], row["n"])


def test_a_promise_that_has_no_business_day_behind_it_yet_is_not_held_against_anyone(
    shared: Database,
) -> None:
    build(shared, [promise(date(2026, 5, 13))], seed=1)
    assert shared.rows("select * from {commitment_attainment}") == []


def test_a_company_that_promises_nothing_has_no_rows(shared: Database) -> None:
    build(shared, [], seed=1)
    assert shared.rows("select * from {commitment_attainment}") == []
    assert shared.rows("select * from {commitment_delivery}") == []
