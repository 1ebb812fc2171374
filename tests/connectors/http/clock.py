"""A clock that goes only when somebody sleeps, or a test moves it on."""

from datetime import UTC, datetime, timedelta
from threading import Lock

from connectors.http import Timing


class FakeClock:
    """Seconds since a first instant. `slept` are the sleeps that were asked of it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self._lock = Lock()

    def time(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.seconds += seconds

    def now(self) -> datetime:
        return datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=self.seconds - 1000.0)

    def timing(self, chance: float = 1.0) -> Timing:
        """The clock, with `chance` in place of every random number."""
        return Timing(self.time, self.sleep, lambda: chance, self.now)
