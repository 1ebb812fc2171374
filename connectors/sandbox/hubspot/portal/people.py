"""The portal's owners, companies and contacts."""

from collections.abc import Mapping, Sequence
from typing import Final

from connectors.sandbox.hubspot.definitions import Property, entered
from connectors.sandbox.hubspot.kinds import instant
from connectors.sandbox.hubspot.links import PRIMARY
from connectors.sandbox.hubspot.portal.exported import Exported, Row, at, company_id, drawn
from connectors.sandbox.hubspot.portal.writing import Wanted, write
from connectors.sandbox.hubspot.records import Past, Source, Values
from connectors.sandbox.hubspot.settings import Owner, Team
from connectors.sandbox.hubspot.store import MERGED, Store

MARKETING: Final = ("Field Marketing", "Demand Gen", "Content")
"""The roles of those who work in the portal; each is a team, and all are of team Marketing."""

SALESFORCE: Final = Source("SALESFORCE", "SalesforceSync")
"""What comes from Salesforce by HubSpot's own sync."""

REASON: Final = Property("disqualification_reason")
"""The portal's own property for why a contact is not wanted: HubSpot brings none along."""

_OPENED: Final = at("2020-01-01")
_FLOW: Final = Source("AUTOMATION_PLATFORM", "lifecycle")
_ALL_TEAMS: Final = Team("1000", "Marketing", is_primary=False)
_SOURCES: Final = {
    "Paid Search": "PAID_SEARCH",
    "Paid Social": "PAID_SOCIAL",
    "Organic Search": "ORGANIC_SEARCH",
    "Referral": "REFERRALS",
    "Event": "OFFLINE",
    "Webinar": "OFFLINE",
    "Outbound": "OFFLINE",
}


def owners(exported: Exported) -> dict[str, Owner]:
    """Those of the users who are or were in marketing; whoever left it is archived."""
    found: dict[str, Owner] = {}
    for post in exported.rows("crm/users.csv"):
        if post["Role"] not in MARKETING:
            continue
        number = int(post["Id"][3:])
        first, _, last = post["Name"].partition(" ")
        begins = at(post["RoleFrom"]) if post["RoleFrom"] else _OPENED
        ended = at(post["RoleTo"]) if post["RoleTo"] else None
        team = Team(str(1001 + MARKETING.index(post["Role"])), post["Role"])
        found[str(700_000 + number)] = Owner(
            str(700_000 + number),
            post["Email"],
            first,
            last,
            9_000_000 + number,
            begins,
            ended or begins,
            () if ended else (team, _ALL_TEAMS),
            is_archived=ended is not None,
        )
    return found


def fill_companies(store: Store, exported: Exported) -> None:
    """Write the companies."""
    for row in exported.rows("marketing/companies.csv"):
        values: Values = {
            "name": row["Name"],
            "domain": row["Domain"],
            "industry": row["Industry"],
            "numberofemployees": row["Number of Employees"],
            "country": row["Country"],
        }
        created = at(row["Create Date"])
        write(store, "companies", Wanted(company_id(row["Company ID"]), values, created))


def fill_contacts(store: Store, exported: Exported) -> None:
    """Write the contacts with their history and companies, then merge those that were merged."""
    if REASON.name not in store.properties["contacts"]:
        store.define_property("contacts", REASON)
    stages = exported.grouped("marketing/lifecycle_history.csv", "Contact ID", "Changed At")
    lead_of = {
        row["ConvertedContactId"]: row
        for row in exported.rows("crm/leads.csv")
        if row["ConvertedContactId"]
    }
    dated = {
        row["Id"]: at(row["CreatedDate"])
        for name in ("leads", "contacts")
        for row in exported.rows(f"crm/{name}.csv")
    }
    team = sorted(owners(exported).values(), key=lambda owner: owner.id)
    for id_, row in exported.contacts.items():
        if int(id_) in store.records["contacts"].survivors:
            continue
        wanted = _contact(row, stages.get(id_, ()))
        _own(wanted, team)
        _sync(wanted, row["Salesforce ID"], lead_of, dated)
        _keep_merged(store, wanted)
        write(store, "contacts", wanted)
        company = company_id(row["Company ID"])
        store.associate("contacts", id_, "companies", str(company), PRIMARY)
    for id_, row in exported.contacts.items():
        is_there = int(id_) in store.records["contacts"].by_id
        if row["Merged Into"] and is_there:
            store.merge("contacts", row["Merged Into"], id_)


def _contact(row: Row, stages: Sequence[Row]) -> Wanted:
    created, channel = at(row["Create Date"]), row["Original Source"]
    values: Values = {
        "email": row["Email"],
        "firstname": row["First Name"],
        "lastname": row["Last Name"],
        "phone": row["Phone Number"],
        "country": row["Country"],
        "associatedcompanyid": str(company_id(row["Company ID"])),
        "hs_analytics_source": _SOURCES.get(channel),
        "hs_analytics_source_data_1": channel,
    }
    wanted = Wanted(int(row["Record ID"]), values, created)
    for stage in stages:
        word, moment = stage["Lifecycle Stage"], at(stage["Changed At"])
        if word == "unqualified":
            wanted.become("hs_lead_status", Past("UNQUALIFIED", moment, _FLOW))
            wanted.become(REASON.name, Past(stage["Reason"], moment, _FLOW))
            continue
        if values.get("lifecyclestage") == word:
            # A stage is set anew only after it was cleared.
            wanted.become("lifecyclestage", Past("", moment - 1000, _FLOW))
        wanted.become("lifecyclestage", Past(word, moment, _FLOW))
        values[entered(word).name] = instant(moment)
    return wanted


def _own(wanted: Wanted, team: Sequence[Owner]) -> None:
    """Someone of the team owns the contact; whoever leaves hands over to someone who stays."""
    there = [o for o in team if o.created <= wanted.created and not _has_left(o, wanted.created)]
    stay = [owner for owner in there if not owner.is_archived]
    owner = there[drawn("owner", str(wanted.id), len(there))]
    wanted.become("hubspot_owner_id", Past(owner.id, wanted.created, _FLOW))
    if owner.is_archived:
        heir = stay[drawn("heir", str(wanted.id), len(stay))]
        wanted.become("hubspot_owner_id", Past(heir.id, owner.updated, Source("CRM_UI")))


def _has_left(owner: Owner, moment: int) -> bool:
    return owner.is_archived and owner.updated <= moment


def _sync(
    wanted: Wanted, salesforce: str, lead_of: Mapping[str, Row], dated: Mapping[str, int]
) -> None:
    """What Salesforce told of the contact: its lead, and its contact since the conversion."""
    if salesforce.startswith("00Q"):
        wanted.become("salesforceleadid", _told(wanted, salesforce, dated))
    elif salesforce:
        lead = lead_of.get(salesforce)
        if lead is not None:
            wanted.become("salesforceleadid", _told(wanted, lead["Id"], dated))
        wanted.become("salesforcecontactid", _told(wanted, salesforce, dated))


def _told(wanted: Wanted, id_: str, dated: Mapping[str, int]) -> Past:
    return Past(id_, max(wanted.created, dated.get(id_, 0)), SALESFORCE)


def _keep_merged(store: Store, wanted: Wanted) -> None:
    """What an earlier merge brought the record stays on it."""
    held = store.records["contacts"].by_id.get(wanted.id)
    before = held.values if held is not None else {}
    if MERGED in before:
        lacks = {name: value for name, value in before.items() if not wanted.values.get(name)}
        wanted.values.update(lacks)
