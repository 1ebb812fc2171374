"""The published tables as Parquet: a folder a table, and a file a month of it where it is large."""

from pathlib import Path
from typing import Final

import duckdb

from orchestration.warehouse.sql import identifier, literal

LARGE: Final = 1_000_000
"""From so many rows on a table that has a month is written in files of one month each."""

_UNDATED: Final = "undated"


def write_parquet(
    connection: duckdb.DuckDBPyConnection, relation: str, folder: Path, dated_by: str | None = None
) -> None:
    """Write all rows of a relation into a new folder, named as the table.

    In one file `<table>.parquet`, or where it is large and has a column that tells when each row
    is of, in `<table>_<year>-<month>.parquet` each: a reader of one month opens one file.
    """
    folder.mkdir()
    if dated_by is None or _count(connection, relation) < LARGE:
        _copy(connection, f"from {relation}", folder / f"{folder.name}.parquet")
        return
    month = f"coalesce(strftime({identifier(dated_by)}, '%Y-%m'), {literal(_UNDATED)})"
    months = connection.execute(f"select distinct {month} from {relation} order by 1").fetchall()
    for (name,) in months:
        rows = f"from {relation} where {month} = {literal(name)}"
        _copy(connection, rows, folder / f"{folder.name}_{name}.parquet")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    connection.execute(f"copy ({query}) to {literal(str(file))} (format parquet, compression zstd)")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(count,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)
