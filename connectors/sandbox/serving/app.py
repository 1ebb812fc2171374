"""An API on a sandbox server: its answers, its clock, its faults, and what it was asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from connectors.sandbox.serving.clock import Clock
from connectors.sandbox.serving.faults import NO_ANSWER, Faults, faults_from_json, spoilt
from connectors.sandbox.serving.log import RequestLog
from connectors.sandbox.serving.messages import Handler, Request, Response, Router, json_response

ADMIN: Final = "/_sandbox/"
"""Below it a server is told what to do by a test or by whoever tries it out."""


def plain_refusal(status: int) -> Response:
    """An error answer of no API in particular."""
    return json_response({"status": "error", "message": f"HTTP {status}"}, status)


@dataclass
class App:
    """An API: `respond` answers requests, `refusal` makes its error answer of a status.

    What is asked below `/_sandbox/` is neither struck by faults nor counted: `clock` (GET, POST
    `{"advance_seconds": 60}`), `faults` (GET, POST, DELETE), `requests` (GET, DELETE). `admin` may
    hold further paths.
    """

    clock: Clock
    respond: Handler
    refusal: Callable[[int], Response] = plain_refusal
    faults: Faults = field(default_factory=Faults)
    admin: Router = field(default_factory=Router)
    requests: RequestLog = field(init=False)

    def __post_init__(self) -> None:
        self.requests = RequestLog(self.clock.now)
        for method, name, handler in (
            ("GET", "clock", self._tell_clock),
            ("POST", "clock", self._advance),
            ("GET", "faults", self._tell_faults),
            ("POST", "faults", self._order),
            ("DELETE", "faults", self._clear_faults),
            ("GET", "requests", self._tell_requests),
            ("DELETE", "requests", self._clear_requests),
        ):
            self.admin.add(method, ADMIN + name, handler)

    def handle(self, request: Request) -> Response:
        """Answer a request, or spoil the answer."""
        if request.path.startswith(ADMIN):
            return self._administer(request)
        fault = self.faults.strike(request)
        response = (
            self.respond(request)
            if fault is None
            else spoilt(fault, lambda: self.respond(request), self.refusal)
        )
        status = 0 if response.damage == NO_ANSWER else response.status
        self.requests.add(request.method, request.path, request.target, status)
        return response

    def _administer(self, request: Request) -> Response:
        handler = self.admin.find(request)
        if handler is None:
            return json_response({"error": f"no {request.method} {request.path} here"}, 404)
        try:
            return handler(request)
        except (ValueError, TypeError, KeyError) as error:
            return json_response({"error": f"{type(error).__name__}: {error}"}, 400)

    def _tell_clock(self, _: Request) -> Response:
        return json_response({"now": self.clock.now().isoformat()})

    def _advance(self, request: Request) -> Response:
        told: dict[str, Any] = request.json()
        now = self.clock.advance(timedelta(seconds=float(told["advance_seconds"])))
        return json_response({"now": now.isoformat()})

    def _tell_faults(self, _: Request) -> Response:
        return json_response({"faults": self.faults.as_json()})

    def _order(self, request: Request) -> Response:
        self.faults.add(*faults_from_json(request.json()))
        return json_response({"faults": self.faults.as_json()}, 201)

    def _clear_faults(self, _: Request) -> Response:
        self.faults.clear()
        return Response(204)

    def _tell_requests(self, _: Request) -> Response:
        return json_response(self.requests.as_json())

    def _clear_requests(self, _: Request) -> Response:
        self.requests.clear()
        return Response(204)
