"""How a call goes out, and how its answer is read."""

import gzip

import pytest

from connectors.http import Answer, Api, Call, FixedToken, NoAuth, Refused
from connectors.http.calls import decoded
from connectors.hubspot.explain import explain as hubspot_explain
from connectors.salesforce.explain import explain as salesforce_explain
from connectors.secret import Secret
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Reply, in_turn, serving

GOOD = Reply(200, {})


def test_parameters_go_out_as_the_api_reads_them() -> None:
    with serving(in_turn(GOOD)) as server, Api(server.url, NoAuth()) as api:
        api.get(
            "/things",
            {"limit": 100, "archived": False, "q": "a & b = ü", "properties": ["email", "phone"]},
        )
    assert server.asked[0].query == {
        "limit": ["100"],
        "archived": ["false"],
        "q": ["a & b = ü"],
        "properties": ["email", "phone"],
    }


def test_parameters_are_added_to_those_of_a_path_that_has_some() -> None:
    with serving(in_turn(GOOD)) as server, Api(server.url + "/", NoAuth()) as api:
        api.get("/things?after=7", {"limit": 100})
    assert server.asked[0].path == "/things"
    assert server.asked[0].query == {"after": ["7"], "limit": ["100"]}


def test_a_post_sends_json_and_a_delete_nothing() -> None:
    with serving(in_turn(GOOD, Reply(204))) as server, Api(server.url, NoAuth()) as api:
        api.post("/search", {"name": "Zoë", "ids": [1, 2]}, headers={"X-More": "yes"})
        assert api.delete("/jobs/1").json() is None
    search, deletion = server.asked
    assert search.json() == {"name": "Zoë", "ids": [1, 2]}
    assert search.headers["Content-Type"] == "application/json"
    assert search.headers["X-More"] == "yes"
    assert (deletion.method, deletion.body) == ("DELETE", b"")


def test_an_answer_has_status_headers_in_any_case_and_json() -> None:
    reply = Reply(207, {"results": [], "numErrors": 1}, {"X-Some-Header": "7"})
    with serving(in_turn(reply)) as server, Api(server.url, NoAuth()) as api:
        answer = api.post("/batch/read", {})
    assert (answer.status, answer.headers["x-some-header"]) == (207, "7")
    assert answer.json() == {"results": [], "numErrors": 1}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_packed_answer_is_unpacked(chunked: bool) -> None:
    packed = gzip.compress(b'{"results": [' + b"1, " * 100_000 + b"1]}")
    reply = Reply(200, packed, {"Content-Encoding": "gzip"}, chunked=chunked)
    with serving(in_turn(reply)) as server, Api(server.url, NoAuth()) as api:
        assert len(api.get("/things").json()["results"]) == 100_001
    assert "gzip" in server.asked[0].headers["Accept-Encoding"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", None),
        (b" \n", None),
        (b'{"a": 12345678901234567890}', {"a": 12345678901234567890}),
        (b'{"a": "nul \\u0000 inside"}', {"a": "nul \x00 inside"}),
        (b'{"a": "whole \\ud83d\\ude00"}', {"a": "whole \U0001f600"}),
        (b'{"a": "half \\ud83d"}', {"a": "half �"}),
        (b'{"a": "half \\ude00, whole \\ud83d\\ude00"}', {"a": "half �, whole \U0001f600"}),
        (b'{"a": "bad \xff byte"}', {"a": "bad � byte"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "a\ttab"}', {"a": "a\ttab"}),
    ],
)
def test_json_is_read_that_is_whole_though_some_of_its_characters_are_not(
    body: bytes, expected: object
) -> None:
    assert decoded(body) == expected


@pytest.mark.parametrize("body", [b"{", b'{"a": "half', b"<html>", b'{"a": 1} {'])
def test_json_that_is_not_whole_is_no_json(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decoded(body)


def test_a_calls_text_shows_neither_its_body_nor_its_parameters() -> None:
    call = Call("POST", "/search", {"email": "jane@example.com"}, json={"email": "joe@example.com"})
    assert "example.com" not in repr(call)
    assert "example.com" not in repr(Answer(call, 200, {}, b"jane@example.com"))


def test_hubspots_errors_are_told_in_its_own_words() -> None:
    said = {
        "status": "error",
        "message": "This app hasn't been granted all required scopes to make this call.",
        "correlationId": "aaaa-bbbb",
        "category": "MISSING_SCOPES",
    }
    with (
        serving(in_turn(Reply(403, said))) as server,
        Api(server.url, FixedToken(Secret("abcdef")), explain=hubspot_explain) as api,
        pytest.raises(Refused) as caught,
    ):
        api.get("/crm/v3/objects/deals")
    assert caught.value.code == "MISSING_SCOPES"
    assert caught.value.what == (
        "answered 403 Forbidden (MISSING_SCOPES: This app hasn't been granted all required scopes "
        "to make this call.), correlation id aaaa-bbbb"
    )


def test_hubspots_limit_of_ten_seconds_passes_and_that_of_a_day_does_not() -> None:
    clock = FakeClock()
    limited = {"status": "error", "errorType": "RATE_LIMIT", "message": "You have reached it."}
    in_a_moment = Reply(429, {**limited, "policyName": "TEN_SECONDLY_ROLLING"})
    tomorrow = Reply(429, {**limited, "policyName": "DAILY"})
    with (
        serving(in_turn(in_a_moment, tomorrow)) as server,
        Api(server.url, NoAuth(), explain=hubspot_explain, timing=clock.timing()) as api,
        pytest.raises(Refused, match=r"RATE_LIMIT, DAILY: You have reached it.*tomorrow"),
    ):
        api.get("/things")
    assert len(server.asked) == 2


def test_salesforces_errors_are_told_in_its_own_words() -> None:
    said = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Foo__c'\n on Lead"}]
    with (
        serving(in_turn(Reply(400, said))) as server,
        Api(server.url, NoAuth(), explain=salesforce_explain) as api,
        pytest.raises(Refused) as caught,
    ):
        api.get("/query", {"q": "select Foo__c from Lead"})
    assert caught.value.code == "INVALID_FIELD"
    assert caught.value.what == (
        "answered 400 Bad Request (INVALID_FIELD: No such column 'Foo__c' on Lead)"
    )


@pytest.mark.parametrize(
    ("message", "times"), [("TotalRequests Limit exceeded.", 1), ("ConcurrentRequests Limit.", 8)]
)
def test_salesforces_limit_of_requests_at_once_passes_and_that_of_a_day_does_not(
    message: str, times: int
) -> None:
    clock = FakeClock()
    said = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]
    with (
        serving(in_turn(Reply(403, said))) as server,
        Api(server.url, NoAuth(), explain=salesforce_explain, timing=clock.timing()) as api,
        pytest.raises(Exception, match="REQUEST_LIMIT_EXCEEDED"),
    ):
        api.get("/query")
    assert len(server.asked) == times


@pytest.mark.parametrize(
    "body", [None, [], {}, "text", 7, [1], {"message": 7}, [{"errorCode": []}]]
)
def test_an_error_whose_body_says_nothing_is_told_by_its_status(body: object) -> None:
    clock = FakeClock()
    for explain in (hubspot_explain, salesforce_explain):
        with (
            serving(in_turn(Reply(400, body))) as server,
            Api(server.url, NoAuth(), explain=explain, timing=clock.timing()) as api,
            pytest.raises(Refused) as caught,
        ):
            api.get("/things")
        assert caught.value.what == "answered 400 Bad Request"
