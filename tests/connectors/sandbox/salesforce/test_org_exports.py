"""Each record of the company's org is the exports' own, and later exports change no past."""

import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox import Parameters, simulate
from connectors.sandbox.salesforce import (
    Org,
    Record,
    catch_up,
    filled_org,
    id_of_export,
)
from connectors.sandbox.serving import Clock
from tests.connectors.sandbox.conftest import Query

_END = datetime(2026, 10, 1, tzinfo=UTC)
_EARLY = Parameters(prospects=400, months=12, until=date(2026, 5, 14))
_LATE = replace(_EARLY, until=date(2026, 5, 25))
_EARLY_END, _LATE_END = datetime(2026, 5, 15, tzinfo=UTC), datetime(2026, 5, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(company: Path) -> Org:
    return filled_org(company / "exports", Clock.frozen(_END))


def _held(org: Org, sobject: str) -> Mapping[str, Record]:
    return org.tables[sobject].records


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _id(sobject: str, exported_id: object) -> str | None:
    return id_of_export(sobject, str(exported_id)) if exported_id else None


def _trail(org: Org, sobject: str, parent: str, field: str) -> dict[str, list[tuple[Any, ...]]]:
    """Each record's changes of a field, in their order: from what, to what, when, by whom."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in sorted(_held(org, sobject).values(), key=lambda row: row["CreatedDate"]):
        if row["Field"] == field:
            told = (row["OldValue"], row["NewValue"], row["CreatedDate"], row["CreatedById"])
            found[row[parent]].append(told)
    return found


@pytest.mark.parametrize(
    ("sobject", "export", "names"),
    [
        ("Lead", "crm_leads", "FirstName LastName Company Email Country LeadSource"),
        ("Contact", "crm_contacts", "FirstName LastName Email Phone"),
        ("Account", "crm_accounts", "Name Website Industry BillingCountry"),
        ("Opportunity", "crm_opportunities", "Name StageName CurrencyIsoCode LeadSource"),
    ],
)
def test_every_record_of_the_exports_is_there_with_what_they_say_of_it(
    filled: Org, query: Query, sobject: str, export: str, names: str
) -> None:
    columns = ", ".join(f'"{name}"' for name in names.split())
    rows = query(f'select "Id", "CreatedDate", {columns} from {export}')
    told = {_id(sobject, id_): (_instant(made), *values) for id_, made, *values in rows}
    held = {
        id_: (row["CreatedDate"], *(row[name] for name in names.split()))
        for id_, row in _held(filled, sobject).items()
    }
    assert held == told != {}


def test_opportunities_have_their_amount_account_contact_and_owner(
    filled: Org, query: Query
) -> None:
    rows = query(
        """select "Id", "Amount", "AccountId", "ContactId", "OwnerId", "LossReason"
        from crm_opportunities"""
    )
    held = {
        id_: (r["Amount"], r["AccountId"], r["ContactId"], r["OwnerId"], r["Loss_Reason__c"])
        for id_, r in _held(filled, "Opportunity").items()
    }
    assert held == {
        _id("Opportunity", id_): (
            Decimal(amount) if amount else None,
            _id("Account", account),
            _id("Contact", contact),
            _id("User", owner),
            reason,
        )
        for id_, amount, account, contact, owner, reason in rows
    }


def test_a_closed_opportunity_has_the_day_on_which_the_exports_close_it(
    filled: Org, query: Query
) -> None:
    rows = query(
        """select "Id", "ClosedDate", "ExpectedCloseDate", "CreatedDate" from crm_opportunities"""
    )
    assert any(str(closed) < str(made) for _, closed, _, made in rows if closed)
    for id_, closed, expected, _ in rows:
        held = _held(filled, "Opportunity")[str(_id("Opportunity", id_))]
        assert held["IsClosed"] == bool(closed)
        if closed:
            assert held["CloseDate"] == _instant(closed).date()
        elif held["LastStageChangeDate"] == held["CreatedDate"]:
            assert held["CloseDate"] == date.fromisoformat(str(expected))


def test_campaigns_and_their_members_are_there(filled: Org, query: Query) -> None:
    rows = query('select "Campaign ID", "Name", "Channel", "End Date" from marketing_campaigns')
    held = {
        id_: (row["Name"], row["Type"], row["EndDate"].isoformat())
        for id_, row in _held(filled, "Campaign").items()
    }
    assert held == {_id("Campaign", str(id_)[1:]): tuple(told) for id_, *told in rows}
    running = {id_ for id_, row in _held(filled, "Campaign").items() if row["IsActive"]}
    assert running == {id_ for id_, (_, _, end) in held.items() if end >= "2026-10-01"}
    came = query(
        """select "Registration", "Campaign ID", coalesce(into_."Salesforce ID", p."Salesforce ID")
        from marketing_attendance a join marketing_contacts p on p."Record ID" = a."Contact ID"
        left join marketing_contacts into_ on into_."Record ID" = p."Merged Into"
        where coalesce(into_."Salesforce ID", p."Salesforce ID") is not null"""
    )
    members = _held(filled, "CampaignMember")
    assert members.keys() == {_id("CampaignMember", id_) for id_, _, _ in came} != set()
    for id_, campaign, person in came:
        member = members[str(_id("CampaignMember", id_))]
        assert member["CampaignId"] == _id("Campaign", str(campaign)[1:])
        assert (member["LeadId"] or member["ContactId"])[3:15] == str(person)[3:15]


def test_users_hold_the_post_that_they_have_now(filled: Org, query: Query) -> None:
    rows = query(
        """select "Id", "Name", "Email", "Role" from crm_users
        qualify row_number() over (partition by "Id" order by "RoleFrom" desc nulls last) = 1"""
    )
    roles = {id_: row["Name"] for id_, row in _held(filled, "UserRole").items()}
    held = {
        id_: (row["Name"], row["Email"], roles[row["UserRoleId"]])
        for id_, row in _held(filled, "User").items()
    }
    assert held == {_id("User", id_): tuple(told) for id_, *told in rows}


def test_rates_are_the_exports_the_other_way_round_and_follow_each_other(
    filled: Org, query: Query
) -> None:
    told = {
        (str(iso), date.fromisoformat(str(day))): Decimal(str(usd))
        for day, iso, usd in query("select day, currency, usd from finance_exchange_rates")
    }
    rates = list(_held(filled, "DatedConversionRate").values())
    foreign = {(r["IsoCode"], r["StartDate"]): r for r in rates if r["IsoCode"] != "USD"}
    assert foreign.keys() == told.keys()
    for key, usd in told.items():
        assert abs(foreign[key]["ConversionRate"] * usd - 1) < Decimal("1e-9")
    newest = max(day for _, day in told)
    for (iso, day), rate in foreign.items():
        following = (iso, rate["NextStartDate"])
        assert following in foreign if day < newest else rate["NextStartDate"].year == 9999
        assert rate["NextStartDate"] > day
    now = {r["IsoCode"]: r["ConversionRate"] for r in _held(filled, "CurrencyType").values()}
    assert now == {
        "USD": 1,
        **{iso: foreign[iso, newest]["ConversionRate"] for iso, day in told if day == newest},
    }


def test_a_converted_lead_points_to_its_contact_account_and_opportunity(
    filled: Org, query: Query
) -> None:
    rows = query(
        """select l."Id", c."Id", c."AccountId", c."CreatedDate", r."OpportunityId"
        from crm_leads l join crm_contacts c on c."Id" = l."ConvertedContactId"
        left join crm_opportunity_contact_roles r
        on r."ContactId" = c."Id" and r."IsPrimary" = 'true'"""
    )
    told = {
        _id("Lead", lead): (
            _id("Contact", contact),
            _id("Account", account),
            _id("Opportunity", opportunity),
            _instant(at).date(),
        )
        for lead, contact, account, at, opportunity in rows
    }
    names = ("ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId", "ConvertedDate")
    leads = _held(filled, "Lead").values()
    held = {row["Id"]: tuple(row[n] for n in names) for row in leads if row["IsConverted"]}
    assert held == told != {}
    assert any(opportunity for _, _, opportunity, _ in held.values())
    for contact, account, opportunity, _ in held.values():
        assert contact in _held(filled, "Contact")
        assert account in _held(filled, "Account")
        assert opportunity is None or opportunity in _held(filled, "Opportunity")


def test_every_change_of_stage_is_in_both_histories_of_the_opportunity(
    filled: Org, query: Query
) -> None:
    told: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for id_, stage, at, by in query(
        """select "OpportunityId", "StageName", "CreatedDate", "CreatedById"
        from crm_opportunity_history order by "CreatedDate" """
    ):
        opportunity = id_of_export("Opportunity", str(id_))
        told[opportunity].append((stage, _instant(at), _id("User", by)))
    shown: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    snapshots = _held(filled, "OpportunityHistory").values()
    for row in sorted(snapshots, key=lambda row: row["CreatedDate"]):
        told_now = (row["StageName"], row["CreatedDate"], row["CreatedById"])
        shown[row["OpportunityId"]].append(told_now)
    assert shown == told
    changes = _trail(filled, "OpportunityFieldHistory", "OpportunityId", "StageName")
    assert changes == {
        id_: [(before[0], stage, at, by) for before, (stage, at, by) in itertools.pairwise(stages)]
        for id_, stages in told.items()
        if len(stages) > 1
    }


def test_what_sales_did_is_logged_on_whoever_the_person_is_now(filled: Org, query: Query) -> None:
    rows = query('select "Id", "Type", "WhoId", "WhatId", "ActivityDateTime" from crm_activities')
    done = {**_held(filled, "Task"), **_held(filled, "Event")}
    assert len(done) == len(rows)
    for id_, kind, who, deal, at in rows:
        sobject = "Event" if kind == "meeting" else "Task"
        row = done[str(_id(sobject, id_))]
        when = row["ActivityDateTime" if sobject == "Event" else "CompletedDateTime"]
        assert (when, row["WhatId"]) == (at, _id("Opportunity", deal))
        if str(who).startswith("003"):
            assert row["WhoId"] == _id("Contact", who)
            continue
        lead = _held(filled, "Lead")[str(_id("Lead", who))]
        lead = _held(filled, "Lead")[lead["MasterRecordId"] or lead["Id"]]
        assert row["WhoId"] == (lead["ConvertedContactId"] or lead["Id"])


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The exports of one company up to one night, and up to a later one."""
    folder = tmp_path_factory.mktemp("nights")
    for name, parameters in (("early", _EARLY), ("late", _LATE)):
        simulate(parameters, folder / name)
    return folder / "early" / "exports", folder / "late" / "exports"


def _states(org: Org) -> dict[str, Mapping[str, Record]]:
    return {name: table.records for name, table in org.tables.items()}


def test_what_the_exports_tell_of_later_happens_when_the_clock_comes_to_it(
    nights: tuple[Path, Path],
) -> None:
    _, late = nights
    clock = Clock.frozen(_LATE_END - timedelta(days=40))
    org = filled_org(late, clock)
    for _ in range(40):
        for name, table in org.tables.items():
            for record in table.records.values():
                assert record.get("SystemModstamp", org.now) <= org.now, name
        clock.advance(timedelta(days=1))
        org.catch_up()
    assert _states(org) == _states(filled_org(late, Clock.frozen(_LATE_END)))


def test_going_on_with_later_exports_ends_where_an_org_of_these_begins(
    nights: tuple[Path, Path],
) -> None:
    early, late = nights
    clock = Clock.frozen(_EARLY_END)
    org = filled_org(early, clock)
    before = {
        (name, id_): record
        for name, table in org.tables.items()
        for id_, record in table.records.items()
    }
    clock.advance_to(_LATE_END)
    catch_up(org, late)
    fresh = filled_org(late, Clock.frozen(_LATE_END))
    assert _apart_from_merges(org) == _apart_from_merges(fresh)
    for name, table in org.tables.items():
        for id_, record in table.records.items():
            if "SystemModstamp" in record and record != before.get((name, id_)):
                assert record["SystemModstamp"] >= _EARLY_END, (name, id_)


def _apart_from_merges(org: Org) -> dict[str, dict[str, Record]]:
    """The records but for when they changed last, which a merge that is told late moves."""
    return {
        name: {
            id_: {k: v for k, v in record.items() if k != "SystemModstamp"}
            for id_, record in records.items()
        }
        for name, records in _states(org).items()
    }


def test_going_on_with_the_same_exports_changes_nothing(nights: tuple[Path, Path]) -> None:
    early, _ = nights
    org = filled_org(early, Clock.frozen(_EARLY_END))
    before = {name: dict(records) for name, records in _states(org).items()}
    catch_up(org, early)
    assert _states(org) == before


def test_a_rate_that_is_told_late_is_of_its_own_day_and_does_not_outdo_newer_ones(
    nights: tuple[Path, Path],
) -> None:
    early, late = nights
    org = filled_org(early, Clock.frozen(_EARLY_END + timedelta(hours=30)))
    org.clock.advance_to(_LATE_END)
    catch_up(org, late)
    fresh = filled_org(late, Clock.frozen(_LATE_END))
    assert _rates(org) == _rates(fresh)


def _rates(org: Org) -> tuple[dict[str, tuple[Any, ...]], dict[str, Decimal]]:
    """Each day's rate with the days that it holds for, and the currencies' own of now."""
    names = ("IsoCode", "ConversionRate", "StartDate", "NextStartDate")
    dated = _held(org, "DatedConversionRate").items()
    now = _held(org, "CurrencyType").items()
    return (
        {id_: tuple(row[name] for name in names) for id_, row in dated},
        {id_: row["ConversionRate"] for id_, row in now},
    )
