"""What the servers of the sandbox are made of: real HTTP, faults on demand, a movable clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.sandbox.serving import (
    Clock,
    Fault,
    Request,
    Response,
    Running,
    json_response,
    serve,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def echo(request: Request) -> Response:
    return json_response({"path": request.path, "limit": request.one("limit", "10")})


@pytest.fixture
def server() -> Iterator[Running]:
    with serve(echo) as running:
        yield running


def test_an_app_answers_over_http_on_loopback(server: Running) -> None:
    answer = requests.get(f"{server.url}/things", params={"limit": 5}, timeout=5)
    assert answer.json() == {"path": "/things", "limit": "5"}
    assert server.url.startswith("http://127.0.0.1:")


def test_it_counts_what_was_asked_of_it(server: Running) -> None:
    for _ in range(3):
        requests.post(f"{server.url}/search", json={}, timeout=5)
    assert server.asked() == {"POST /search": 3}


def test_a_planned_fault_happens_as_often_as_planned(server: Running) -> None:
    server.faults.plan(Fault(status=429, matching="/things", headers={"Retry-After": "7"}, times=2))
    statuses = [requests.get(f"{server.url}/things", timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in statuses] == [429, 429, 200]
    assert statuses[0].headers["Retry-After"] == "7"


def test_a_fault_meets_only_what_it_matches(server: Running) -> None:
    server.faults.plan(Fault(matching="POST /other"))
    assert requests.get(f"{server.url}/things", timeout=5).status_code == 200


@pytest.mark.parametrize("kind", ["reset", "cut"])
def test_a_connection_that_breaks_is_no_answer(server: Running, kind: str) -> None:
    server.faults.plan(Fault(kind=kind))
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(f"{server.url}/things", timeout=5)
    assert requests.get(f"{server.url}/things", timeout=5).ok


def test_a_web_page_may_come_in_the_place_of_an_answer(server: Running) -> None:
    server.faults.plan(Fault(kind="page", status=502))
    answer = requests.get(f"{server.url}/things", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


def test_a_clock_stands_still_until_it_is_moved_on() -> None:
    clock = Clock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1)
