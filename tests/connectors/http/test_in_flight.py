"""Several requests at once: answers in order, memory bounded, nothing left behind."""

import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Barrier, Event

import pytest

from connectors.errors import PermanentError
from connectors.http import Answer, Api, Call, Download, Failing, NoAuth, Refused, Retries, get
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Asked, Reply, Server, in_turn, serving


def api_of(server: Server, clock: FakeClock, in_flight: int = 4, **options: object) -> Api:
    return Api(server.url, NoAuth(), in_flight=in_flight, timing=clock.timing(), **options)  # type: ignore[arg-type]


def echo(asked: Asked) -> Reply:
    return Reply(200, {"path": asked.path})


def test_answers_come_in_the_order_of_their_calls_whichever_is_first() -> None:
    last_was_asked = Event()

    def respond(asked: Asked) -> Reply:
        if asked.path == "/3":
            last_was_asked.set()
        if asked.path == "/0":
            assert last_was_asked.wait(5)
        return echo(asked)

    with serving(respond) as server, api_of(server, FakeClock()) as api:
        answers = list(api.many(get(f"/{n}") for n in range(20)))
    assert [answer.json()["path"] for answer in answers] == [f"/{n}" for n in range(20)]
    assert [answer.call.path for answer in answers] == [f"/{n}" for n in range(20)]


def test_as_many_requests_are_on_their_way_at_once_as_the_api_may_have() -> None:
    together = Barrier(4)

    def respond(asked: Asked) -> Reply:
        together.wait(5)
        return echo(asked)

    with serving(respond) as server, api_of(server, FakeClock()) as api:
        assert len(list(api.many(get(f"/{n}") for n in range(8)))) == 8
    assert len({asked.connection for asked in server.asked}) == 4


def test_calls_are_taken_only_as_answers_are() -> None:
    taken = 0

    def calls() -> Iterator[Call]:
        nonlocal taken
        for n in range(1000):
            taken += 1
            yield get(f"/{n}")

    with (
        serving(echo) as server,
        api_of(server, FakeClock()) as api,
        closing(api.many(calls())) as answers,
    ):
        for _ in range(10):
            next(answers)
    assert taken <= 10 + 4 + 1


def test_one_error_ends_the_others_and_nothing_is_asked_any_more() -> None:
    def respond(asked: Asked) -> Reply:
        return Reply(403) if asked.path == "/2" else echo(asked)

    clock = FakeClock()
    with serving(respond) as server, api_of(server, clock) as api:
        answers = api.many(get(f"/{n}") for n in range(100))
        assert [next(answers).json()["path"] for _ in range(2)] == ["/0", "/1"]
        with pytest.raises(Refused, match="/2: answered 403"):
            next(answers)
        asked = len(server.asked)
        assert asked < 10
        assert api.get("/still-open").json() == {"path": "/still-open"}
        assert len(server.asked) == asked + 1


def test_who_stops_early_stops_requests_that_wait_to_be_sent_again() -> None:
    waiting = Event()

    def respond(asked: Asked) -> Reply:
        if asked.path == "/0":
            assert waiting.wait(5)
            return echo(asked)
        waiting.set()
        return Reply(503)

    class Patient(FakeClock):
        """Its sleeps take no time, and lead nowhere: only a cancelled wait ever ends."""

        def sleep(self, seconds: float) -> None:
            Event().wait(0.001)

    clock = Patient()
    retries = Retries(attempts=1000, seconds=1e9, first=1e6, longest=1e6)
    # Other tests' requests have threads of the same name.
    others = set(threading.enumerate())
    with serving(respond) as server, api_of(server, clock, retries=retries) as api:
        with closing(api.many([get("/0"), get("/1")])) as answers:
            next(answers)
        ours = [t for t in set(threading.enumerate()) - others if "tandem-request" in t.name]
    assert ours
    # What still waits to send again would wait for eleven days.
    for thread in ours:
        thread.join(10)
    assert not [thread for thread in ours if thread.is_alive()]
    assert server.paths.count("/1") == 1


def linked(pages: int) -> Server:
    def respond(asked: Asked) -> Reply:
        page = int(asked.query.get("after", ["0"])[0])
        following = {"next": page + 1} if page + 1 < pages else {}
        return Reply(200, {"page": page, **following})

    return Server(respond)


def following(answer: Answer) -> Call | None:
    after = answer.json().get("next")
    return None if after is None else get("/things", {"after": after})


def test_the_next_page_is_on_its_way_while_one_is_looked_at() -> None:
    third_was_asked = Event()
    pages = linked(5)

    def respond(asked: Asked) -> Reply:
        if asked.query.get("after") == ["2"]:
            third_was_asked.set()
        return pages.respond(asked)

    with serving(respond) as server, api_of(server, FakeClock()) as api:
        chain = api.pages(get("/things"), following)
        assert next(chain).json()["page"] == 0
        assert next(chain).json()["page"] == 1
        assert third_was_asked.wait(5)
        assert [answer.json()["page"] for answer in chain] == [2, 3, 4]


def test_a_page_that_names_itself_as_the_next_is_an_error_and_no_endless_loop() -> None:
    with (
        serving(in_turn(Reply(200, {"page": 0, "next": 7}))) as server,
        api_of(server, FakeClock()) as api,
        pytest.raises(PermanentError, match="names itself as the one after it"),
    ):
        list(api.pages(get("/things"), following))
    assert len(server.asked) == 2


def test_connections_are_used_again() -> None:
    with serving(echo) as server, api_of(server, FakeClock()) as api:
        for _ in range(20):
            api.get("/things")
        api.download(get("/things")).file.close()
        api.get("/things", accept=frozenset({404}))
    assert len({asked.connection for asked in server.asked}) == 1


def test_a_connection_whose_answer_was_an_error_is_used_again_too() -> None:
    clock = FakeClock()
    fault = Reply(503, {"message": "busy" * 1000})
    with serving(in_turn(fault, fault, Reply(200, {}))) as server, api_of(server, clock) as api:
        api.get("/things")
    assert len({asked.connection for asked in server.asked}) == 1


def test_a_long_body_comes_as_a_file_and_memory_does_not_grow_with_it() -> None:
    line = b"00Q000000000001,jane@example.com,2026-01-01T00:00:00.000Z\n"
    body = line * 1_000_000
    with serving(in_turn(Reply(200, body))) as server, api_of(server, FakeClock()) as api:
        tracemalloc.start()
        with api.download(get("/results")) as download:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            lines = sum(1 for _ in download.file)
    assert (download.size, lines) == (len(body), 1_000_000)
    assert len(body) > 50_000_000
    # The first 8 MB are held before the file goes to disk; the rest is a chunk at a time.
    assert peak < 25_000_000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_long_body_that_breaks_off_is_asked_for_again_whole(chunked: bool) -> None:
    body = b"".join(b"%d,row\n" % n for n in range(100_000))
    cut = Reply(200, body, {"Sforce-Locator": "abc"}, cut=500_000, chunked=chunked)
    good = Reply(200, body, {"Sforce-Locator": "abc"}, chunked=chunked)
    clock = FakeClock()
    with (
        serving(in_turn(cut, cut, good)) as server,
        api_of(server, clock) as api,
        api.download(get("/results")) as download,
    ):
        assert download.file.read() == body
        assert download.headers["sforce-locator"] == "abc"
    assert len(server.asked) == 3


def test_an_error_in_place_of_a_long_body_is_told_like_any_other() -> None:
    clock = FakeClock()
    with (
        serving(in_turn(Reply(503), Reply(404, [{"errorCode": "NOT_FOUND"}]))) as server,
        api_of(server, clock) as api,
        pytest.raises(Refused, match="answered 404"),
    ):
        api.download(get("/results"))


def test_of_a_chain_of_long_bodies_the_next_is_fetched_while_one_is_read() -> None:
    second_was_asked = Event()

    def respond(asked: Asked) -> Reply:
        locator = asked.query.get("locator", ["a"])[0]
        if locator == "b":
            second_was_asked.set()
        return Reply(200, locator.encode(), {"Sforce-Locator": {"a": "b"}.get(locator, "null")})

    def after(download: Download) -> Call | None:
        locator = download.headers["Sforce-Locator"]
        return None if locator == "null" else get("/results", {"locator": locator})

    read = []
    with serving(respond) as server, api_of(server, FakeClock()) as api:
        for download in api.download_pages(get("/results"), after):
            with download:
                assert second_was_asked.wait(5)
                read.append(download.file.read())
    assert read == [b"a", b"b"]


def open_files_without_a_name() -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum(link.is_symlink() and "(deleted)" in str(link.readlink()) for link in links)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files there")
def test_long_bodies_that_nobody_takes_any_more_are_thrown_away() -> None:
    before = open_files_without_a_name()
    larger_than_memory_may_hold = Reply(200, b"x" * 9_000_000)
    with (
        serving(in_turn(larger_than_memory_may_hold)) as server,
        api_of(server, FakeClock()) as api,
    ):
        pages = count(1)
        chain = api.download_pages(get("/0"), lambda _: get(f"/{next(pages)}"))
        with closing(chain), next(chain):
            assert open_files_without_a_name() > before
        assert open_files_without_a_name() == before


def test_a_failing_page_is_raised_when_its_turn_comes() -> None:
    clock = FakeClock()
    retries = Retries(attempts=2)
    first = Reply(200, {"page": 0, "next": 1})
    with (
        serving(in_turn(first, Reply(503))) as server,
        api_of(server, clock, retries=retries) as api,
    ):
        chain = api.pages(get("/things"), following)
        assert next(chain).json()["page"] == 0
        with pytest.raises(Failing, match="tried 2 times"):
            next(chain)
