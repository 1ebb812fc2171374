"""Salesforce's own ways, as a client that many use knows them, work against the sandbox."""

import csv
import io
from datetime import timedelta

import pytest
import requests
from simple_salesforce import Salesforce as Client
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from connectors.sandbox.salesforce import Org
from tests.connectors.sandbox.salesforce.conftest import Served


def _leads(org: Org, count: int) -> list[str]:
    return [org.add("Lead", LastName=f'Lead "{n}", é\n') for n in range(count)]


def test_it_reads_every_page_of_a_query(org: Org, client: Client) -> None:
    ids = _leads(org, 4_500)
    found = client.query_all("SELECT Id, LastName FROM Lead ORDER BY Id")
    assert (found["totalSize"], found["done"]) == (4_500, True)
    assert [record["Id"] for record in found["records"]] == ids
    assert found["records"][7]["LastName"] == 'Lead "7", é\n'


def test_it_iterates_over_a_query(org: Org, client: Client) -> None:
    ids = _leads(org, 2_001)
    assert [r["Id"] for r in client.query_all_iter("SELECT Id FROM Lead ORDER BY Id")] == ids


def test_the_bin_is_in_a_query_only_if_it_is_asked_for(org: Org, client: Client) -> None:
    gone, there = _leads(org, 2)
    org.delete("Lead", gone)
    query = "SELECT Id FROM Lead"
    assert [r["Id"] for r in client.query_all(query)["records"]] == [there]
    both = client.query_all(query, include_deleted=True)["records"]
    assert [r["Id"] for r in both] == [gone, there]


def test_it_counts(org: Org, client: Client) -> None:
    _leads(org, 3)
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 3


def test_it_is_told_what_an_object_looks_like(org: Org, client: Client) -> None:
    org.add_field("Lead", "Tier__c", "picklist")
    told = client.Lead.describe()
    types = {field["name"]: field["type"] for field in told["fields"]}
    assert (types["Id"], types["Tier__c"], types["ConvertedDate"]) == ("id", "picklist", "date")
    assert {"Lead", "CampaignMember"} <= {s["name"] for s in client.describe()["sobjects"]}


def test_it_gets_one_record(org: Org, client: Client) -> None:
    [id_] = _leads(org, 1)
    told = client.Lead.get(id_)
    assert told["CreatedDate"] == "2026-03-02T12:00:00.000+0000"
    assert told["attributes"]["type"] == "Lead"
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get("00Q000000000099")


@pytest.mark.parametrize("operation", ["query", "query_all"])
def test_it_reads_a_bulk_job_to_its_end(
    org: Org, served: Served, client: Client, operation: str
) -> None:
    served.salesforce.bulk.page = 40
    ids = _leads(org, 100)
    org.delete("Lead", ids[0])
    ask = getattr(client.bulk2.Lead, operation)
    pages = ask("SELECT Id, LastName, CreatedDate FROM Lead", wait=0)
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert [row["Id"] for row in rows] == (ids if operation == "query_all" else ids[1:])
    assert {row["CreatedDate"] for row in rows} == {"2026-03-02T12:00:00.000Z"}
    assert rows[-1]["LastName"] == 'Lead "99", é\n'


def test_it_is_told_the_limits(served: Served, client: Client) -> None:
    served.salesforce.quota.allowed = 10
    assert client.limits()["DailyApiRequests"] == {"Max": 10, "Remaining": 9}
    client.query("SELECT COUNT() FROM Lead")
    usage = client.api_usage["api-usage"]
    assert (usage.used, usage.total) == (2, 10)


def test_no_more_than_a_days_requests_are_answered_until_the_day_is_over(
    served: Served, client: Client
) -> None:
    served.salesforce.quota.allowed = 2
    served.salesforce.sessions.lasts = timedelta(days=9)
    for _ in range(2):
        client.limits()
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        client.limits()
    served.org.clock.advance(timedelta(hours=24))
    client.limits()


def test_it_is_told_that_a_query_is_wrong(client: Client) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        client.query("SELECT Nothing FROM Lead")


def test_a_session_ends_when_nobody_used_it_for_two_hours(served: Served, client: Client) -> None:
    for _ in range(3):
        served.org.clock.advance(timedelta(minutes=110))
        client.limits()
    served.org.clock.advance(timedelta(minutes=121))
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        client.limits()


@pytest.mark.parametrize(
    ("field", "code"), [("client_id", "invalid_client_id"), ("client_secret", "invalid_client")]
)
def test_wrong_secrets_let_nobody_in(served: Served, field: str, code: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "the id"}
    form |= {"client_secret": "the secret", field: "wrong"}
    answer = requests.post(f"{served.server.url}/services/oauth2/token", data=form, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


def test_answers_have_the_servers_time(served: Served) -> None:
    answer = requests.get(f"{served.server.url}/services/data", timeout=10)
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 12:00:00 GMT"


def test_orders_over_http_reach_the_org(served: Served) -> None:
    def order(name: str, told: dict[str, int]) -> int:
        url = f"{served.server.url}/_sandbox/{name}"
        return requests.post(url, json=told, timeout=10).status_code

    assert [order("lag", {"seconds": 30}), order("limits", {"allowed": 7})] == [204, 204]
    assert order("pages", {"rest": 200, "bulk": 500}) == 204
    assert served.org.lag == timedelta(seconds=30)
    assert served.salesforce.quota.allowed == 7
    assert (served.salesforce.rest.page, served.salesforce.bulk.page) == (200, 500)
