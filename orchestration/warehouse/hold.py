"""One step at a time on a company's warehouse, whichever process it runs in."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Final

from orchestration.company import Company
from orchestration.locks import Held, lock
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
    with ExitStack() as holding:
        yield _held(holding, company, time.monotonic() + wait.total_seconds())


def _held(holding: ExitStack, company: Company, until: float) -> int:
    while True:
        try:
            return holding.enter_context(lock(company.built / "warehouse.lock"))
        except Held:
            if time.monotonic() >= until:
                raise WarehouseBusy(
                    f"Another run is working on {company.warehouse}. Wait until it is over."
                ) from None
            time.sleep(_LOOK_AGAIN_AFTER)
