"""What a sandbox server was asked."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any, Final

_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Served:
    """A request that was served, when by the server's clock, and the status of its answer.

    `status` is 0 where the connection was reset in place of an answer.
    """

    method: str
    path: str
    target: str
    status: int
    at: datetime


class RequestLog:
    """Counts the requests by method and path, and keeps the latest 100,000."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._served: deque[Served] = deque(maxlen=_KEPT)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def add(self, method: str, path: str, target: str, status: int) -> None:
        """Note a request."""
        served = Served(method, path, target, status, self._now())
        with self._lock:
            self._served.append(served)
            self._counts[method, path] += 1

    def served(self, path: str = "*", method: str = "*") -> list[Served]:
        """The requests kept whose path fits the pattern (`*` stands for anything)."""
        with self._lock:
            served = list(self._served)
        return [s for s in served if method in ("*", s.method) and fnmatchcase(s.path, path)]

    def count(self, path: str = "*", method: str = "*") -> int:
        """How many requests there were to paths that fit the pattern."""
        with self._lock:
            return sum(
                n
                for (asked, at), n in self._counts.items()
                if method in ("*", asked) and fnmatchcase(at, path)
            )

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._served.clear()
            self._counts.clear()

    def as_json(self) -> dict[str, Any]:
        """Total, number by method and path, and the requests that are kept."""
        with self._lock:
            counts = {f"{method} {path}": n for (method, path), n in sorted(self._counts.items())}
            served = list(self._served)
        return {
            "total": sum(counts.values()),
            "by_path": counts,
            "requests": [
                {"method": s.method, "target": s.target, "status": s.status, "at": s.at.isoformat()}
                for s in served
            ],
        }
