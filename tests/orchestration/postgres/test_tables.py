"""PostgreSQL has what the published DuckDB file has: rows, types, keys and comments."""

from datetime import datetime
from typing import Any

import duckdb
import pytest

from orchestration.company import Company
from orchestration.publish.publish import publish
from orchestration.warehouse.connection import open_warehouse
from tests.orchestration.nights import PROJECT, TABLES, build_night
from tests.orchestration.postgres.night import run_night, to_postgres
from tests.orchestration.postgres.server import Database

CATALOGUE = {"agreement_change", "catalogue", "catalogue_column", "catalogue_source"}

HOSTILE = [
    "",
    " ",
    "\\N",
    "\\.",
    "a line\n\\.\nand another",
    "tab\tand\r\nline end",
    "a \"quote\" and an 'apostrophe'",
    "\\n is no line end",
    "; drop schema marts cascade; --",
    "<script>alert(1)</script>",
    "=cmd()",
    "é 中文 😀 \u202e",
    "NULL",
    None,
    "x" * 100_000,
]
VALUES = {
    "boolean": ["true", "false", "null"],
    "tinyint": ["-128", "127"],
    "smallint": ["-32768", "32767"],
    "integer": ["-2147483648", "2147483647"],
    "bigint": ["-9223372036854775808", "9223372036854775807", "null"],
    "hugeint": ["170141183460469231731687303715884105727"],
    "utinyint": ["255"],
    "usmallint": ["65535"],
    "uinteger": ["4294967295"],
    "ubigint": ["18446744073709551615"],
    "decimal(18, 2)": ["-0.01", "9999999999999999.99", "null"],
    "decimal(18, 12)": ["0.000000000001", "-999999.999999999999"],
    "decimal(28, 12)": ["1234567890123456.123456789012"],
    "decimal(38, 0)": ["99999999999999999999999999999999999999"],
    "float": ["1.5", "'-inf'"],
    "double": ["0.1", "1e-300", "1.7976931348623157e308", "'inf'", "'nan'", "1 / 3.0", "null"],
    "date": ["'0001-01-01'", "'2026-02-28'", "'9999-12-31'", "null"],
    "time": ["'23:59:59.999999'"],
    "timestamp": ["'0001-01-01'", "'2026-03-29 02:30:00.000001'", "'9999-12-31 23:59:59'", "null"],
    "timestamptz": ["'2026-03-29 02:30:00+02'"],
    "uuid": ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
}
"""Values of each type of DuckDB's, as SQL."""


def _publish_leads(company: Company, database: Database, query: str) -> list[tuple[Any, ...]]:
    """Publish the query's result as the table of leads; its rows in the file."""
    build_night(company, 1)
    with open_warehouse(company.warehouse) as connection:
        lines = f"select *, 1 as night from ({query})"
        connection.execute(f"create or replace table marts.leads as {lines}")
    publish(company, PROJECT, "run")
    to_postgres(company, database)
    with duckdb.connect(company.published_warehouse, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute("select * exclude night from marts.leads").fetchall()


def test_every_public_table_is_there_with_its_rows(company: Company, database: Database) -> None:
    published = run_night(company, database, 3)
    with database.session() as session, duckdb.connect(company.published_warehouse) as file:
        tables = session.rows("select tablename from pg_tables where schemaname = 'marts'")
        assert {name for (name,) in tables} == {*TABLES, *CATALOGUE}
        rows = 0
        for name in (*TABLES, *CATALOGUE):
            query = f"select * from marts.{name} order by 1, 2"
            query = query if name in CATALOGUE else f"select * from marts.{name} order by 1"
            found = session.rows(query)
            assert sorted(found, key=str) == sorted(file.execute(query).fetchall(), key=str)
            rows += len(found)
    assert published.rows == rows


def test_every_value_of_every_type_is_the_same(company: Company, database: Database) -> None:
    columns = ", ".join(
        f"unnest([{', '.join(f'({value})::{kind}' for value in values)}]) as c{number}"
        for number, (kind, values) in enumerate(VALUES.items())
    )
    expected = _publish_leads(company, database, f"select {columns}")
    with database.session() as session:
        session.execute("set TimeZone = 'UTC'")
        names = ", ".join(f"c{number}" for number in range(len(VALUES)))
        found = session.rows(f"select {names} from marts.leads")
    assert sorted(map(_plain, found)) == sorted(map(_plain, expected))


def _plain(row: tuple[Any, ...]) -> str:
    """A row as a text in which a NaN equals itself, and so does an instant in UTC."""
    return repr(tuple(str(v.timestamp()) if _has_zone(v) else str(v) for v in row))


def _has_zone(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_a_day_before_christ_and_the_end_of_time_are_the_same(
    company: Company, database: Database, kind: str
) -> None:
    values = f"select unnest(['0044-03-15 (BC)', 'infinity'])::{kind} as x"
    _publish_leads(company, database, values)
    with database.session() as session:
        found = session.rows("select x::text from marts.leads order by x")
    [(bc,), (end,)] = found
    assert bc.startswith("0044-03-15")
    assert bc.endswith(" BC")
    assert end == "infinity"


def test_texts_that_mean_something_to_a_format_stay_what_they_are(
    company: Company, database: Database
) -> None:
    texts = ", ".join("null" if t is None else "'" + t.replace("'", "''") + "'" for t in HOSTILE)
    _publish_leads(company, database, f"select unnest([{texts}]) as x")
    with database.session() as session:
        found = [text for (text,) in session.rows("select x from marts.leads")]
    assert sorted(found, key=str) == sorted(HOSTILE, key=str)


def test_a_nul_which_no_text_of_postgres_can_hold_is_marked_as_unreadable(
    company: Company, database: Database
) -> None:
    _publish_leads(company, database, "select 'a' || chr(0) || 'b' as x")
    with database.session() as session:
        assert session.rows("select x from marts.leads") == [("a\ufffdb",)]


def test_a_type_that_postgres_has_not_becomes_text(company: Company, database: Database) -> None:
    _publish_leads(company, database, "select [1, 2] as x")
    with database.session() as session:
        assert session.rows("select x from marts.leads") == [("[1, 2]",)]


def test_decimals_have_their_digits_and_instants_no_zone(
    company: Company, database: Database
) -> None:
    _publish_leads(
        company, database, "select 1::decimal(18, 6) as amount, timestamp '2026-01-01' as at"
    )
    with database.session() as session:
        types = session.rows(
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = 'marts.leads'::regclass and attnum > 0 order by attnum"
        )[:2]
    assert types == [("amount", "numeric(18,6)"), ("at", "timestamp without time zone")]


def test_descriptions_stand_beside_tables_and_columns(company: Company, database: Database) -> None:
    run_night(company, database, 1)
    with database.session() as session:
        table = session.value("select obj_description('marts.leads'::regclass)")
        column = session.value("select col_description('marts.leads'::regclass, 1)")
    assert (table, column) == ("One row per line of leads: nothing else.", "Which.")
