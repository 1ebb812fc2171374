"""What every source in `sources.yml` says, whatever its kind, and what a stream of it declares."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.base import RawColumn, RawSchema
from connectors.columns import Column, Name
from connectors.errors import PermanentError
from connectors.faults import Faults, Part, fault, secret_fault
from connectors.mapping import Fill, Value

_RESERVED_SOURCES: Final = frozenset({"files"})
_DURATION: Final = re.compile(r"(\d+) (minute|hour|day|week)s?")
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_ACCESS_KEY: Final = re.compile(r"(AKIA|ASIA)[A-Z0-9]{16}")


def _parse_duration(value: object) -> object:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise fault("a span of time, such as '48 hours', '2 days' or '90 minutes'")
    return timedelta(minutes=int(match[1]) * _MINUTES[match[2]])


def _parse_instant(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise fault("a day such as 2026-01-31, or a time such as 2026-01-31T18:00:00Z")


def _check_variable(value: object) -> object:
    name = re.fullmatch(r"[A-Z][A-Z0-9_]{0,62}", value) if isinstance(value, str) else None
    if name is None or _ACCESS_KEY.fullmatch(name[0]):
        raise secret_fault(
            "the name of an environment variable, in capitals, such as ACME_SECRET_KEY; "
            "the secret itself never stands in this file"
        )
    return value


def address_in(variable: str, environment: Mapping[str, str], source: str) -> str:
    """The address that a variable holds; PermanentError where it holds none."""
    value = environment.get(variable, "").strip()
    if not value:
        raise PermanentError(
            f"the variable {variable}, which holds its address, is not set",
            where=source,
            fix="Set it. For the simulated company `make run` and `make ui` do so themselves",
        )
    return value.rstrip("/")


def at_least_one(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values, of which there must be one."""
    if not value:
        raise fault("at least one")
    return value


Duration = Annotated[timedelta, BeforeValidator(_parse_duration)]
"""A span written `48 hours`."""

Instant = Annotated[datetime, BeforeValidator(_parse_instant)]
"""An instant in UTC; a day is its midnight."""

Variable = Annotated[str, BeforeValidator(_check_variable)]
"""The name of an environment variable that holds a secret."""


def parse_share(value: object) -> object:
    """A share written `90 %` as a number; anything else as it is."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return float(value.strip().removesuffix("%")) / 100
        except ValueError:
            raise fault("a share such as 0.9 or 90 %") from None
    return value


def _check_url(value: str) -> str:
    found = re.fullmatch(r"https?://[^/@\s]+(/[^@\s?#]*)?", value)
    if found is None:
        raise secret_fault("an address such as https://api.example.com, without keys in it")
    host = value.split("://")[1].split("/", maxsplit=1)[0].rsplit(":", 1)[0]
    if value.startswith("http://") and host not in {"127.0.0.1", "localhost", "[::1]"}:
        raise fault("an address that begins with https://, so that no secret is sent in the clear")
    return value.rstrip("/")


Share = Annotated[float, BeforeValidator(parse_share), Field(ge=0, le=1)]
"""A share between 0 and 1, which may be written as `90 %`."""

Url = Annotated[str, AfterValidator(_check_url)]
"""The address of an API, without a slash at its end; in the clear on this machine alone."""


class DeclaredStream(Protocol):
    """One kind of record of a source, as it is declared: the columns of its raw table.

    `watermark` is the column that tells up to when the source is complete. A time without a zone
    is of `time_zone`. `told` says in words what the records are and where they come from.
    """

    @property
    def name(self) -> str:
        """The stream's name."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell its records apart."""

    @property
    def columns(self) -> Mapping[str, Column]:
        """Its declared columns by name."""

    @property
    def chosen(self) -> Mapping[str, str]:
        """Columns whose field the source's settings name, each with that field."""

    @property
    def watermark(self) -> str | None:
        """The column whose greatest value says up to when the source is complete."""

    @property
    def time_zone(self) -> str:
        """The zone of its times that name none."""

    @property
    def fills(self) -> tuple[Fill, ...]:
        """The entities of the input layer that the bind step makes of it."""

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities of the input layer that its records tell of."""

    @property
    def beside(self) -> str | None:
        """The stream that it tells more of, and after which it is read; None where it has none."""

    @property
    def told(self) -> str:
        """What its records are, and where they come from."""

    def vocabularies(self, source: str) -> Iterator[tuple[str, str, Value]]:
        """Vocabulary, field and value of every column of words that the agreement may name."""


class SourcePart(Part):
    """What every source says.

    `observed_from`: journeys that finished before are missing there. `complete_until`: up to when
    the source is complete; None: the greatest value of its `watermark` columns, else the last load.
    Where the company is simulated it is the end of the simulation, unless another time is written.
    """

    name: Name
    kind: str
    required: bool = True
    stale_after: Duration | None = None
    observed_from: Instant | None = None
    complete_until: Instant | None = None

    @property
    def place(self) -> str:
        """Where the source is, in words for people."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _says_when_it_is_complete(self) -> "SourcePart":
        faults = Faults()
        if self.name in _RESERVED_SOURCES:
            faults.add(("name",), self.name, "another name; this one is the warehouse's own")
        if self.observed_from and self.complete_until and self.complete_until < self.observed_from:
            expected = "a time not before `observed_from`"
            faults.add(("complete_until",), str(self.complete_until), expected)
        faults.raise_if_any()
        return self


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """Its name."""


def raw_schema(columns: Mapping[str, Column], key: tuple[str, ...]) -> RawSchema:
    """Declared columns as the lake knows them."""
    return RawSchema(tuple(raw_column(name, column) for name, column in columns.items()), key)


def raw_column(name: str, column: Column) -> RawColumn:
    """A declared column as the lake knows it."""
    return RawColumn(name, column.type, column.precision, column.scale)


def check_unique(parts: Sequence[Named], within: str, faults: Faults) -> None:
    """Find parts that bear the name of one before them."""
    seen: set[str] = set()
    for position, part in enumerate(parts):
        if part.name in seen:
            faults.add((within, position, "name"), part.name, "a name that no other one has")
        seen.add(part.name)
