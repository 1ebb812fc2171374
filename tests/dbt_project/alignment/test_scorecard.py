"""What the scorecard says, against the handoffs counted by hand."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.examples import examples

START = datetime(2026, 1, 10)
AS_OF = datetime(2026, 6, 15)
DECISIONS = ("accepted", "rejected", "ignored", "recycled", "pending")
GIVEN = ("fct_handoff", "fct_funnel", "dim_prospect", "dim_user", "dim_segment", "dim_date")
EMPTY = (
    "fct_funnel_event",
    "fct_touch",
    "fct_deal",
    "fct_deal_stage",
    "int_deal_span",
    "bridge_deal_prospect",
    "dim_campaign",
    "int_journey_span",
)
TABLES = ("alignment_event", "alignment_evidence", "alignment_scorecard")
TOO_FEW = 4


@dataclass(frozen=True)
class Handoff:
    """One handoff and what it is sliced by."""

    at: datetime
    decision: str
    segment: str = "smb"
    owner: str | None = None
    source: str | None = None


def team_of(handoff: Handoff) -> str:
    """Una is in sales until April; Max is always in marketing."""
    if handoff.owner == "una":
        return "sales" if handoff.at < datetime(2026, 4, 1) else "marketing"
    return "marketing" if handoff.owner == "max" else "unknown"


def build(
    database: Database,
    handoffs: list[Handoff],
    *,
    has_segments: bool = True,
    commitments: list[dict[str, Any]] | None = None,
    weights: list[dict[str, Any]] | None = None,
) -> None:
    """Put handoffs where the scorecard looks for them, and build it."""
    segments = ("smb", "mid", "unknown") if has_segments else ("all",)
    numbered = list(enumerate(handoffs))
    database.fill(
        "fct_handoff",
        [
            {
                "handoff_id": f"h{n}",
                "journey_id": f"j{n}",
                "handed_at": h.at,
                "decision": h.decision,
                "owner_id": h.owner,
            }
            for n, h in numbered
        ],
    )
    database.fill(
        "fct_funnel",
        [
            {
                "journey_id": f"j{n}",
                "prospect_id": f"p{n}",
                "segment": h.segment if has_segments else "all",
            }
            for n, h in numbered
        ],
    )
    database.fill(
        "dim_prospect",
        [{"prospect_id": f"p{n}", "lead_source": h.source} for n, h in numbered],
    )
    database.fill("dim_user", [{"user_id": "una", "full_name": "Una Example"}])
    database.fill("dim_segment", [{"segment": segment} for segment in segments])
    database.fill("dim_date", list(calendar()))
    database.fill(
        "input_users",
        [
            {"user_key": "una", "team": "sales", "valid_to": datetime(2026, 4, 1)},
            {"user_key": "una", "team": "marketing", "valid_from": datetime(2026, 4, 1)},
            {"user_key": "max", "team": "marketing"},
        ],
    )
    database.fill("agreement.commitments", commitments or [])
    database.fill(
        "agreement.settings",
        [
            {
                "version": "first",
                "time_zone": "UTC",
                "segment_by": "account.employees" if has_segments else None,
                "too_few": TOO_FEW,
                "confidence_level": 0.95,
            }
        ],
    )
    database.fill("agreement.score_weights", weights or [])
    database.fill(
        "bound.clock", [{"as_of": AS_OF, "known_at": AS_OF, "agreement_version": "first"}]
    )
    for table in EMPTY:
        database.fill(table, [])
    database.build_with_parents("alignment_scorecard", given=(*GIVEN, *EMPTY, "input_users"))


def calendar() -> Iterator[dict[str, Any]]:
    """The days around those of the tests, as `dim_date` has them."""
    for offset in range(250):
        day = date(2025, 12, 15) + timedelta(days=offset)
        yield {"day": day, "month": day.replace(day=1)}


def counted(handoffs: list[Handoff], *, has_segments: bool = True) -> Counter[tuple[Any, ...]]:
    """Numerator and denominator of every cell that has any, by hand."""
    cells: Counter[tuple[Any, ...]] = Counter()
    for handoff in handoffs:
        month = handoff.at.date().replace(day=1)
        slices = [
            ("all", "all"),
            ("team", team_of(handoff)),
            ("owner", handoff.owner or "unknown"),
            ("source", handoff.source or "unknown"),
        ]
        for segment in {"all", handoff.segment} if has_segments else {"all"}:
            for kind, name in slices:
                cell = (month, segment, kind, name)
                if handoff.decision in ("accepted", "rejected", "ignored"):
                    cells[("acceptance_rate", *cell, "denominator")] += 1
                if handoff.decision == "accepted":
                    cells[("acceptance_rate", *cell, "numerator")] += 1
                cells[("acceptance_rate.pending", *cell, "denominator")] += 1
                if handoff.decision == "pending":
                    cells[("acceptance_rate.pending", *cell, "numerator")] += 1
                cells[("recycle_rate", *cell, "denominator")] += 1
                if handoff.decision == "recycled":
                    cells[("recycle_rate", *cell, "numerator")] += 1
                if handoff.decision in ("rejected", "recycled"):
                    cells[("rejection_mix.unknown", *cell, "denominator")] += 1
                    cells[("rejection_mix.unknown", *cell, "numerator")] += 1
    return cells


def scored(database: Database) -> Counter[tuple[Any, ...]]:
    """The same as the scorecard says it."""
    cells: Counter[tuple[Any, ...]] = Counter()
    for row in database.rows("select * from {alignment_scorecard} where numerator is not null"):
        cell = (row["metric"], row["month"], row["segment"], row["slice_kind"], row["slice"])
        cells[(*cell, "numerator")] = row["numerator"]
        cells[(*cell, "denominator")] = row["denominator"]
    return cells


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many sets of handoffs: each fills it anew."""
    return project.database()


HANDOFFS = st.builds(
    Handoff,
    at=st.integers(0, 150).map(lambda days: START + timedelta(days=days, hours=7)),
    decision=st.sampled_from(DECISIONS),
    segment=st.sampled_from(["smb", "mid", "unknown"]),
    owner=st.sampled_from([None, "una", "max"]),
    source=st.sampled_from([None, "fair", "web"]),
)


@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(handoffs=st.lists(HANDOFFS, max_size=30), has_segments=st.booleans())
def test_every_cell_counts_its_handoffs(
    shared: Database, handoffs: list[Handoff], has_segments: bool
) -> None:
    build(shared, handoffs, has_segments=has_segments)
    assert scored(shared) == counted(handoffs, has_segments=has_segments)
    assert {table: failures(shared, table) for table in TABLES} == {table: {} for table in TABLES}


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(handoffs=st.lists(HANDOFFS, max_size=30))
def test_the_rows_of_evidence_are_the_numbers_of_the_scorecard(
    shared: Database, handoffs: list[Handoff]
) -> None:
    build(shared, handoffs)
    evidence = Counter[tuple[Any, ...]]()
    for row in shared.rows(
        "select * from {alignment_evidence} where metric not like 'response_time%'"
    ):
        cell = (row["metric"], row["month"], row["segment"], row["slice_kind"], row["slice"])
        evidence[(*cell, "numerator")] += row["in_numerator"]
        evidence[(*cell, "denominator")] += row["in_denominator"]
    assert evidence == scored(shared)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(handoffs=st.lists(HANDOFFS, max_size=30))
def test_the_slices_of_a_kind_add_up_to_the_whole(
    shared: Database, handoffs: list[Handoff]
) -> None:
    build(shared, handoffs)
    whole, *parts = (
        shared.rows(
            "select metric, month, segment, sum(numerator) as numerator, sum(denominator) as n "
            f"from {{alignment_scorecard}} where slice_kind = '{kind}' and denominator > 0 "
            "group by all order by all"
        )
        for kind in ("all", "team", "owner", "source")
    )
    assert parts == [whole] * 3


def test_the_interval_is_wilsons(database: Database) -> None:
    samples = [(0, 1), (1, 1), (0, 20), (3, 20), (10, 20), (20, 20), (37, 113), (250, 251)]
    build(
        database,
        [
            Handoff(START, "accepted" if n < accepted else "rejected", source=f"{accepted}/{total}")
            for accepted, total in samples
            for n in range(total)
        ],
    )
    for accepted, total in samples:
        [row] = database.rows(
            "select value, low, high from {alignment_scorecard} where metric = 'acceptance_rate' "
            f"and segment = 'all' and slice = '{accepted}/{total}' and n > 0"
        )
        oracle = binomtest(accepted, total).proportion_ci(0.95, method="wilson")
        assert row["value"] == pytest.approx(accepted / total)
        assert (row["low"], row["high"]) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


def test_the_interval_is_at_the_agreements_confidence_level(database: Database) -> None:
    build(database, [Handoff(START, "accepted")] * 3 + [Handoff(START, "rejected")] * 5)
    [settings_row] = database.rows("select * from {agreement__settings}")
    database.fill("agreement.settings", [{**settings_row, "confidence_level": 0.8}])
    database.build("alignment_scorecard")
    [row] = _whole(database, "2026-01-01")
    oracle = binomtest(3, 8).proportion_ci(0.8, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


@pytest.mark.parametrize(
    ("accepted", "rejected", "status"),
    [
        (1, TOO_FEW - 2, "too few"),
        (3, 1, "on target"),
        (2, 3, "below target"),
    ],
)
def test_a_value_is_held_against_the_promise(
    database: Database, accepted: int, rejected: int, status: str
) -> None:
    promise = {"team": "sales", "metric": "acceptance_rate", "at_least": 0.75}
    handoffs = [Handoff(START, "accepted")] * accepted + [Handoff(START, "rejected")] * rejected
    build(database, handoffs, commitments=[{**promise, "from_day": date(2026, 1, 1)}])
    [row] = _whole(database, "2026-01-01")
    assert (row["target"], row["status"]) == (0.75, status)


@pytest.mark.parametrize(("recycled", "status"), [(1, "on target"), (2, "above target")])
def test_a_promise_of_what_less_of_is_better_is_a_ceiling(
    database: Database, recycled: int, status: str
) -> None:
    promise = {"team": "marketing", "metric": "recycle_rate", "at_most": 0.25}
    handoffs = [Handoff(START, "recycled")] * recycled
    handoffs += [Handoff(START, "accepted")] * (TOO_FEW - recycled)
    build(database, handoffs, commitments=[{**promise, "from_day": date(2026, 1, 1)}])
    [row] = database.rows(
        "select value, target, less_is_better, status from {alignment_scorecard} where "
        "metric = 'recycle_rate' and slice_kind = 'all' and segment = 'all' and n > 0"
    )
    assert [*row.values()] == [recycled / TOO_FEW, 0.25, True, status]


def test_nobody_is_held_against_what_was_not_promised(database: Database) -> None:
    promise = {"team": "sales", "metric": "acceptance_rate", "at_least": 0.75, "segment": "smb"}
    build(
        database,
        [Handoff(START, "rejected", segment) for segment in ("smb", "mid")] * TOO_FEW,
        commitments=[{**promise, "from_day": date(2026, 1, 1), "to_day": date(2026, 1, 31)}],
    )
    rows = database.rows(
        "select segment, slice_kind from {alignment_scorecard} where target is not null"
    )
    assert rows == [{"segment": "smb", "slice_kind": "all"}]


def test_a_month_in_which_nothing_was_handed_over_says_no_data(database: Database) -> None:
    build(database, [Handoff(START, "accepted"), Handoff(START + timedelta(days=60), "accepted")])
    rows = database.rows(
        "select month, numerator, denominator, n, value, low, status from {alignment_scorecard} "
        "where metric = 'acceptance_rate' and segment = 'all' and slice_kind = 'all' "
        "order by month"
    )
    assert [(row["month"].month, row["status"]) for row in rows] == [
        (1, "too few"),
        (2, "no data"),
        (3, "too few"),
        (4, "no data"),
        (5, "no data"),
        (6, "no data"),
    ]
    assert [*rows[1].values()][1:] == [None, None, 0, None, None, "no data"]


def test_a_company_without_handoffs_is_told_so_in_each_segment(database: Database) -> None:
    build(database, [])
    rows = database.rows(
        "select month, segment, slice_kind, status from {alignment_scorecard} "
        "where metric = 'acceptance_rate' order by segment"
    )
    assert rows == [
        {
            "month": date(2026, 6, 1),
            "segment": segment,
            "slice_kind": "all",
            "status": "no data",
        }
        for segment in ("all", "mid", "smb", "unknown")
    ]


def test_an_owner_is_called_by_name(database: Database) -> None:
    build(database, [Handoff(START, "accepted", owner=owner) for owner in ("una", "max", None)])
    rows = database.rows(
        "select slice, slice_label from {alignment_scorecard} where slice_kind = 'owner' "
        "group by slice, slice_label order by slice"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("max", "max"),
        ("una", "Una Example"),
        ("unknown", "unknown"),
    ]


def test_every_row_says_by_which_agreement_and_when(database: Database) -> None:
    build(database, [Handoff(START, "accepted")])
    rows = database.rows(
        "select agreement_version, as_of, known_at from {alignment_scorecard} group by all"
    )
    assert [tuple(row.values()) for row in rows] == [("first", AS_OF, AS_OF)]


def test_no_order_of_the_handoffs_changes_the_scorecard(database: Database) -> None:
    turn = random.Random(3)
    handoffs = [
        Handoff(
            START + timedelta(days=turn.randrange(100)),
            turn.choice(DECISIONS),
            turn.choice(("smb", "mid")),
            turn.choice((None, "una")),
        )
        for _ in range(60)
    ]
    query = "select * from {alignment_scorecard} order by all"
    build(database, handoffs)
    told = database.rows(query)
    build(database, turn.sample(handoffs, len(handoffs)))
    assert database.rows(query) == told


def test_an_empty_warehouse_has_an_empty_scorecard(database: Database) -> None:
    database.build_with_parents("alignment_scorecard")
    assert database.rows("select * from {alignment_scorecard}") == []
    assert database.rows("select * from {alignment_evidence}") == []


def _whole(database: Database, month: str) -> list[dict[str, Any]]:
    return database.rows(
        "select * from {alignment_scorecard} where metric = 'acceptance_rate' "
        f"and segment = 'all' and slice_kind = 'all' and month = '{month}'"
    )


WEIGHTS = [
    {"component": "acceptance_rate", "weight": 2.0, "floor": 0.4, "target": 0.8},
    {"component": "acceptance_rate.pending", "weight": 0.0, "floor": 0.0, "target": 1.0},
    {"component": "recycle_rate", "weight": 1.0, "floor": 0.9, "target": 0.1},
]
SCALES = {"acceptance_rate": (2, 0.4, 0.8), "recycle_rate": (1, 0.9, 0.1)}


@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(handoffs=st.lists(HANDOFFS, max_size=30))
def test_the_score_is_the_weighted_mean_of_what_its_components_earned(
    shared: Database, handoffs: list[Handoff]
) -> None:
    build(shared, handoffs, weights=WEIGHTS)
    shared.build("alignment_score_component")
    earned: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    scores = {}
    for row in shared.rows("select * from {alignment_scorecard}"):
        cell = (row["month"], row["segment"], row["slice_kind"], row["slice"])
        if row["metric"] == "alignment_score":
            scores[cell] = row["value"]
        if row["metric"] in SCALES and row["value"] is not None:
            weight, floor, target = SCALES[row["metric"]]
            points = 100 * min(max((row["value"] - floor) / (target - floor), 0), 1)
            earned.setdefault(cell, []).append((weight, points))
    expected = {
        cell: sum(weight * points for weight, points in parts) / sum(weight for weight, _ in parts)
        for cell, parts in earned.items()
    }
    assert {cell for cell, score in scores.items() if score is not None} == set(expected)
    assert {cell: scores[cell] for cell in expected} == pytest.approx(expected)
    summed = shared.rows(
        "select month, segment, slice_kind, slice, sum(contribution) as score"
        " from {alignment_score_component} group by all"
    )
    listed = {(r["month"], r["segment"], r["slice_kind"], r["slice"]): r["score"] for r in summed}
    assert {cell: listed[cell] for cell in expected} == pytest.approx(expected)
    assert failures(shared, "alignment_score_component") == {}


def test_a_score_of_other_components_than_the_month_before_says_so(database: Database) -> None:
    months = ("accepted", "accepted", "recycled", "recycled")
    handoffs = [
        Handoff(datetime(2026, month, day), decision)
        for month, decision in enumerate(months, start=2)
        for day in range(1, 7)
    ]
    build(database, handoffs, weights=WEIGHTS)
    rows = database.rows(
        "select month, status from {alignment_scorecard} where metric = 'alignment_score'"
        " and segment = 'all' and slice_kind = 'all' and month >= date '2026-02-01' order by month"
    )
    assert [row["status"] for row in rows] == ["ok", "ok", "other components", "ok", "no data"]
