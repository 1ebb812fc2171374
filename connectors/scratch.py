"""DuckDB in memory, to ask about what lies elsewhere: one database a process.

To open a database takes longer than most of what is asked of it, and a night asks hundreds of
times.
"""

import os
from functools import cache
from typing import Final

import duckdb

# Files are read once, and what was read of them need not stay in memory.
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_file_cache": "false"
}


def scratch() -> duckdb.DuckDBPyConnection:
    """A connection, its time zone UTC, to be closed by whoever asked for it.

    What is registered, and temporary tables and views, no other connection sees, and they go when
    it is closed; make no others.
    """
    return _database(os.getpid()).cursor()


@cache
def _database(_: int) -> duckdb.DuckDBPyConnection:
    """The database of a process, by its id: one that was forked can't use its parent's."""
    database = duckdb.connect(config=_SETTINGS)
    database.execute("set global TimeZone = 'UTC'")
    return database
