"""A later night sees the same company: what happened before stays as it was."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from connectors.sandbox import Parameters, history, simulate
from tests.connectors.sandbox.conftest import Rows, views_of

_EARLY = Parameters(prospects=2000, months=12, until=date(2026, 5, 14))
_LATE = replace(_EARLY, until=date(2026, 6, 20))
_NIGHT = "timestamptz '2026-05-15 00:00:00+00'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history up to one day, extended to a later one, and beside it the first as it was."""
    folder = tmp_path_factory.mktemp("nights")
    simulate(_EARLY, folder / "early")
    simulate(_EARLY, folder / "extended")
    assert simulate(_LATE, folder / "extended").is_new
    return folder


@pytest.fixture(scope="module")
def early(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with views_of(folder / "early") as connection:
        yield connection


@pytest.fixture(scope="module")
def extended(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with views_of(folder / "extended") as connection:
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    return connection.sql(f"{sql} order by all").fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        f"select * from touches where occurred_at < {_NIGHT}",
        f"select * exclude (decided_at, decision, reason, first_attempt_at) from handoffs "
        f"where handed_at < {_NIGHT}",
        f"select prospect, journey_seq, aware_at, lead_at, mql_at, opportunity_at from journeys "
        f"where greatest(aware_at, lead_at, mql_at, opportunity_at) < {_NIGHT} "
        f"and opportunity_at is not null",
        f"select deal_id, amount, first_closed_at, first_outcome from deals "
        f"where first_closed_at < {_NIGHT}",
        "select day, currency, usd from finance_exchange_rates where day < '2026-05-15'",
        """select * from crm_lead_history where "CreatedDate" < '2026-05-15'""",
        """select * from crm_opportunity_history where "CreatedDate" < '2026-05-15'""",
        """select * from marketing_lifecycle_history where "Changed At" < '2026-05-15'""",
        f"""select * from crm_activities where "CreatedDate" < {_NIGHT}""",
        """select "Kampagne", "Tag", "Kosten" from ads_search where "Tag" not like '%.06.2026'
            and not ("Tag" like '%.05.2026' and left("Tag", 2) > '14')""",
    ],
)
def test_what_happened_before_stays_as_it_was(
    early: duckdb.DuckDBPyConnection, extended: duckdb.DuckDBPyConnection, sql: str
) -> None:
    before = _rows(early, sql)
    assert before != []
    assert _rows(extended, sql) == before


def test_no_record_that_was_exported_is_gone(
    early: duckdb.DuckDBPyConnection, extended: duckdb.DuckDBPyConnection
) -> None:
    sql = "select source, stream, record_id, prospect from records"
    before, after = _rows(early, sql), _rows(extended, sql)
    assert set(before) < set(after)


def test_what_was_logged_late_arrives_in_the_file_of_its_month(folder: Path) -> None:
    name = Path("exports") / "crm" / "activities" / "2026-05.parquet"
    sql = (
        """select "Id" from '{}' where "ActivityDateTime" < timestamptz '2026-05-15 00:00:00+00'"""
    )
    with duckdb.connect() as connection:
        before, after = (
            set(connection.sql(sql.format(folder / which / name)).fetchall())
            for which in ("early", "extended")
        )
    assert before < after


def test_files_in_which_nothing_changed_are_left_alone(folder: Path, tmp_path: Path) -> None:
    simulate(_EARLY, tmp_path)
    past = [
        path
        for path in (tmp_path / "exports" / "ads" / "search").iterdir()
        if path.stem < "2026-05"
    ]
    before = {path: path.stat().st_mtime_ns for path in past}
    simulate(_LATE, tmp_path)
    assert len(past) == 11
    assert {path: path.stat().st_mtime_ns for path in past} == before


def test_a_visit_arrives_once_its_visitor_is_known(
    early: duckdb.DuckDBPyConnection, extended: duckdb.DuckDBPyConnection
) -> None:
    sql = """select "Activity ID" from marketing_web_activity where "Occurred At" < '2026-05-01'"""
    assert set(_rows(early, sql)) < set(_rows(extended, sql))


def test_a_history_does_not_depend_on_how_much_of_it_is_in_memory(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PORTION", 100)
    simulate(_EARLY, tmp_path)
    for sql in ("select * from touches", "select * from deals", "select * from deal_spans"):
        with views_of(tmp_path) as small, views_of(folder / "early") as whole:
            assert _rows(small, sql) == _rows(whole, sql)
