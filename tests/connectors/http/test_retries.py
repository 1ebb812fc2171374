"""What may pass is asked again, within bounds; what can't is told at once."""

import logging
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event

import pytest

from connectors.errors import PermanentError, TransientError
from connectors.http import (
    Answer,
    Api,
    Explained,
    Failing,
    FixedToken,
    NoAuth,
    Refused,
    Retries,
    Timeouts,
)
from connectors.http.retries import Patience, asked_wait
from connectors.secret import Secret
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Asked, Reply, Server, in_turn, self_signed, serving

GOOD = Reply(200, {"results": [1, 2, 3]})


def api_of(server: Server, clock: FakeClock, **options: object) -> Api:
    timing = clock.timing()
    return Api(server.url, FixedToken(Secret("a-token-of-ours")), timing=timing, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Reply(429), id="too many requests"),
        pytest.param(Reply(500), id="internal error"),
        pytest.param(Reply(502, b"<html>bad gateway</html>"), id="bad gateway"),
        pytest.param(Reply(503), id="unavailable"),
        pytest.param(Reply(504), id="gateway timeout"),
        pytest.param(Reply(524), id="a status that has no name"),
        pytest.param(Reply(reset=True), id="connection reset"),
        pytest.param(Reply(body={"results": [1, 2, 3]}, cut=9), id="body cut"),
        pytest.param(Reply(body={"results": [1] * 900}, cut=2000, chunked=True), id="chunks cut"),
        pytest.param(Reply(body=b'{"results": [1, 2', length=False), id="JSON ends in the middle"),
        pytest.param(Reply(body=b'{"results": ['), id="JSON ends in the middle, its length told"),
        pytest.param(Reply(body=b"<html>we are back soon</html>"), id="a page in place of JSON"),
        pytest.param(
            Reply(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}), id="garbled gzip"
        ),
    ],
)
def test_a_request_that_meets_what_may_pass_is_asked_again(fault: Reply) -> None:
    clock = FakeClock()
    with serving(in_turn(fault, fault, GOOD)) as server, api_of(server, clock) as api:
        assert api.get("/things").json() == {"results": [1, 2, 3]}
    assert len(server.asked) == 3
    assert sum(clock.slept) == pytest.approx(1 + 2)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 414, 501])
def test_what_can_not_pass_is_told_at_once(status: int) -> None:
    clock = FakeClock()
    with (
        serving(in_turn(Reply(status, {}))) as server,
        api_of(server, clock) as api,
        pytest.raises(Refused) as caught,
    ):
        api.get("/things")
    assert caught.value.status == status
    assert len(server.asked) == 1
    assert clock.slept == []


def test_the_last_retry_ends_in_an_error_that_says_what_was_asked_answered_and_to_be_done() -> None:
    def explain(answer: Answer) -> Explained:
        return Explained("BUSY", answer.json()["message"], "c0ffee")

    clock = FakeClock()
    busy = Reply(503, {"message": "the index is busy; ask jane.doe+x@example.co.uk"})
    retries = Retries(attempts=3)
    with (
        serving(in_turn(busy)) as server,
        api_of(server, clock, explain=explain, retries=retries) as api,
        pytest.raises(Failing) as caught,
    ):
        api.get("/things/17", {"email": "jane@example.com"})
    assert isinstance(caught.value, TransientError)
    assert str(caught.value) == (
        f"GET {server.url}/things/17: answered 503 Service Unavailable (BUSY: the index is busy; "
        "ask <email>), correlation id c0ffee; tried 3 times in 3 s. "
        "Run the load again later; it goes on from what has landed"
    )
    assert len(server.asked) == 3


@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_each_wait_is_drawn_from_twice_as_much_as_the_one_before_up_to_a_bound(
    chance: float,
) -> None:
    clock = FakeClock()
    patience = Patience(Retries(attempts=9, first=1, longest=60), clock.timing(chance))
    waits = [patience.wait(None) for _ in range(9)]
    assert waits == [*(chance * most for most in (1, 2, 4, 8, 16, 32, 60, 60)), None]


def test_retries_end_with_the_time_that_they_may_take_even_if_attempts_are_left() -> None:
    clock = FakeClock()
    retries = Retries(attempts=100, seconds=20, first=1)
    with (
        serving(in_turn(Reply(503))) as server,
        api_of(server, clock, retries=retries) as api,
        pytest.raises(Failing, match="tried 5 times in 15 s"),
    ):
        api.get("/things")
    assert sum(clock.slept) == 1 + 2 + 4 + 8


def test_retry_after_in_seconds_is_obeyed() -> None:
    clock = FakeClock()
    told = Reply(429, headers={"Retry-After": "37"})
    with serving(in_turn(told, GOOD)) as server, api_of(server, clock) as api:
        api.get("/things")
    assert 37 <= sum(clock.slept) <= 38


def test_retry_after_as_a_date_is_held_against_the_servers_own_clock() -> None:
    clock = FakeClock()
    at_server = clock.now() - timedelta(hours=5)
    assert (
        asked_wait(
            {
                "Retry-After": format_datetime(at_server + timedelta(seconds=42), usegmt=True),
                "Date": format_datetime(at_server, usegmt=True),
            },
            clock.now(),
        )
        == 42
    )


def test_retry_after_as_a_date_without_the_servers_clock_is_held_against_ours() -> None:
    now = FakeClock().now()
    date = format_datetime(now + timedelta(seconds=42), usegmt=True)
    assert asked_wait({"Retry-After": date}, now) == 42


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "inf", "Tue, 99 Foo 2026 00:00:00 GMT"])
def test_a_retry_after_that_can_not_be_read_counts_for_nothing(text: str) -> None:
    assert asked_wait({"Retry-After": text}, FakeClock().now()) is None


def test_a_retry_after_beyond_the_bound_ends_it_and_the_error_says_when_to_come_back() -> None:
    clock = FakeClock()
    told = Reply(429, headers={"Retry-After": "7200"})
    with (
        serving(in_turn(told, GOOD)) as server,
        api_of(server, clock) as api,
        pytest.raises(Failing, match="The server asks to wait 7200 s"),
    ):
        api.get("/things")
    assert clock.slept == []


@pytest.mark.parametrize("fault", [Reply(503), Reply(reset=True), Reply(body=b"{", length=False)])
def test_what_is_not_repeatable_and_may_have_been_done_is_not_sent_again(fault: Reply) -> None:
    clock = FakeClock()
    with (
        serving(in_turn(fault, GOOD)) as server,
        api_of(server, clock) as api,
        pytest.raises(Failing, match="the server may have done what was asked"),
    ):
        api.post("/jobs", {"query": "all"}, repeatable=False)
    assert len(server.asked) == 1


def test_what_is_not_repeatable_and_was_not_done_is_sent_again() -> None:
    clock = FakeClock()
    with serving(in_turn(Reply(429), GOOD)) as server, api_of(server, clock) as api:
        assert api.post("/jobs", {"query": "all"}, repeatable=False).status == 200
    assert [asked.json() for asked in server.asked] == [{"query": "all"}] * 2


def test_a_server_that_nobody_listens_at_is_asked_again_and_told_by_its_address() -> None:
    clock = FakeClock()
    with serving(in_turn(GOOD)) as server:
        url = server.url
    with (
        Api(url, NoAuth(), retries=Retries(attempts=2), timing=clock.timing()) as api,
        pytest.raises(Failing) as caught,
    ):
        api.post("/jobs", {}, repeatable=False)
    assert str(caught.value).startswith(
        f"POST {url}/jobs: the connection failed: Connection refused; tried 2 times in 1 s."
    )


def test_an_answer_that_trickles_in_is_given_up_once_it_took_too_long() -> None:
    clock = FakeClock()
    slow = Reply(body={"results": [1] * 40}, between=lambda: clock.sleep(10))
    retries, timeouts = Retries(attempts=1), Timeouts(whole=300)
    with (
        serving(in_turn(slow)) as server,
        api_of(server, clock, retries=retries, timeouts=timeouts) as api,
        pytest.raises(Failing, match="did not come to its end in time"),
    ):
        api.get("/things")


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    clock = FakeClock()
    done = Event()

    def silent(_: Asked) -> Reply:
        done.wait(20)
        return GOOD

    retries, timeouts = Retries(attempts=1), Timeouts(read=0.2)
    with (
        serving(silent) as server,
        api_of(server, clock, retries=retries, timeouts=timeouts) as api,
        pytest.raises(Failing, match="no answer, or no next part of it, in time"),
    ):
        api.get("/things")
    done.set()


def test_an_api_may_say_itself_what_passes_whatever_the_status() -> None:
    def explain(answer: Answer) -> Explained:
        return Explained(passes=answer.status == 423)

    clock = FakeClock()
    with (
        serving(in_turn(Reply(423), Reply(429))) as server,
        api_of(server, clock, explain=explain) as api,
        pytest.raises(Refused),
    ):
        api.get("/things")
    assert len(server.asked) == 2


def test_a_status_that_the_caller_accepts_is_an_answer() -> None:
    clock = FakeClock()
    missing = Reply(404, {"message": "no such form"})
    with serving(in_turn(missing)) as server, api_of(server, clock) as api:
        answer = api.get("/forms/1", accept=frozenset({404}))
    assert (answer.status, answer.json()) == (404, {"message": "no such form"})


def test_every_wait_before_a_retry_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    with (
        serving(in_turn(Reply(503), GOOD)) as server,
        api_of(server, clock) as api,
        caplog.at_level(logging.INFO, logger="connectors.http"),
    ):
        api.get("/things")
    assert caplog.messages == [
        f"GET {server.url}/things: answered 503 Service Unavailable; asking again in 1.0 s"
    ]


def test_a_server_whose_certificate_nobody_vouches_for_is_not_asked_again(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    with (
        serving(in_turn(GOOD), certificate=self_signed(tmp_path)) as server,
        api_of(server, clock) as api,
        pytest.raises(PermanentError, match="certificate is not one to trust"),
    ):
        api.get("/things")
    assert server.asked == []
    assert clock.slept == []


def test_a_redirect_of_a_post_is_an_error_that_names_the_host_and_not_a_get_in_its_place() -> None:
    clock = FakeClock()
    moved = Reply(302, b"<html>moved</html>", {"Location": "https://new.example.com/things"})
    with (
        serving(in_turn(moved)) as server,
        api_of(server, clock) as api,
        pytest.raises(Refused, match=r"leads to \(new.example.com\) into sources.yml"),
    ):
        api.post("/things", {})
    assert len(server.asked) == 1


def test_a_redirect_that_leads_in_a_circle_ends() -> None:
    clock = FakeClock()
    moved = Reply(302, headers={"Location": "/things"})
    with (
        serving(in_turn(moved)) as server,
        api_of(server, clock) as api,
        pytest.raises(PermanentError, match="from one address to the next without end"),
    ):
        api.get("/things")
    assert len(server.asked) < 10
