"""Where a stream of records stands: the cursor, as the streams read and write it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Cursor


@dataclass(frozen=True)
class State:
    """Where a stream of a type stands.

    `first`: the mark of the next page of a first sync that is under way, `began`: the newest change
    before it. `since`: the newest change that has landed; None before the first sync has ended.
    `again`: the mark of the page from which on records are read again, `swept`: the greatest id
    before it. `landed`: when the newest row of the records themselves had landed.
    """

    first: str | None = None
    began: datetime | None = None
    since: datetime | None = None
    again: str | None = None
    swept: str = "0"
    landed: datetime | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> "State":
        """The state that a cursor tells."""
        held: Mapping[str, Any] = cursor or {}
        return cls(
            first=held.get("first"),
            began=_instant(held.get("began")),
            since=_instant(held.get("since")),
            again=held.get("again"),
            swept=held.get("swept", "0"),
            landed=_instant(held.get("landed")),
        )

    def cursor(self) -> Cursor:
        """The cursor that tells it."""
        return {
            "first": self.first,
            "began": self.began and self.began.isoformat(),
            "since": self.since and self.since.isoformat(),
            "again": self.again,
            "swept": self.swept,
            "landed": self.landed and self.landed.isoformat(),
        }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
