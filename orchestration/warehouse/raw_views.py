"""The raw tables as SQL views over the files of a pinned version."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import pyarrow as pa

from connectors.base import RawColumn
from connectors.casting import arrow_type
from connectors.columns import Column
from connectors.entities import FieldType
from connectors.source_parts import DeclaredStream
from connectors.sources import Source
from orchestration.warehouse.dialects import Dialect
from orchestration.warehouse.freshness import BindError
from orchestration.warehouse.pins import Pin
from orchestration.warehouse.sql import TYPES

RAW_META: Final = {
    "_record_id": "string",
    "_seq": "bigint",
    "_origin": "string",
    "_extra": "string",
    "_loaded_at": "timestamp",
    "_run_id": "string",
    "_deleted": "boolean",
    "_reject_reason": "string",
    "_reject_detail": "string",
}
"""What every raw table has beside the declared columns."""


def column_type(column: Column) -> str:
    """The type of a declared column in its raw view."""
    if column.type is FieldType.DECIMAL:
        return f"decimal({column.precision}, {column.scale})"
    return TYPES[column.type]


def raw_columns(stream: DeclaredStream) -> dict[str, str]:
    """The columns of a stream's raw view with their types, in order."""
    return {name: column_type(column) for name, column in stream.columns.items()} | RAW_META


def raw_view(stream: DeclaredStream, pin: Pin, known_at: datetime | None, dialect: Dialect) -> str:
    """The query of `raw_<source>.<stream>`: the declared columns as declared, instants in UTC.

    What was loaded after `known_at` (naive, UTC; None: never) is left out, and what was left by a
    load that did not come to its end. A column that no file has is null, and a stream without files
    has no rows. Raises BindError for a column that the lake holds in another type than it has now.
    """
    columns = raw_columns(stream)
    if not pin.files or pin.schema is None:
        return empty_query(columns, dialect)
    held = {field.name: field.type for field in pin.schema}
    _check_types(stream, held)
    listed = ",\n    ".join(
        f"{_typed(name, held.get(name), kind, dialect)} as {dialect.identifier(name)}"
        for name, kind in columns.items()
    )
    rows = f"select\n    {listed}\nfrom {dialect.rows(pin)}"
    limits = [limit for limit in (pin.rows_until, known_at) if limit is not None]
    if not limits:
        return rows
    return (
        f"select * from ({rows})\nwhere _loaded_at <= timestamp {dialect.literal(str(min(limits)))}"
    )


def kind_view(
    kind: str, stream: DeclaredStream, sources: Iterable[Source], dialect: Dialect
) -> str:
    """The query of `bound_<kind>.<stream>`: every version, rejects too, of all sources of a kind.

    Each row has its `source` before the columns of `raw_<source>.<stream>`; without a source of the
    kind that reads the stream there are none.
    """
    columns = raw_columns(stream)
    listed = ", ".join(dialect.identifier(name) for name in columns)
    queries = [
        f"select {dialect.literal(source.name)} as source, {listed} "
        f"from {dialect.identifier(f'raw_{source.name}', stream.name)}"
        for source in sources
        if source.kind == kind and any(own.name == stream.name for own in source.streams)
    ]
    return "\nunion all\n".join(queries) or empty_query({"source": "string"} | columns, dialect)


def instant(stream: DeclaredStream, name: str, dialect: Dialect) -> str:
    """A date or timestamp column as an instant in UTC; a day is midnight in the stream's zone."""
    if stream.columns[name].type is not FieldType.DATE:
        return dialect.identifier(name)
    return zoned(stream, f"cast({dialect.identifier(name)} as timestamp)", dialect)


def zoned(stream: DeclaredStream, sql: str, dialect: Dialect) -> str:
    """A time on the wall in the stream's zone as an instant in UTC."""
    return dialect.on_the_wall(sql, dialect.literal(stream.time_zone))


def empty_query(columns: Mapping[str, str], dialect: Dialect) -> str:
    """A query with these columns and no rows."""
    nulls = ", ".join(
        f"cast(null as {kind}) as {dialect.identifier(name)}" for name, kind in columns.items()
    )
    return f"select {nulls} where false"


def _check_types(stream: DeclaredStream, held: Mapping[str, pa.DataType]) -> None:
    for name, column in stream.columns.items():
        declared = arrow_type(RawColumn(name, column.type, column.precision, column.scale))
        if held.get(name, declared) != declared:
            raise BindError(
                f"Column {name} of stream {stream.name} is declared as {declared} in sources.yml, "
                f"and the lake holds it as {held[name]}. Restore its type there, or give the "
                "column a new name beside the old one."
            )


def _typed(name: str, held: pa.DataType | None, kind: str, dialect: Dialect) -> str:
    column = dialect.identifier(name)
    if held is None:
        return f"cast(null as {kind})"
    if pa.types.is_timestamp(held) and held.tz is not None:
        column = dialect.in_utc(column)
    return f"cast({column} as {kind})"
