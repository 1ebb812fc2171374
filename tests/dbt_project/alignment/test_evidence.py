"""Every number of the scorecard stands on its rows of evidence, whatever the handoffs are."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.alignment.clocked import ROUND_THE_CLOCK, Handed, World, build, cell
from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples

AS_OF = datetime(2026, 4, 20)
SEGMENTS = ("smb", "mid", "unknown")
# Open day and night, so that business hours are hours and the median can be reckoned by hand.
SPRING = World(
    hours=ROUND_THE_CLOCK,
    zone="UTC",
    last=date(2026, 5, 31),
    as_of=AS_OF,
    segments=SEGMENTS,
)
HOURS = st.integers(0, 60)


def happened(at: datetime, hours: int | None) -> datetime | None:
    """So many hours later, unless that is not yet."""
    later = None if hours is None else at + timedelta(hours=hours)
    return later if later is not None and later <= AS_OF else None


@st.composite
def handoffs(draw: st.DrawFn) -> Handed:
    """A handoff with whatever came of it, in any order, told up to AS_OF."""
    at = datetime(2026, 1, 20) + timedelta(hours=draw(st.integers(0, 85 * 24)))
    decided_at = happened(at, draw(st.none() | HOURS))
    decisions = ["accepted", "rejected", "recycled", "ignored"] if decided_at else ["pending"]
    return Handed(
        at,
        assigned_at=happened(at, draw(st.none() | HOURS)),
        attempt_at=happened(at, draw(st.none() | HOURS)),
        two_way_at=happened(at, draw(st.none() | HOURS)),
        decided_at=decided_at,
        decision=draw(st.sampled_from(decisions)),
        qualified_at=happened(at, draw(st.none() | HOURS)),
        segment=draw(st.sampled_from(SEGMENTS)),
        owner=draw(st.sampled_from([None, "una", "max"])),
        source=draw(st.sampled_from([None, "fair"])),
    )


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many sets of handoffs: each fills it anew."""
    return project.database()


def counted(database: Database) -> dict[tuple[Any, ...], Counter[str]]:
    """How many rows of evidence each cell has above and below the line."""
    cells: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in database.rows("select * from {alignment_evidence}"):
        key = (row["metric"], row["month"], row["segment"], row["slice_kind"], row["slice"])
        cells[key].update(numerator=row["in_numerator"], denominator=row["in_denominator"])
    return cells


def scored(database: Database) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {
        (row["metric"], row["month"], row["segment"], row["slice_kind"], row["slice"]): row
        for row in database.rows("select * from {alignment_scorecard}")
    }


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(told=st.lists(handoffs(), max_size=20))
def test_each_row_with_a_case_has_just_its_rows_of_evidence(
    shared: Database, told: list[Handed]
) -> None:
    build(shared, told, SPRING)
    evidence, scorecard = counted(shared), scored(shared)
    assert evidence.keys() <= scorecard.keys()
    for key, row in scorecard.items():
        counts = evidence.get(key, Counter())
        assert row["n"] == counts["denominator"], key
        if row["numerator"] is not None:
            assert (row["numerator"], row["denominator"]) == (
                counts["numerator"],
                counts["denominator"],
            )
            assert row["value"] == row["numerator"] / row["denominator"]
        elif counts["denominator"]:
            assert key[0].startswith("response_time")
    shared.build("alignment_evidence")
    nodes = shared.project.manifest["nodes"].values()
    [test] = [node for node in nodes if node["name"] == "the_scorecard_counts_its_evidence"]
    assert shared.connection.execute(test["compiled_code"]).fetchall() == []
    metrics = {key[0] for key in evidence}
    assert not told or metrics >= {"acceptance_rate.pending", "response_time.two_way.p90"}


def median(waits: list[tuple[float, int]]) -> float | None:
    """The first time by which half have got their answer, decided ones having left for good."""
    survives, answered = Fraction(1), Fraction(0)
    for at in sorted({wait for wait, _ in waits}):
        at_risk = sum(wait >= at for wait, _ in waits)
        ends = Counter(how for wait, how in waits if wait == at)
        answered += survives * Fraction(ends[1], at_risk)
        survives *= 1 - Fraction(ends[1] + ends[2], at_risk)
        if answered >= Fraction(1, 2):
            return at
    return None


def wait(handed: Handed) -> tuple[float, int]:
    """How long it waited for an attempt, and whether that, a decision or nothing ended it."""
    attempt, decided = handed.attempt_at, handed.decided_at
    ends = [(attempt, 1)] if attempt and (decided is None or attempt <= decided) else []
    ends = ends or ([(decided, 2)] if decided else [(AS_OF, 0)])
    [(at, how)] = ends
    return (at - handed.at) / timedelta(hours=1), how


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(told=st.lists(handoffs(), min_size=1, max_size=20))
def test_the_response_time_is_the_median_of_its_evidence(
    shared: Database, told: list[Handed]
) -> None:
    build(shared, told, SPRING)
    waits: dict[date, list[tuple[float, int]]] = defaultdict(list)
    for handed in told:
        waits[handed.at.date().replace(day=1)].append(wait(handed))
    for row in cell(shared, "response_time"):
        cases = waits.get(row["month"], [])
        assert row["n"] == len(cases)
        assert row["value"] == pytest.approx(median(cases)) if cases else row["value"] is None
