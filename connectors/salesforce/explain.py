"""What Salesforce's errors and headers say."""

import re
from collections.abc import Mapping
from typing import Final

from connectors.http import Answer, Explained, Usage

AGAIN: Final = (
    "Salesforce counts the last 24 hours: some hours from now there are requests again; or raise "
    "`quota_share` in sources.yml"
)
"""When there will be requests again, once the share is used up."""

_USAGE: Final = re.compile(r"api-usage=(\d+)/(\d+)")
_PASSING: Final = frozenset({"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "UNKNOWN_EXCEPTION"})


def explain(answer: Answer) -> Explained:
    """The error in an answer of Salesforce's: a list of `{errorCode, message}`.

    A login's is `{error, error_description}`.
    """
    said = answer.json()
    first = said[0] if isinstance(said, list) and said else said
    if not isinstance(first, dict):
        return Explained()
    code = _text(first, "errorCode") or _text(first, "error")
    message = _text(first, "message") or _text(first, "error_description")
    passes: bool | None = True if code in _PASSING else None
    fix = ""
    if code == "REQUEST_LIMIT_EXCEEDED":
        passes = "concurrent" in message.lower()
        fix = f"{AGAIN}. What landed stays, and the next run goes on from there"
    return Explained(
        code=code,
        message=message,
        passes=passes,
        expired=code == "INVALID_SESSION_ID",
        fix=fix,
    )


def daily_usage(headers: Mapping[str, str]) -> Usage | None:
    """How many of the org's requests of 24 hours are used, where an answer's headers tell it."""
    found = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
    return Usage(int(found[1]), int(found[2])) if found else None


def _text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
