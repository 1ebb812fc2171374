"""Limits are obeyed before the server has to say so."""

import logging
from collections.abc import Callable
from threading import Barrier, Event, Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PermanentError
from connectors.http import Api, Limit, NoAuth, Quota, QuotaReached, Retries, get
from connectors.http.limits import admitted
from connectors.hubspot import explain as hubspot
from connectors.salesforce import explain as salesforce
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Asked, Reply, in_turn, serving

NEVER = Event()


def most_within(times: list[float], seconds: float) -> int:
    """The greatest number of requests in any span of so many seconds, its end left out."""
    return max(sum(at <= other < at + seconds for other in times) for at in times)


@given(
    most=st.integers(1, 6),
    seconds=st.floats(0.5, 20),
    steps=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=40),
)
def test_no_span_ever_holds_more_requests_than_the_limit_wherever_the_server_counts_them(
    most: int, seconds: float, steps: list[tuple[float, float]]
) -> None:
    clock, limit = FakeClock(), Limit(most, seconds, name="any")
    earliest, latest = [], []
    for idle, lasts in steps:
        clock.seconds += idle
        with admitted([limit], clock.timing(), NEVER, "GET /"):
            earliest.append(clock.seconds)
            clock.seconds += lasts
            latest.append(clock.seconds)
    # The server counts a request when it comes in, some time between sending and answer.
    slack = 1e-6
    for counted in (earliest, latest, [*earliest[::2], *latest[1::2]]):
        assert most_within(counted, seconds - slack) <= most


def test_a_limit_lets_as_many_through_at_once_as_it_allows() -> None:
    clock = FakeClock()
    limit = Limit(100, 10, name="a hundred in ten seconds")
    with (
        serving(in_turn(Reply(200, {}))) as server,
        Api(server.url, NoAuth(), limits=[limit], timing=clock.timing()) as api,
    ):
        for _ in range(100):
            api.get("/things")
        assert clock.slept == []
        api.get("/things")
    assert sum(clock.slept) == pytest.approx(10)


def test_two_sessions_that_share_a_limit_stay_within_it_together() -> None:
    clock, limit, arrived = FakeClock(), Limit(3, 10, name="three"), []

    def respond(_: Asked) -> Reply:
        arrived.append(clock.seconds)
        return Reply(200, {})

    with (
        serving(respond) as server,
        Api(server.url, NoAuth(), limits=[limit], timing=clock.timing()) as one,
        Api(server.url, NoAuth(), limits=[limit], timing=clock.timing()) as other,
    ):
        for _ in range(6):
            one.get("/things")
            other.get("/things")
    assert most_within(arrived, 10) == 3


def test_a_call_of_two_limits_uses_up_neither_while_it_waits_for_the_other() -> None:
    clock = FakeClock()
    wide, narrow = Limit(2, 10, name="wide"), Limit(1, 5, name="narrow")
    timing = clock.timing()
    entered = []
    for limits in ([wide, narrow], [wide, narrow], [wide]):
        with admitted(limits, timing, NEVER, "GET /"):
            entered.append(clock.seconds)
    # The third waits for the first to leave the wide one, as the second came five seconds after it.
    assert [at - entered[0] for at in entered] == [0, 5, 10]


def test_a_call_with_limits_of_its_own_goes_by_those_alone() -> None:
    clock = FakeClock()
    general, search = Limit(1, 1000, name="general"), Limit(5, 1, name="search")
    with (
        serving(in_turn(Reply(200, {}))) as server,
        Api(server.url, NoAuth(), limits=[general], timing=clock.timing()) as api,
    ):
        for _ in range(5):
            api.post("/search", {}, limits=[search])
    assert clock.slept == []


def test_no_more_requests_run_at_once_than_the_limit_allows_in_its_whole_span() -> None:
    clock, limit = FakeClock(), Limit(2, 1, name="two")
    lock, running, most = Lock(), 0, 0

    def respond(_: Asked) -> Reply:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        Event().wait(0.01)
        with lock:
            running -= 1
        return Reply(200, {})

    with (
        serving(respond) as server,
        Api(server.url, NoAuth(), limits=[limit], in_flight=6, timing=clock.timing()) as api,
    ):
        assert len(list(api.many(get(f"/{n}") for n in range(12)))) == 12
    assert most == 2


def test_when_the_server_says_too_many_all_requests_of_that_limit_wait() -> None:
    clock, limit = FakeClock(), Limit(100, 10, name="hundred")
    told = Reply(429, headers={"Retry-After": "30"})
    retries = Retries(attempts=2, longest_asked=60)
    with (
        serving(in_turn(told, Reply(200, {}))) as server,
        Api(server.url, NoAuth(), limits=[limit], retries=retries, timing=clock.timing(0.0)) as api,
    ):
        api.get("/things")
    before = clock.seconds
    limit.hold(clock.seconds + 7)
    with admitted([limit], clock.timing(), NEVER, "GET /"):
        assert clock.seconds - before == pytest.approx(7)
    assert sum(clock.slept) == pytest.approx(30 + 7)


def test_a_pause_that_was_asked_of_one_thread_stops_the_others() -> None:
    clock, limit, times = FakeClock(), Limit(100, 10, name="hundred"), []
    both_sent = Barrier(2)
    lock = Lock()

    def respond(asked: Asked) -> Reply:
        with lock:
            is_first = len(times) < 2
            times.append(clock.seconds)
        if is_first:
            both_sent.wait(5)
            return Reply(429, headers={"Retry-After": "20"})
        return Reply(200, {})

    with (
        serving(respond) as server,
        Api(server.url, NoAuth(), limits=[limit], in_flight=2, timing=clock.timing(0.0)) as api,
    ):
        assert len(list(api.many(get(f"/{n}") for n in range(8)))) == 8
    assert all(at - times[0] >= 20 for at in times[2:])


def test_a_wait_for_a_limit_that_takes_some_seconds_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, limit = FakeClock(), Limit(1, 30, name="1 in 30 s")
    with (
        serving(in_turn(Reply(200, {}))) as server,
        Api(server.url, NoAuth(), limits=[limit], timing=clock.timing()) as api,
        caplog.at_level(logging.INFO, logger="connectors.http"),
    ):
        api.get("/first")
        api.get("/second")
    assert caplog.messages == [
        f"GET {server.url}/second: waiting 30 s, to stay within the limit (1 in 30 s)"
    ]


def quota_of_half() -> Quota:
    return Quota(0.5, salesforce.daily_usage, again=salesforce.AGAIN)


def usage(used: int) -> Reply:
    return Reply(200, {}, {"Sforce-Limit-Info": f"api-usage={used}/1000"})


def test_no_request_is_made_once_the_share_of_the_quota_is_used() -> None:
    clock = FakeClock()
    with (
        serving(in_turn(usage(499), usage(500))) as server,
        Api(server.url, NoAuth(), quota=quota_of_half(), timing=clock.timing()) as api,
    ):
        api.get("/one")
        api.get("/two")
        with pytest.raises(QuotaReached) as caught:
            api.get("/three")
    assert server.paths == ["/one", "/two"]
    assert isinstance(caught.value, PermanentError)
    assert str(caught.value) == (
        f"GET {server.url}/three: 500 of the 1000 requests that the API allows in a day are used, "
        "by whomever; Tandem stops at 50%. Salesforce counts the last 24 hours: some hours from "
        "now there are requests again; or raise `quota_share` in sources.yml. What landed stays, "
        "and the next run goes on from there"
    )


def test_after_a_quarter_of_an_hour_one_request_looks_whether_there_is_quota_again() -> None:
    clock = FakeClock()
    with (
        serving(in_turn(usage(800), usage(700), usage(10))) as server,
        Api(server.url, NoAuth(), quota=quota_of_half(), timing=clock.timing()) as api,
    ):
        api.get("/one")
        clock.seconds += 900
        api.get("/still-too-much")
        with pytest.raises(QuotaReached):
            api.get("/refused")
        clock.seconds += 900
        api.get("/enough")
        api.get("/goes-on")
    assert server.paths == ["/one", "/still-too-much", "/enough", "/goes-on"]


@pytest.mark.parametrize(
    ("read", "headers", "expected"),
    [
        (salesforce.daily_usage, {"Sforce-Limit-Info": "api-usage=18/5000"}, (18, 5000)),
        (
            salesforce.daily_usage,
            {"Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=sample)"},
            (25, 5000),
        ),
        (salesforce.daily_usage, {}, None),
        (
            hubspot.daily_usage,
            {
                "X-HubSpot-RateLimit-Daily": "250000",
                "X-HubSpot-RateLimit-Daily-Remaining": "249000",
            },
            (1000, 250000),
        ),
        (hubspot.daily_usage, {"X-HubSpot-RateLimit-Max": "100"}, None),
    ],
)
def test_the_usage_of_a_day_is_read_from_the_headers(
    read: Callable[[dict[str, str]], object], headers: dict[str, str], expected: object
) -> None:
    found = read(headers)
    assert (found and (found.used, found.allowed)) == expected  # type: ignore[attr-defined]


def test_many_threads_that_meet_one_limit_lose_and_double_no_place_in_it() -> None:
    clock, limit = FakeClock(), Limit(5, 10, name="five")
    timing, lock, entered = clock.timing(), Lock(), []

    def go() -> None:
        for _ in range(10):
            with admitted([limit], timing, NEVER, "GET /"), lock:
                entered.append(clock.seconds)

    threads = [Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entered) == 40
    assert most_within(entered, 10 - 1e-6) <= 5
