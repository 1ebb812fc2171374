"""Faults that a sandbox server commits on demand, as real ones do unasked."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

KINDS: Final = ("status", "reset", "cut", "page", "late")
"""What can go wrong: an error status, a connection that is reset before an answer, a body that ends
too soon, a web page in place of JSON, an answer that comes after `seconds`.
"""


@dataclass
class Fault:
    """One kind of fault of the requests whose `METHOD path` the pattern matches.

    It happens to each of them with a chance, `times` times at most (None: always).
    """

    kind: str = "status"
    matching: str = ""
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}, not {self.kind}")


class Faults:
    """The faults that are planned, and draws from a seed of which of them happens."""

    def __init__(self, seed: int = 0) -> None:
        self._planned: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - the same faults for the same seed
        self._lock = Lock()
        self.happened = 0

    def plan(self, *faults: Fault) -> None:
        """Let these happen too."""
        with self._lock:
            self._planned.extend(faults)

    def clear(self) -> None:
        """Let nothing go wrong from now on."""
        with self._lock:
            self._planned.clear()

    def of(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets now, if any."""
        with self._lock:
            for fault in self._planned:
                if fault.times == 0 or not re.search(fault.matching, f"{method} {path}"):
                    continue
                if self._random.random() >= fault.chance:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                self.happened += 1
                return fault
        return None
