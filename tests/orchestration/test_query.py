"""Asking the warehouse from the command line."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.company import Company
from orchestration.warehouse.connection import WarehouseBusy, WarehouseError, open_warehouse
from orchestration.warehouse.query import MOST_ROWS, QueryError, answers
from tests.orchestration.lakes import write_company
from tests.orchestration.nights import AGREEMENT, SOURCES

_HOLD = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose warehouse holds one table of two rows."""
    made = write_company(tmp_path, SOURCES, AGREEMENT)
    with open_warehouse(made.warehouse) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.deals as select * from (values "
            "('Northwind', 12.50, true, timestamp '2026-03-02 09:00:00'), ('A', null, false, null)"
            ") as deals(name, amount, is_won, closed_at)"
        )
    return made


def test_an_answer_is_a_table_with_numbers_to_the_right(company: Company) -> None:
    assert list(answers(company, "select * from marts.deals")) == [
        "name       amount  is_won  closed_at",
        "Northwind   12.50  true    2026-03-02 09:00:00",
        "A                  false",
    ]


def test_several_queries_are_answered_one_after_another(company: Company) -> None:
    text = "select name from marts.deals where is_won; select 'a;b' as x;"
    assert list(answers(company, text)) == ["name", "Northwind", "", "x", "a;b"]


def test_what_is_too_long_to_show_is_counted(company: Company) -> None:
    *_, last = answers(company, f"select * from range({MOST_ROWS + 2_500})")
    assert last == "… and 2,500 rows more"


@pytest.mark.parametrize(
    "change", ["drop table marts.deals", "delete from marts.deals", "create table x (y int)"]
)
def test_nothing_can_be_changed(company: Company, change: str) -> None:
    with pytest.raises(QueryError, match="read-only"):
        list(answers(company, change))
    with duckdb.connect(company.warehouse, read_only=True) as connection:
        assert connection.execute("select count(*) from marts.deals").fetchone() == (2,)


def test_a_wrong_query_is_explained(company: Company) -> None:
    with pytest.raises(QueryError, match="amonut"):
        list(answers(company, "select amonut from marts.deals"))


def test_before_the_first_run_it_is_told_what_to_do(tmp_path: Path) -> None:
    company = write_company(tmp_path, SOURCES, AGREEMENT)
    with pytest.raises(WarehouseError, match="make run"):
        list(answers(company, "select 1"))


def test_while_a_run_holds_the_warehouse_it_is_said(company: Company) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(company.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy, match="another process"):
            list(answers(company, "select 1"))
    finally:
        holder.communicate()
