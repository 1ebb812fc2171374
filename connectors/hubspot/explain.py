"""What HubSpot's errors and headers say."""

from collections.abc import Mapping, Sequence
from typing import Final

from connectors.http import Answer, Explained, Usage

AGAIN: Final = "HubSpot counts a day from midnight in the portal's time zone"
"""When there will be requests again, once a day's are used up."""

_PASSING_STATUSES: Final = frozenset({423, 477})
_TOO_MANY: Final = 429


def explain(answer: Answer) -> Explained:
    """The error in an answer of HubSpot's: `{status, message, category, correlationId, …}`.

    The code is its category, else the kind of its error; that of OAuth its `error`.
    """
    said = answer.json()
    if not isinstance(said, dict):
        return Explained(passes=answer.status in _PASSING_STATUSES or None)
    policy = _text(said, "policyName")
    codes = (_text(said, "category"), _text(said, "errorType"), policy, _text(said, "error"))
    is_day_over = answer.status == _TOO_MANY and "DAILY" in policy.upper()
    passes = False if is_day_over else answer.status in _PASSING_STATUSES or None
    fix = ""
    if "MISSING_SCOPES" in codes:
        scopes = ", ".join(_missing_scopes(said)) or "that it says are missing"
        fix = (
            f"Give the app the scopes {scopes}; if the portal's plan has none of it, name the "
            "stream in `leave_out` in sources.yml"
        )
    if is_day_over:
        fix = f"Run the load again tomorrow, it goes on from what has landed: {AGAIN}"
    return Explained(
        code=", ".join(dict.fromkeys(code for code in codes if code)),
        message=_text(said, "message") or _text(said, "error_description"),
        correlation_id=_text(said, "correlationId")
        or answer.headers.get("X-HubSpot-Correlation-Id", ""),
        passes=passes,
        fix=fix,
    )


def daily_usage(headers: Mapping[str, str]) -> Usage | None:
    """How many of a day's requests are used, where an answer's headers tell it."""
    allowed = headers.get("X-HubSpot-RateLimit-Daily", "")
    left = headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")
    if not (allowed.isdecimal() and left.isdecimal()):
        return None
    return Usage(int(allowed) - int(left), int(allowed))


def _missing_scopes(said: Mapping[str, object]) -> Sequence[str]:
    """The scopes that an error names, in whichever of its contexts."""
    errors = said.get("errors")
    contexts = (
        [error.get("context") for error in errors or () if isinstance(error, dict)]
        if (isinstance(errors, list))
        else []
    )
    return sorted(
        {
            str(scope)
            for context in contexts
            if isinstance(context, dict)
            for scopes in context.values()
            if isinstance(scopes, list)
            for scope in scopes
        }
    )


def _text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
