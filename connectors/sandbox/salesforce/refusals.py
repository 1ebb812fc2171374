"""What the API says no with: a list of errors, each with a code and a message."""

from typing import Final

from connectors.sandbox.serving import Response, json_response

_CODES: Final = {
    400: ("MALFORMED_QUERY", "The query is not understood"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    414: ("URI_TOO_LONG", "The address is longer than the server reads"),
    503: ("SERVER_UNAVAILABLE", "The server is too busy; please retry"),
}
_OTHER: Final = ("UNKNOWN_EXCEPTION", "An unexpected error occurred")


class Refused(Exception):
    """A request is refused with a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def error(status: int, code: str, message: str) -> Response:
    """An error answer."""
    return json_response([{"errorCode": code, "message": message}], status)


def refusal(status: int) -> Response:
    """The API's error answer of a status."""
    return error(status, *_CODES.get(status, _OTHER))
