"""The columns that a stream of files declares: how the text of each becomes a typed value."""

from datetime import time
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

import duckdb
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.entities import FieldType
from connectors.faults import Faults, Part, fault, matching
from connectors.scratch import scratch

EPOCHS: Final = {"epoch_seconds": 1_000_000, "epoch_milliseconds": 1_000}
"""Formats of timestamps that are numbers since 1970-01-01 in UTC, with the microseconds of one."""

_LARGEST_PRECISION: Final = 38
_SAMPLE: Final = "timestamp '2021-11-23 22:35:46'"


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _check_word(value: object) -> object:
    if not isinstance(value, str):
        raise fault("a word as the file writes it; put numbers, dates, true and false in quotes")
    return value


def _check_thousands(value: str) -> str:
    if len(value) != 1 or value.isalnum() or value in "+-":
        raise fault('the one character between thousands, in quotes, such as "," or " "')
    return value


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_time_zone(value: str) -> str:
    if value not in _time_zones():
        raise fault("the name of a time zone, such as America/New_York, Europe/Berlin or UTC")
    return value


Name = Annotated[
    str,
    matching(
        r"[a-z][a-z0-9_]{0,62}",
        "a name of at most 63 letters a-z, digits and _, that starts with a letter",
    ),
]
"""A name that is safe as a folder, a table and a column."""

Word = Annotated[str, BeforeValidator(_check_word)]
"""A word as a file writes it, case and spaces included."""

Words = Annotated[tuple[Word, ...], BeforeValidator(_one_or_more)]
"""One word or a list of them."""

Thousands = Annotated[str, AfterValidator(_check_thousands)]
"""The character that stands between thousands."""

TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
"""The name of a time zone in the tz database."""


class Column(Part):
    """One declared column: its type, where it stands in the file, and how its text is read.

    `header` is the file's own header, where its normalised form is not the column's name. `format`
    holds the formats of a date or timestamp, tried in order; none: ISO 8601. `decimal_comma`,
    `thousands`, `time_zone` and `null_words` are the stream's where they are None.
    """

    type: FieldType = FieldType.TEXT
    header: str | None = None
    optional: bool = False
    format: Words = ()
    precision: int = Field(default=18, ge=1, le=_LARGEST_PRECISION)
    scale: int = Field(default=6, ge=0, le=_LARGEST_PRECISION)
    decimal_comma: bool | None = None
    thousands: Thousands | None = None
    true_words: Words = ("true", "t", "yes", "y", "1")
    false_words: Words = ("false", "f", "no", "n", "0")
    time_zone: TimeZone | None = None
    null_words: Words | None = None

    @model_validator(mode="after")
    def _options_fit_the_type(self) -> "Column":
        faults = Faults()
        for option, types in _OPTIONS_OF_TYPES.items():
            if option in self.model_fields_set and self.type not in types:
                faults.add(
                    (option,),
                    getattr(self, option),
                    f"no `{option}` in a column of type {self.type}; it is for "
                    + " and ".join(sorted(types)),
                )
        if self.type in _DATED and "format" in self.model_fields_set:
            for position, written in enumerate(self.format):
                expected = _fault_of_format(written, self.type)
                if expected:
                    faults.add(("format", position), written, expected)
        if self.scale > self.precision:
            faults.add(("scale",), self.scale, f"at most the precision, {self.precision}")
        for word in sorted(
            {w.lower() for w in self.true_words} & {w.lower() for w in self.false_words}
        ):
            faults.add(("true_words",), word, "words that are not among `false_words` too")
        faults.raise_if_any()
        return self


_DATED: Final = frozenset({FieldType.DATE, FieldType.TIMESTAMP})
_NUMBERS: Final = frozenset({FieldType.INTEGER, FieldType.DECIMAL})
_OPTIONS_OF_TYPES: Final = {
    "format": _DATED,
    "time_zone": frozenset({FieldType.TIMESTAMP}),
    "precision": frozenset({FieldType.DECIMAL}),
    "scale": frozenset({FieldType.DECIMAL}),
    "decimal_comma": _NUMBERS,
    "thousands": _NUMBERS,
    "true_words": frozenset({FieldType.BOOLEAN}),
    "false_words": frozenset({FieldType.BOOLEAN}),
}


def _parse_column(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


DeclaredColumn = Annotated[Column, BeforeValidator(_parse_column)]
"""A column, which may be written as its type alone."""


@cache
def _fault_of_format(written: str, kind: FieldType) -> str | None:
    if written in EPOCHS:
        return None if kind is FieldType.TIMESTAMP else "the format of a day, such as %d.%m.%Y"
    # A format that loses nothing gives the sample back that it wrote. It stands in the query as a
    # literal, since DuckDB settles at planning time whether it reads a time zone.
    literal = written.replace("'", "''")
    written_and_read = f"strptime(strftime({_SAMPLE}, '{literal}'), '{literal}')::timestamp"
    query = f"select {written_and_read}, {_SAMPLE}"
    try:
        with scratch() as connection:
            [(read, sample)] = connection.execute(query).fetchall()
    except duckdb.Error as error:
        return f"a format such as %Y-%m-%d or %d.%m.%Y %H:%M ({str(error).splitlines()[0]})"
    if read.date() != sample.date():
        return "a format with the year, the month and the day, such as %Y-%m-%d"
    if kind is FieldType.DATE and read.time() != time():
        return "the format of a day alone, such as %Y-%m-%d; a time makes it a timestamp"
    if kind is FieldType.TIMESTAMP and read.hour not in {0, sample.hour}:
        return "%p beside the hours of a 12-hour clock (%I), or %H"
    return None
