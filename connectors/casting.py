"""Cast a batch to its declared types: exactly, or not at all.

A value that does not fit its column makes its record a reject; nothing is rounded, cut off or
nulled. Whole columns are cast at once where that is exact, and value by value where it is not, so
that only columns with a fault in them pay for finding it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import RawColumn, RawSchema, Reject
from connectors.entities import FieldType
from connectors.plain_json import python_values, to_json, whole_record

UNPARSEABLE: Final = "unparseable"
OUT_OF_RANGE: Final = "out_of_range"
MISSING_KEY: Final = "missing_key"

_LARGEST_INTEGER: Final = 2**63 - 1
_EXACT_FLOAT: Final = 2**53
_PLAIN_NUMBER: Final = r"^[+-]?[0-9]+$"
_PLAIN_DECIMAL: Final = r"^[+-]?[0-9]+(\.[0-9]+)?$"
_TRUTH: Final = r"^(?:true|false)$"
_PLAIN_INSTANT: Final = (
    r"^(?:[1-9][0-9]{3}|0[0-9]{2}[1-9]|0[0-9][1-9][0-9]|0[1-9][0-9]{2})-[0-9]{2}-[0-9]{2}"
    r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+00:?00)$"
)
_UTC: Final = r"(?:Z|\+00:?00)$"
_PLAIN_DATE: Final = (
    r"^(?:[1-9][0-9]{3}|0[0-9]{2}[1-9]|0[0-9][1-9][0-9]|0[1-9][0-9]{2})-[0-9]{2}-[0-9]{2}$"
)


_FIRST_DAY: Final = date.min.toordinal() - date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date.max.toordinal() - date(1970, 1, 1).toordinal()
_MICROSECONDS_A_DAY: Final = 86_400_000_000


class _Misfit(Exception):
    """A value does not fit its column."""

    def __init__(self, reason: str, why: str) -> None:
        super().__init__(why)
        self.reason = reason


def arrow_type(column: RawColumn) -> pa.DataType:
    """The Arrow type in which a declared column lands. Timestamps: microseconds in UTC."""
    match column.type:
        case FieldType.TEXT:
            return pa.string()
        case FieldType.INTEGER:
            return pa.int64()
        case FieldType.DECIMAL:
            return pa.decimal128(column.precision, column.scale)
        case FieldType.BOOLEAN:
            return pa.bool_()
        case FieldType.DATE:
            return pa.date32()
        case FieldType.TIMESTAMP:
            return pa.timestamp("us", tz="UTC")


def cast_records(records: pa.Table, schema: RawSchema) -> tuple[pa.Table, list[Reject]]:
    """The records that fit, with every declared column in its type, and the rejects of the rest.

    A declared column that `records` lacks is null. A record whose key has a null is a reject too.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    faults: dict[int, tuple[str, str]] = {}
    for column in schema.columns:
        if column.name not in records.column_names:
            columns[column.name] = pa.chunked_array([pa.nulls(len(records), arrow_type(column))])
            continue
        columns[column.name], found = cast_column(records.column(column.name), column)
        for row, why in found.items():
            faults.setdefault(row, why)
    for name in schema.key:
        for row in _indices(pc.is_null(columns[name])):
            faults.setdefault(row, (MISSING_KEY, f"{name} is empty; it tells the records apart"))
    typed = records
    for name in (c for c in records.column_names if c in columns):
        typed = typed.drop_columns(name)
    for name, values in columns.items():
        typed = typed.append_column(name, values)
    if not faults:
        return typed, []
    rejects = [_reject(records, row, *faults[row]) for row in sorted(faults)]
    keep = pa.array([row not in faults for row in range(len(records))])
    return typed.filter(keep), rejects


def cast_column(
    values: pa.ChunkedArray, column: RawColumn
) -> tuple[pa.ChunkedArray, dict[int, tuple[str, str]]]:
    """The values in the column's type, null where one does not fit; which do not, and why."""
    cast = _cast_at_once(values, column)
    if cast is not None:
        return cast, {}
    faults: dict[int, tuple[str, str]] = {}
    return _cast_one_by_one(values, column, faults), faults


def _indices(mask: pa.ChunkedArray) -> list[int]:
    found: list[int] = pc.indices_nonzero(mask).to_pylist()
    return found


def _reject(records: pa.Table, row: int, reason: str, detail: str) -> Reject:
    one = records.slice(row, 1)
    held = {name: python_values(one.column(name))[0] for name in records.column_names}
    record = {name: value for name, value in held.items() if not name.startswith("_")}
    return Reject(
        record_id=held.get("_record_id"),
        origin=held.get("_origin") or "",
        reason=reason,
        detail=detail,
        record=whole_record(record, held.get("_extra")),
        deleted=bool(held.get("_deleted")),
        position=held.get("_position"),
    )


def _cast_at_once(values: pa.ChunkedArray, column: RawColumn) -> pa.ChunkedArray | None:
    """The whole column cast, or None where that is not known to be exact for every value."""
    target = arrow_type(column)
    if values.type == target:
        return values if _is_within_years(values) else None
    if pa.types.is_null(values.type):
        return pa.chunked_array([pa.nulls(len(values), target)])
    if pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
        if column.type is FieldType.TEXT:
            return values
    is_safe = _SAFE.get((_kind(values.type), column.type))
    if is_safe is None or not is_safe(values):
        return None
    if column.type is FieldType.TIMESTAMP and pa.types.is_string(values.type):
        values = pc.replace_substring_regex(values, _UTC, "Z")
    try:
        cast = values.cast(target)
    except pa.ArrowInvalid:
        return None
    return cast if _is_within_years(cast) else None


def _is_within_years(values: pa.ChunkedArray) -> bool:
    """Whether days and times lie in the years 1 to 9999; what is neither does."""
    if pa.types.is_date32(values.type):
        counts, least, most = values.cast(pa.int32()), _FIRST_DAY, _LAST_DAY
    elif pa.types.is_timestamp(values.type):
        counts = values.cast(pa.int64())
        least, most = _FIRST_DAY * _MICROSECONDS_A_DAY, (_LAST_DAY + 1) * _MICROSECONDS_A_DAY - 1
    else:
        return True
    found = pc.min_max(counts).as_py()
    return found["min"] is None or (least <= found["min"] and found["max"] <= most)


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_string(type_):
        return "text"
    if pa.types.is_integer(type_):
        return "integer"
    if pa.types.is_decimal(type_):
        return "decimal"
    if pa.types.is_timestamp(type_):
        return "instant" if type_.tz is not None else "naive"
    return "other"


def _all_match(pattern: str) -> Callable[[pa.ChunkedArray], bool]:
    def check(values: pa.ChunkedArray) -> bool:
        # An all-null column matches: `all` over nothing is null.
        return pc.all(pc.match_substring_regex(values, pattern)).as_py() is not False

    return check


def _always(_: pa.ChunkedArray) -> bool:
    return True


# Arrow's own checked cast is exact for these once the text has its plain form; everything else,
# and every column in which it fails, is looked at value by value.
_SAFE: Final[Mapping[tuple[str, FieldType], Callable[[pa.ChunkedArray], bool]]] = {
    ("text", FieldType.INTEGER): _all_match(_PLAIN_NUMBER),
    ("text", FieldType.DECIMAL): _all_match(_PLAIN_DECIMAL),
    ("text", FieldType.DATE): _all_match(_PLAIN_DATE),
    ("text", FieldType.BOOLEAN): _all_match(_TRUTH),
    ("text", FieldType.TIMESTAMP): _all_match(_PLAIN_INSTANT),
    ("integer", FieldType.INTEGER): _always,
    ("integer", FieldType.TEXT): _always,
    ("decimal", FieldType.DECIMAL): _always,
    ("instant", FieldType.TIMESTAMP): _always,
}


def _cast_one_by_one(
    values: pa.ChunkedArray, column: RawColumn, faults: dict[int, tuple[str, str]]
) -> pa.ChunkedArray:
    convert = _CONVERTERS[column.type]
    cast: list[Any] = []
    for row, value in enumerate(python_values(values)):
        try:
            cast.append(None if value is None else convert(value, column))
        except _Misfit as misfit:
            cast.append(None)
            kind = "decimal" if column.type is FieldType.DECIMAL else column.type.value
            faults.setdefault(row, (misfit.reason, f"{column.name}: {value!r} as {kind}: {misfit}"))
    return pa.chunked_array([pa.array(cast, arrow_type(column))])


def _text(value: Any, _: RawColumn) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return to_json(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise _Misfit(UNPARSEABLE, "not UTF-8") from error
    return str(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise _Misfit(UNPARSEABLE, "not a number")
    if isinstance(value, float):
        value = repr(value)
    # Python's own reading of numbers goes further: 1_000, and the digits of every script.
    if isinstance(value, str) and ("_" in value or not value.strip().isascii()):
        raise _Misfit(UNPARSEABLE, "not a number")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise _Misfit(UNPARSEABLE, "not a number") from error
    if not number.is_finite():
        raise _Misfit(OUT_OF_RANGE, "not a finite number")
    return number


def _integer(value: Any, _: RawColumn) -> int:
    if isinstance(value, float) and abs(value) > _EXACT_FLOAT:
        raise _Misfit(OUT_OF_RANGE, "a float this large is not exact")
    number = _number(value)
    if number.adjusted() > len(str(_LARGEST_INTEGER)):
        raise _Misfit(OUT_OF_RANGE, "does not fit in 64 bits")
    if number != number.to_integral_value():
        raise _Misfit(OUT_OF_RANGE, "has a fraction")
    whole = int(number)
    if not -_LARGEST_INTEGER - 1 <= whole <= _LARGEST_INTEGER:
        raise _Misfit(OUT_OF_RANGE, "does not fit in 64 bits")
    return whole


def _decimal(value: Any, column: RawColumn) -> Decimal:
    number = _number(value)
    _, digits, exponent = number.as_tuple()
    written = "".join(map(str, digits)).rstrip("0") or "0"
    places = -int(exponent) - (len(digits) - len(written))
    if number and places > column.scale:
        raise _Misfit(OUT_OF_RANGE, f"more than {column.scale} decimal places")
    if number and number.adjusted() >= column.precision - column.scale:
        raise _Misfit(
            OUT_OF_RANGE, f"more than {column.precision - column.scale} digits before the point"
        )
    return number if number else Decimal(0)


def _boolean(value: Any, _: RawColumn) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("true", "false"):
        return bool(word == "true")
    raise _Misfit(UNPARSEABLE, "neither true nor false")


def _date(value: Any, _: RawColumn) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.match(_PLAIN_DATE, value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise _Misfit(OUT_OF_RANGE, str(error)) from error
    raise _Misfit(UNPARSEABLE, "not a day such as 2026-01-31")


def _timestamp(value: Any, _: RawColumn) -> datetime:
    instant = value
    if isinstance(value, str):
        fraction = re.search(r"\.(\d+)", value)
        if fraction and fraction[1][6:].strip("0"):
            raise _Misfit(OUT_OF_RANGE, "finer than a microsecond")
        try:
            instant = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise _Misfit(UNPARSEABLE, "not a time such as 2026-01-31T18:00:00Z") from error
    if not isinstance(instant, datetime):
        raise _Misfit(UNPARSEABLE, "not a time")
    if instant.tzinfo is None:
        raise _Misfit(UNPARSEABLE, "a time without its zone")
    if getattr(instant, "nanosecond", 0):
        raise _Misfit(OUT_OF_RANGE, "finer than a microsecond")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise _Misfit(OUT_OF_RANGE, "outside the years 1 to 9999") from error


_CONVERTERS: Final[Mapping[FieldType, Callable[[Any, RawColumn], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.TIMESTAMP: _timestamp,
}
