"""What sales' people did in the company's org, as the exports tell it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors.sandbox.calendar import HOME
from connectors.sandbox.salesforce.exported import (
    Exported,
    Row,
    instant,
    midnight,
    portal_instant,
)
from connectors.sandbox.salesforce.ids import derived_id, id_of_export
from connectors.sandbox.salesforce.store import Org, Planned

_NEW: Final = "New"
_HANDED_OVER: Final = "Engaged"
_FOUND_BY_SALES: Final = "Outbound"
_LATEST_MERGE: Final = timedelta(days=22)
_MEETING_LASTS: Final = timedelta(minutes=30)
_LEAD: Final = "00Q"
_AT_HOME: Final = ZoneInfo(HOME)
_WON_OR_LOST: Final = frozenset({"Closed Won", "Closed Lost"})


def sales_plan(org: Org, exported: Exported) -> Iterator[Planned]:
    """All that sales did, and who came to marketing's events."""
    sales = _Sales(org, exported)
    yield from sales.accounts()
    yield from sales.leads()
    yield from sales.contacts()
    yield from sales.opportunities()
    yield from sales.activities()
    yield from sales.members()


@dataclass(frozen=True)
class _Sales:
    org: Org
    exported: Exported

    @cached_property
    def _contacts(self) -> Mapping[str, Row]:
        return {row["Id"]: row for row in self.exported.rows("crm/contacts.csv")}

    @cached_property
    def _leads(self) -> Mapping[str, Row]:
        return {row["Id"]: row for row in self.exported.rows("crm/leads.csv")}

    @cached_property
    def _roles(self) -> list[Row]:
        return self.exported.rows("crm/opportunity_contact_roles.csv")

    def accounts(self) -> Iterator[Planned]:
        """The firms."""
        for row in self.exported.rows("crm/accounts.csv"):
            taken = ("Name", "Website", "Industry", "BillingCountry")
            values = {name: row[name] or None for name in taken}
            size = int(row["NumberOfEmployees"]) if row["NumberOfEmployees"] else None
            yield self._new(
                "Account", row["Id"], 2, row["CreatedDate"], {**values, "NumberOfEmployees": size}
            )

    def leads(self) -> Iterator[Planned]:
        """Leads, their status in time, conversion, and merges."""
        changes = self.exported.grouped("crm/lead_history.csv", "LeadId")
        opportunity_of = {
            role["ContactId"]: role["OpportunityId"]
            for role in self._roles
            if role["IsPrimary"] == "true"
        }
        for row in self._leads.values():
            created = instant(row["CreatedDate"])
            taken = ("FirstName", "LastName", "Company", "Email", "Country", "LeadSource")
            values = {name: row[name] or None for name in taken}
            matched = _id("Account", row["MatchedAccountId"])
            values |= {
                "OwnerId": _id("User", row["OwnerId"]),
                "Matched_Account__c": matched,
                "Status": self._first_status(row),
                "CurrencyIsoCode": "USD",
            }
            yield self._new("Lead", row["Id"], 3, row["CreatedDate"], values)
            for number, change in enumerate(_told_apart(changes.get(row["Id"], ()))):
                told = {"Status": change["NewStatus"], "Reason__c": change["Reason"] or None}
                yield self._change("Lead", row["Id"], f"status {number}", change, told)
            if row["ConvertedContactId"]:
                yield self._conversion(row, opportunity_of)
            if row["MergedIntoId"]:
                yield self._merge(row, created)

    def _first_status(self, row: Row) -> str:
        """Marketing's sync hands leads over; sales' own, and those made a second time, are new."""
        is_again = instant(row["CreatedDate"]) > self._first_leads[_person(row)]
        return _NEW if is_again or row["LeadSource"] == _FOUND_BY_SALES else _HANDED_OVER

    @cached_property
    def _first_leads(self) -> Mapping[tuple[str, ...], datetime]:
        """When somebody first became a lead."""
        found: dict[tuple[str, ...], datetime] = {}
        for row in self._leads.values():
            created = instant(row["CreatedDate"])
            found[_person(row)] = min(created, found.get(_person(row), created))
        return found

    def contacts(self) -> Iterator[Planned]:
        """The people at firms that are being sold to."""
        for row in self._contacts.values():
            values = {n: row[n] or None for n in ("FirstName", "LastName", "Email", "Phone")}
            values |= {
                "AccountId": _id("Account", row["AccountId"]),
                "OwnerId": _id("User", row["OwnerId"]),
            }
            yield self._new("Contact", row["Id"], 4, row["CreatedDate"], values)

    def opportunities(self) -> Iterator[Planned]:
        """Opportunities, their stages in time, and who is asked about them."""
        changes = self.exported.grouped("crm/opportunity_history.csv", "OpportunityId")
        rows = {row["Id"]: row for row in self.exported.rows("crm/opportunities.csv")}
        for row in rows.values():
            stages = changes[row["Id"]]
            values = {
                "Name": row["Name"],
                "AccountId": _id("Account", row["AccountId"]),
                "ContactId": _id("Contact", row["ContactId"]),
                "OwnerId": _id("User", row["OwnerId"]),
                "StageName": stages[0]["StageName"],
                "Type": "New Business",
                "LeadSource": row["LeadSource"] or None,
                "Amount": _amount(stages[0]),
                "CurrencyIsoCode": row["CurrencyIsoCode"],
                "CloseDate": date.fromisoformat(row["ExpectedCloseDate"]),
            }
            yield self._new("Opportunity", row["Id"], 5, row["CreatedDate"], values)
            for number, change in enumerate(stages[1:], start=1):
                told = _stage(row, change, is_last=number == len(stages) - 1)
                yield self._change("Opportunity", row["Id"], f"stage {number}", change, told)
        for role in self._roles:
            yield self._role(role, rows[role["OpportunityId"]])

    def activities(self) -> Iterator[Planned]:
        """Calls and mails as tasks, meetings as events."""
        for row in self.exported.activities():
            yield self._task(row) if row["Type"] != "meeting" else self._event(row)

    def members(self) -> Iterator[Planned]:
        """Who attended: of those that marketing's portal knows by an id in this org."""
        people = {row["Record ID"]: row for row in self.exported.rows("marketing/contacts.csv")}
        ends = {
            row["Campaign ID"]: row["End Date"]
            for row in self.exported.rows("marketing/campaigns.csv")
        }
        for row in self.exported.rows("marketing/attendance.csv", ";"):
            person = people[row["Contact ID"]]
            known = people[person["Merged Into"] or row["Contact ID"]]["Salesforce ID"]
            if known:
                yield self._member(row, known, date.fromisoformat(ends[row["Campaign ID"]]))

    def _new(
        self, sobject: str, exported_id: str, rank: int, created: str, values: Mapping[str, Any]
    ) -> Planned:
        """A record that its owner makes."""
        id_, by = id_of_export(sobject, exported_id), values.get("OwnerId")
        return Planned(
            instant(created),
            rank,
            f"{sobject} {id_}",
            lambda at: self.org.add(sobject, id_=id_, at=at, by=by, **values),
        )

    def _change(
        self, sobject: str, exported_id: str, what: str, change: Row, values: Mapping[str, Any]
    ) -> Planned:
        id_, by = id_of_export(sobject, exported_id), _id("User", change["CreatedById"])
        return Planned(
            instant(change["CreatedDate"]),
            6,
            f"{sobject} {id_} {what}",
            lambda at: self.org.change(sobject, id_, at=at, by=by, **values),
        )

    def _conversion(self, row: Row, opportunity_of: Mapping[str, str]) -> Planned:
        contact = self._contacts[row["ConvertedContactId"]]
        lead = id_of_export("Lead", row["Id"])

        def happen(at: datetime) -> None:
            self.org.convert(
                lead,
                contact=_id("Contact", contact["Id"]),
                account=_id("Account", contact["AccountId"]),
                opportunity=_id("Opportunity", opportunity_of.get(contact["Id"], "")),
                at=at,
                by=_id("User", contact["OwnerId"]),
            )

        return Planned(instant(contact["CreatedDate"]), 7, f"converted {lead}", happen)

    def _merge(self, row: Row, created: datetime) -> Planned:
        winner, loser = (id_of_export("Lead", row[name]) for name in ("MergedIntoId", "Id"))
        # The exports tell no day; it was within this time, and before they end.
        at = min(created + _LATEST_MERGE, self.exported.end).replace(microsecond=0)
        return Planned(
            at, 9, f"merged {loser}", lambda at: self.org.merge("Lead", winner, loser, at=at)
        )

    def _role(self, role: Row, opportunity: Row) -> Planned:
        contact = self._contacts[role["ContactId"]]
        at = max(instant(row["CreatedDate"]) for row in (contact, opportunity))
        id_ = derived_id("OpportunityContactRole", role["OpportunityId"], role["ContactId"])
        values: dict[str, Any] = {
            "OpportunityId": _id("Opportunity", role["OpportunityId"]),
            "ContactId": _id("Contact", role["ContactId"]),
            "Role": role["Role"],
            "IsPrimary": role["IsPrimary"] == "true",
        }
        return Planned(
            at,
            8,
            f"role {id_}",
            lambda at: self.org.add("OpportunityContactRole", id_=id_, at=at, **values),
        )

    def _task(self, row: Mapping[str, Any]) -> Planned:
        done, is_call = row["ActivityDateTime"], row["Type"] == "call"
        values: dict[str, Any] = {
            "Type": "Call" if is_call else "Email",
            "TaskSubtype": "Call" if is_call else "Email",
            "Status": "Completed",
            "IsClosed": True,
            "ActivityDate": done.date(),
            "CompletedDateTime": done,
            "Connected__c": row["Connected"],
        }
        if is_call:
            values["CallType"] = "Outbound" if row["Direction"] == "out" else "Inbound"
            values["CallDisposition"] = "Connected" if row["Connected"] else "No answer"
        return self._activity("Task", row, values)

    def _event(self, row: Mapping[str, Any]) -> Planned:
        starts = row["ActivityDateTime"]
        values: dict[str, Any] = {
            "Type": "Meeting",
            "EventSubtype": "Event",
            "ActivityDate": starts.date(),
            "ActivityDateTime": starts,
            "StartDateTime": starts,
            "EndDateTime": starts + _MEETING_LASTS,
            "Connected__c": row["Connected"],
            "Direction__c": row["Direction"],
        }
        return self._activity("Event", row, values)

    def _activity(self, sobject: str, row: Mapping[str, Any], values: Mapping[str, Any]) -> Planned:
        id_ = id_of_export(sobject, row["Id"])
        common = {
            "WhatId": _id("Opportunity", row["WhatId"] or ""),
            "OwnerId": _id("User", row["OwnerId"]),
        }

        def happen(at: datetime) -> None:
            who, account = self._who(row["WhoId"])
            self.org.add(sobject, id_=id_, at=at, WhoId=who, AccountId=account, **common, **values)

        # Who is called before the lead has come over is noted down once it has.
        person = self._leads.get(row["WhoId"]) or self._contacts[row["WhoId"]]
        at = max(row["CreatedDate"], instant(person["CreatedDate"]))
        return Planned(at, 8, f"{sobject} {id_}", happen)

    def _who(self, exported_id: str) -> tuple[str, str | None]:
        """Whom something is logged on by now, and that one's account."""
        if exported_id.startswith(_LEAD):
            lead = self.org.tables["Lead"].records[id_of_export("Lead", exported_id)]
            if lead["MasterRecordId"]:
                lead = self.org.tables["Lead"].records[lead["MasterRecordId"]]
            if not lead["IsConverted"]:
                return lead["Id"], None
            return lead["ConvertedContactId"], lead["ConvertedAccountId"]
        id_ = id_of_export("Contact", exported_id)
        return id_, self.org.tables["Contact"].records[id_]["AccountId"]

    def _member(self, row: Row, known: str, ends: date) -> Planned:
        attended = portal_instant(row["Attended"])
        lead_id = _LEAD + known[3:]
        person = self._leads.get(lead_id) or self._contacts[known]
        # Where the day is illegible the campaign's end bounds it.
        at = attended or min(midnight(ends) + timedelta(days=1), self.exported.end)
        at = max(at.replace(microsecond=0), instant(person["CreatedDate"]))
        id_ = id_of_export("CampaignMember", row["Registration"])
        values: dict[str, Any] = {
            "CampaignId": id_of_export("Campaign", row["Campaign ID"].removeprefix("C")),
            "Status": "Attended",
            "HasResponded": True,
            "FirstRespondedDate": attended.astimezone(_AT_HOME).date() if attended else None,
        }

        def happen(at: datetime) -> None:
            lead = self.org.tables["Lead"].records.get(id_of_export("Lead", lead_id))
            contact = lead["ConvertedContactId"] if lead else id_of_export("Contact", known)
            self.org.add(
                "CampaignMember",
                id_=id_,
                at=at,
                LeadId=lead["Id"] if lead else None,
                ContactId=contact,
                **values,
            )

        return Planned(at, 8, f"member {id_}", happen)


def _person(row: Row) -> tuple[str, ...]:
    return (row["FirstName"], row["LastName"], row["Company"])


def _told_apart(changes: Iterable[Row]) -> Iterator[Row]:
    """The changes of a status, with the one between two alike that the exports leave out.

    An org notes no change to what a lead is already: who is turned down again was handed over
    again before.
    """
    status = None
    for change in changes:
        if change["NewStatus"] == status:
            before = instant(change["CreatedDate"]) - timedelta(seconds=1)
            told = {"NewStatus": _HANDED_OVER, "Reason": "", "CreatedDate": before.isoformat()}
            yield {**change, **told}
        status = change["NewStatus"]
        yield change


def _stage(row: Row, change: Row, *, is_last: bool) -> dict[str, Any]:
    """What a change of stage changes: an end sets the close date, as far off as it was typed."""
    stage = change["StageName"]
    told: dict[str, Any] = {
        "StageName": stage,
        "Amount": _amount(change),
        "Loss_Reason__c": None,
    }
    if stage in _WON_OR_LOST:
        closed = row["ClosedDate"] if is_last and row["ClosedDate"] else change["CreatedDate"]
        told["CloseDate"] = instant(closed).date()
    if stage == "Closed Lost":
        told["Loss_Reason__c"] = row["LossReason"] or None
    return told


def _amount(change: Row) -> Decimal | None:
    return Decimal(change["Amount"]) if change["Amount"] else None


def _id(sobject: str, exported_id: str) -> str | None:
    return id_of_export(sobject, exported_id) if exported_id else None
