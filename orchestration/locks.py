"""Locks between processes, as files: the kernel lets go of one when its holders have ended."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

_LOOK_AGAIN_AFTER: Final = 0.5


class Held(Exception):
    """Somebody else holds the lock."""


class TerminalBusy(Exception):
    """A command of another terminal is at work on the company; says so."""


@contextmanager
def lock(file: Path) -> Iterator[int]:
    """Hold a lock; yields its descriptor. Raises Held where somebody else does.

    A process that is given the descriptor holds it too, until it ends.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held from None
        yield handle
    finally:
        os.close(handle)


def is_held(file: Path) -> bool:
    """Whether somebody holds the lock."""
    if not file.exists():
        return False
    try:
        with lock(file):
            return False
    except Held:
        return True


@contextmanager
def hold_terminal(data: Path) -> Iterator[None]:
    """Be the one command of a terminal that runs jobs on a company's data.

    Raises TerminalBusy where another is.
    """
    try:
        with lock(data / "terminal.lock"):
            yield
    except Held:
        raise TerminalBusy(
            f"Another command is at work on {data}, and this one did nothing. Wait until that one "
            "is over."
        ) from None


@contextmanager
def hold_turn(data: Path, wait: Callable[[str], None]) -> Iterator[None]:
    """Be the one process that runs jobs on a company's data, whoever started it, once it may.

    `wait` is told, once, that another is at work.
    """
    with ExitStack() as holding:
        is_told = False
        while not _is_entered(holding, data / "turn.lock"):
            if not is_told:
                wait(f"Another run is at work on {data}; this one goes on when that one is over.")
            is_told = True
            time.sleep(_LOOK_AGAIN_AFTER)
        yield


def _is_entered(holding: ExitStack, file: Path) -> bool:
    try:
        holding.enter_context(lock(file))
    except Held:
        return False
    return True
