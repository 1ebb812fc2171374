"""One step at a time on a company's warehouse, whichever process it runs in."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from orchestration.company import Company
from orchestration.warehouse.connection import WarehouseBusy

WAIT: Final = timedelta(minutes=2)
"""How long a step waits for another one to be done before it gives up for now."""

_LOOK_AGAIN_AFTER: Final = 0.1


@contextmanager
def hold_warehouse(company: Company, wait: timedelta = WAIT) -> Iterator[int]:
    """Hold the warehouse; yields the lock's file descriptor.

    The lock goes when every process that has the descriptor has ended, so a child that is given it
    keeps the warehouse to itself even where its parent is killed. Raises WarehouseBusy where
    another step still holds the warehouse after `wait`.
    """
    file = company.built / "warehouse.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(handle, company, time.monotonic() + wait.total_seconds())
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, company: Company, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise WarehouseBusy(
                    f"Another run is working on {company.warehouse}. Wait until it is over."
                ) from None
            time.sleep(_LOOK_AGAIN_AFTER)
        else:
            return
