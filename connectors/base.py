"""What a connector is: streams that yield batches of records, each with the cursor after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from connectors.entities import FieldType

Cursor = Mapping[str, Any]
"""Where a stream stands, as JSON: only the stream that wrote it knows what it means."""

RECORD_COLUMNS: tuple[str, ...] = ("_record_id", "_origin", "_extra", "_deleted", "_position")
"""What a batch's records carry beside the declared columns.

All text but `_deleted` (boolean) and `_position` (integer: a record comes after those with a lesser
one). `_extra`, `_deleted` and `_position` may be left out: null, false, and the table's own order.
"""


@dataclass(frozen=True)
class RawColumn:
    """A declared column of a raw table. Precision and scale are those of a decimal."""

    name: str
    type: FieldType
    precision: int = 18
    scale: int = 6


@dataclass(frozen=True)
class RawSchema:
    """The declared columns of a raw table, and those that tell its records apart."""

    columns: tuple[RawColumn, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Reject:
    """A record that can't be typed: why, and the whole of it as JSON.

    `position` is its place among the batch's records, as their `_position`; None: after them all.
    """

    record_id: str | None
    origin: str
    reason: str
    detail: str
    record: str
    deleted: bool = False
    position: int | None = None


@dataclass(frozen=True)
class Batch:
    """Records in the order in which the source gave them, and the cursor once they have landed.

    `records` has the declared columns (text, or already typed; one that is absent is null) and
    RECORD_COLUMNS. `rejects` are records that the stream itself could not read. `present`, where
    given, are the ids of all records that the source has, null for one whose row does not tell it:
    every other one is gone. `whole_of`, where given, are the beginnings of ids (one or more parts
    of the key, joined by `|`) of which `records` has all that the source has: every other record
    that begins so is gone; `present`, where given too, has the ids of all of them, and `records`
    has some. `announced` is how many records this load brings, as far as is known. `columns` are
    those of the source with its own words for their types, declared ones by the names that they
    have here and all others by their own; None where it does not tell. `may_wait`: where it
    brings nothing, its cursor may land with what comes after it: a commit takes as long as a small
    query, and nothing but the place is lost where a load is cut off in between.
    """

    records: pa.Table
    cursor: Cursor
    rejects: Sequence[Reject] = field(default_factory=tuple)
    present: pa.ChunkedArray | None = None
    whole_of: pa.Array | None = None
    announced: int | None = None
    columns: Mapping[str, str] | None = None
    may_wait: bool = False


class Stream(Protocol):
    """One kind of record of one source system."""

    @property
    def name(self) -> str:
        """The stream's name; with the source's name it names the raw table."""

    @property
    def schema(self) -> RawSchema:
        """The declared columns."""

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What is new since `cursor` (None: everything), in batches that fit in memory.

        A batch's cursor must be such that a run which starts from it yields everything after that
        batch. Raises TransientError where a retry may help, PermanentError where none can.
        """


class Connector(Protocol):
    """One source system."""

    @property
    def name(self) -> str:
        """The source's name in sources.yml."""

    def streams(self) -> Sequence[Stream]:
        """Its streams."""
