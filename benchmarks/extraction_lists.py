"""What the clients of `benchmarks.extraction` read: lists of two systems, as the connectors ask.

Each is asked for every property or field that the system says it has, in pages of the size and in
the order in which Tandem's connectors ask for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import requests

OF_HISTORY: Final = ("lifecyclestage", "hs_lead_status", "hubspot_owner_id")
"""The properties whose history the connector asks for."""

SUBJECTS: Final = ("contacts", "contact_history", "hubspot", "salesforce")
"""What a client can be told to read: one list of HubSpot, or all records of a system."""

_HUBSPOT: Final = (
    "contacts",
    "companies",
    "deals",
    "calls",
    "emails",
    "meetings",
    "notes",
    "tasks",
)
_SALESFORCE: Final = {
    "leads": "Lead",
    "contacts": "Contact",
    "accounts": "Account",
    "campaigns": "Campaign",
    "campaign_members": "CampaignMember",
    "opportunities": "Opportunity",
    "opportunity_contact_roles": "OpportunityContactRole",
    "tasks": "Task",
    "events": "Event",
    "lead_history": "LeadHistory",
    "opportunity_field_history": "OpportunityFieldHistory",
}
_COMPOUND: Final = frozenset({"address", "location", "base64", "complexvalue"})
_DATA: Final = "/services/data/v62.0"
_OBJECTS: Final = "/crm/v3/objects/"
_WAIT: Final = 60

Page = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list that is read page after page; `stream` is Tandem's name of it."""

    stream: str
    path: str
    params: Mapping[str, str | int]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_hubspot(self) -> bool:
        """Whether it is one of HubSpot's, whose pages tell a mark; Salesforce's tell an address."""
        return self.path.startswith(_OBJECTS)

    @property
    def key(self) -> str:
        """Where a page has its records."""
        return "results" if self.is_of_hubspot else "records"

    def pages(self, session: requests.Session, url: str) -> Iterator[Page]:
        """Every page of it, one request after the other."""
        path: str | None = self.path
        params = dict(self.params)
        while path is not None:
            answer = session.get(url + path, params=params, headers=self.headers, timeout=_WAIT)
            page: Page = answer.json()
            yield page
            if self.is_of_hubspot:
                after = page.get("paging", {}).get("next", {}).get("after")
                path = self.path if after else None
                params["after"] = after
            else:
                path, params = page.get("nextRecordsUrl"), {}

    def rows(self, page: Page) -> list[dict[str, Any]]:
        """The rows of a page: a record each, or a former value each."""
        records = page[self.key]
        if not self.is_of_hubspot:
            return [{k: v for k, v in one.items() if k != "attributes"} for one in records]
        if "propertiesWithHistory" not in self.params:
            return [{"id": record["id"], **record["properties"]} for record in records]
        return [
            {"id": record["id"], "property": name, "value": past["value"], "at": past["timestamp"]}
            for record in records
            for name, values in record["propertiesWithHistory"].items()
            for past in values
        ]


def bearer_of(subject: str, url: str, token: str) -> str:
    """What a request shows to be let in; Salesforce gives it for an id and a secret."""
    if subject != "salesforce":
        return token
    form = {"grant_type": "client_credentials", "client_id": token, "client_secret": token}
    given = requests.post(f"{url}/services/oauth2/token", data=form, timeout=_WAIT)
    return str(given.json()["access_token"])


def lists_of(subject: str, url: str, bearer: str) -> Sequence[Listing]:
    """The lists of a subject, with all that the system says their records have."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {bearer}"
        if subject == "salesforce":
            return [_of_salesforce(session, url, *named) for named in _SALESFORCE.items()]
        if subject == "contact_history":
            asked = {"propertiesWithHistory": ",".join(OF_HISTORY), "limit": 50}
            return [Listing(subject, f"{_OBJECTS}contacts", asked)]
        kinds = _HUBSPOT if subject == "hubspot" else (subject,)
        return [_of_hubspot(session, url, kind) for kind in kinds]


def _of_hubspot(session: requests.Session, url: str, kind: str) -> Listing:
    defined = session.get(f"{url}/crm/v3/properties/{kind}", timeout=_WAIT).json()["results"]
    names = ",".join(found["name"] for found in defined)
    return Listing(kind, _OBJECTS + kind, {"properties": names, "limit": 100})


def _of_salesforce(session: requests.Session, url: str, stream: str, sobject: str) -> Listing:
    described = session.get(f"{url}{_DATA}/sobjects/{sobject}/describe", timeout=_WAIT).json()
    names = [one["name"] for one in described["fields"] if one["type"] not in _COMPOUND]
    query = f"SELECT {','.join(names)} FROM {sobject} ORDER BY Id"
    options = {"Sforce-Query-Options": "batchSize=2000"}
    return Listing(stream, f"{_DATA}/queryAll", {"q": query}, options)
