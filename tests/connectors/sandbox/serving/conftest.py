"""A server that answers with a long list of numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.sandbox.serving import App, Clock, Request, Router, Running, json_response, serve

START = datetime(2026, 3, 2, 8, 0, 0, 123_000, tzinfo=UTC)


def numbers_app() -> App:
    router = Router()
    router.add("GET", "/numbers", lambda _: json_response(list(range(1000))))
    router.add("GET", "/numbers/{number}", lambda request: json_response(request.params))
    router.add("POST", "/echo", lambda request: json_response(request.json()))

    def respond(request: Request):
        handler = router.find(request)
        return handler(request) if handler else app.refusal(404)

    app = App(Clock.frozen(START), respond)
    return app


@pytest.fixture
def running() -> Iterator[Running]:
    with serve(numbers_app()) as running:
        yield running
