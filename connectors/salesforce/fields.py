"""What fields an object has, as the org itself describes it, and which of them a stream reads."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from connectors.salesforce.streams import SalesforceStream

# A compound field only repeats what its parts say; a file is no field of a funnel.
_NOT_READ: Final = frozenset({"address", "location", "base64", "complexvalue"})

# Bytes that the comma after a name takes in an address.
_COMMA: Final = 3

_NUMBERS: Final = frozenset({"int", "long", "double", "currency", "percent"})


@dataclass(frozen=True)
class Field:
    """A field of an object: the API's name and type of it, and all that the org says of it."""

    name: str
    type: str
    told: Mapping[str, Any]

    @property
    def is_calculated(self) -> bool:
        """Whether a formula makes its value, which then changes without a trace."""
        return bool(self.told.get("calculated"))

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.type in _NUMBERS

    @property
    def is_boolean(self) -> bool:
        """Whether its values are true and false."""
        return self.type == "boolean"

    @property
    def is_datetime(self) -> bool:
        """Whether its values are instants."""
        return self.type == "datetime"


@dataclass(frozen=True)
class Described:
    """An object as the org describes it to the user that asks: the fields this user may see."""

    name: str
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Its fields by name."""
        return {field.name: field for field in self.fields}


@dataclass(frozen=True)
class Reading:
    """The fields of an object that a stream reads.

    `columns`: the stream's columns that the object has, each with its field. `others`: all other
    fields, in the order of their names. `absent`: fields of columns that the user can't see.
    """

    sobject: str
    columns: Mapping[str, Field]
    others: tuple[Field, ...]
    absent: tuple[str, ...]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field that is read."""
        return (*self.columns.values(), *self.others)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of every field that is read."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def told(self) -> Mapping[str, str]:
        """The fields with the org's types: columns by their names, the rest by the org's own."""
        columns = {column: field.type for column, field in self.columns.items()}
        return {field.name: field.type for field in self.others} | columns

    @property
    def has_calculated(self) -> bool:
        """Whether any of the fields is made by a formula."""
        return any(field.is_calculated for field in self.fields)

    @property
    def can_be_deleted(self) -> bool:
        """Whether deleted records of the object stay in a bin and tell so."""
        return "IsDeleted" in self.names

    @cached_property
    def fingerprint(self) -> str:
        """Changes when a field appears, vanishes or changes its type."""
        told = "\n".join(sorted(f"{field.name} {field.type}" for field in self.fields))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def described(answer: Mapping[str, Any]) -> Described:
    """An object, from the API's own description."""
    fields = (Field(told["name"], told["type"], told) for told in answer["fields"])
    return Described(answer["name"], tuple(fields))


def reading_of(stream: SalesforceStream, sobject: Described) -> Reading:
    """What the stream reads of the object: every field that holds one value."""
    fields = {
        field.name: field
        for field in sobject.fields
        if field.type not in _NOT_READ and not field.told.get("deprecatedAndHidden")
    }
    wanted = dict(stream.fields or {})
    wanted |= {column: name for column, name in stream.chosen.items() if column in stream.columns}
    known = {column: fields[name] for column, name in wanted.items() if name in fields}
    named = {field.name for field in known.values()}
    others = (fields[name] for name in sorted(fields) if name not in named)
    absent = tuple(name for name in wanted.values() if name not in fields)
    return Reading(stream.sobject, known, tuple(others), absent)


def in_chunks(names: Sequence[str], room: int) -> list[tuple[str, ...]]:
    """The names in lists that take at most `room` bytes in an address; each begins with `Id`."""
    chunks: list[list[str]] = [["Id"]]
    length = 0
    for name in names:
        if name == "Id":
            continue
        if length + len(name) + _COMMA > room:
            chunks.append(["Id"])
            length = 0
        chunks[-1].append(name)
        length += len(name) + _COMMA
    return [tuple(chunk) for chunk in chunks]
