"""A simulated company, its exports and its truth as tables."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from connectors.sandbox import Parameters, simulate

Rows = list[tuple[object, ...]]
Query = Callable[[str], Rows]

COMPANY = Parameters(prospects=2000, months=18, until=date(2026, 9, 30))


def views_of(folder: Path) -> duckdb.DuckDBPyConnection:
    """Every table of the truth, and every export as `<system>_<stream>`, all columns as text."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for path in sorted((folder / "truth").glob("*.parquet")):
        connection.execute(f"create view {path.stem} as select * from '{path}'")
    for path in sorted((folder / "exports").glob("*/*")):
        name, files = f"{path.parent.name}_{path.stem}", path / "*" if path.is_dir() else path
        kind = (next(path.iterdir()) if path.is_dir() else path).suffix
        reader = {
            ".csv": f"read_csv('{files}', all_varchar = true, header = true)",
            ".parquet": f"read_parquet('{files}')",
            ".gz": f"read_json('{files}')",
        }[kind]
        connection.execute(f"create view {name} as select * from {reader}")
    return connection


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    simulate(COMPANY, folder)
    return folder


@pytest.fixture(scope="session")
def tables(company: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with views_of(company) as connection:
        yield connection


@pytest.fixture
def query(tables: duckdb.DuckDBPyConnection) -> Query:
    return lambda sql: tables.sql(sql).fetchall()
