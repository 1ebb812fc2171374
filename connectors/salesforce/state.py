"""Where a stream of Salesforce stands: what its cursor says."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from connectors.base import Cursor


@dataclass(frozen=True)
class Pass:
    """One walk through an object in the order of its ids, which may be cut off and resumed.

    It brings what changed since `low` (None: everything). `started`, on the server's clock, is when
    it began. `after` is the last id that landed, `newest` the greatest time of change among what
    came. `fields` is the fingerprint of the fields that are read. `compares`: only what differs
    from what the lake holds lands. `job` is the Bulk job that it reads, `locator` the next page of
    it, `landed` how many of the job's records came. `no_bulk`: Bulk has failed, so REST is asked.
    """

    started: datetime
    fields: str
    low: datetime | None = None
    after: str | None = None
    newest: datetime | None = None
    compares: bool = False
    job: str | None = None
    locator: str | None = None
    landed: int = 0
    no_bulk: bool = False

    def cursor(self) -> dict[str, Any]:
        """It as JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, held: Cursor) -> Self:
        """It from JSON."""
        times = ("started", "low", "newest")
        values: dict[str, Any] = {n: _instant(v) if n in times else v for n, v in held.items()}
        return cls(**values)


@dataclass(frozen=True)
class State:
    """What has landed of a stream.

    `since`: everything that changed before has. `fields`: the fingerprint of what was read of it.
    `whole_at`: when all records were read last; `compared_at`: when all ids were compared last.
    `running`: a pass that has begun and not ended.
    """

    since: datetime | None = None
    fields: str | None = None
    whole_at: datetime | None = None
    compared_at: datetime | None = None
    running: Pass | None = None

    def cursor(self) -> Cursor:
        """The cursor that says this."""
        return {
            "since": _plain(self.since),
            "fields": self.fields,
            "whole_at": _plain(self.whole_at),
            "compared_at": _plain(self.compared_at),
            "running": self.running and self.running.cursor(),
        }

    @classmethod
    def of(cls, cursor: Cursor | None) -> Self:
        """The state that a cursor says; None: nothing has landed."""
        if cursor is None:
            return cls()
        return cls(
            since=_instant(cursor["since"]),
            fields=cursor["fields"],
            whole_at=_instant(cursor["whole_at"]),
            compared_at=_instant(cursor["compared_at"]),
            running=Pass.of(cursor["running"]) if cursor["running"] else None,
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
