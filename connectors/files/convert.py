"""Turn a file's text into what its columns declare, or say of which row's value it can't be done.

The lake casts plain forms (1234.5, 2026-01-31) exactly; here a file's own forms become those:
decimal commas, thousands, its words for true and null, its formats of dates, its naive times.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Reject
from connectors.columns import EPOCHS, Column
from connectors.entities import FieldType
from connectors.files.rows import UNPARSEABLE, Rows
from connectors.sources import Stream

_ISO: Final = (
    r"^\s*\d{4}-\d{2}-\d{2}"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|z|[+-]\d{2}(?::?\d{2})?)?)?\s*$"
)
_WITH_OFFSET: Final = r"\d{2}:\d{2}.*(?:Z|z|[+-]\d{2}(?::?\d{2})?)\s*$"
_FINER: Final = r"[.,]\d{6}\d*[1-9]"
_INSTANT: Final = pa.timestamp("us", tz="UTC")

_Faults = dict[int, str]
"""The rows whose value can't be read, and why."""


def to_records(rows: Rows, stream: Stream) -> tuple[pa.Table, list[Reject]]:
    """A batch's records in the lake's plain forms, and the rejects of those that can't be.

    The table has the declared columns that the file has, `_record_id`, `_origin` and `_extra`.
    """
    columns: dict[str, pa.Array] = {}
    faults: _Faults = {}
    for name, values in rows.columns.items():
        column = stream.columns[name]
        columns[name], found = _convert(_nulled(values, column, stream), column, stream)
        for row, why in found.items():
            faults.setdefault(row, f"{name}: {why}")
    count = len(rows.origins)
    extras = rows.extras if rows.extras is not None else [None] * count
    ids = _record_ids(columns, stream)
    table = pa.table(
        {
            **columns,
            "_record_id": ids,
            "_origin": pa.array(rows.origins, pa.string()),
            "_extra": pa.array(extras, pa.string()),
        }
    )
    if not faults:
        return table, list(rows.rejects)
    rejects = [*rows.rejects, *_rejected(rows, ids, extras, faults)]
    keep = pa.array([row not in faults for row in range(count)])
    return table.filter(keep), rejects


def _rejected(rows: Rows, ids: pa.Array, extras: Any, faults: _Faults) -> list[Reject]:
    return [
        Reject(
            record_id=ids[row].as_py(),
            origin=rows.origins[row],
            reason=UNPARSEABLE,
            detail=faults[row],
            record=json.dumps(
                {name: values[row].as_py() for name, values in rows.columns.items()}
                | (json.loads(extras[row]) if extras[row] else {}),
                default=str,
                ensure_ascii=False,
            ),
        )
        for row in sorted(faults)
    ]


def _record_ids(columns: Mapping[str, pa.Array], stream: Stream) -> pa.Array:
    parts = [_as_key(columns[name], stream.columns[name]) for name in stream.key]
    if len(parts) == 1:
        return parts[0]
    escaped = [
        pc.replace_substring(pc.replace_substring(part, "\\", "\\\\"), "|", "\\|") for part in parts
    ]
    joined: pa.Array = pc.binary_join_element_wise(*escaped, "|", null_handling="emit_null")
    return joined


def _as_key(values: pa.Array, column: Column) -> pa.Array:
    """One spelling of each key: 007 and 7 are one integer."""
    if column.type is FieldType.INTEGER and pa.types.is_string(values.type):
        try:
            values = values.cast(pa.int64())
        except pa.ArrowInvalid:
            return values
    try:
        return values.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())


def _is_text(values: pa.Array) -> bool:
    found: bool = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return found


def _nulled(values: pa.Array, column: Column, stream: Stream) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if not _is_text(values):
        return values
    words = stream.null_words if column.null_words is None else column.null_words
    values = values.cast(pa.string())
    return pc.if_else(
        pc.is_in(values, value_set=pa.array(words, pa.string())),
        pa.scalar(None, pa.string()),
        values,
    )


def _convert(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, _Faults]:
    if column.type is FieldType.TIMESTAMP:
        return _instants(values, column, stream)
    if not _is_text(values):
        return values, {}
    if column.type in (FieldType.INTEGER, FieldType.DECIMAL):
        return _plain_numbers(values, column, stream)
    if column.type is FieldType.BOOLEAN:
        return _plain_booleans(values, column), {}
    if column.type is FieldType.DATE and column.format:
        return _days(values, column)
    return values, {}


def _faults(values: pa.Array, faulty: pa.Array, why: Callable[[str], str]) -> _Faults:
    rows = pc.indices_nonzero(pc.fill_null(faulty, False)).to_pylist()
    return {row: why(values[row].as_py()) for row in rows}


def _plain_numbers(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, _Faults]:
    comma = stream.csv.decimal_comma if column.decimal_comma is None else column.decimal_comma
    thousands = column.thousands or stream.csv.thousands
    if not comma and thousands is None:
        return values, {}
    point = "," if comma else "."
    whole = (
        r"\d+" if thousands is None else rf"(?:\d{{1,3}}(?:[{_escaped(thousands)}]\d{{3}})+|\d+)"
    )
    pattern = rf"^\s*[+-]?{whole}(?:[{point}]\d+)?\s*$"
    readable = pc.match_substring_regex(values, pattern)
    plain = values if thousands is None else pc.replace_substring(values, thousands, "")
    plain = pc.replace_substring(plain, point, ".")
    told = f"decimal {'comma' if comma else 'point'}"
    told += "" if thousands is None else f" and {thousands!r} between thousands"
    faults = _faults(
        values, pc.invert(readable), lambda v: f"{v!r} is no number written with a {told}"
    )
    return plain, faults


def _escaped(character: str) -> str:
    return "\\" + character if character in "\\]^-" else character


def _plain_booleans(values: pa.Array, column: Column) -> pa.Array:
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    for told, words in (("true", column.true_words), ("false", column.false_words)):
        held = pa.array([word.lower() for word in words], pa.string())
        values = pc.if_else(pc.is_in(lowered, value_set=held), told, values)
    return values


def _days(values: pa.Array, column: Column) -> tuple[pa.Array, _Faults]:
    days = _parsed(values, column.format).cast(pa.date32())
    return days, _unread(values, days, column)


def _unread(values: pa.Array, read: pa.Array, column: Column) -> _Faults:
    told = " or ".join(column.format)
    faulty = pc.and_(pc.is_valid(values), pc.is_null(read))
    return _faults(values, faulty, lambda v: f"{v!r} is not written as {told}")


def _parsed(values: pa.Array, formats: tuple[str, ...]) -> pa.Array:
    """Naive times that DuckDB's strptime reads; null where no format fits."""
    literals = ", ".join("'" + written.replace("'", "''") + "'" for written in formats)
    return _read_as(f"try_strptime(text, [{literals}])::timestamp", values, pa.timestamp("us"))


def _instants(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, _Faults]:
    zone = column.time_zone or stream.time_zone
    if not _is_text(values):
        return _typed_instants(values, zone, stream)
    if column.format:
        return _formatted_instants(values, column, zone, stream)
    readable = pc.fill_null(pc.match_substring_regex(values, _ISO), False)
    finer = pc.fill_null(pc.match_substring_regex(values, _FINER), False)
    fitting = pc.and_(readable, pc.invert(finer))
    plain = pc.replace_substring(pc.if_else(fitting, values, None), ",", ".")
    with_offset = pc.fill_null(pc.match_substring_regex(plain, _WITH_OFFSET), False)
    naive = _read_as(
        "try_cast(trim(text) as timestamp)",
        pc.if_else(with_offset, None, plain),
        pa.timestamp("us"),
    )
    local, faults = _localised(naive, zone, stream)
    absolute = _read_as(
        "try_cast(trim(text) as timestamptz)", pc.if_else(with_offset, plain, None), _INSTANT
    )
    instants = pc.coalesce(absolute, local)
    unread = pc.and_(pc.is_valid(values), pc.is_null(instants))
    for row, why in _faults(values, unread, _why_no_time).items():
        faults.setdefault(row, why)
    return instants, faults


def _why_no_time(value: str) -> str:
    if pc.match_substring_regex(pa.array([value]), _FINER)[0].as_py():
        return f"{value!r} is finer than a microsecond"
    return f"{value!r} is no time such as 2026-01-31 18:00:00 (or give the column its `format`)"


def _read_as(expression: str, values: pa.Array, type_: pa.DataType) -> pa.Array:
    """DuckDB's reading of each `text`, in their order."""
    held = pa.table({"place": pa.array(range(len(values)), pa.int64()), "text": values})
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("held", held)
        query = f"select {expression} as found from held order by place"  # noqa: S608 (our own)
        found: pa.ChunkedArray = connection.sql(query).to_arrow_table().column("found")
    return found.combine_chunks().cast(type_)


def _formatted_instants(
    values: pa.Array, column: Column, zone: str, stream: Stream
) -> tuple[pa.Array, _Faults]:
    epochs = [name for name in column.format if name in EPOCHS]
    written = tuple(name for name in column.format if name not in EPOCHS)
    absolute = tuple(name for name in written if "%z" in name or "%Z" in name)
    naive = tuple(name for name in written if name not in absolute)
    instants: pa.Array = pa.nulls(len(values), _INSTANT)
    for name in epochs:
        instants = pc.coalesce(instants, _epoch(values, EPOCHS[name]))
    if absolute:
        read = pc.assume_timezone(_parsed(values, absolute), "UTC")
        instants = pc.coalesce(instants, read)
    faults: _Faults = {}
    if naive:
        local, faults = _localised(_parsed(values, naive), zone, stream)
        instants = pc.coalesce(instants, local)
        faults = {row: why for row, why in faults.items() if not instants[row].is_valid}
    for row, why in _unread(values, instants, column).items():
        faults.setdefault(row, why)
    return instants, faults


def _epoch(values: pa.Array, microseconds: int) -> pa.Array:
    whole = pc.match_substring_regex(values, r"^\s*-?\d{1,15}\s*$")
    count = pc.utf8_trim_whitespace(pc.if_else(whole, values, None)).cast(pa.int64())
    try:
        return pc.multiply_checked(count, microseconds).cast(_INSTANT)
    except pa.ArrowInvalid:
        return pa.nulls(len(values), _INSTANT)


def _typed_instants(values: pa.Array, zone: str, stream: Stream) -> tuple[pa.Array, _Faults]:
    """Times that the file holds typed: those without a zone are local, the rest stay."""
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("us"))
    if not pa.types.is_timestamp(values.type) or values.type.tz is not None:
        return values, {}
    try:
        return _localised(values.cast(pa.timestamp("us")), zone, stream)
    except pa.ArrowInvalid:
        return values, {}


def _localised(naive: pa.Array, zone: str, stream: Stream) -> tuple[pa.Array, _Faults]:
    """Local times as instants; those that a change of clocks skips, or repeats, as declared."""
    early = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest")
    late = pc.assume_timezone(naive, zone, ambiguous="latest", nonexistent="latest")
    chosen = late if stream.ambiguous_times == "later" else early
    differing = pc.indices_nonzero(pc.fill_null(pc.not_equal(early, late), False)).to_pylist()
    faults: _Faults = {}
    for row in differing:
        told = naive[row].as_py()
        if pc.local_timestamp(early[row]).as_py() != told:
            faults[row] = f"{told} is no time in {zone}: the clocks went past it"
        elif stream.ambiguous_times == "reject":
            faults[row] = (
                f"{told} came twice in {zone}, as the clocks went back; choose with "
                "`ambiguous_times: earlier` or `later`"
            )
    return chosen.cast(_INSTANT), faults
