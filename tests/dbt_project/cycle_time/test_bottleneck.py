"""Which step costs most, through the models from events told by hand."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from orchestration.measures.figures import Settings
from orchestration.measures.tables import STATISTICS
from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.paths import GIVEN, Path, fill
from tests.dbt_project.statistic import make

START = datetime(2026, 1, 5, 12)
MARTS = ("bottleneck", "stage_duration")


def path(*events: tuple[str, float], **more: Any) -> Path:
    return Path([(stage, START + timedelta(days=days)) for stage, days in events], **more)


def bottlenecks(
    database: Database, paths: Iterable[Path], *, minimum: int = 1, **settings: Any
) -> dict[tuple[str, str], dict[str, Any]]:
    """The table by segment and stage, in calendar days."""
    fill(database, paths, horizon_days=100, minimum_at_risk=minimum, **settings)
    for name in ("stage_reach", "stage_what_if"):
        database.build_with_parents(*STATISTICS[name].reads, given=GIVEN)
        make(database, name, Settings(0.95, 20, minimum_at_risk=minimum))
    database.build_with_parents(*MARTS, given=GIVEN)
    rows = database.rows("select * from {bottleneck} where unit = 'calendar'")
    return {(row["segment"], row["stage"]): row for row in rows}


COMPANY = (
    path(("lead", 0), ("mql", 2), ("opportunity", 12), ("won", 20), segment="smb"),
    path(("lead", 0), ("mql", 4), ("opportunity", 34), ("won", 40), segment="smb"),
    path(("lead", 0), ("mql", 6), ("lost", 8), segment="mid"),
    path(("lead", 0), ("lost", 12), segment="mid"),
)


def test_the_mean_of_an_entry_times_the_chance_of_one_worked_by_hand(database: Database) -> None:
    rows = bottlenecks(database, COMPANY)
    lead, mql, opportunity = (rows[("all", s)] for s in ("lead", "mql", "opportunity"))
    assert lead["expected_days"] == pytest.approx((2 + 4 + 6 + 12) / 4)
    assert mql["restricted_mean"] == pytest.approx((10 + 30 + 2) / 3)
    assert mql["p_visit"] == pytest.approx(3 / 4)
    assert mql["expected_days"] == pytest.approx(42 / 4)
    assert opportunity["expected_days"] == pytest.approx((8 + 6) / 4)
    assert [row["rank"] for row in (lead, mql, opportunity)] == [2, 1, 3]
    assert {row["label"] for row in rows.values()} == {"arithmetic, not forecast"}
    assert (lead["n"], mql["n"], opportunity["n"]) == (4, 3, 2)


def test_the_what_if_worked_by_hand(database: Database) -> None:
    rows = bottlenecks(database, COMPANY)
    mql = rows[("all", "mql")]
    # As a lead 2, 4, 6 days; as an MQL 10 or 30 before an opportunity; there 6 or 8: each way one
    # in twelve. Half of them, six, are through by day 6 + 10 + 8 = 24.
    assert (mql["stage_p25"], mql["median_cycle_now"]) == (2, 24)
    # Cut to 2 days, by day 2 + 2 + 6 = 10 one in six is through, by day 12 a half.
    assert mql["median_cycle_if_p25"] == 12
    assert rows[("all", "opportunity")]["median_cycle_if_p25"] == 22
    assert mql["untold_share"] == pytest.approx(0)


def test_a_re_entry_is_not_a_second_visit(database: Database) -> None:
    twice = path(("lead", 0), ("mql", 2), ("lead", 5), ("mql", 9), ("won", 20))
    assert bottlenecks(database, [twice, COMPANY[3]])[("all", "mql")]["p_visit"] == 0.5


def test_who_passes_a_stage_within_a_day_has_visited_it(database: Database) -> None:
    passing = path(("lead", 0), ("mql", 3), ("sal", 3.2), ("won", 20))
    rows = bottlenecks(database, [passing, COMPANY[3]])
    assert rows[("all", "mql")]["p_visit"] == 0.5
    assert rows[("all", "mql")]["restricted_mean"] == 0


def test_what_was_over_before_the_record_was_made_is_no_visit(database: Database) -> None:
    made = START + timedelta(days=6)
    early = path(("aware", 0), ("lead", 3), ("won", 20), recorded_at=made)
    rows = bottlenecks(database, [early, COMPANY[3]])
    assert (rows[("all", "aware")]["p_visit"], rows[("all", "lead")]["p_visit"]) == (0, 1)


def test_late_entries_of_one_kind_do_no_harm_to_the_share_that_comes(database: Database) -> None:
    # Of those that began as an MQL, some are seen only from day 5 on; the leads all at once.
    late = path(("mql", 0), ("lost", 9), observed_from=START + timedelta(days=5))
    prompt = path(("mql", 0), ("lost", 9))
    lead = path(("lead", 0), ("sal", 7), ("lost", 9))
    rows = bottlenecks(database, [late, late, prompt, lead])
    assert rows[("all", "sal")]["p_visit"] == pytest.approx(0.5)


def test_who_is_still_open_may_yet_come_to_the_stage(database: Database) -> None:
    waiting = Path([("lead", datetime(2026, 9, 27, 12))])  # watched for 3 days
    rows = bottlenecks(database, [*COMPANY, waiting])
    # On day 2 one of five comes, on day 4 one of the three who are left and watched, then one of 2.
    expected = 1 / 5 + 4 / 5 * (1 / 3 + 2 / 3 * 1 / 2)
    assert rows[("all", "mql")]["p_visit"] == pytest.approx(expected)


def test_each_segment_is_ranked_by_itself(database: Database) -> None:
    rows = bottlenecks(database, COMPANY, segment_by="employees")
    assert {segment for segment, _ in rows} == {"all", "smb", "mid"}
    assert rows[("mid", "lead")]["rank"] == 1
    assert rows[("smb", "mql")]["rank"] == 1
    assert rows[("mid", "mql")]["walk_status"] == "none won"


def test_without_follow_up_or_with_too_few_the_row_says_so(database: Database) -> None:
    short = bottlenecks(database, [*COMPANY, Path([("lead", datetime(2026, 9, 10, 12))])])
    assert short[("all", "lead")]["status"] == "follow-up too short"
    assert short[("all", "lead")]["expected_days"] is short[("all", "lead")]["rank"] is None
    assert short[("all", "lead")]["untold_share"] > 0
    few = bottlenecks(database, COMPANY, minimum=5)
    assert {row["status"] for row in few.values()} == {"too few"}
    assert {row["walk_status"] for row in few.values()} == {"too few"}


def test_a_company_without_deals_has_no_rows(database: Database) -> None:
    assert bottlenecks(database, []) == {}


def test_the_tables_promises_hold(database: Database) -> None:
    bottlenecks(database, COMPANY, segment_by="employees")
    tests = database.project.data_tests("bottleneck")
    tests |= database.project.data_tests("int_stage_exit")
    tests |= database.project.data_tests("int_stage_reach")
    assert len(tests) > 10
    broken = [name for name, sql in tests.items() if database.connection.execute(sql).fetchall()]
    assert broken == []
