"""The log of a run as lines that a person can read."""

import logging
import sys
from typing import Any, Final

import dagster as dg

READABLE_LOG: Final[dict[str, Any]] = {"loggers": {"console": {"config": {}}}}
"""Run configuration of a job that logs to the console by `readable_logger`."""


class _OwnLines(logging.Filter):
    """Lines that the steps log themselves; of Dagster's own events, failures alone."""

    def filter(self, record: logging.LogRecord) -> bool:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        return event is None or record.levelno >= logging.ERROR


class _Line(logging.Formatter):
    """Time and message; the level where it is more than information."""

    def format(self, record: logging.LogRecord) -> str:
        meta = getattr(record, "dagster_meta", {})
        message = meta.get("orig_message") or record.getMessage()
        level = "" if record.levelno <= logging.INFO else f"{record.levelname} "
        return f"{self.formatTime(record, '%H:%M:%S')} {level}{message}"


def _make_logger(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("tandem", level=logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_OwnLines())
    handler.setFormatter(_Line())
    logger.addHandler(handler)
    return logger


readable_logger: Final = dg.LoggerDefinition(
    _make_logger, description="Lines that a person can read."
)
"""The logger of a run's console."""
