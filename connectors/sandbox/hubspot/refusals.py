"""The portal's error answers, in HubSpot's own words and forms."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final
from uuid import UUID

from connectors.sandbox.serving import Response, json_response

_SCOPES: Final = "https://developers.hubspot.com/scopes"
_NUMBERS = count(1)
_CATEGORIES: Final = {
    400: ("VALIDATION_ERROR", "Invalid input"),
    401: ("EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired."),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    414: ("URI_TOO_LONG", "The URI provided was too long for the server to process."),
    500: ("INTERNAL_ERROR", "internal error"),
    502: ("INTERNAL_ERROR", "bad gateway"),
    503: ("INTERNAL_ERROR", "service unavailable"),
}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def refusal(
    status: int,
    message: str = "",
    category: str = "",
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    context: Mapping[str, Sequence[str]] | None = None,
    **more: Any,
) -> Response:
    """An error answer; without words of its own, those that are usual for the status."""
    if status == 429 and not message:  # noqa: PLR2004
        return rate_limited("TEN_SECONDLY_ROLLING")
    usual = _CATEGORIES.get(status, ("ERROR", f"HTTP {status}"))
    body: dict[str, Any] = {
        "status": "error",
        "message": message or usual[1],
        "correlationId": str(UUID(int=next(_NUMBERS))),
        "category": category or usual[0],
    }
    if errors:
        body["errors"] = list(errors)
    if context:
        body["context"] = {name: list(values) for name, values in context.items()}
    return json_response(body | more, status)


def invalid(message: str, category: str = "VALIDATION_ERROR") -> Refused:
    """A request that makes no sense, and why."""
    return Refused(refusal(400, message, category, errors=[{"message": message}]))


def not_found(message: str) -> Refused:
    """What was asked for is not there."""
    return Refused(refusal(404, message, "OBJECT_NOT_FOUND"))


def missing_scopes(needed: Sequence[str]) -> Response:
    """The token does not have what the path needs."""
    one = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(needed)},
    }
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {_SCOPES}."
    )
    return refusal(403, message, "MISSING_SCOPES", errors=[one], links={"scopes": _SCOPES})


def rate_limited(policy: str) -> Response:
    """Too many requests, by which of the limits."""
    body = {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": str(UUID(int=next(_NUMBERS))),
        "policyName": policy,
    }
    return json_response(body, 429)
