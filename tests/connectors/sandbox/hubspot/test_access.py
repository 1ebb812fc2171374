"""Who is let in, with which scopes, and how often."""

from datetime import timedelta

import pytest
import requests

from connectors.sandbox.hubspot import HubSpot
from connectors.sandbox.serving import Fault, Running
from tests.connectors.sandbox.hubspot.conftest import Ask

CONTACTS = "/crm/v3/objects/contacts"
FORM = {
    "grant_type": "refresh_token",
    "client_id": "app-1",
    "client_secret": "secret-1",
    "refresh_token": "refresh-1",
}


def _status(running: Running, token: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(running.url + CONTACTS, headers=headers, timeout=5)
    return answer.status_code, answer.json().get("category", "")


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_an_access_token_lasts_as_long_as_it_says(
    running: Running, portal: HubSpot, version: str
) -> None:
    told = requests.post(f"{running.url}/oauth/{version}/token", data=FORM, timeout=5).json()
    assert told["token_type"] == "bearer"
    assert _status(running, told["access_token"]) == (200, "")
    running.clock.advance(timedelta(seconds=told["expires_in"] - 1))
    assert _status(running, told["access_token"]) == (200, "")
    running.clock.advance(timedelta(seconds=1))
    assert _status(running, told["access_token"]) == (401, "EXPIRED_AUTHENTICATION")


def test_tokens_can_be_made_to_expire_at_once(running: Running, portal: HubSpot) -> None:
    token = requests.post(f"{running.url}/oauth/v3/token", data=FORM, timeout=5).json()
    requests.delete(f"{running.url}/_sandbox/tokens", timeout=5)
    assert _status(running, token["access_token"]) == (401, "EXPIRED_AUTHENTICATION")


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("client_id", "BAD_CLIENT_ID"),
        ("client_secret", "BAD_CLIENT_SECRET"),
        ("refresh_token", "BAD_REFRESH_TOKEN"),
        ("grant_type", "BAD_GRANT_TYPE"),
    ],
)
def test_a_wrong_word_gets_no_token(running: Running, field: str, status: str) -> None:
    form = FORM | {field: "wrong"}
    answer = requests.post(f"{running.url}/oauth/v3/token", data=form, timeout=5)
    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_a_token_that_nobody_gave_is_not_let_in(running: Running) -> None:
    assert _status(running, "nope") == (401, "INVALID_AUTHENTICATION")


def test_a_missing_scope_is_named(ask: Ask, portal: HubSpot) -> None:
    portal.access.scopes = {"crm.objects.contacts.read"}
    assert ask("GET", CONTACTS).status_code == 200
    assert ask("GET", "/crm/v3/objects/calls").status_code == 200
    assert ask("GET", "/crm/v3/properties/contacts").status_code == 200
    needs = {
        "/crm/v3/objects/deals": "crm.objects.deals.read",
        "/crm/v3/owners": "crm.objects.owners.read",
        "/crm/v3/pipelines/deals": "crm.objects.deals.read",
        "/crm/v3/objects/emails": "sales-email-read",
    }
    for path, scope in needs.items():
        told = ask("GET", path)
        assert (told.status_code, told.json()["category"]) == (403, "MISSING_SCOPES")
        assert scope in told.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_scopes_can_be_set_over_http(ask: Ask, running: Running) -> None:
    requests.post(f"{running.url}/_sandbox/scopes", json={"scopes": []}, timeout=5)
    assert ask("GET", CONTACTS).status_code == 403


def test_too_many_requests_in_ten_seconds_are_refused(ask: Ask, portal: HubSpot) -> None:
    passed = [0.0]
    portal.limits.per_ten_seconds, portal.limits.elapsed = 3, lambda: passed[0]
    answers = [ask("GET", CONTACTS) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    told = answers[-1].json()
    assert (told["errorType"], told["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    left = [a.headers["X-HubSpot-RateLimit-Remaining"] for a in answers]
    assert left == ["2", "1", "0", "0"]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "3"
    assert "Retry-After" not in answers[-1].headers
    passed[0] = 10.0
    assert ask("GET", CONTACTS).status_code == 200


def test_search_has_a_limit_of_its_own_and_tells_none(ask: Ask, portal: HubSpot) -> None:
    portal.limits.search_per_second, portal.limits.elapsed = 2, lambda: 0.0
    answers = [ask("POST", f"{CONTACTS}/search", json={}) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[-1].json()["policyName"] == "SECONDLY"
    assert not any("ratelimit" in name.lower() for a in answers for name in a.headers)
    assert ask("GET", CONTACTS).status_code == 200


def test_the_limit_of_a_day_is_told_too(ask: Ask, portal: HubSpot) -> None:
    portal.limits.per_day = 1
    assert ask("GET", CONTACTS).headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert ask("GET", CONTACTS).json()["policyName"] == "DAILY"


def test_faults_speak_as_the_portal_does(ask: Ask, running: Running) -> None:
    running.faults.add(Fault(status=429), Fault(status=401), Fault(status=502))
    told = [ask("GET", CONTACTS).json() for _ in range(3)]
    assert told[0]["errorType"] == "RATE_LIMIT"
    assert told[1]["category"] == "EXPIRED_AUTHENTICATION"
    assert told[2]["status"] == "error"


def test_an_address_that_is_too_long_is_refused(ask: Ask) -> None:
    names = ",".join(f"property_number_{n}" for n in range(500))
    assert ask("GET", CONTACTS, params={"properties": names}).status_code == 414


def test_a_path_that_is_not_there_is_not_found(ask: Ask) -> None:
    assert ask("GET", "/crm/v9/objects").json()["category"] == "OBJECT_NOT_FOUND"
