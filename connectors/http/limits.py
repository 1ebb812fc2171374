"""Limits that an API sets, obeyed before it has to say so: requests in a span, share of a quota."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event
from typing import Final

from connectors.errors import PermanentError
from connectors.http.timing import Cancelled, Timing

_log = logging.getLogger(__name__)

_TOLD_FROM: Final = 5.0
_LOOK_AGAIN_AFTER: Final = 900.0
# One for all limits: a request that needs two of them enters both at one instant or neither.
_gate: Final = Condition()


class Limit:
    """At most so many requests in any span of so many seconds, whoever makes them.

    Streams of one source share one. A request counts until the span is over since its *answer*
    came: when between sending and answering the server counts it can't be known.
    """

    def __init__(self, requests: int, seconds: float, *, name: str) -> None:
        self.name = name
        self.requests = requests
        self.seconds = seconds
        self._running = 0
        self._answered: deque[float] = deque()
        self._held_until = float("-inf")

    def hold(self, until: float) -> None:
        """Let no request pass before that time of the clock: the server asked for a pause."""
        with _gate:
            self._held_until = max(self._held_until, until)

    def _enter(self) -> None:
        self._running += 1

    def _leave(self, at: float) -> None:
        self._running -= 1
        self._answered.append(at)

    def _wait(self, now: float) -> float | None:
        """Seconds until the next request may pass; None: until one that runs was answered."""
        while self._answered and self._answered[0] + self.seconds <= now:
            self._answered.popleft()
        held = max(0.0, self._held_until - now)
        if self._running + len(self._answered) < self.requests:
            return held
        if not self._answered:
            return None
        return max(held, self._answered[0] + self.seconds - now)


@contextmanager
def admitted(limits: Sequence[Limit], timing: Timing, cancel: Event, where: str) -> Iterator[None]:
    """Wait until every limit lets a request pass; the request is what happens inside."""
    _enter_all(limits, timing, cancel, where)
    try:
        yield
    finally:
        with _gate:
            at = timing.clock()
            for limit in limits:
                limit._leave(at)
            _gate.notify_all()


def _enter_all(limits: Sequence[Limit], timing: Timing, cancel: Event, where: str) -> None:
    is_told = False
    while True:
        if cancel.is_set():
            raise Cancelled
        with _gate:
            now = timing.clock()
            waits = [limit._wait(now) for limit in limits]
            if all(wait == 0 for wait in waits):
                for limit in limits:
                    limit._enter()
                return
            if None in waits:
                _gate.wait(timeout=1.0)
                continue
        wait = max(wait for wait in waits if wait is not None)
        if wait >= _TOLD_FROM and not is_told:
            names = ", ".join(limit.name for limit in limits)
            _log.info("%s: waiting %.0f s, to stay within the limit (%s)", where, wait, names)
            is_told = True
        timing.rest(min(wait, 1.0), cancel)


class QuotaReached(PermanentError):
    """The share of the API's quota that is ours is used up: no request is made until it is back."""


@dataclass(frozen=True)
class Usage:
    """How many requests of a quota are used, of how many."""

    used: int
    allowed: int


class Quota:
    """A share of the requests that an API allows in a day, past which none is made.

    `read` finds the usage in an answer's headers, None where they don't tell. `again` says in words
    when there will be more. Streams of one source share one.
    """

    def __init__(
        self, share: float, read: Callable[[Mapping[str, str]], Usage | None], *, again: str
    ) -> None:
        self.share = share
        self._read = read
        self._again = again
        self._usage: Usage | None = None
        self._read_at = 0.0

    @property
    def usage(self) -> Usage | None:
        """The usage as an answer last told it."""
        return self._usage

    def note(self, headers: Mapping[str, str], now: float) -> None:
        """Remember what an answer tells of the usage; `now` is the clock's."""
        found = self._read(headers)
        if found is not None:
            self._usage, self._read_at = found, now

    def check(self, now: float, where: str) -> None:
        """Raises QuotaReached where the share is used up.

        After a quarter of an hour one request may pass, to look again.
        """
        usage = self._usage
        if usage is None or usage.used < self.share * usage.allowed:
            return
        if now - self._read_at >= _LOOK_AGAIN_AFTER:
            self._read_at = now
            return
        raise QuotaReached(
            f"{usage.used} of the {usage.allowed} requests that the API allows in a day are used, "
            f"by whomever; Tandem stops at {self.share:.0%}",
            where=where,
            fix=f"{self._again}. What landed stays, and the next run goes on from there",
        )
