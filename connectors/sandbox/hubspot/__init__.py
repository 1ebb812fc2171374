"""A HubSpot portal on loopback: a store, and the API over it that real clients speak."""

from connectors.sandbox.hubspot.access import ALL_SCOPES, Access, Limits, OAuthApp
from connectors.sandbox.hubspot.api import HubSpot, make_hubspot
from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.links import PRIMARY
from connectors.sandbox.hubspot.marketing import (
    EmailEvent,
    Form,
    MarketingCampaign,
    MarketingEmail,
    MarketingEvent,
    MoneyItem,
    Participation,
    Submission,
    guid,
)
from connectors.sandbox.hubspot.records import Past, Snapshot, Source
from connectors.sandbox.hubspot.settings import Owner, Pipeline, Stage, Team
from connectors.sandbox.hubspot.store import Held, Store

__all__ = [
    "ALL_SCOPES",
    "PRIMARY",
    "Access",
    "EmailEvent",
    "Form",
    "Held",
    "HubSpot",
    "Limits",
    "MarketingCampaign",
    "MarketingEmail",
    "MarketingEvent",
    "MoneyItem",
    "OAuthApp",
    "Owner",
    "Participation",
    "Past",
    "Pipeline",
    "Property",
    "Snapshot",
    "Source",
    "Stage",
    "Store",
    "Submission",
    "Team",
    "guid",
    "make_hubspot",
]
