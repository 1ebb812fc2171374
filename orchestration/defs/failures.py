"""What Dagster is told of an error: whether to try again, and what a person has to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dagster import Failure, OpExecutionContext, RetryRequested

from connectors.errors import ConnectorError, TransientError
from connectors.typed_yaml import ConfigurationError
from orchestration.files import is_disk_full
from orchestration.loading.load import MAX_RETRIES, wait_before_retry
from orchestration.publish.gate import GateClosed
from orchestration.publish.postgres.errors import PostgresAway, PostgresError
from orchestration.publish.publish import PublishError
from orchestration.statistics.suggest import SplinkMissing
from orchestration.warehouse.connection import WarehouseBusy, WarehouseError
from orchestration.warehouse.dbt_project import DbtFailed
from orchestration.warehouse.freshness import BindError

MAY_PASS = (TransientError, WarehouseBusy, PostgresAway)
"""Errors that time may cure: the network, a server that is busy, a file that is held."""

TOLD = (
    ConnectorError,
    ConfigurationError,
    BindError,
    WarehouseError,
    DbtFailed,
    GateClosed,
    PublishError,
    PostgresError,
    SplinkMissing,
)
"""Errors whose message says what is wrong, where, and what to do."""


DISK_FULL: Final = (
    "The disk is full, or no file may grow any more. Nothing is lost, and readers keep what was "
    "published: make room and run again."
)
"""What is said where nothing more can be written."""


@contextmanager
def explained(context: OpExecutionContext) -> Iterator[None]:
    """Turn an error into a retry with backoff where it may pass, else into a failure that says why.

    What is not known to pass is not tried again: neither a corrupt file nor a fault of the code
    mends itself.
    """
    try:
        yield
    except MAY_PASS as error:
        if context.retry_number < MAX_RETRIES:
            wait = wait_before_retry(context.retry_number)
            context.log.warning(f"{error} Trying again in {wait.total_seconds():.0f} s.")
            raise RetryRequested(MAX_RETRIES, wait.total_seconds()) from error
        raise Failure(f"{error} (tried {MAX_RETRIES + 1} times)", allow_retries=False) from error
    except TOLD as error:
        context.log.error(str(error))
        raise Failure(str(error), allow_retries=False) from error
    except Exception as error:
        if not is_disk_full(error):
            raise
        told = f"{DISK_FULL} ({error})"
        context.log.error(told)
        raise Failure(told, allow_retries=False) from error
