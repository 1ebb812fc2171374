"""Faults strike where they are ordered, in process and over HTTP; what was asked is counted."""

import pytest
import requests

from connectors.sandbox.serving import Fault, Running


def _statuses(running: Running, n: int, path: str = "/numbers") -> list[int]:
    return [requests.get(running.url + path, timeout=5).status_code for _ in range(n)]


def test_a_status_strikes_the_nth_request_and_so_many_after_it(running: Running) -> None:
    running.faults.add(Fault(path="/numbers", nth=2, times=2, status=503))
    assert _statuses(running, 5) == [200, 503, 503, 200, 200]
    assert running.faults.struck == 2


def test_a_fault_leaves_other_paths_and_methods_alone(running: Running) -> None:
    running.faults.add(Fault(method="POST", path="/numbers/*", times=None))
    assert _statuses(running, 1, "/numbers/7") == [200]
    assert requests.post(f"{running.url}/numbers/7", timeout=5).status_code == 500
    assert requests.post(f"{running.url}/echo", json=1, timeout=5).status_code == 200


def test_retry_after_is_told_only_where_it_was_ordered(running: Running) -> None:
    running.faults.add(Fault(status=429, retry_after=2), Fault(status=429))
    told, untold = (requests.get(f"{running.url}/numbers", timeout=5) for _ in range(2))
    assert (told.status_code, told.headers["Retry-After"]) == (429, "2")
    assert untold.status_code == 429
    assert "Retry-After" not in untold.headers


def test_chance_is_the_same_for_the_same_seed(running: Running) -> None:
    drawn = []
    for _ in range(2):
        running.faults.clear()
        running.faults.add(Fault(times=None, probability=0.5, seed=3))
        drawn.append(_statuses(running, 20))
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {200, 500}


@pytest.mark.parametrize("kind", ["reset", "reset_in_body", "truncated"])
def test_a_connection_that_breaks_is_an_error_at_the_client(running: Running, kind: str) -> None:
    running.faults.add(Fault(kind=kind))  # type: ignore[arg-type]
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(f"{running.url}/numbers", timeout=5)
    assert _statuses(running, 1) == [200]


def test_a_truncated_body_is_shorter_than_announced(running: Running) -> None:
    running.faults.add(Fault(kind="truncated"))
    with requests.get(f"{running.url}/numbers", timeout=5, stream=True) as answer:
        announced = int(answer.headers["Content-Length"])
        got = answer.raw.read(announced // 2)
        assert len(got) == announced // 2
        with pytest.raises(Exception, match="IncompleteRead"):
            answer.raw.read()


@pytest.mark.parametrize("kind", ["slow", "late"])
def test_a_slow_answer_arrives_whole_in_the_end(running: Running, kind: str) -> None:
    running.faults.add(Fault(kind=kind, seconds=0.05))  # type: ignore[arg-type]
    answer = requests.get(f"{running.url}/numbers", timeout=5)
    assert answer.json() == list(range(1000))


@pytest.mark.parametrize("kind", ["slow", "late"])
def test_an_answer_may_keep_a_client_waiting_too_long(running: Running, kind: str) -> None:
    running.faults.add(Fault(kind=kind, seconds=600))  # type: ignore[arg-type]
    with pytest.raises(requests.exceptions.RequestException, match="timed out"):
        requests.get(f"{running.url}/numbers", timeout=0.2)
    assert _statuses(running, 1) == [200]


def test_a_page_may_come_in_place_of_json(running: Running) -> None:
    running.faults.add(Fault(kind="html", status=502))
    answer = requests.get(f"{running.url}/numbers", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_faults_and_clock_are_ordered_over_http_too(running: Running) -> None:
    admin = f"{running.url}/_sandbox"
    told = requests.post(f"{admin}/faults", json=[{"status": 503}], timeout=5)
    assert (told.status_code, told.json()["faults"][0]["status"]) == (201, 503)
    assert _statuses(running, 2) == [503, 200]
    assert requests.get(f"{admin}/faults", timeout=5).json()["faults"][0]["struck"] == 1
    requests.post(f"{admin}/faults", json={"times": None}, timeout=5)
    requests.delete(f"{admin}/faults", timeout=5)
    assert _statuses(running, 1) == [200]
    moved = requests.post(f"{admin}/clock", json={"advance_seconds": 1.5}, timeout=5).json()
    assert moved == {"now": "2026-03-02T08:00:01.623000+00:00"}
    assert requests.get(f"{admin}/clock", timeout=5).json() == moved


def test_an_order_that_makes_no_sense_is_refused_with_what_is_wrong(running: Running) -> None:
    admin = f"{running.url}/_sandbox"
    strange = requests.post(f"{admin}/faults", json={"kindd": "reset"}, timeout=5)
    assert strange.status_code == 400
    assert "kindd" in strange.json()["error"]
    back = requests.post(f"{admin}/clock", json={"advance_seconds": -1}, timeout=5)
    assert back.status_code == 400
    assert requests.get(f"{admin}/weather", timeout=5).status_code == 404


def test_requests_are_counted_by_method_and_path(running: Running) -> None:
    running.faults.add(Fault(kind="reset", path="/echo"))
    _statuses(running, 2)
    _statuses(running, 1, "/numbers/7?page=2")
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{running.url}/echo", json=1, timeout=5)
    assert running.requests.count() == 4
    assert running.requests.count("/numbers*") == 3
    assert running.requests.count(method="POST") == 1
    assert [s.target for s in running.requests.served("/numbers/*")] == ["/numbers/7?page=2"]
    log = requests.get(f"{running.url}/_sandbox/requests", timeout=5).json()
    assert log["by_path"] == {"GET /numbers": 2, "GET /numbers/7": 1, "POST /echo": 1}
    assert [r["status"] for r in log["requests"]] == [200, 200, 200, 0]
    requests.delete(f"{running.url}/_sandbox/requests", timeout=5)
    assert running.requests.count() == 0
