"""What the web UI shows of a table at a glance."""

import duckdb
import pytest

from orchestration.defs.plots import bar, plots_of


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("create schema marts")
    return made


def _lines(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> list[list[str]]:
    """The cells of a plot, without its two lines of header."""
    text = plots_of(connection, table)[name].md_str
    assert text is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, ""), (1, "█" * 24), (0.5, "█" * 12), (1 / 192, "▏"), (7, "█" * 24)]
)
def test_a_share_is_a_bar_to_an_eighth_of_a_sign(share: float, drawn: str) -> None:
    assert bar(share) == drawn


def test_the_funnel_has_a_bar_a_stage(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table marts.dim_stage as
        from (values
            ('mql', 'MQL', 1, false), ('won', 'Won', 2, false), ('lost', 'Lost', null, true)
        ) as stages(stage, label, stage_order, is_exit);
        create table marts.fct_funnel as
        select i as mql_at, case when i < 2 then i end as won_at, true as is_primary
        from range(8) as rows(i)
        """
    )
    assert _lines(connection, "fct_funnel", "funnel") == [
        ["MQL", "8", "", "█" * 24],
        ["Won", "2", "25.0%", "█" * 6],
    ]


def test_a_curve_tells_the_share_won_within_days_by_its_last_step_before(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        """
        create table marts.cycle_time_curve as
        from (values
            ('mql_to_won', 'calendar', 'all', 'all', 10, 0.125, 40),
            ('mql_to_won', 'calendar', 'all', 'all', 50, 0.5, 9),
            ('mql_to_won', 'business', 'all', 'all', 10, 0.9, 9),
            ('mql_to_won', 'calendar', 'smb', 'all', 10, 0.9, 9)
        ) as curves(curve, unit, segment, cohort, day, cif_won, at_risk)
        """
    )
    lines = _lines(connection, "cycle_time_curve", "mql_to_won")
    assert lines[0] == ["14", "12.5%", "█" * 3, "40"]
    assert lines[2] == ["60", "50.0%", "█" * 12, "9"]
    assert len(lines) == 8, "within seven days nothing is known"


def test_the_scorecard_is_of_the_newest_month_with_evidence_and_names_nobody(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        """
        create table marts.alignment_scorecard as
        select * replace (cast(month as date) as month), 'all' as segment
        from (values
            ('2026-03-01', 'all', 'accepted', 0.8, 0.7, 0.9, 40, 0.75, 'on target'),
            ('2026-03-01', 'all', 'accepted.pending', 0.1, 0, 1, 40, null, 'ok'),
            ('2026-03-01', 'owner', 'accepted', 0.5, 0, 1, 4, null, 'too few'),
            ('2026-04-01', 'all', 'accepted', null, null, null, 0, null, 'no data')
        ) as scorecard(month, slice_kind, metric, value, low, high, n, target, status)
        """
    )
    assert _lines(connection, "alignment_scorecard", "scorecard of 2026-03") == [
        ["accepted", "0.8", "0.7 to 0.9", "40", "0.75", "on target"]
    ]


def test_a_table_that_shows_nothing_at_a_glance_has_no_plot(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert plots_of(connection, "dim_stage") == {}
