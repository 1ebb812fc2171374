"""The entities of the input layer as SQL views over the streams that fill them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from connectors.entities import Entity, Field, FieldType
from connectors.mapping import ABSENT, PRESENT, Condition, Fill, Value, vocabulary
from connectors.sources import Source, Stream
from orchestration.warehouse.raw_views import empty_query, instant
from orchestration.warehouse.sql import TYPES, identifier, literal

_AMOUNT: Final = "decimal(18, 6)"
_RATE: Final = "decimal(28, 12)"
_META: Final = {
    "_record_id": "varchar",
    "_fill": "integer",
    "_origin": "varchar",
    "_seq": "bigint",
    "_loaded_at": "timestamp",
    "_run_id": "varchar",
    "_deleted": "boolean",
}

_REJECTS: Final = {
    "source": "varchar",
    "stream": "varchar",
    "entity": "varchar",
    "source_record_id": "varchar",
    "reason": "varchar",
    "detail": "varchar",
    "seq": "bigint",
    "run_id": "varchar",
    "loaded_at": "timestamp",
}


def field_type(entity: Entity, field: Field) -> str:
    """The column type of a field of a bound entity."""
    if field.type is FieldType.DECIMAL:
        return _RATE if entity.name == "exchange_rates" else _AMOUNT
    return TYPES[field.type]


def entity_columns(entity: Entity) -> dict[str, str]:
    """The columns of `raw_files.<entity>` with their types, in order."""
    columns = {"source": "varchar", "stream": "varchar", "record_key": "varchar"}
    for field in entity.fields:
        columns[field.name] = field_type(entity, field)
        if field.is_word:
            columns[f"{field.name}_vocabulary"] = "varchar"
    return columns | _META


def entity_view(entity: Entity, sources: Iterable[Source]) -> str:
    """The query of `raw_files.<entity>`: every fill of it, or no rows where nobody fills it."""
    fills = [
        _fill_query(entity, source, stream, position, fill)
        for source in sources
        for stream in source.streams
        for position, fill in enumerate(stream.fills)
        if fill.entity == entity.name
    ]
    return "\nunion all\n".join(fills) or empty_query(entity_columns(entity))


def rejects_view(sources: Iterable[Source]) -> str:
    """The query of `raw_files.rejects`: every rejected version, once for each entity it had filled.

    Those of a stream that fills none are in its own view.
    """
    queries = [
        _rejects_query(source, stream, entity)
        for source in sources
        for stream in source.streams
        for entity in sorted({fill.entity for fill in stream.fills})
    ]
    return "\nunion all\n".join(queries) or empty_query(_REJECTS)


def raw_address(source: Source, stream: Stream) -> str:
    """The quoted address of a stream's own view."""
    return identifier(f"raw_{source.name}", stream.name)


def _rejects_query(source: Source, stream: Stream, entity: str) -> str:
    columns = {
        "source": literal(source.name),
        "stream": literal(stream.name),
        "entity": literal(entity),
        "source_record_id": "_record_id",
        "reason": "_reject_reason",
        "detail": "_reject_detail",
        "seq": "_seq",
        "run_id": "_run_id",
        "loaded_at": "_loaded_at",
    }
    listed = ", ".join(f"{sql} as {identifier(name)}" for name, sql in columns.items())
    return f"select {listed} from {raw_address(source, stream)} where _reject_reason is not null"


def _fill_query(entity: Entity, source: Source, stream: Stream, position: int, fill: Fill) -> str:
    columns = {"source": literal(source.name), "stream": literal(stream.name)}
    filled = {
        field.name: _value(stream, entity, field, fill.values.get(field.name))
        for field in entity.fields
    }
    columns["record_key"] = _record_key(entity, filled)
    for field in entity.fields:
        columns[field.name] = filled[field.name]
        if field.is_word:
            words = _words_of(source, stream, field, fill.values.get(field.name))
            name = f"{field.name}_vocabulary"
            columns[name] = f"case when {filled[field.name]} is not null then {words} end"
    columns |= {name: identifier(name) for name in _META}
    columns["_fill"] = f"cast({position} as integer)"
    columns["_deleted"] = _deleted(fill.where)
    listed = ",\n    ".join(f"{sql} as {identifier(name)}" for name, sql in columns.items())
    return f"select\n    {listed}\nfrom {raw_address(source, stream)}\nwhere _reject_reason is null"


def _value(stream: Stream, entity: Entity, field: Field, value: Value | None) -> str:
    kind = field_type(entity, field)
    if value is None:
        return f"cast(null as {kind})"
    if value.constant is not None:
        return _constant(stream, field, value, kind)
    if value.join:
        parts = [f"cast({identifier(name)} as varchar)" for name in value.join]
        return f" || {literal(value.separator)} || ".join(parts)
    columns = [_column(stream, name, field, kind) for name in value.columns]
    if len(columns) > 1:
        return f"coalesce({', '.join(columns)})"
    return _renamed(columns[0], value.words)


def _column(stream: Stream, name: str, field: Field, kind: str) -> str:
    if field.type is FieldType.TIMESTAMP:
        return instant(stream, name)
    return f"cast({identifier(name)} as {kind})"


def _constant(stream: Stream, field: Field, value: Value, kind: str) -> str:
    constant = value.constant
    if field.type is FieldType.TIMESTAMP and isinstance(constant, datetime):
        if constant.tzinfo is not None:
            constant = constant.astimezone(UTC).replace(tzinfo=None)
    elif field.type is FieldType.TIMESTAMP and isinstance(constant, date):
        zone = ZoneInfo(stream.time_zone)
        midnight = datetime(constant.year, constant.month, constant.day, tzinfo=zone)
        constant = midnight.astimezone(UTC).replace(tzinfo=None)
    text = constant.isoformat() if isinstance(constant, date) else str(constant)
    return f"cast({literal(text)} as {kind})"


def _renamed(sql: str, words: Mapping[str, str]) -> str:
    if not words:
        return sql
    cases = " ".join(
        f"when {literal(word)} then {literal(meaning)}" for word, meaning in words.items()
    )
    return f"case {sql} {cases} else {sql} end"


def _words_of(source: Source, stream: Stream, field: Field, value: Value | None) -> str:
    if value is None:
        return "cast(null as varchar)"
    return literal(vocabulary(source.name, stream.name, field.name, value))


def _record_key(entity: Entity, filled: Mapping[str, str]) -> str:
    required = [name for name in entity.key if entity.field(name).required]
    present = " and ".join(f"{filled[name]} is not null" for name in required)
    parts = " || '|' || ".join(
        f"coalesce(cast({filled[name]} as varchar), '')" for name in entity.key
    )
    return f"case when {present} then {parts} end"


def _deleted(where: Mapping[str, Condition]) -> str:
    conditions = [_condition(name, condition) for name, condition in where.items()]
    met = " and ".join(f"coalesce({condition}, false)" for condition in conditions)
    return f"_deleted or not ({met})" if met else "_deleted"


def _condition(name: str, condition: Condition) -> str:
    column = identifier(name)
    if condition == PRESENT:
        return f"{column} is not null"
    if condition == ABSENT:
        return f"{column} is null"
    words = (condition,) if isinstance(condition, str) else condition
    return f"cast({column} as varchar) in ({', '.join(literal(word) for word in words)})"
