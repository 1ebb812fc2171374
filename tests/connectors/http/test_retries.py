"""What may pass is asked again, within bounds; what can't is told at once."""

import pytest

from connectors.errors import TransientError
from connectors.http import Api, Explained, Failing, FixedToken, Refused, Retries
from connectors.http.calls import Answer
from connectors.secret import Secret
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Reply, Server, in_turn, serving

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
