"""A published table as PostgreSQL has it: its types, its keys, its comments, its rows."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import asyncpg
import duckdb

from orchestration.publish.catalogue import PUBLIC_SCHEMA, Relation
from orchestration.warehouse.sql import identifier, literal

_TYPES: Final[Mapping[str, str]] = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(39, 0)",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20, 0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "UUID": "uuid",
}
_DECIMAL: Final = re.compile(r"DECIMAL(\(\d+,\d+\))")
_DATED: Final = frozenset({"date", "timestamp", "timestamptz"})


def columns_of(published: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a published table and their types in PostgreSQL, in order.

    What PostgreSQL has no type for becomes text, as DuckDB writes it.
    """
    rows = published.execute(
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = ? and table_name = ? and database_name = current_database() "
        "order by column_index",
        [PUBLIC_SCHEMA, table],
    ).fetchall()
    return {name: type_in_postgres(kind) for name, kind in rows}


def type_in_postgres(kind: str) -> str:
    """The type of PostgreSQL that holds every value of a type of DuckDB."""
    decimal = _DECIMAL.fullmatch(kind)
    return f"numeric{decimal[1]}" if decimal else _TYPES.get(kind, "text")


async def create_table(
    connection: asyncpg.Connection, schema: str, relation: Relation, columns: Mapping[str, str]
) -> None:
    """Create the table, empty, with the comments of its relation."""
    table = identifier(schema, relation.name)
    lines = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
    comments = [f"comment on table {table} is {literal(relation.description)}"]
    for name, described in relation.columns.items():
        if described and name in columns:
            column = identifier(schema, relation.name, name)
            comments.append(f"comment on column {column} is {literal(described)}")
    await connection.execute("; ".join([f"create table {table} ({lines})", *comments]))


def write_rows(
    published: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], room: Path
) -> Path:
    """Write all rows of a published table into a file, as PostgreSQL reads text.

    Not as CSV: here a line is a row, and every sign that means something is escaped, so nothing
    that a source writes can be taken for a quote, a marker or an end.
    """
    file = room / f"{table}.rows"
    selected = ", ".join(_texts(columns))
    source = identifier(PUBLIC_SCHEMA, table)
    published.execute(
        f"copy (select {selected} from {source}) to {literal(str(file))} "
        "(format csv, header false, delimiter '\t', quote '', escape '', nullstr '\\N')"
    )
    return file


async def copy_rows(
    connection: asyncpg.Connection, file: Path, schema: str, table: str, *, freeze: bool
) -> int:
    """Copy what `write_rows` wrote, and remove the file; how many rows there were.

    `freeze`, for a table that this transaction created, has every transaction see the rows once
    it sees the table. Without it one that began earlier, and comes to the table later, would find
    it empty.
    """
    told = await connection.copy_to_table(
        table, schema_name=schema, source=str(file), format="text", freeze=freeze or None
    )
    file.unlink()
    return int(told.removeprefix("COPY "))


async def create_keys(connection: asyncpg.Connection, schema: str, relation: Relation) -> list[str]:
    """Create the primary key and the unique indexes; what is in the way of one, in words."""
    problems = []
    table = identifier(schema, relation.name)
    has_primary = False
    for columns in relation.unique:
        listed = ", ".join(identifier(column) for column in columns)
        is_primary = not has_primary and relation.not_null.issuperset(columns)
        statement = (
            f"alter table {table} add primary key ({listed})"
            if is_primary
            else f"create unique index on {table} ({listed})"
        )
        try:
            async with connection.transaction():
                await connection.execute(statement)
        except asyncpg.ProgramLimitExceededError as error:
            # An index holds values up to a third of a page; a text from a source may be longer.
            problems.append(f"{relation.name} has no index on {', '.join(columns)}: {error}")
        else:
            has_primary = has_primary or is_primary
    return problems


def _texts(columns: Mapping[str, str]) -> Iterator[str]:
    for name, kind in columns.items():
        column = identifier(name)
        if kind == "text":
            yield _escaped(f"{column}::varchar")
        elif kind in _DATED:
            yield f"replace({column}::varchar, ' (BC)', ' BC')"
        else:
            yield column


def _escaped(text: str) -> str:
    """The text with the signs of the format escaped; a NUL, which no text has there, replaced."""
    for found, written in (
        ("chr(0)", "chr(65533)"),
        ("chr(92)", r"'\\'"),
        ("chr(10)", r"'\n'"),
        ("chr(13)", r"'\r'"),
        ("chr(9)", r"'\t'"),
    ):
        text = f"replace({text}, {found}, {written})"
    return text
