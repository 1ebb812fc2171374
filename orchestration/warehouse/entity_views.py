"""The entities of the input layer as SQL views over the streams that fill them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from connectors.casting import OUT_OF_RANGE
from connectors.columns import Column
from connectors.entities import ENTITIES, Entity, Field, FieldType
from connectors.mapping import ABSENT, PRESENT, Condition, Fill, Value, vocabulary
from connectors.source_parts import DeclaredStream
from connectors.sources import Source
from orchestration.warehouse.dialects import Dialect
from orchestration.warehouse.raw_views import empty_query, instant, zoned
from orchestration.warehouse.sql import TYPES

_META: Final = {
    "_record_id": "string",
    "_fill": "integer",
    "_origin": "string",
    "_seq": "bigint",
    "_loaded_at": "timestamp",
    "_run_id": "string",
    "_deleted": "boolean",
}

_LARGEST_INTEGER: Final = 19
"""The digits of the largest integer that a raw table holds."""

_REJECTS: Final = {
    "source": "string",
    "stream": "string",
    "entity": "string",
    "source_record_id": "string",
    "reason": "string",
    "detail": "string",
    "origin": "string",
    "seq": "bigint",
    "run_id": "string",
    "loaded_at": "timestamp",
}


def field_type(field: Field) -> str:
    """The column type of a field of a bound entity."""
    if field.type is FieldType.DECIMAL:
        return f"decimal({field.precision}, {field.scale})"
    return TYPES[field.type]


def entity_columns(entity: Entity) -> dict[str, str]:
    """The columns of `raw_files.<entity>` with their types, in order."""
    columns = {"source": "string", "stream": "string", "record_key": "string"}
    for field in entity.fields:
        columns[field.name] = field_type(field)
        if field.is_word:
            columns[f"{field.name}_vocabulary"] = "string"
    return columns | _META


def entity_view(entity: Entity, sources: Iterable[Source], dialect: Dialect) -> str:
    """The query of `raw_files.<entity>`: every fill of it, or no rows where nobody fills it."""
    fills = [
        _fill_query(entity, source, stream, fill, position=position, dialect=dialect)
        for source in sources
        for stream in source.streams
        for position, fill in enumerate(stream.fills)
        if fill.entity == entity.name
    ]
    return "\nunion all\n".join(fills) or empty_query(entity_columns(entity), dialect)


def rejects_view(sources: Iterable[Source], dialect: Dialect) -> str:
    """The query of `raw_files.rejects`: every rejected version, once for each entity it had filled.

    So is a version with a number that is too large for a field of that entity. What a stream that
    fills nothing rejected is in its own view.
    """
    queries = [
        _rejects_query(source, stream, entity, dialect)
        for source in sources
        for stream in source.streams
        for entity in sorted({fill.entity for fill in stream.fills})
    ]
    return "\nunion all\n".join(queries) or empty_query(_REJECTS, dialect)


def raw_address(source: Source, stream: DeclaredStream, dialect: Dialect) -> str:
    """The quoted address of a stream's own view."""
    return dialect.identifier(f"raw_{source.name}", stream.name)


def _rejects_query(source: Source, stream: DeclaredStream, entity: str, dialect: Dialect) -> str:
    too_large = _too_large(stream, ENTITIES[entity], dialect)
    rejected = " or ".join(["_reject_reason is not null", *too_large])
    details = " ".join(
        f"when {condition} then {dialect.literal(detail)}"
        for condition, detail in too_large.items()
    )
    columns = {
        "source": dialect.literal(source.name),
        "stream": dialect.literal(stream.name),
        "entity": dialect.literal(entity),
        "source_record_id": "_record_id",
        "reason": f"coalesce(_reject_reason, {dialect.literal(OUT_OF_RANGE)})",
        "detail": f"case {details} else _reject_detail end" if details else "_reject_detail",
        "origin": "_origin",
        "seq": "_seq",
        "run_id": "_run_id",
        "loaded_at": "_loaded_at",
    }
    listed = ", ".join(f"{sql} as {dialect.identifier(name)}" for name, sql in columns.items())
    return f"select {listed} from {raw_address(source, stream, dialect)} where {rejected}"


def _too_large(stream: DeclaredStream, entity: Entity, dialect: Dialect) -> dict[str, str]:
    """Conditions of rows with a number that a field of the entity can't hold, and what to say."""
    found = {}
    for fill in stream.fills:
        if fill.entity != entity.name:
            continue
        for name, value in fill.values.items():
            field = entity.field(name)
            room = field.precision - field.scale
            for column in value.columns if field.type is FieldType.DECIMAL else ():
                if _digits(stream.columns[column]) > room:
                    # In full: 1e12 would compare as a float, and round what it compares with.
                    limit, number = "1" + "0" * room, dialect.identifier(column)
                    found[f"({number} <= -{limit} or {number} >= {limit})"] = (
                        f"{column}: more than {room} digits before the point, too many for {name}"
                    )
    return found


def _digits(column: Column) -> int:
    """The digits before the point of the largest number in a column."""
    if column.type is FieldType.INTEGER:
        return _LARGEST_INTEGER
    return column.precision - column.scale


def _fill_query(
    entity: Entity,
    source: Source,
    stream: DeclaredStream,
    fill: Fill,
    *,
    position: int,
    dialect: Dialect,
) -> str:
    columns = {"source": dialect.literal(source.name), "stream": dialect.literal(stream.name)}
    filled = {
        field.name: _value(stream, field, fill.values.get(field.name), dialect)
        for field in entity.fields
    }
    columns["record_key"] = _record_key(entity, filled)
    for field in entity.fields:
        columns[field.name] = filled[field.name]
        if field.is_word:
            words = _words_of(source, stream, field, fill.values.get(field.name), dialect)
            name = f"{field.name}_vocabulary"
            columns[name] = f"case when {filled[field.name]} is not null then {words} end"
    columns |= {name: dialect.identifier(name) for name in _META}
    columns["_fill"] = f"cast({position} as integer)"
    columns["_deleted"] = _deleted(fill.where, dialect)
    listed = ",\n    ".join(f"{sql} as {dialect.identifier(name)}" for name, sql in columns.items())
    fitting = "".join(
        f" and not coalesce({condition}, false)"
        for condition in _too_large(stream, entity, dialect)
    )
    return (
        f"select\n    {listed}\nfrom {raw_address(source, stream, dialect)}\n"
        f"where _reject_reason is null{fitting}"
    )


def _value(stream: DeclaredStream, field: Field, value: Value | None, dialect: Dialect) -> str:
    kind = field_type(field)
    if value is None:
        return f"cast(null as {kind})"
    if value.constant is not None:
        return _constant(stream, field, value, kind, dialect)
    if value.join:
        parts = [f"cast({dialect.identifier(name)} as string)" for name in value.join]
        return f" || {dialect.literal(value.separator)} || ".join(parts)
    columns = [_column(stream, name, field, kind, dialect) for name in value.columns]
    if len(columns) > 1:
        return f"coalesce({', '.join(columns)})"
    return _renamed(columns[0], value.words, dialect)


def _column(stream: DeclaredStream, name: str, field: Field, kind: str, dialect: Dialect) -> str:
    if field.type is FieldType.TIMESTAMP:
        return instant(stream, name, dialect)
    return f"cast({dialect.identifier(name)} as {kind})"


def _constant(
    stream: DeclaredStream, field: Field, value: Value, kind: str, dialect: Dialect
) -> str:
    constant = value.constant
    if isinstance(constant, datetime) and constant.tzinfo is not None:
        constant = constant.astimezone(UTC).replace(tzinfo=None)
    elif field.type is FieldType.TIMESTAMP and isinstance(constant, date):
        # Like a column's: a day is its midnight, and a time without a zone is of the stream's.
        return zoned(stream, f"timestamp {dialect.literal(str(constant))}", dialect)
    return f"cast({dialect.literal(str(constant))} as {kind})"


def _renamed(sql: str, words: Mapping[str, str], dialect: Dialect) -> str:
    if not words:
        return sql
    cases = " ".join(
        f"when {dialect.literal(word)} then {dialect.literal(meaning)}"
        for word, meaning in words.items()
    )
    return f"case {sql} {cases} else {sql} end"


def _words_of(
    source: Source, stream: DeclaredStream, field: Field, value: Value | None, dialect: Dialect
) -> str:
    if value is None:
        return "cast(null as string)"
    return dialect.literal(vocabulary(source.name, stream.name, field.name, value))


def _record_key(entity: Entity, filled: Mapping[str, str]) -> str:
    required = [name for name in entity.key if entity.field(name).required]
    present = " and ".join(f"{filled[name]} is not null" for name in required)
    parts = " || '|' || ".join(
        f"coalesce(cast({filled[name]} as string), '')" for name in entity.key
    )
    return f"case when {present} then {parts} end"


def _deleted(where: Mapping[str, Condition], dialect: Dialect) -> str:
    conditions = [_condition(name, condition, dialect) for name, condition in where.items()]
    met = " and ".join(f"coalesce({condition}, false)" for condition in conditions)
    return f"_deleted or not ({met})" if met else "_deleted"


def _condition(name: str, condition: Condition, dialect: Dialect) -> str:
    column = dialect.identifier(name)
    if condition == PRESENT:
        return f"{column} is not null"
    if condition == ABSENT:
        return f"{column} is null"
    words = (condition,) if isinstance(condition, str) else condition
    return f"cast({column} as string) in ({', '.join(dialect.literal(word) for word in words)})"
