"""Read the tables of one published version, those that it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from orchestration.warehouse.sql import identifier

Row = TypeVar("Row")

_SCHEMA = "marts"


class Tables:
    """The tables of a version. One that it lacks is told apart from one without rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        found = connection.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = ? and table_catalog = current_database()",
            [_SCHEMA],
        ).fetchall()
        self._columns: dict[str, set[str]] = {}
        for table, column in found:
            self._columns.setdefault(table, set()).add(column)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the version has this table, with these columns."""
        return set(columns) <= self._columns.get(table, set()) if table in self._columns else False

    def read(self, kind: type[Row], table: str, rest: str = "", *parameters: Any) -> list[Row]:
        """The rows of a table, each as a `kind` (a dataclass), whose fields are its columns.

        A column that the table lacks is null, a table that the version lacks has no rows. `rest` is
        what follows in the query: where, order by, limit.
        """
        if not self.has(table):
            return []
        present = self._columns[table]
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        listed = ", ".join(
            identifier(name) if name in present else f"null as {identifier(name)}" for name in names
        )
        query = f"select {listed} from {identifier(_SCHEMA, table)} {rest}"
        return [kind(*row) for row in self._connection.execute(query, parameters).fetchall()]

    def ask(self, kind: type[Row], query: str, *parameters: Any, of: str) -> list[Row]:
        """The rows of a query over the table `of`, each as a `kind`; none where it is missing."""
        if not self.has(of):
            return []
        return [kind(*row) for row in self._connection.execute(query, parameters).fetchall()]


@contextmanager
def open_tables(file: Path) -> Iterator[Tables]:
    """The tables of a version's DuckDB file, which nobody can change by this."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(f"set schema = '{_SCHEMA}'")
        yield Tables(connection)
