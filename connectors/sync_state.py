"""What a commit of a raw table says of its stream: where it stands, and what its loads brought."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from connectors.base import Cursor

_DAYS_KEPT: Final = 70
"""Ten weeks: what nights are held against, and not so much that a commit grows by it."""


@dataclass(frozen=True)
class Counts:
    """What landed: `rows`, rejects and deletions among them; `suppressed` came and did not land."""

    rows: int = 0
    rejected: int = 0
    deleted: int = 0
    suppressed: int = 0

    @property
    def came(self) -> int:
        """How many records the source gave; what it says is gone is no record."""
        return self.rows - self.deleted + self.suppressed

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.rows + other.rows,
            self.rejected + other.rejected,
            self.deleted + other.deleted,
            self.suppressed + other.suppressed,
        )


@dataclass(frozen=True)
class SyncState:
    """What a raw table's newest commit says of its stream. Times are instants in UTC.

    `synced_at` is when the stream was last read to its end; `loaded_at` is the newest row's.
    `unfinished` is what landed since then. `days` are the days (in UTC, `2026-01-31`) on which
    loads came to their end, oldest first, each with what they brought; what the very first load
    brought is the whole past, and in none of them. `columns` are the source's own, each with its
    type, as the last load that could tell them found them.
    """

    cursor: Cursor | None
    transaction: int
    synced_at: datetime | None
    loaded_at: datetime | None
    unfinished: Counts = field(default_factory=Counts)
    days: tuple[tuple[str, Counts], ...] = ()
    columns: Mapping[str, str] | None = None

    def landed(self, brought: Counts, cursor: Cursor | None, loaded_at: datetime) -> "SyncState":
        """The state once a batch has landed."""
        return replace(
            self.later(cursor),
            loaded_at=loaded_at if brought.rows else self.loaded_at,
            unfinished=self.unfinished.plus(brought),
        )

    def ended(
        self, cursor: Cursor | None, synced_at: datetime, columns: Mapping[str, str] | None
    ) -> "SyncState":
        """The state once a load has come to its end."""
        return replace(
            self.later(cursor),
            synced_at=synced_at,
            unfinished=Counts(),
            days=self._days_with(f"{synced_at:%Y-%m-%d}") if self.synced_at else (),
            columns=self.columns if columns is None else columns,
        )

    def later(self, cursor: Cursor | None) -> "SyncState":
        """The state of the next commit, where it brings nothing."""
        return replace(self, cursor=cursor, transaction=self.transaction + 1)

    def _days_with(self, day: str) -> tuple[tuple[str, Counts], ...]:
        before = dict(self.days)
        before[day] = before.get(day, Counts()).plus(self.unfinished)
        return tuple(sorted(before.items()))[-_DAYS_KEPT:]


NEVER_SYNCED: Final = SyncState(cursor=None, transaction=0, synced_at=None, loaded_at=None)
"""Of a table that nothing has been written to."""


def encode(state: SyncState) -> str:
    """The state as a commit carries it."""
    return json.dumps(
        {
            "cursor": state.cursor,
            "transaction": state.transaction,
            "synced_at": state.synced_at and state.synced_at.isoformat(),
            "loaded_at": state.loaded_at and state.loaded_at.isoformat(),
            "unfinished": _numbers(state.unfinished),
            "days": [[day, *_numbers(counts)] for day, counts in state.days],
            "columns": state.columns,
        }
    )


def decode(text: str) -> SyncState:
    """The state that a commit carries; those of before there were `days` have none."""
    held: dict[str, Any] = json.loads(text)
    return SyncState(
        cursor=held["cursor"],
        transaction=held["transaction"],
        synced_at=held["synced_at"] and datetime.fromisoformat(held["synced_at"]),
        loaded_at=held["loaded_at"] and datetime.fromisoformat(held["loaded_at"]),
        unfinished=Counts(*held.get("unfinished", ())),
        days=tuple((day, Counts(*numbers)) for day, *numbers in held.get("days", ())),
        columns=held.get("columns"),
    )


def _numbers(counts: Counts) -> list[int]:
    return [counts.rows, counts.rejected, counts.deleted, counts.suppressed]
