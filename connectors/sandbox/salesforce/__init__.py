"""A Salesforce org on a sandbox server: records with history, SOQL over REST, and Bulk jobs."""

from connectors.sandbox.salesforce.access import ConnectedApp
from connectors.sandbox.salesforce.app import Salesforce, make_salesforce, salesforce_app
from connectors.sandbox.salesforce.ids import PREFIXES, id_of_export, salesforce_id
from connectors.sandbox.salesforce.org import catch_up, filled_org
from connectors.sandbox.salesforce.store import Org, Record, Table

__all__ = [
    "PREFIXES",
    "ConnectedApp",
    "Org",
    "Record",
    "Salesforce",
    "Table",
    "catch_up",
    "filled_org",
    "id_of_export",
    "make_salesforce",
    "salesforce_app",
    "salesforce_id",
]
