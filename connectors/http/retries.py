"""When to ask again: how often, how long to wait, and what a server means by `Retry-After`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from connectors.http.timing import Timing

_PASSING: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
_LASTING: Final = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED})


@dataclass(frozen=True)
class Retries:
    """How long to go on where an error may pass.

    At most `attempts` in all, and none that would begin more than `seconds` after the first
    failure. Each wait is drawn between 0 and `first`, then twice that, and so on up to `longest`
    seconds. A `Retry-After` of up to `longest_asked` seconds is obeyed; a longer one ends it.
    """

    attempts: int = 8
    seconds: float = 900.0
    first: float = 1.0
    longest: float = 60.0
    longest_asked: float = 300.0


class Patience:
    """How much is left of the retries of one request."""

    def __init__(self, retries: Retries, timing: Timing) -> None:
        self._retries = retries
        self._timing = timing
        self._failed_at: float | None = None
        self.attempts = 0

    @property
    def seconds(self) -> float:
        """Seconds since the first failure."""
        return 0.0 if self._failed_at is None else self._timing.clock() - self._failed_at

    def wait(self, asked: float | None) -> float | None:
        """Seconds until the next attempt, after one more failure; None where there is none left.

        `asked`: how long the server asked to wait, where it did.
        """
        retries, now = self._retries, self._timing.clock()
        self.attempts += 1
        if self._failed_at is None:
            self._failed_at = now
        if self.attempts >= retries.attempts:
            return None
        if asked is not None and asked > retries.longest_asked:
            return None
        ceiling = min(retries.longest, retries.first * 2 ** (self.attempts - 1))
        wait = self._timing.random() * ceiling
        if asked:
            # Never sooner than asked; a little later, lest all who were told so come at once.
            wait = asked + self._timing.random() * min(1.0, ceiling)
        return wait if self.seconds + wait <= retries.seconds else None


def may_pass(status: int) -> bool:
    """Whether an error of that status may be gone the next time."""
    if status in _PASSING:
        return True
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LASTING


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that `Retry-After` asks to wait; None where it is absent or can't be read.

    A date there is held against the server's own clock, where the answer tells it.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until, server_now = _date(value), _date(headers.get("Date", "")) or now
        return None if until is None else max(0.0, (until - server_now).total_seconds())
    return seconds if 0 <= seconds < float("inf") else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
