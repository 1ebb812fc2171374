"""A few rows of a table as text, for the web UI; personal fields are left out.

Run history outlives the tables, and an erasure does not reach it.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import duckdb
from dagster import MarkdownMetadataValue, MetadataValue

from connectors.entities import FieldType
from connectors.scratch import scratch
from connectors.source_parts import DeclaredStream
from orchestration.warehouse.sql import identifier, literal

_PERSONAL: Final = frozenset({"email", "email_normalised", "phone", "full_name"})
"""Fields that tell of a person who or where they are."""

_ROWS: Final = 5
_MAX_LENGTH: Final = 60


def preview_of_files(stream: DeclaredStream, files: Sequence[str]) -> MarkdownMetadataValue | None:
    """The newest rows of a raw table's files; None where there are none on this machine."""
    columns = _columns_to_show(stream)
    record_id = ["_record_id"] if set(stream.key) <= set(columns) else []
    shown = [*record_id, *columns, "_origin", "_reject_reason", "_loaded_at"]
    if not files or any("://" in file for file in files):
        return None
    listed = ", ".join(literal(file) for file in files)
    with scratch() as connection:
        # Files from before a column was declared don't have it.
        rows = f"read_parquet([{listed}], union_by_name = true)"
        order = "_loaded_at desc nulls last, _seq desc nulls last"
        return _preview(connection, rows, shown, order)


def preview_of_table(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, personal: Collection[str]
) -> MarkdownMetadataValue:
    """Some rows of a table of the warehouse, without its `personal` columns."""
    name = identifier(schema, table)
    described = connection.execute(f"describe {name}").fetchall()
    shown = [column for column, *_ in described if column not in personal]
    return _preview(connection, name, shown, None)


def _preview(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: Sequence[str], order: str | None
) -> MarkdownMetadataValue:
    listed = ", ".join(identifier(column) for column in columns)
    ordered = f"order by {order}" if order else ""
    found = connection.execute(f"select {listed} from {rows} {ordered} limit {_ROWS}").fetchall()
    return MetadataValue.md(markdown_table(columns, found))


def markdown_table(columns: Collection[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table as Markdown; a cell is one line, and cut where it is long."""
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 1]}…"


def _columns_to_show(stream: DeclaredStream) -> list[str]:
    """The columns that fill something, and nothing personal."""
    if not stream.fills:
        # What people write about people is text.
        return [
            name
            for name, column in stream.columns.items()
            if name in stream.key or column.type is not FieldType.TEXT
        ]
    filling: dict[str, bool] = {}
    for fill in stream.fills:
        for field, value in fill.values.items():
            for column in value.columns:
                filling[column] = filling.get(column, False) or field in _PERSONAL
    return [name for name in stream.columns if filling.get(name) is False]
