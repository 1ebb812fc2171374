"""The time of a sandbox server, which a test can move on."""

import time
from datetime import datetime, timedelta
from threading import Lock


class Clock:
    """A time that stands still until it is moved on, or (`ticking`) runs on with the real one."""

    def __init__(self, start: datetime, *, ticking: bool = False) -> None:
        self._start = start
        self._begun = time.monotonic() if ticking else None
        self._moved = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        """The time by this clock, in the zone of its start."""
        with self._lock:
            passed = timedelta(seconds=time.monotonic() - self._begun) if self._begun else None
            return self._start + self._moved + (passed or timedelta())

    def milliseconds(self) -> int:
        """The time by this clock, in whole milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)

    def advance(self, by: timedelta) -> None:
        """Move it on."""
        with self._lock:
            self._moved += by
