"""Campaigns, forms, marketing events and mails are told as HubSpot tells them."""

from dataclasses import replace
from typing import Any

import pytest
from hubspot import HubSpot as Client

from connectors.sandbox.hubspot import (
    EmailEvent,
    Form,
    MarketingCampaign,
    MarketingEmail,
    MarketingEvent,
    MoneyItem,
    Participation,
    Store,
    Submission,
    guid,
)
from connectors.sandbox.serving import Running, milliseconds_of
from tests.connectors.sandbox.hubspot.conftest import START, TOKEN, Ask

AT = milliseconds_of(START)
CAMPAIGN = MarketingCampaign(
    guid("campaign", 1),
    {"hs_name": "Webinars Q1", "hs_start_date": "2026-01-01"},
    AT,
    AT,
    currency="EUR",
    budget=[MoneyItem("b1", "All", 1000.0, AT, AT)],
    spend=[MoneyItem("s2", "Speaker", 100.5, AT + 1, AT), MoneyItem("s1", "Room", 200.0, AT, AT)],
    assets={"FORM": [("f1", "Sign up")]},
)
PATH = f"/marketing/v3/campaigns/{CAMPAIGN.id}"
EVENT = MarketingEvent("8", "Launch", "WEBINAR", AT, AT + 3_600_000, AT, AT)


def test_a_campaign_tells_only_what_it_is_asked_for(ask: Ask, store: Store) -> None:
    store.marketing.campaigns[CAMPAIGN.id] = CAMPAIGN
    told = ask("GET", "/marketing/v3/campaigns").json()
    assert (told["total"], told["results"][0]["properties"]) == (1, {})
    asked = {"properties": "hs_name,hs_spend_items_sum_amount,hs_currency_code,nope"}
    assert ask("GET", PATH, params=asked).json()["properties"] == {
        "hs_name": "Webinars Q1",
        "hs_spend_items_sum_amount": "300.50",
        "hs_currency_code": "EUR",
    }
    assert ask("GET", "/marketing/v3/campaigns/nope").status_code == 404


def test_campaigns_page_to_the_end(ask: Ask, store: Store) -> None:
    ids = sorted(guid("campaign", n) for n in range(5))
    for id_ in ids:
        store.marketing.campaigns[id_] = replace(CAMPAIGN, id=id_)
    found, after = [], "0"
    while after:
        told = ask("GET", "/marketing/v3/campaigns", params={"limit": 2, "after": after}).json()
        found += [one["id"] for one in told["results"]]
        after = told.get("paging", {}).get("next", {}).get("after", "")
    assert found == ids
    assert ask("GET", "/marketing/v3/campaigns", params={"limit": 101}).status_code == 400


def test_spend_is_told_item_by_item_in_the_campaigns_currency(ask: Ask, store: Store) -> None:
    store.marketing.campaigns[CAMPAIGN.id] = CAMPAIGN
    told = ask("GET", f"{PATH}/budget/totals").json()
    assert (told["currencyCode"], told["budgetTotal"]) == ("EUR", 1000)
    assert (told["spendTotal"], told["remainingBudget"]) == (300.5, 699.5)
    assert [(i["id"], i["order"], i["createdAt"]) for i in told["spendItems"]] == [
        ("s1", 0, AT),
        ("s2", 1, AT + 1),
    ]
    assert ask("GET", f"{PATH}/spend/s2").json()["amount"] == 100.5


def test_assets_are_told_type_by_type(ask: Ask, store: Store) -> None:
    store.marketing.campaigns[CAMPAIGN.id] = CAMPAIGN
    assert ask("GET", f"{PATH}/assets/FORM").json() == {
        "results": [{"id": "f1", "name": "Sign up"}]
    }
    assert ask("GET", f"{PATH}/assets/MARKETING_EMAIL").json() == {"results": []}
    assert ask("GET", f"{PATH}/assets/POEM").status_code == 400


def test_submissions_come_newest_first_and_fifty_at_most(ask: Ask, store: Store) -> None:
    store.marketing.forms["f1"] = Form("f1", "Sign up", AT, AT)
    for n in range(70):
        sent = Submission(f"c{n}", AT + n, (("email", f"{n}@x.example"),), "https://x.example")
        store.marketing.submit("f1", sent)
    path = "/form-integrations/v1/submissions/forms/f1"
    first = ask("GET", path, params={"limit": 50}).json()
    assert first["results"][0] == {
        "conversionId": "c69",
        "submittedAt": AT + 69,
        "values": [{"name": "email", "value": "69@x.example", "objectTypeId": "0-1"}],
        "pageUrl": "https://x.example",
    }
    after = first["paging"]["next"]["after"]
    rest = ask("GET", path, params={"limit": 50, "after": after}).json()
    assert [one["conversionId"] for one in rest["results"]] == [f"c{n}" for n in range(19, -1, -1)]
    assert "paging" not in rest
    assert ask("GET", path, params={"limit": 51}).status_code == 400


def test_email_events_come_newest_first_and_are_bounded_by_time(ask: Ask, store: Store) -> None:
    events = [EmailEvent(AT + n // 2, f"e{n}", "OPEN", "a@x.example", 5) for n in range(7)]
    events.append(EmailEvent(AT + 3, "bot", "CLICK", "a@x.example", 5, is_filtered=True))
    store.marketing.add_email_events(events)
    path = "/email/public/v1/events"
    found: list[str] = []
    offset = ""
    while True:
        told = ask("GET", path, params={"limit": 3, "offset": offset}).json()
        found += [one["id"] for one in told["events"]]
        offset = told["offset"]
        if not told["hasMore"]:
            break
    assert found == ["e6", "bot", "e5", "e4", "e3", "e2", "e1", "e0"]
    some = ask("GET", path, params={"startTimestamp": AT + 1, "endTimestamp": AT + 2}).json()
    assert [one["id"] for one in some["events"]] == ["e5", "e4", "e3", "e2"]
    bots = ask("GET", path, params={"eventType": "CLICK"}).json()["events"]
    assert [(one["id"], one["filteredEvent"]) for one in bots] == [("bot", True)]
    assert ask("GET", path, params={"limit": 1001}).status_code == 400
    assert ask("GET", path, params={"startTimestamp": "2026-01-01"}).status_code == 400


def test_what_comes_in_while_one_pages_moves_nothing(ask: Ask, store: Store) -> None:
    store.marketing.add_email_events(
        EmailEvent(AT + n, f"e{n}", "OPEN", "a@x.example", 5) for n in range(4)
    )
    path = "/email/public/v1/events"
    first = ask("GET", path, params={"limit": 2}).json()
    store.marketing.add_email_events([EmailEvent(AT + 9, "new", "OPEN", "a@x.example", 5)])
    rest = ask("GET", path, params={"limit": 2, "offset": first["offset"]}).json()
    assert [one["id"] for one in rest["events"]] == ["e1", "e0"]


@pytest.fixture
def client(running: Running) -> Any:
    client = Client(access_token=TOKEN)

    def at_the_portal(api: Any) -> Any:
        api.api_client.configuration.host = running.url
        return api

    client.at = at_the_portal  # type: ignore[attr-defined]
    return client


def test_the_official_client_reads_forms(client: Any, store: Store) -> None:
    store.marketing.forms["f1"] = Form("f1", "Sign up", AT, AT)
    store.marketing.forms["f2"] = Form("f2", "Old", AT, AT, is_archived=True)
    api = client.at(client.marketing.forms.forms_api)
    assert [form.name for form in api.get_page().results] == ["Sign up"]
    assert [form.name for form in api.get_page(archived=True).results] == ["Old"]


def test_the_official_client_reads_marketing_events_and_who_came(client: Any, store: Store) -> None:
    store.marketing.events[EVENT.id] = EVENT
    contact = store.create("contacts", {"email": "a@x.example", "firstname": "Ada"})
    for n, state in enumerate(("REGISTERED", "ATTENDED")):
        store.marketing.participate("8", Participation(f"p{n}", contact, state, AT + n))
    [event] = client.at(client.marketing.events.basic_api).get_all().results
    assert (event.event_name, event.attendees, event.registrants) == ("Launch", 1, 1)
    assert event.start_date_time == START
    api = client.at(client.marketing.events.retrieve_participant_state_api)
    found = api.get_participations_breakdown_by_marketing_event_id("8", limit=1)
    assert (found.total, found.results[0].properties.attendance_state) == (2, "REGISTERED")
    assert found.results[0].associations.contact.email == "a@x.example"
    rest = api.get_participations_breakdown_by_marketing_event_id(
        "8", limit=1, after=found.paging.next.after
    )
    assert rest.results[0].properties.occurred_at == AT + 1


def test_the_official_client_reads_marketing_emails(client: Any, store: Store, ask: Ask) -> None:
    email = MarketingEmail("4", "News", "What is new", AT, AT, CAMPAIGN.id, "Q1", (41, 42))
    store.marketing.emails["4"] = email
    [found] = client.at(client.marketing.emails.marketing_emails_api).get_page().results
    assert (found.name, found.subject, found.campaign) == ("News", "What is new", CAMPAIGN.id)
    told = ask("GET", "/marketing/v3/emails/4").json()
    assert told["allEmailCampaignIds"] == ["41", "42"]
