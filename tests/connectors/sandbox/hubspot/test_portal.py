"""The simulated company's portal tells what its exports tell, and catches up night by night."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from connectors.errors import PermanentError
from connectors.sandbox import Parameters, simulate
from connectors.sandbox.hubspot import HubSpot, Store
from connectors.sandbox.hubspot.portal import (
    SANDBOX_TOKEN,
    deal_id,
    event_id,
    fill_portal,
    sandbox_portal,
)
from connectors.sandbox.serving import Clock, milliseconds_of, moment_of, serve
from tests.connectors.sandbox.conftest import Query

_END = datetime(2026, 10, 1, tzinfo=UTC)
_EARLY = Parameters(prospects=400, months=12, until=date(2026, 5, 14))
_LATE = replace(_EARLY, until=date(2026, 5, 25))
_EARLY_END, _LATE_END = datetime(2026, 5, 15, tzinfo=UTC), datetime(2026, 5, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def portal(company: Path) -> HubSpot:
    return sandbox_portal(company / "exports", Clock.frozen(_END))


@pytest.fixture
def store(portal: HubSpot) -> Store:
    return portal.store


def _text(milliseconds: int) -> str:
    return moment_of(milliseconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_every_contact_is_there_and_who_was_merged_is_found_in_another(
    store: Store, query: Query
) -> None:
    rows = query('select "Record ID", "Merged Into" from marketing_contacts')
    live = {contact.id for contact in store.held("contacts")}
    assert live == {id_ for id_, merged in rows if not merged}
    merged = {id_: into for id_, into in rows if into}
    assert merged
    for id_, into in merged.items():
        survivor = store.get("contacts", str(id_))
        assert survivor.id == into
        assert str(id_) in str(survivor.values["hs_merged_object_ids"]).split(";")


def test_lifecycle_history_is_the_exports(store: Store, query: Query) -> None:
    told = Counter(
        (contact.id, past.value, _text(past.at))
        for contact in store.held("contacts")
        for name in ("lifecyclestage", "hs_lead_status")
        for past in store.history("contacts", contact.id, name)
        if past.value
    )
    rows = query(
        """select "Contact ID", if("Lifecycle Stage" = 'unqualified', 'UNQUALIFIED',
        "Lifecycle Stage"), "Changed At" from marketing_lifecycle_history"""
    )
    assert told == Counter(rows)


def test_who_is_not_wanted_has_the_reason_that_the_exports_tell(store: Store, query: Query) -> None:
    told = {
        (contact.id, contact.values["disqualification_reason"])
        for contact in store.held("contacts")
        if contact.values.get("disqualification_reason")
    }
    assert told
    exported = """
        select "Contact ID", "Reason" from marketing_lifecycle_history where "Reason" <> ''
    """
    assert told == set(query(exported))


def test_the_newest_past_of_every_property_is_what_stands(store: Store) -> None:
    for kind, names in (
        ("contacts", ("lifecyclestage", "hs_lead_status", "hubspot_owner_id")),
        ("deals", ("dealstage", "closedate")),
    ):
        for record in store.held(kind):
            for name in names:
                pasts = store.history(kind, record.id, name)
                assert (pasts[-1].value if pasts else None) == record.values.get(name)
                assert [p.at for p in pasts] == sorted(p.at for p in pasts)
                assert all(record.created <= p.at <= record.modified for p in pasts)


def test_a_share_of_the_opportunities_is_mirrored_as_deals(store: Store, query: Query) -> None:
    deals = {deal.values["hs_salesforceopportunityid"]: deal for deal in store.held("deals")}
    stages = dict(query('select "Id", "StageName" from crm_opportunities'))
    assert 0.5 < len(deals) / len(stages) < 0.7
    labels = {stage.id: stage.label for stage in store.pipelines["deals"]["default"].stages}
    history: dict[object, list[object]] = {}
    for id_, word in query(
        'select "OpportunityId", "StageName" from crm_opportunity_history order by "CreatedDate"'
    ):
        history.setdefault(id_, []).append(word)
    for id_, deal in deals.items():
        assert labels[str(deal.values["dealstage"])] == stages[id_]
        told = [labels[p.value] for p in store.history("deals", deal.id, "dealstage")]
        assert told == history[id_]


def test_deals_have_their_contacts_with_roles_where_both_systems_know_them(
    store: Store, query: Query
) -> None:
    rows = query(
        """select "OpportunityId", c."Record ID", "Role" from crm_opportunity_contact_roles
        join marketing_contacts c on c."Salesforce ID" = "ContactId" """
    )
    known = {deal.values["hs_salesforceopportunityid"]: deal.id for deal in store.held("deals")}
    wanted = {(known[o], c, role) for o, c, role in rows if o in known}
    told = {
        (deal.id, str(contact), one.label)
        for deal in store.held("deals")
        for contact, types in store.links.of("deals", int(deal.id), "contacts").items()
        for one in types
        if one.label
    }
    assert told == wanted != set()


def test_every_contact_and_deal_has_one_primary_company(store: Store) -> None:
    for kind in ("contacts", "deals"):
        for record in store.held(kind):
            linked = store.links.of(kind, int(record.id), "companies")
            primary = [to for to, types in linked.items() if any(t.label for t in types)]
            assert len(primary) == 1


def test_owners_work_in_marketing_and_who_left_handed_over(store: Store) -> None:
    gone = {owner.id for owner in store.owners.values() if owner.is_archived}
    assert gone
    assert all(owner.teams for owner in store.owners.values() if not owner.is_archived)
    owned = [contact.values["hubspot_owner_id"] for contact in store.held("contacts")]
    assert set(owned) <= set(store.owners)
    assert not gone & set(owned)
    before = {
        store.history("contacts", contact.id, "hubspot_owner_id")[0].value
        for contact in store.held("contacts")
    }
    assert gone & before


def test_forms_that_were_sent_in_are_all_told_by_known_addresses(
    store: Store, query: Query
) -> None:
    sent = [s for submissions in store.marketing.submissions.values() for s in submissions]
    rows = query(
        """select "Activity ID", "Email", "Occurred At" from marketing_web_activity
        join marketing_contacts on "Record ID" = "Contact ID"
        where "Activity" = 'form_submission'"""
    )
    assert len(sent) == len(rows)
    assert len({s.id for s in sent}) == len(sent)
    told = {(s.id, dict(s.values)["email"], _text(s.at)) for s in sent}
    whole = {(event_id(int(str(i))), e, t) for i, e, t in rows if i and str(t) < "2030"}
    assert whole <= told
    assert all(s.at < milliseconds_of(_END) for s in sent)


def test_attendance_is_told_and_nobody_attended_who_was_not_confirmed(
    store: Store, query: Query
) -> None:
    found = [p for some in store.marketing.participations.values() for p in some]
    rows = dict(query('select "Registration", "Attended" from marketing_attendance'))
    assert {p.id for p in found} == set(rows)
    registered = {p.id for p in found if p.state == "REGISTERED"}
    assert registered == {id_ for id_, at in rows.items() if not str(at)[0].isdigit()} != set()
    for event in store.marketing.events.values():
        for one in store.marketing.participations[event.id]:
            assert one.state == "REGISTERED" or event.starts <= one.at <= event.ends


def test_mails_are_told_by_what_became_of_them(store: Store, query: Query) -> None:
    wanted = dict(query("select type, count(*) from marketing_email_events group by all"))
    told = Counter((e.type, e.is_filtered) for e in store.marketing.email_events)
    assert told == {
        ("SENT", False): wanted["SENT"],
        ("OPEN", False): wanted["OPEN"],
        ("CLICK", False): wanted["CLICK"],
        ("CLICK", True): wanted["BOT_CLICK"],
    }
    replies = list(store.held("emails"))
    assert len(replies) == wanted["REPLY"]
    assert {one.values["hs_email_direction"] for one in replies} == {"INCOMING_EMAIL"}
    assert all(len(store.links.of("emails", int(one.id), "contacts")) == 1 for one in replies)
    sends = {n for email in store.marketing.emails.values() for n in email.email_campaign_ids}
    assert {e.email_campaign_id for e in store.marketing.email_events} == sends


def test_campaigns_have_their_assets_and_spend_up_to_now(store: Store, query: Query) -> None:
    campaigns = store.marketing.campaigns.values()
    [(count,)] = query("select count(*) from marketing_campaigns")
    assert len(campaigns) == count
    assets = {id_ for c in campaigns for some in c.assets.values() for id_, _ in some}
    assert assets == {*store.marketing.forms, *store.marketing.events, *store.marketing.emails}
    assert {c.currency for c in campaigns if c.spend} == {"EUR", "USD"}
    assert all(item.created <= milliseconds_of(_END) for c in campaigns for item in c.spend)


def test_it_is_served_to_whoever_has_its_token(portal: HubSpot) -> None:
    with serve(portal.app) as running:
        answer = requests.get(
            f"{running.url}/crm/v3/objects/deals",
            headers={"Authorization": f"Bearer {SANDBOX_TOKEN}"},
            params={"limit": 1, "properties": "dealname,hs_salesforceopportunityid"},
            timeout=5,
        )
    [deal] = answer.json()["results"]
    assert deal["id"] == str(deal_id(deal["properties"]["hs_salesforceopportunityid"]))


def test_exports_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"users\.csv"):
        sandbox_portal(tmp_path, Clock.frozen(_END))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The exports of one company up to one night, and up to a later one."""
    folder = tmp_path_factory.mktemp("nights")
    for name, parameters in (("early", _EARLY), ("late", _LATE)):
        simulate(parameters, folder / name)
    return folder / "early" / "exports", folder / "late" / "exports"


def _states(store: Store) -> dict[tuple[str, str], object]:
    """Every record with what is dated neither by a merge nor by catching up."""
    merge = {"hs_calculated_merged_vids", "lastmodifieddate", "hs_lastmodifieddate"}
    return {
        (kind, record.id): (
            {name: value for name, value in record.values.items() if name not in merge},
            record.created,
            {
                name: [(p.value, p.at) for p in store.history(kind, record.id, name)]
                for name in ("lifecyclestage", "dealstage", "hubspot_owner_id", "closedate")
                if name in store.properties[kind]
            },
            store.links.of(kind, int(record.id), "contacts"),
            store.links.of(kind, int(record.id), "companies"),
        )
        for kind in store.records
        for record in store.held(kind)
    }


def test_catching_up_ends_where_a_fresh_portal_begins(nights: tuple[Path, Path]) -> None:
    early, late = nights
    clock = Clock.frozen(_EARLY_END)
    store = sandbox_portal(early, clock).store
    before = {(k, r.id): r.modified for k in store.records for r in store.held(k)}
    states = _states(store)
    clock.advance_to(_LATE_END)
    fill_portal(store, late)
    fresh = sandbox_portal(late, Clock.frozen(_LATE_END)).store
    assert _states(store) == _states(fresh)
    assert store.marketing == fresh.marketing
    assert store.owners == fresh.owners
    after = _states(store)
    changed = {key for key in before if key in after and states[key][:3] != after[key][:3]}
    assert changed
    modified = {(k, r.id): r.modified for k in store.records for r in store.held(k)}
    for key, at in modified.items():
        if key in changed or key not in before:
            assert milliseconds_of(_EARLY_END) <= at <= milliseconds_of(_LATE_END)
        else:
            assert at == before[key]


def test_the_same_exports_at_the_same_time_make_the_same_portal(company: Path) -> None:
    portals = [sandbox_portal(company / "exports", Clock.frozen(_END)).store for _ in range(2)]
    one, other = portals
    for kind in one.records:
        assert one.records[kind].by_id == other.records[kind].by_id
    fill_portal(one, company / "exports")
    for kind in one.records:
        assert one.records[kind].by_id == other.records[kind].by_id
