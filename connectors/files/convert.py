"""Turn a file's text into what its columns declare, or say of which row's value it can't be done.

The lake casts plain forms (1234.5, 2026-01-31) exactly; here a file's own forms become those:
decimal commas, thousands, its words for true and null, its formats of dates, its naive times.
"""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import RawColumn, Reject
from connectors.casting import UNPARSEABLE, cast_column
from connectors.columns import Column
from connectors.entities import FieldType
from connectors.file_source import Stream
from connectors.files.rows import BAD_ENCODING, Rows
from connectors.files.times import Faults, faults_of, is_text, to_days, to_instants
from connectors.plain_json import python_values, whole_record
from connectors.source_parts import raw_column


def to_records(rows: Rows, stream: Stream) -> tuple[pa.Table, list[Reject]]:
    """A batch's records in the lake's plain forms, and the rejects of those that can't be.

    The table has the declared columns that the file has, and RECORD_COLUMNS but `_deleted`.
    """
    columns: dict[str, pa.Array] = {}
    faults: Faults = {}
    for name, values in rows.columns.items():
        columns[name], found = _read(values, stream.columns[name], stream)
        for row, (reason, why) in found.items():
            faults.setdefault(row, (reason, f"{name}: {why}"))
    count = len(rows.origins)
    extras = pa.nulls(count, pa.string()) if rows.extras is None else rows.extras
    ids = _record_ids(columns, stream)
    # An origin ends in the row's line, or its number.
    places = pc.replace_substring_regex(rows.origins, "(?s)^.*:", "").cast(pa.int64())
    table = pa.table(
        {
            **columns,
            "_record_id": ids,
            "_origin": rows.origins,
            "_extra": extras,
            "_position": places,
        }
    )
    unread = [replace(r, position=int(r.origin.rpartition(":")[2])) for r in rows.rejects]
    if not faults:
        return table, unread
    rejects = [*unread, *_rejected(rows, table, faults)]
    keep = pc.invert(pc.is_in(pa.array(range(count)), value_set=pa.array(list(faults))))
    return table.filter(keep), rejects


def _rejected(rows: Rows, table: pa.Table, faults: Faults) -> list[Reject]:
    faulty = pa.array(sorted(faults), pa.int64())
    held = {name: python_values(values.take(faulty)) for name, values in rows.columns.items()}
    told = table.select(["_record_id", "_origin", "_extra", "_position"]).take(faulty).to_pylist()
    return [
        Reject(
            record_id=about["_record_id"],
            origin=about["_origin"],
            reason=faults[row][0],
            detail=faults[row][1],
            record=whole_record({name: held[name][place] for name in held}, about["_extra"]),
            position=about["_position"],
        )
        for place, (row, about) in enumerate(zip(faulty.to_pylist(), told, strict=True))
    ]


def _record_ids(columns: Mapping[str, pa.Array], stream: Stream) -> pa.Array:
    parts = [_as_key(columns[name], name, stream.columns[name]) for name in stream.key]
    if len(parts) == 1:
        return parts[0]
    escaped = [
        pc.replace_substring(pc.replace_substring(part, "\\", "\\\\"), "|", "\\|") for part in parts
    ]
    joined: pa.Array = pc.binary_join_element_wise(*escaped, "|", null_handling="emit_null")
    return joined


def _as_key(values: pa.Array, name: str, column: Column) -> pa.Array:
    """One spelling of each key, whatever else is in its batch: 007 and 7 are one integer."""
    if column.type is FieldType.TEXT and is_text(values):
        return values.cast(pa.string())
    typed, _ = cast_column(pa.chunked_array([values]), raw_column(name, column))
    raw, _ = cast_column(pa.chunked_array([values]), RawColumn(name, FieldType.TEXT))
    spelled = pc.coalesce(typed.cast(pa.string()), raw)
    return spelled.combine_chunks()


def _read(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, Faults]:
    text, faults = _as_text(values, column)
    if pa.types.is_string(text.type):
        words = stream.null_words if column.null_words is None else column.null_words
        is_nothing = pc.is_in(text, value_set=pa.array(words, pa.string()))
        text = pc.if_else(is_nothing, pa.scalar(None, pa.string()), text)
    read, more = _convert(text, column, stream)
    return read, more | faults


def _as_text(values: pa.Array, column: Column) -> tuple[pa.Array, Faults]:
    """Values as text where the file holds text in another dress; typed ones as they are."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    is_truth = pa.types.is_integer(kind) and column.type is FieldType.BOOLEAN
    if is_truth or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string()), {}
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        return values, {}
    text: list[str | None] = []
    faults: Faults = {}
    for row, value in enumerate(values.to_pylist()):
        try:
            text.append(None if value is None else value.decode())
        except UnicodeDecodeError:
            text.append(None)
            faults[row] = (BAD_ENCODING, f"{value!r} is not UTF-8")
    return pa.array(text, pa.string()), faults


def _convert(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, Faults]:
    if column.type is FieldType.TIMESTAMP:
        return to_instants(values, column, stream)
    if column.type is FieldType.DATE:
        return to_days(values, column)
    if not is_text(values):
        return values, {}
    if column.type in (FieldType.INTEGER, FieldType.DECIMAL):
        return _plain_numbers(values, column, stream)
    if column.type is FieldType.BOOLEAN:
        return _plain_booleans(values, column), {}
    return values, {}


def _plain_numbers(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, Faults]:
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
    faults = faults_of(
        values,
        pc.invert(readable),
        lambda v: (UNPARSEABLE, f"{v!r} is no number written with a {told}"),
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
