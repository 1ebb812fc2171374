"""The clocks and the chance that requests go by, so that a test can put its own in their place."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event


class Cancelled(Exception):
    """Nobody wants the answer any more. Never reaches a caller."""


def _now() -> datetime:
    return datetime.now(tz=UTC)


@dataclass(frozen=True)
class Timing:
    """`clock` counts seconds and never goes back, `now` is the time of day in UTC.

    `random` gives a number from 0 up to 1.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    now: Callable[[], datetime] = _now

    def rest(self, seconds: float, cancel: Event) -> None:
        """Sleep so long; raises Cancelled within a second after `cancel` was set."""
        left = seconds
        while left > 0:
            if cancel.is_set():
                raise Cancelled
            self.sleep(min(left, 1.0))
            left -= 1.0
