"""Reading a version: what is missing is told apart from what is empty, and which rows are taken."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from orchestration.report.alignment import read_alignment
from orchestration.report.cycle import read_cycle
from orchestration.report.earning import read_earning
from orchestration.report.tables import open_tables
from orchestration.report.work import read_work
from tests.orchestration.report.filled import (
    Tables,
    earned,
    earned_range,
    figure,
    full,
    published,
    stalled,
    summary,
    trend,
    waiting,
)


@dataclass(frozen=True)
class Row:
    """Two columns, of which the table has one."""

    name: str
    later: int | None


def test_a_column_that_a_version_lacks_is_null_and_a_table_has_no_rows(tmp_path: Path) -> None:
    with open_tables(published(tmp_path, {"things": [{"name": "a"}]})) as tables:
        assert tables.read(Row, "things") == [Row("a", None)]
        assert tables.read(Row, "others") == []
        assert tables.has("things", "name")
        assert not tables.has("things", "later")
        assert not tables.has("others")


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 6, 15), date(2026, 5, 1)),
        (date(2026, 6, 30), date(2026, 5, 1)),
        (date(2026, 7, 1), date(2026, 6, 1)),
        # No month is whole yet: the one that has begun is all there is.
        (date(2026, 5, 2), date(2026, 5, 1)),
    ],
)
def test_the_month_of_the_figures_is_the_last_whole_one(
    tmp_path: Path, day: date, month: date
) -> None:
    begun = [first for first in (date(2026, 5, 1), date(2026, 6, 1)) if first <= day]
    rows = [figure("acceptance_rate", 0.5, first) for first in begun]
    with open_tables(published(tmp_path, {"alignment_scorecard": rows})) as tables:
        assert read_alignment(tables, day).month == month


def _curve(tmp_path: Path, tables: Tables) -> str | None:
    with open_tables(published(tmp_path, tables)) as found:
        return read_cycle(found).curve


def test_the_clock_from_lead_comes_first_but_one_that_can_be_compared_before_it(
    tmp_path: Path,
) -> None:
    lead, mql = summary(), summary(curve="mql_to_won")
    assert _curve(tmp_path, {"cycle_time_summary": [mql, lead]}) == "lead_to_won"
    assert (
        _curve(
            tmp_path,
            {
                "cycle_time_summary": [mql, lead],
                "cycle_time_trend": [
                    trend("2025-05", None),
                    trend("2025-05", -3.0, curve="mql_to_won"),
                ],
            },
        )
        == "mql_to_won"
    )
    unknown = summary(p50=None, status="too few")
    assert _curve(tmp_path, {"cycle_time_summary": [unknown, mql]}) == "mql_to_won"
    assert _curve(tmp_path, {"cycle_time_summary": [unknown]}) == "lead_to_won"
    assert _curve(tmp_path, {}) is None


def test_the_worklist_shows_the_newest_of_the_overdue_first_and_counts_all(tmp_path: Path) -> None:
    rows = [
        waiting(handoff_id=f"h{n}", full_name=f"P{n}", waits_for_hours=float(40 - n))
        for n in range(20)
    ]
    ignored = waiting(handoff_id="i", full_name="I", why="ignored", waits_for_hours=0.5)
    tables = {"handoff_worklist": [ignored, *rows], "stalled_deals": [stalled()]}
    with open_tables(published(tmp_path, tables)) as found:
        work = read_work(found)
    assert (work.overdue, work.ignored, work.stalled) == (20, 1, 1)
    assert [row.full_name for row in work.waiting[:2]] == ["P19", "P18"]
    assert len(work.waiting) == 12


def test_each_owner_stands_once_with_all_that_waits_for_him(tmp_path: Path) -> None:
    tables = {
        "handoff_worklist": [
            waiting(handoff_id="1"),
            waiting(handoff_id="2", why="ignored"),
            waiting(handoff_id="3", owner_id="u2", owner_name=None),
            waiting(handoff_id="4", owner_id="u2", owner_name=None),
            waiting(handoff_id="5", owner_id=None, owner_name=None),
        ],
        "stalled_deals": [stalled(), stalled(deal_id="d2", amount_reporting=None)],
    }
    with open_tables(published(tmp_path, tables)) as found:
        owners = read_work(found).owners
    told = [(o.owner, o.overdue, o.ignored, o.stalled) for o in owners]
    assert told == [("u2", 2, 0, 0), ("Una Owner", 1, 1, 2), (None, 1, 0, 0)]


def test_a_channel_has_what_the_marked_model_gives_it_over_all_months(tmp_path: Path) -> None:
    with open_tables(published(tmp_path, full())) as tables:
        earning = read_earning(tables)
    assert [(one.channel, one.credit) for one in earning.channels] == [
        ("Email", 6.0),
        ("unattributed", 3.0),
        ("Event", 2.0),
    ]
    assert (earning.conversion, earning.credit, earning.without_touch) == ("won", 8.0, 3.0)
    assert (earning.channels[0].least_share, earning.channels[0].most_share) == (0.5, 0.875)


def test_a_path_counts_once_however_many_steps_it_has(tmp_path: Path) -> None:
    with open_tables(published(tmp_path, full())) as tables:
        paths = read_earning(tables).paths
    assert [(one.path, one.paths, one.conversions) for one in paths] == [
        ("Event > Email", 20, 5),
        ("Email", 4, 1),
    ]


def test_where_nothing_is_won_channels_are_told_by_what_comes_before(tmp_path: Path) -> None:
    rows = {
        "attribution_channel": [earned("Email", 4.0, conversion="mql", amount=None)],
        "attribution_channel_range": [{**earned_range("Email", 1.0, 1.0), "conversion": "mql"}],
    }
    with open_tables(published(tmp_path, rows)) as tables:
        assert read_earning(tables).conversion == "mql"
    with open_tables(published(tmp_path, {})) as tables:
        assert read_earning(tables).conversion is None
