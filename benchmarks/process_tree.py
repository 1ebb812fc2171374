"""What a process and all that it started hold in memory, at its most."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psutil

_EVERY_SECONDS: Final = 0.1


@dataclass
class Peak:
    """The most that was held at once, in bytes."""

    bytes: int = 0

    @property
    def gigabytes(self) -> float:
        """In units of 1024 ** 3 bytes."""
        return self.bytes / 1024**3


@contextmanager
def watched_memory() -> Iterator[Peak]:
    """Look at this process and those below it ten times a second while the context lasts."""
    peak, is_over = Peak(), threading.Event()

    def look() -> None:
        while not is_over.wait(_EVERY_SECONDS):
            peak.bytes = max(peak.bytes, held_by_tree())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


def held_by_tree() -> int:
    """How many bytes this process and those below it hold now."""
    held = 0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            held += process.memory_info().rss
    return held
