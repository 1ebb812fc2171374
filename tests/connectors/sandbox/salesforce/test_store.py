"""What happens to an org's records, what is written down of it, and when it is seen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.salesforce.streams import STREAMS, SalesforceStream
from connectors.sandbox.salesforce import Org, Record, salesforce_id
from connectors.sandbox.salesforce.history import Stage

STAGES = {
    "Discovery": Stage(Decimal(20), "Pipeline"),
    "Closed Won": Stage(Decimal(100), "Closed", is_closed=True, is_won=True),
}


def _rows(org: Org, sobject: str) -> list[Record]:
    return list(org.tables[sobject].records.values())


def _seen(org: Org, sobject: str) -> list[Record]:
    return org.tables[sobject].visible(org.clock.now())


def _changes(org: Org, sobject: str) -> list[tuple[object, object, object]]:
    return [(row["Field"], row["OldValue"], row["NewValue"]) for row in _rows(org, sobject)]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        # As Salesforce's own documents show them.
        ("0015000000Gv7qJ", "0015000000Gv7qJAAR"),
        ("001A0000006Vm9u", "001A0000006Vm9uIAC"),
        ("000000000000000", "000000000000000AAA"),
        ("ABCDEFGHIJKLMNO", "ABCDEFGHIJKLMNO555"),
    ],
)
def test_an_id_ends_with_what_tells_its_capitals(short: str, long: str) -> None:
    assert salesforce_id(short) == long
    assert salesforce_id(long) == long


def test_it_has_every_object_and_field_that_is_read_from_salesforce(org: Org) -> None:
    for stream in STREAMS:
        if isinstance(stream, SalesforceStream):
            assert set((stream.fields or {}).values()) <= set(org.tables[stream.sobject].fields)


def test_a_leads_status_and_owner_leave_a_trail(org: Org) -> None:
    ann, ben = (org.add("User", Name=name) for name in ("Ann", "Ben"))
    lead = org.add("Lead", Status="New", OwnerId=ann)
    org.change("Lead", lead, Status="Open", Company="Told by no history")
    org.change("Lead", lead, OwnerId=ben, by=ben)
    assert _changes(org, "LeadHistory") == [
        ("created", None, None),
        ("Status", "New", "Open"),
        ("Owner", "Ann", "Ben"),
        ("Owner", ann, ben),
    ]
    assert {row["LeadId"] for row in _rows(org, "LeadHistory")} == {lead}
    assert _rows(org, "LeadHistory")[-1]["CreatedById"] == ben


def test_an_opportunity_leaves_a_snapshot_of_each_state_that_it_was_in(org: Org) -> None:
    org.stages = STAGES
    id_ = org.add(
        "Opportunity", StageName="Discovery", Amount=Decimal("100.0"), CloseDate=date(2026, 6, 1)
    )
    org.clock.advance(timedelta(days=1))
    org.change("Opportunity", id_, Amount=Decimal("80.0"))
    org.change("Opportunity", id_, Name="Shown in no snapshot")
    org.clock.advance(timedelta(days=1))
    org.change("Opportunity", id_, StageName="Closed Won", CloseDate=date(2026, 3, 4))
    shown = [
        (row["StageName"], row["Amount"], row["Probability"], row["ExpectedRevenue"])
        for row in _rows(org, "OpportunityHistory")
    ]
    assert shown == [
        ("Discovery", 100, 20, 20),
        ("Discovery", 80, 20, 16),
        ("Closed Won", 80, 100, 80),
    ]
    assert _changes(org, "OpportunityFieldHistory")[1:] == [
        ("Amount", 100, 80),
        ("StageName", "Discovery", "Closed Won"),
        ("CloseDate", date(2026, 6, 1), date(2026, 3, 4)),
    ]
    [deal] = _rows(org, "Opportunity")
    assert (deal["IsClosed"], deal["IsWon"], deal["LastStageChangeDate"]) == (True, True, org.now)


def test_the_same_change_twice_in_a_second_is_written_down_twice(org: Org) -> None:
    lead = org.add("Lead", Status="A")
    for status in "BABA":
        org.change("Lead", lead, Status=status)
    assert len(_rows(org, "LeadHistory")) == 5


def test_a_converted_lead_names_what_became_of_it_and_its_day_alone(org: Org) -> None:
    lead = org.add("Lead", Company="Hollowport", Email="a@hollowport.example")
    call = org.add("Task", WhoId=lead)
    member = org.add("CampaignMember", LeadId=lead)
    contact = org.convert(lead)
    held = org.tables["Lead"].records[lead]
    [account] = _rows(org, "Account")
    assert (held["IsConverted"], held["ConvertedDate"]) == (True, date(2026, 3, 2))
    assert (held["ConvertedContactId"], held["ConvertedAccountId"]) == (contact, account["Id"])
    assert org.tables["Contact"].records[contact]["Email"] == "a@hollowport.example"
    assert org.tables["Task"].records[call]["WhoId"] == contact
    both = org.tables["CampaignMember"].records[member]
    assert (both["LeadId"], both["ContactId"]) == (lead, contact)


def test_what_names_the_loser_of_a_merge_names_the_winner_then(org: Org) -> None:
    winner, loser = org.add("Contact"), org.add("Contact")
    role = org.add("OpportunityContactRole", ContactId=loser)
    org.merge("Contact", winner, loser)
    gone = org.tables["Contact"].records[loser]
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, winner)
    assert org.tables["OpportunityContactRole"].records[role]["ContactId"] == winner


def test_a_binned_record_comes_back_and_a_removed_one_does_not(org: Org) -> None:
    lead = org.add("Lead")
    org.delete("Lead", lead)
    assert org.tables["Lead"].records[lead]["IsDeleted"] is True
    org.undelete("Lead", lead)
    assert org.tables["Lead"].records[lead]["IsDeleted"] is False
    org.remove("Lead", lead)
    assert _seen(org, "Lead") == []


def test_what_is_written_is_seen_only_after_the_lag_with_its_stamp_of_before(org: Org) -> None:
    old = org.add("Lead", Status="New")
    org.clock.advance(timedelta(minutes=1))
    org.lag = timedelta(seconds=30)
    written = org.now
    org.change("Lead", old, Status="Open")
    org.add("Lead", Status="New")
    assert [row["Status"] for row in _seen(org, "Lead")] == ["New"]
    org.clock.advance(timedelta(seconds=31))
    assert sorted(row["Status"] for row in _seen(org, "Lead")) == ["New", "Open"]
    assert {row["SystemModstamp"] for row in _seen(org, "Lead")} == {written}
