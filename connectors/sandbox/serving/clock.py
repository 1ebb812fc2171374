"""The time on a sandbox server, which tests move on."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Self


class Clock:
    """A server's own time: it stands still, or goes on from a start as real time does."""

    def __init__(self, start: datetime, elapsed: Callable[[], float]) -> None:
        """`elapsed` tells the seconds that went by by themselves; `start` is aware."""
        self._elapsed = elapsed
        self._base = start.astimezone(UTC)
        self._began = elapsed()
        self._lock = Lock()

    @classmethod
    def frozen(cls, start: datetime) -> Self:
        """A clock that goes only when it is told to."""
        return cls(start, lambda: 0.0)

    @classmethod
    def ticking(cls, start: datetime) -> Self:
        """A clock that goes on from `start` with real time."""
        return cls(start, time.monotonic)

    def now(self) -> datetime:
        """The present in UTC, in whole milliseconds."""
        with self._lock:
            return self._now()

    def milliseconds(self) -> int:
        """The present as whole milliseconds since 1970."""
        return milliseconds_of(self.now())

    def advance(self, span: timedelta) -> datetime:
        """Move on by `span` and tell the new time; ValueError where it would go back."""
        if span < timedelta(0):
            raise ValueError(f"a clock does not go back, and {span} would")
        with self._lock:
            self._base += span
            return self._now()

    def advance_to(self, moment: datetime) -> datetime:
        """Move on to `moment` and tell it; ValueError where that has passed."""
        with self._lock:
            span = moment - self._now()
            if span < timedelta(0):
                raise ValueError(f"a clock does not go back: {moment.isoformat()} has passed")
            self._base += span
            return self._now()

    def _now(self) -> datetime:
        now = self._base + timedelta(seconds=self._elapsed() - self._began)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds_of(moment: datetime) -> int:
    """An aware instant as whole milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as an instant in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
