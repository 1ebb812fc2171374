"""What dbt's log says of the models and tests that it ends, as lines for who waits."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LogEvent = Mapping[str, Any]
"""A line of dbt's log, as JSON."""

_MODEL: Final = "LogModelResult"
_TEST: Final = "LogTestResult"
_NOT_RUN: Final = ("LogNodeNoOpResult", "SkippingDetails")
_SECONDS_BETWEEN_LINES: Final = 10


@dataclass
class BuildProgress:
    """How far a run of dbt has come: what failed, at once; all else every ten seconds.

    `models` is how many it is to build.
    """

    models: int
    clock: Callable[[], float] = time.monotonic
    _built: int = 0
    _passed: int = 0
    _failed: int = 0
    _not_run: int = 0
    _told_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Count the seconds from here."""
        self._told_at = self.clock()

    def line_after(self, event: LogEvent) -> str | None:
        """What there is to say after this event, if anything."""
        name, data = event["info"]["name"], event["data"]
        has_failed = event["info"]["level"] == "error"
        if name not in (_MODEL, _TEST, *_NOT_RUN):
            return None
        self._failed += has_failed
        self._built += name == _MODEL and not has_failed
        self._passed += name == _TEST and not has_failed
        self._not_run += name in _NOT_RUN and not has_failed
        if has_failed:
            return f"{_name(data['node_info'])}: FAILED"
        now = self.clock()
        if now - self._told_at < _SECONDS_BETWEEN_LINES:
            return None
        self._told_at = now
        return self._so_far()

    def _so_far(self) -> str:
        parts = [f"{self._passed} tests passed"]
        if self.models:
            parts.insert(0, f"{self._built} of {self.models} models built")
        parts += [f"{self._failed} FAILED"] if self._failed else []
        parts += [f"{self._not_run} left out"] if self._not_run else []
        return "dbt: " + ", ".join(parts)


def tells_of_a_result(event: LogEvent) -> bool:
    """Whether the event says how a model or test ended."""
    return event["info"]["name"] in (_MODEL, _TEST)


def _name(node: Mapping[str, Any]) -> str:
    if node["resource_type"] != "model":
        return f"test {node['node_name']}"
    return f"{node['node_relation']['schema']}.{node['node_name']}"
