"""A first sync: everything, once, by whichever API fits, and on from where it was cut off."""

import pytest

from connectors.errors import ConnectorError, TransientError
from connectors.load import load_stream
from connectors.salesforce.connector import salesforce_connector
from connectors.sandbox.serving import Damage, Request, Response
from tests.connectors.salesforce.loaded import SECRETS, Loaded
from tests.connectors.salesforce.org_server import SmallOrg, error, is_page, reset


def _leads(org: SmallOrg, count: int) -> list[str]:
    return [org.add("Lead", LastName=f"Lead {n}") for n in range(count)]


@pytest.fixture(params=["REST", "Bulk"])
def api(request: pytest.FixtureRequest, org: SmallOrg, loaded: Loaded) -> str:
    loaded.options = {"bulk_from": 20 if request.param == "Bulk" else 20_000}
    org.page = 10
    return str(request.param)


@pytest.mark.usefixtures("api")
def test_a_first_sync_lands_every_record_once(org: SmallOrg, loaded: Loaded) -> None:
    ids = _leads(org, 45)
    assert loaded.load("leads").rows == 45
    assert [row["id"] for row in loaded.rows("leads")] == ids


def test_large_objects_are_read_by_bulk_and_small_ones_by_rest(
    org: SmallOrg, loaded: Loaded
) -> None:
    loaded.options = {"bulk_from": 20}
    _leads(org, 20)
    for _ in range(19):
        org.add("Contact")
    loaded.load("leads")
    loaded.load("contacts")
    asked = [asked.json()["query"] for asked in org.asked if asked.method == "POST"]
    assert len(asked) == 1
    assert "FROM Lead" in asked[0]


def test_twelve_thousand_records_of_one_timestamp_are_complete(
    org: SmallOrg, loaded: Loaded
) -> None:
    _leads(org, 12_000)
    loaded.load("leads")
    assert len(loaded.live("leads")) == 12_000
    for _ in range(2):
        org.pass_time(days=1)
        assert loaded.load("leads").rows == 0


def test_an_org_without_records_is_no_error(org: SmallOrg, loaded: Loaded) -> None:
    assert loaded.load("leads").rows == 0
    org.add("Lead")
    assert loaded.load("leads").rows == 1


@pytest.mark.usefixtures("api")
def test_a_load_that_is_cut_off_goes_on_from_what_has_landed(
    org: SmallOrg, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.salesforce.walk._LANDED_AT_ONCE", 10)
    ids = _leads(org, 45)
    org.pass_time(hours=1)
    stream = loaded.stream("leads")

    class Killed(Exception):
        pass

    def after_two(landed: int, _: int | None) -> None:
        if landed >= 20:
            raise Killed

    with pytest.raises(Killed):
        load_stream(loaded.lake, "salesforce", stream, "first", progress=after_two)
    before = len(org.asked)
    assert loaded.load("leads").rows == 25
    assert [row["id"] for row in loaded.rows("leads")] == ids
    pages = [a for a in org.asked[before:] if "/query/0" in a.path or a.path.endswith("results")]
    assert len(pages) <= 3, "what had landed was asked for again"


def test_a_load_that_is_cut_off_resumes_its_bulk_job(org: SmallOrg, loaded: Loaded) -> None:
    loaded.options = {"bulk_from": 20}
    org.page = 10
    _leads(org, 45)
    org.pass_time(hours=1)
    pages = iter(range(100))
    org.fault = lambda asked: (
        reset() if asked.path.endswith("/results") and next(pages) >= 2 else None
    )
    with pytest.raises(TransientError):
        loaded.load("leads")
    org.fault = lambda _: None
    loaded.load("leads")
    assert sum(asked.method == "POST" and "jobs" in asked.path for asked in org.asked) == 1
    assert len(loaded.rows("leads")) == 45
    assert org.jobs == {}


def test_a_job_that_is_gone_is_replaced_by_one_for_the_rest(org: SmallOrg, loaded: Loaded) -> None:
    loaded.options = {"bulk_from": 20}
    org.page = 10
    ids = _leads(org, 45)
    org.pass_time(hours=1)
    pages = iter(range(100))
    org.fault = lambda asked: (
        reset() if asked.path.endswith("/results") and next(pages) >= 2 else None
    )
    with pytest.raises(TransientError):
        loaded.load("leads")
    org.fault = lambda _: None
    org.jobs.clear()
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids
    [_, second] = [a.json()["query"] for a in org.asked if a.method == "POST"]
    assert f"Id > '{ids[19]}'" in second


@pytest.mark.parametrize("end", ["Failed", "Aborted"])
def test_a_bulk_job_that_fails_is_tried_once_more(org: SmallOrg, loaded: Loaded, end: str) -> None:
    loaded.options = {"bulk_from": 20}
    ids = _leads(org, 25)
    org.salesforce.bulk.let_fail(end)
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids
    assert len(org.deleted_jobs) == 2
    assert not any("/query/0" in a.path or "SELECT Id" in str(a.query.get("q")) for a in org.asked)


def test_where_bulk_fails_twice_rest_is_asked(org: SmallOrg, loaded: Loaded) -> None:
    loaded.options = {"bulk_from": 20}
    ids = _leads(org, 25)
    org.salesforce.bulk.let_fail("Failed", "Failed")
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids
    assert len(org.deleted_jobs) == 2
    assert org.jobs == {}


def test_an_object_that_bulk_refuses_is_read_through_rest(org: SmallOrg, loaded: Loaded) -> None:
    loaded.options = {"bulk_from": 20}
    ids = _leads(org, 25)
    org.salesforce.bulk.refuse(org.tables)
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids


def test_a_job_is_waited_for_with_growing_patience(org: SmallOrg, loaded: Loaded) -> None:
    loaded.options = {"bulk_from": 20}
    _leads(org, 25)
    org.salesforce.bulk.let_fail(*["InProgress"] * 6)
    loaded.load("leads")
    waits = [seconds for seconds in loaded.waited if seconds >= 1]
    assert waits == sorted(waits)
    assert max(waits) == 30


def test_pages_that_shrink_are_followed_to_the_end(org: SmallOrg, loaded: Loaded) -> None:
    ids = _leads(org, 100)
    org.page = 40

    def shrink() -> None:
        org.page = 7

    org.before_page = shrink
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids


@pytest.mark.usefixtures("api")
def test_fewer_records_than_announced_are_an_error_and_the_next_try_heals(
    org: SmallOrg, loaded: Loaded
) -> None:
    ids = _leads(org, 45)

    def short(asked: Request, response: Response) -> Response:
        if asked.path.endswith("/results"):
            lines = response.body.splitlines(keepends=True)
            headers = {**response.headers, "Sforce-NumberOfRecords": str(len(lines) - 2)}
            return Response(body=b"".join(lines[:-1]), headers=headers)
        if is_page(asked):
            body = response.body.replace(b'"records":[{', b'"records":[],"lost":[{')
            return Response(body=body, headers=response.headers)
        return response

    whole, org.spoil = org.spoil, short
    with pytest.raises(TransientError, match="announced 45 records and gave"):
        loaded.load("leads")
    org.spoil = whole
    loaded.load("leads")
    assert [row["id"] for row in sorted(loaded.rows("leads"), key=lambda r: r["id"])] == ids


def test_a_page_of_csv_with_other_than_the_announced_records_is_an_error(
    org: SmallOrg, loaded: Loaded
) -> None:
    loaded.options = {"bulk_from": 20}
    ids = _leads(org, 25)

    def cut(asked: Request, response: Response) -> Response:
        if not asked.path.endswith("/results"):
            return response
        return Response(
            body=b"".join(response.body.splitlines(True)[:-3]), headers=response.headers
        )

    whole, org.spoil = org.spoil, cut
    with pytest.raises(TransientError, match="22 records, and the server announced 25"):
        loaded.load("leads")
    assert loaded.rows("leads") == []
    org.spoil = whole
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids


def test_a_download_that_is_cut_in_the_middle_is_asked_for_again(
    org: SmallOrg, loaded: Loaded
) -> None:
    loaded.options = {"bulk_from": 20}
    ids = _leads(org, 25)
    cuts = iter([Damage(0.3)])

    def cut(asked: Request, response: Response) -> Response:
        if not asked.path.endswith("/results"):
            return response
        return Response(body=response.body, headers=response.headers, damage=next(cuts, None))

    org.spoil = cut
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids


def test_a_page_whose_mark_the_server_forgot_is_no_loss(org: SmallOrg, loaded: Loaded) -> None:
    ids = _leads(org, 45)
    org.page = 10
    pages = iter(range(100))

    def forget(asked: Request) -> Response | None:
        if "/query/0" in asked.path and next(pages) == 1:
            return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return None

    org.fault = forget
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids


def test_the_token_is_renewed_in_mid_sync(org: SmallOrg, loaded: Loaded) -> None:
    ids = _leads(org, 45)
    org.page = 10
    pages = iter(range(100))

    def expire(asked: Request) -> Response | None:
        if "/query/0" in asked.path and next(pages) == 1:
            org.expire_token()
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return None

    org.fault = expire
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids
    assert org.tokens == 2


def test_an_error_is_never_a_green_sync_without_rows(org: SmallOrg, loaded: Loaded) -> None:
    _leads(org, 5)
    for code in ("MALFORMED_QUERY", "INSUFFICIENT_ACCESS", "API_DISABLED_FOR_ORG"):
        org.fault = lambda asked, code=code: (  # type: ignore[misc]
            error(403, code, "no") if "queryAll" in asked.path else None
        )
        with pytest.raises(ConnectorError, match=f"Lead.*{code}"):
            loaded.load("leads")
    assert loaded.rows("leads") == []


def test_the_load_stops_at_its_share_of_the_orgs_requests(org: SmallOrg, loaded: Loaded) -> None:
    _leads(org, 100)
    org.page, org.allowed = 10, 20
    loaded.options = {"quota_share": 0.5}
    with pytest.raises(ConnectorError, match="of the 20 requests") as caught:
        loaded.load("leads")
    assert "24 hours" in str(caught.value)
    assert org.used <= 11
    org.allowed = 1_000
    loaded.load("leads")
    assert len(loaded.rows("leads")) == 100


def test_an_object_that_the_org_lacks_is_an_error_that_says_what_to_do(
    org: SmallOrg, loaded: Loaded
) -> None:
    del org.tables["Campaign"]
    with pytest.raises(ConnectorError, match=r"Campaign.*NOT_FOUND.*`leave_out`"):
        loaded.load("campaigns")


@pytest.mark.parametrize("stream", ["currency_types", "dated_conversion_rates"])
def test_an_org_of_one_currency_has_no_rates_and_that_is_right(
    org: SmallOrg, loaded: Loaded, stream: str
) -> None:
    del org.tables["CurrencyType"], org.tables["DatedConversionRate"]
    assert loaded.load(stream).rows == 0


def test_no_secret_is_in_the_lake_or_in_a_log(
    org: SmallOrg, loaded: Loaded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    _leads(org, 3)
    loaded.load("leads")
    held = b"".join(p.read_bytes() for p in loaded.folder.rglob("*") if p.is_file())
    for canary in ("canary-id", "canary-secret", "token-1"):
        assert canary.encode() not in held
        assert canary not in caplog.text


def test_a_query_that_takes_the_server_too_long_is_handed_to_bulk(
    org: SmallOrg, loaded: Loaded
) -> None:
    ids = _leads(org, 45)
    org.page = 10
    pages = iter(range(100))
    org.fault = lambda asked: (
        error(400, "QUERY_TIMEOUT", "Your query request was running for too long")
        if "/query/0" in asked.path and next(pages) == 2
        else None
    )
    loaded.load("leads")
    assert [row["id"] for row in loaded.rows("leads")] == ids


def test_all_streams_of_a_source_share_one_session(org: SmallOrg, loaded: Loaded) -> None:
    org.add("Lead")
    for stream in loaded.connector().streams():
        list(stream.read(None))
    assert org.tokens == 1


def test_a_source_that_is_asked_for_twice_has_one_session_until_its_secrets_change(
    loaded: Loaded,
) -> None:
    source = loaded.connector().source
    first, again = (salesforce_connector(source, loaded.lake, SECRETS) for _ in range(2))
    other = salesforce_connector(source, loaded.lake, {**SECRETS, "SF_SECRET": "a new one"})
    assert first.org is again.org
    assert other.org is not first.org


def test_a_field_that_appears_while_a_first_sync_is_cut_off_is_read_for_every_record(
    org: SmallOrg, loaded: Loaded
) -> None:
    loaded.options = {"bulk_from": 20}
    org.page = 10
    ids = _leads(org, 45)
    org.pass_time(hours=1)
    pages = iter(range(100))
    org.fault = lambda asked: (
        reset() if asked.path.endswith("/results") and next(pages) >= 2 else None
    )
    with pytest.raises(TransientError):
        loaded.load("leads")
    org.fault = lambda _: None
    org.add_field("Lead", "Tier__c")
    for record in org.tables["Lead"].records.values():
        record["Tier__c"] = "Gold"
    loaded.load("leads")
    newest = loaded.newest("leads")
    assert {id_: row["_extra"] for id_, row in newest.items()} == dict.fromkeys(
        ids, '{"Tier__c":"Gold"}'
    )
    assert org.jobs == {}
