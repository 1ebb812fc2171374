"""The deals of the portal: a share of Salesforce's opportunities, mirrored by HubSpot's sync."""

from typing import Final

from connectors.sandbox.hubspot.definitions import entered
from connectors.sandbox.hubspot.kinds import instant
from connectors.sandbox.hubspot.links import PRIMARY
from connectors.sandbox.hubspot.portal.exported import (
    Exported,
    Row,
    at,
    company_id,
    deal_id,
    drawn,
)
from connectors.sandbox.hubspot.portal.people import SALESFORCE
from connectors.sandbox.hubspot.portal.writing import Wanted, write
from connectors.sandbox.hubspot.records import Past
from connectors.sandbox.hubspot.settings import Pipeline, Stage
from connectors.sandbox.hubspot.store import Store

ROLES: Final = ("Champion", "Decision Maker", "Economic Buyer", "Influencer")
"""What contacts are to a deal: labels of its associations."""

PIPELINE: Final = Pipeline(
    "default",
    "Sales Pipeline",
    [
        Stage("discovery", "Discovery", "0.2"),
        Stage("proposal", "Proposal", "0.5"),
        Stage("negotiation", "Negotiation", "0.8"),
        Stage("closedwon", "Closed Won", "1.0", is_closed=True),
        Stage("closedlost", "Closed Lost", "0.0", is_closed=True),
    ],
)
"""The one pipeline of the portal's deals."""

_STAGES: Final = {stage.label: stage for stage in PIPELINE.stages}
_MIRRORED_PERCENT: Final = 60


def is_mirrored(opportunity: str) -> bool:
    """Whether the portal has a deal of its own for an opportunity."""
    return drawn("mirrored", opportunity, 100) < _MIRRORED_PERCENT


def fill_deals(store: Store, exported: Exported) -> None:
    """Write the deals with their history, companies and contacts."""
    _define(store)
    history = exported.grouped("crm/opportunity_history.csv", "OpportunityId", "CreatedDate")
    opportunities = exported.rows("crm/opportunities.csv")
    mirrored = [row for row in opportunities if is_mirrored(row["Id"])]
    for row in mirrored:
        write(store, "deals", _deal(row, history[row["Id"]]))
        id_, company = str(deal_id(row["Id"])), str(company_id(row["AccountId"][3:]))
        store.associate("deals", id_, "companies", company, PRIMARY)
    ids = {row["Id"] for row in mirrored}
    for role in exported.rows("crm/opportunity_contact_roles.csv"):
        contact = exported.by_salesforce_contact.get(role["ContactId"])
        if role["OpportunityId"] in ids and contact is not None:
            id_ = str(deal_id(role["OpportunityId"]))
            store.associate("deals", id_, "contacts", contact, role["Role"])


def _define(store: Store) -> None:
    if PIPELINE.id not in store.pipelines["deals"]:
        store.add_pipeline("deals", PIPELINE)
    known = {one.label for one in store.links.types["deals", "contacts"]}
    for role in ROLES:
        if role not in known:
            store.define_label("deals", "contacts", role)


def _deal(row: Row, history: list[Row]) -> Wanted:
    created = at(row["CreatedDate"])
    wanted = Wanted(
        deal_id(row["Id"]),
        {
            "dealname": row["Name"],
            "deal_currency_code": row["CurrencyIsoCode"],
            "pipeline": PIPELINE.id,
            "hs_salesforceopportunityid": row["Id"],
            "hs_primary_associated_company": str(company_id(row["AccountId"][3:])),
            "closed_lost_reason": row["LossReason"],
        },
        created,
    )
    wanted.become("closedate", Past(instant(at(row["ExpectedCloseDate"])), created, SALESFORCE))
    for change in history:
        stage, moment = _STAGES[change["StageName"]], at(change["CreatedDate"])
        wanted.become("dealstage", Past(stage.id, moment, SALESFORCE))
        if change["Amount"] != (wanted.values.get("amount") or ""):
            wanted.become("amount", Past(change["Amount"], moment, SALESFORCE))
        wanted.values[entered(stage.id).name] = instant(moment)
        wanted.values["hs_is_closed"] = str(stage.is_closed).lower()
        wanted.values["hs_is_closed_won"] = str(stage.is_won).lower()
    if row["ClosedDate"]:
        closed = instant(at(row["ClosedDate"]))
        wanted.become("closedate", Past(closed, max(wanted.modified, created), SALESFORCE))
    return wanted
