"""The server speaks HTTP/1.1 as clients expect it, on loopback alone."""

import contextlib
import socket
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from threading import Thread

import pytest
import requests

from connectors.errors import PermanentError
from connectors.sandbox.serving import App, Clock, Request, Response, Running, serve
from tests.connectors.sandbox.serving.conftest import START, numbers_app


def test_it_answers_by_path_and_names_the_parts_of_a_pattern(running: Running) -> None:
    assert requests.get(f"{running.url}/numbers/a%2Fb", timeout=5).json() == {"number": "a/b"}
    assert requests.post(f"{running.url}/echo", json={"a": "ä"}, timeout=5).json() == {"a": "ä"}
    assert requests.get(f"{running.url}/letters", timeout=5).status_code == 404
    assert requests.delete(f"{running.url}/numbers", timeout=5).status_code == 404


def test_a_connection_is_kept_from_request_to_request(running: Running) -> None:
    connection = HTTPConnection(running.url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/numbers/1")
    assert connection.getresponse().read() == b'{"number":"1"}'
    held = connection.sock
    connection.request("GET", "/numbers/2")
    assert connection.getresponse().read() == b'{"number":"2"}'
    assert held is not None
    assert connection.sock is held
    connection.close()


def test_its_date_header_tells_its_own_time(running: Running) -> None:
    running.clock.advance(timedelta(days=1))
    date = requests.get(f"{running.url}/numbers", timeout=5).headers["Date"]
    assert date == "Tue, 03 Mar 2026 08:00:00 GMT"


def test_a_fault_of_the_app_answers_500_and_says_so() -> None:
    def broken(_: Request) -> Response:
        raise LookupError("nothing\nthere")

    with serve(App(Clock.frozen(START), broken)) as running:
        answer = requests.get(running.url, timeout=5)
    assert answer.status_code == 500
    assert answer.headers["X-Sandbox-Error"] == "LookupError: nothing there"


def test_a_port_that_is_taken_is_named(running: Running) -> None:
    port = int(running.url.rsplit(":", 1)[1])
    with pytest.raises(PermanentError, match=f"127.0.0.1:{port}.*another port"):
        serve(numbers_app(), port)


def test_closing_ends_answers_that_are_under_way(running: Running) -> None:
    asked = {"kind": "slow", "path": "/numbers", "seconds": 600}
    assert requests.post(f"{running.url}/_sandbox/faults", json=asked, timeout=5).ok
    ended: list[bool] = []

    def ask() -> None:
        with contextlib.suppress(requests.RequestException):
            requests.get(f"{running.url}/numbers", timeout=60)
        ended.append(True)

    client = Thread(target=ask)
    client.start()
    while running.requests.count("/numbers") == 0:
        client.join(0.01)
    running.close()
    running.close()
    client.join(10)
    assert ended == [True]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(running.url.rsplit(":", 1)[1])), timeout=5)


def test_what_is_no_http_ends_the_connection_and_nothing_else(running: Running) -> None:
    port = int(running.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"hello\r\n\r\n")
        assert connection.recv(100) == b""
    assert requests.get(f"{running.url}/numbers", timeout=5).ok


def test_a_clock_stands_still_unless_it_is_moved_on() -> None:
    clock = Clock.frozen(datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, 0, 0, 0, 999_000, tzinfo=UTC)
    assert clock.advance(timedelta(milliseconds=2)).microsecond == 1000
    assert clock.advance_to(datetime(2026, 1, 2, tzinfo=UTC)) == clock.now()
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="has passed"):
        clock.advance_to(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_ticking_clock_goes_on_with_the_time_that_goes_by() -> None:
    elapsed = [100.0]
    clock = Clock(START, lambda: elapsed[0])
    elapsed[0] += 2.5
    clock.advance(timedelta(seconds=1))
    assert clock.now() == START + timedelta(seconds=3.5)
