"""Queries in Salesforce's language: what is asked of an object, in a fixed order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Condition:
    """What a record has to be to be asked for: every part of it that is not None.

    `since`: a field of times, and the instant from which on; `until` one before which it lies.
    `after`: the id after which records begin, `up_to`: the one with which they end. `ids`: one of
    these. `is_live`: not in the bin.
    """

    since: tuple[str, datetime] | None = None
    until: tuple[str, datetime] | None = None
    after: str | None = None
    up_to: str | None = None
    ids: Sequence[str] | None = None
    is_live: bool = False

    def __str__(self) -> str:
        parts = []
        if self.since:
            parts.append(f"{self.since[0]} >= {literal(self.since[1])}")
        if self.until:
            parts.append(f"{self.until[0]} < {literal(self.until[1])}")
        if self.after:
            parts.append(f"Id > '{self.after}'")
        if self.up_to:
            parts.append(f"Id <= '{self.up_to}'")
        if self.ids is not None:
            quoted = ",".join(f"'{id_}'" for id_ in self.ids)
            parts.append(f"Id IN ({quoted})")
        if self.is_live:
            parts.append("IsDeleted = false")
        return f" WHERE {' AND '.join(parts)}" if parts else ""


def select(fields: Sequence[str], sobject: str, condition: Condition) -> str:
    """A query for the fields, ordered by id: the one order in which no two records are equal."""
    return f"SELECT {','.join(fields)} FROM {sobject}{condition} ORDER BY Id"  # noqa: S608


def count(sobject: str, condition: Condition) -> str:
    """A query for how many records there are."""
    return f"SELECT COUNT() FROM {sobject}{condition}"  # noqa: S608


def literal(instant: datetime) -> str:
    """An instant as the language writes it, to the millisecond below."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"
