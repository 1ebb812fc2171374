"""Turn days and times as a file writes them into dates and instants, exactly or not at all."""

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.casting import OUT_OF_RANGE, UNPARSEABLE
from connectors.columns import EPOCHS, Column
from connectors.file_source import Stream
from connectors.scratch import scratch

Faults = dict[int, tuple[str, str]]
"""The rows whose value can't be read: the reason, and why."""

_PLAIN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_ISO: Final = (
    r"^(?P<naive>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}"
    r"(?::[0-9]{2}(?:[.,][0-9]{1,6}0*)?)?)?)"
    r"\s*(?P<zone>Z|UTC|GMT|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$"
)
_FINER: Final = r"[.,][0-9]{6}[0-9]*[1-9]"
_NAIVE: Final = pa.timestamp("us")
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_FIRST: Final = -62_135_596_800_000_000
_YEAR_1000: Final = -30_610_224_000_000_000
_LAST: Final = 253_402_300_799_999_999


def is_text(values: pa.Array) -> bool:
    """Whether an array holds text."""
    found: bool = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return found


def faults_of(values: pa.Array, faulty: pa.Array, why: Callable[[str], tuple[str, str]]) -> Faults:
    """A fault for each row that is `faulty` (null: it is not), told by its value."""
    rows = pc.indices_nonzero(pc.fill_null(faulty, False)).to_pylist()
    return {row: why(values[row].as_py()) for row in rows}


def to_days(values: pa.Array, column: Column) -> tuple[pa.Array, Faults]:
    """Days in the column's formats as dates; without a format, as they are."""
    if is_text(values):
        if not column.format:
            return values, {}
        days = _parsed(values, column.format).cast(pa.date32())
        return days, _unread(values, days, column)
    if not pa.types.is_timestamp(values.type) or values.type.tz is not None:
        return values, {}
    # Some writers know no dates: they write midnights.
    naive, faults = _in_microseconds(values)
    is_midnight = pc.equal(naive, pc.floor_temporal(naive, unit="day"))
    for row in pc.indices_nonzero(pc.fill_null(pc.invert(is_midnight), False)).to_pylist():
        faults[row] = (OUT_OF_RANGE, f"{naive[row]} is a time, and the column is of days")
    return pc.if_else(is_midnight, naive, None).cast(pa.date32()), faults


def to_instants(values: pa.Array, column: Column, stream: Stream) -> tuple[pa.Array, Faults]:
    """Times as instants in UTC, in microseconds; a time that names no zone is of the declared one.

    What is no time, is finer than a microsecond or outside the years 1 to 9999 is a fault, and so
    is a local time that a change of clocks skips, or repeats (as `ambiguous_times` says).
    """
    zone = column.time_zone or stream.time_zone
    if pa.types.is_integer(values.type) and any(name in EPOCHS for name in column.format):
        values = values.cast(pa.string())
    if not is_text(values):
        instants, faults = _typed_instants(values, zone, stream)
    elif column.format:
        instants, faults = _formatted_instants(values, column, zone, stream)
    else:
        instants, faults = _iso_instants(values, zone, stream)
    if not pa.types.is_timestamp(instants.type):
        return instants, faults
    held = instants.cast(pa.int64())
    is_outside = pc.or_(pc.less(held, _FIRST), pc.greater(held, _LAST))
    for row in pc.indices_nonzero(pc.fill_null(is_outside, False)).to_pylist():
        faults.setdefault(row, (OUT_OF_RANGE, "the time is outside the years 1 to 9999 in UTC"))
    return pc.if_else(is_outside, None, instants), faults


def _iso_instants(values: pa.Array, zone: str, stream: Stream) -> tuple[pa.Array, Faults]:
    plain = _plain_instants(values, zone, stream)
    if plain is not None:
        return plain
    parts = pc.extract_regex(pc.utf8_upper(pc.utf8_trim_whitespace(values)), _ISO)
    read = pc.replace_substring(pc.struct_field(parts, "naive"), ",", ".")
    told = pc.struct_field(parts, "zone")
    is_absolute = pc.fill_null(pc.not_equal(told, ""), False)
    told = pc.if_else(pc.is_in(told, value_set=pa.array(["Z", "UTC", "GMT"])), "+00", told)
    naive = _read_as("try_cast(text as timestamp)", pc.if_else(is_absolute, None, read), _NAIVE)
    local, faults = _localised(naive, zone, stream)
    absolute = _read_as(
        "try_cast(text as timestamptz)",
        pc.if_else(is_absolute, pc.binary_join_element_wise(read, told, ""), None),
        _INSTANT,
    )
    instants = pc.coalesce(absolute, local)
    unread = pc.and_(pc.is_valid(values), pc.is_null(instants))
    for row, why in faults_of(values, unread, _why_no_time).items():
        faults.setdefault(row, why)
    return instants, faults


def _plain_instants(values: pa.Array, zone: str, stream: Stream) -> tuple[pa.Array, Faults] | None:
    """The instants of a column that is written plainly throughout, else None: the fast way."""
    try:
        if pc.all(pc.match_substring_regex(values, _PLAIN + "$")).as_py() is not False:
            return _localised(values.cast(_NAIVE), zone, stream)
        if pc.all(pc.match_substring_regex(values, _PLAIN + "Z$")).as_py():
            return values.cast(_INSTANT), {}
    except pa.ArrowInvalid:
        return None
    return None


def _why_no_time(value: str) -> tuple[str, str]:
    if pc.match_substring_regex(pa.array([value]), _FINER)[0].as_py():
        return OUT_OF_RANGE, f"{value!r} is finer than a microsecond"
    return UNPARSEABLE, (
        f"{value!r} is no time such as 2026-01-31 18:00:00 (or give the column its `format`)"
    )


def _read_as(expression: str, values: pa.Array, type_: pa.DataType) -> pa.Array:
    """DuckDB's reading of each `text`, in their order."""
    if values.null_count == len(values):
        return pa.nulls(len(values), type_)
    held = pa.table({"place": pa.array(range(len(values)), pa.int64()), "text": values})
    with scratch() as connection:
        connection.register("held", held)
        query = f"select {expression} as found from held order by place"  # noqa: S608 (our own)
        found: pa.ChunkedArray = connection.sql(query).to_arrow_table().column("found")
    return found.combine_chunks().cast(type_)


def _parsed(values: pa.Array, formats: tuple[str, ...]) -> pa.Array:
    """Naive times that DuckDB's strptime reads; null where no format fits."""
    found: pa.Array = pa.nulls(len(values), _NAIVE)
    for written in formats:
        literal = "'" + written.replace("'", "''") + "'"
        read = _read_as(f"try_strptime(text, {literal})::timestamp", values, _NAIVE)
        # It takes 26 for the year 26 where the format asks for four digits.
        is_meant = pc.greater_equal(read.cast(pa.int64()), _YEAR_1000)
        found = pc.coalesce(found, pc.if_else(is_meant, read, None))
    return found


def _unread(values: pa.Array, read: pa.Array, column: Column) -> Faults:
    told = " or ".join(column.format)
    faulty = pc.and_(pc.is_valid(values), pc.is_null(read))
    return faults_of(values, faulty, lambda v: (UNPARSEABLE, f"{v!r} is not written as {told}"))


def _formatted_instants(
    values: pa.Array, column: Column, zone: str, stream: Stream
) -> tuple[pa.Array, Faults]:
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
    faults: Faults = {}
    if naive:
        local, faults = _localised(_parsed(values, naive), zone, stream)
        instants = pc.coalesce(instants, local)
        faults = {row: why for row, why in faults.items() if not instants[row].is_valid}
    for row, why in _unread(values, instants, column).items():
        faults.setdefault(row, why)
    return instants, faults


def _epoch(values: pa.Array, microseconds: int) -> pa.Array:
    """Counts since 1970 as instants; null for what is no count, or is past every calendar."""
    digits = len(str(_LAST // microseconds))
    is_whole = pc.match_substring_regex(values, rf"^\s*-?[0-9]{{1,{digits}}}\s*$")
    count = pc.utf8_trim_whitespace(pc.if_else(is_whole, values, None)).cast(pa.int64())
    return pc.multiply_checked(count, microseconds).cast(_INSTANT)


def _typed_instants(values: pa.Array, zone: str, stream: Stream) -> tuple[pa.Array, Faults]:
    """Times that the file holds typed: those without a zone are local, the rest stay."""
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("s"))
    if not pa.types.is_timestamp(values.type):
        return values, {}
    exact, faults = _in_microseconds(values)
    if values.type.tz is not None:
        return exact.cast(_INSTANT), faults
    instants, unknown = _localised(exact, zone, stream)
    return instants, {**unknown, **faults}


def _in_microseconds(values: pa.Array) -> tuple[pa.Array, Faults]:
    """Typed times in microseconds; those that are finer are null, with a fault each."""
    type_ = pa.timestamp("us", tz=values.type.tz)
    if values.type.unit != "ns":
        return _within_years(values, type_)
    held = values.cast(pa.int64())
    whole = pc.divide(held, 1000)
    is_exact = pc.equal(pc.multiply(whole, 1000), held)
    faults: Faults = {
        row: (OUT_OF_RANGE, f"{held[row]} ns since 1970 is finer than a microsecond")
        for row in pc.indices_nonzero(pc.fill_null(pc.invert(is_exact), False)).to_pylist()
    }
    return pc.if_else(is_exact, whole, None).cast(type_), faults


def _within_years(values: pa.Array, type_: pa.DataType) -> tuple[pa.Array, Faults]:
    """Typed times in microseconds; compared in their own unit, since a far one overflows there."""
    counts = values.cast(pa.int64())
    unit = {"s": 1_000_000, "ms": 1000, "us": 1}[values.type.unit]
    is_inside = pc.and_(
        pc.greater_equal(counts, -(-_FIRST // unit)), pc.less_equal(counts, _LAST // unit)
    )
    outside = pc.indices_nonzero(pc.fill_null(pc.invert(is_inside), False)).to_pylist()
    faults = dict.fromkeys(outside, (OUT_OF_RANGE, "the time is outside the years 1 to 9999"))
    return pc.if_else(is_inside, values, None).cast(type_), faults


def _localised(naive: pa.Array, zone: str, stream: Stream) -> tuple[pa.Array, Faults]:
    """Local times as instants; those that a change of clocks skips, or repeats, as declared."""
    early = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest")
    late = pc.assume_timezone(naive, zone, ambiguous="latest", nonexistent="latest")
    chosen = late if stream.ambiguous_times == "later" else early
    differing = pc.indices_nonzero(pc.fill_null(pc.not_equal(early, late), False)).to_pylist()
    faults: Faults = {}
    for row in differing:
        told = naive[row].as_py()
        if pc.local_timestamp(early[row]).as_py() != told:
            why = f"{told} is no time in {zone}: the clocks went past it"
            faults[row] = (UNPARSEABLE, why)
        elif stream.ambiguous_times == "reject":
            why = (
                f"{told} came twice in {zone}, as the clocks went back; choose with "
                "`ambiguous_times: earlier` or `later`"
            )
            faults[row] = (UNPARSEABLE, why)
    return chosen.cast(_INSTANT), faults
