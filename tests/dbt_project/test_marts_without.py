"""What a company has nothing of says 'no data' on its scorecard: never a zero, never a crash."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.dbt_project.alignment.clocked import Handed, World
from tests.dbt_project.alignment.clocked import build as build_handoffs
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.oracle.records import Change, Contact, Deal, Touch
from tests.dbt_project.oracle.streams import wide_company
from tests.dbt_project.test_marts_on_the_funnel import broken_promises, build_marts

SEED = 8
UNMEASURED = ("no data", "no target", "not identifiable", "other components")
OF_HANDOFFS = ("acceptance_rate", "response_time", "sla_attainment", "recycle_rate")
OF_DEALS = ("sourced", "influenced", "joint_nurture", "now_vs_road_ahead.next_quarter")


def is_of_deals(record: Any) -> bool:
    return isinstance(record, Deal | Contact) or (
        isinstance(record, Change) and record.kind == "deal"
    )


def is_handing_over(record: Any) -> bool:
    return isinstance(record, Change) and record.kind == "person" and record.stage == "mql"


def is_touch(record: Any) -> bool:
    return isinstance(record, Touch)


def is_anything(_: Any) -> bool:
    return True


WITHOUT: dict[str, tuple[Callable[[Any], bool], tuple[str, ...]]] = {
    "deals": (is_of_deals, OF_DEALS),
    "handoffs": (is_handing_over, (*OF_HANDOFFS, "rejection_mix")),
    "touches": (is_touch, ()),
    "anything": (is_anything, ("",)),
}


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for all companies: each fills it anew."""
    return project.database()


def scorecard(database: Database, where: str = "true") -> list[dict[str, Any]]:
    rows = database.rows(f"select * from {{alignment_scorecard}} where {where}")
    assert rows
    return rows


def check_what_is_not_there(rows: list[dict[str, Any]]) -> None:
    """A row without a case has no number at all; and only such a row says that there is none."""
    for row in rows:
        is_empty = row["n"] == 0
        assert (row["status"] == "no data") <= is_empty, row
        if is_empty:
            assert row["status"] in UNMEASURED, row
            numbers = ("numerator", "denominator", "value", "low", "high")
            assert {row[name] for name in numbers} == {None}, row


@pytest.mark.parametrize("what", WITHOUT)
def test_a_company_without(shared: Database, what: str) -> None:
    left_out, unmeasured = WITHOUT[what]
    whole = wide_company(SEED)
    kept = tuple(version for version in whole.versions if not left_out(version.record))
    assert len(kept) < len(whole.versions)
    build_marts(shared, replace(whole, versions=kept))
    rows = scorecard(shared)
    check_what_is_not_there(rows)
    # A promise of which nothing came is broken: that is a zero, and no lack of data.
    promised = [row for row in rows if row["metric"].startswith("commitment_attainment")]
    about = [row for row in rows if row["metric"].startswith(unmeasured or ("none",))]
    assert {row["n"] for row in about if row not in promised} <= {0}
    assert bool(about) == bool(unmeasured)
    if what == "anything":
        assert {row["value"] for row in promised} == {0.0}
    assert broken_promises(shared)[1] == []


def test_a_company_without_spend_has_no_data_on_what_is_spent(shared: Database) -> None:
    build_marts(shared, wide_company(SEED))
    assert shared.rows("select * from {fct_spend}") == []
    of_spend = "metric like 'segment_alignment.spend%' or metric = 'now_vs_road_ahead.spend'"
    rows = scorecard(shared, of_spend)
    assert {row["status"] for row in rows} == {"no data"}
    check_what_is_not_there(scorecard(shared))
    costs = shared.rows("select distinct cost, roas from {attribution_channel}")
    assert costs == [{"cost": None, "roas": None}]


WORLD = World(segments=("smb", "empty"), as_of=datetime(2026, 6, 15))


@pytest.fixture(scope="module")
def handed(project: CompiledProject) -> Database:
    """A warehouse that knows handoffs of two months alone, all of one segment of two."""
    database = project.database()
    build_handoffs(database, handed_in(3, 5), WORLD)
    return database


def handed_in(*months: int) -> list[Handed]:
    """Handoffs of those months, all in one segment, each answered and accepted in an hour."""
    at = [datetime(2026, month, 2 + day, 15) for month in months for day in range(3)]
    hour = timedelta(hours=1)
    return [
        Handed(t, t, t + hour, t + hour, t + hour, "accepted", t + hour, segment="smb") for t in at
    ]


def test_a_month_without_handoffs_has_no_data_between_those_that_have_some(
    handed: Database,
) -> None:
    rows = scorecard(handed)
    check_what_is_not_there(rows)
    counted = {
        row["month"]: row["n"]
        for row in rows
        if row["metric"] == "acceptance_rate"
        and (row["segment"], row["slice_kind"]) == ("smb", "all")
    }
    months = [date(2026, month, 1) for month in range(3, 7)]
    assert counted == dict(zip(months, (3, 0, 3, 0), strict=True))
    assert {row["n"] for row in rows if row["month"] in (months[1], months[3])} == {0}


def test_a_segment_that_nobody_is_in_has_a_row_of_each_measure_without_data(
    handed: Database,
) -> None:
    empty, full = (scorecard(handed, f"segment = '{name}'") for name in ("empty", "smb"))
    assert {row["n"] for row in empty} == {0}
    check_what_is_not_there(empty)
    assert {row["metric"] for row in empty} == {row["metric"] for row in full}
