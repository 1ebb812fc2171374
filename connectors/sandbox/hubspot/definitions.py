"""The properties that a portal defines for its object types."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from connectors.sandbox.hubspot.kinds import ENGAGEMENTS, instant

_FIELD_TYPES: Final = {
    "string": "text",
    "number": "number",
    "bool": "booleancheckbox",
    "date": "date",
    "datetime": "date",
    "enumeration": "select",
}
LIFECYCLE: Final = (
    "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity",
    "customer", "evangelist", "other",
)  # fmt: skip
"""The lifecycle stages that HubSpot brings along."""

LEAD_STATUS: Final = (
    "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED",
    "BAD_TIMING",
)  # fmt: skip
"""The lead statuses that HubSpot brings along."""


@dataclass(frozen=True)
class Property:
    """A property: its type as HubSpot names it (`string number bool date datetime enumeration`).

    `is_listed`: whether the list of properties has it; some can be read only by who knows them.
    """

    name: str
    type: str = "string"
    label: str = ""
    options: tuple[str, ...] = ()
    is_calculated: bool = False
    is_own: bool = True
    is_listed: bool = True

    def as_json(self, created: int) -> dict[str, Any]:
        """As the API tells it; made at `created` milliseconds."""
        return {
            "updatedAt": instant(created),
            "createdAt": instant(created),
            "name": self.name,
            "label": self.label or self.name.replace("_", " ").capitalize(),
            "type": self.type,
            "fieldType": "calculation_equation"
            if self.is_calculated
            else _FIELD_TYPES.get(self.type, "text"),
            "description": "",
            "groupName": "information",
            "options": [
                {"label": word, "value": word, "displayOrder": place, "hidden": False}
                for place, word in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": self.is_calculated,
            "externalOptions": False,
            "archived": False,
            "hasUniqueValue": False,
            "hidden": False,
            "hubspotDefined": not self.is_own,
            "modificationMetadata": {
                "archivable": self.is_own,
                "readOnlyDefinition": not self.is_own,
                "readOnlyValue": self.is_calculated,
            },
            "formField": not self.is_calculated,
        }


def _own(type_: str, names: str) -> Iterable[Property]:
    return (Property(name, type_, is_own=False) for name in names.split())


def _calculated(type_: str, names: str) -> Iterable[Property]:
    return (Property(name, type_, is_calculated=True, is_own=False) for name in names.split())


def entered(stage: str) -> Property:
    """When a record entered a stage: readable, though no list has it."""
    name = f"hs_v2_date_entered_{stage}"
    return Property(name, "datetime", is_calculated=True, is_own=False, is_listed=False)


def _entered(stages: Iterable[str]) -> Iterable[Property]:
    for stage in stages:
        yield Property(f"hs_date_entered_{stage}", "datetime", is_calculated=True, is_own=False)
        yield entered(stage)


def _contacts() -> Iterable[Property]:
    yield from _own(
        "string",
        "email hs_additional_emails firstname lastname phone mobilephone company jobtitle website "
        "address city state zip country hs_merged_object_ids hs_calculated_merged_vids "
        "hs_analytics_source_data_1 hs_analytics_source_data_2 hs_latest_source_data_1 "
        "salesforceleadid salesforcecontactid salesforceaccountid hs_lead_source",
    )
    yield from _own("datetime", "closedate hs_lifecyclestage_customer_date notes_last_updated")
    yield from _own("number", "associatedcompanyid")
    yield from _calculated("number", "hs_email_open num_associated_deals hubspotscore")
    yield from _own("enumeration", "hubspot_owner_id hs_analytics_source hs_latest_source")
    yield Property("lifecyclestage", "enumeration", options=LIFECYCLE, is_own=False)
    yield Property("hs_lead_status", "enumeration", options=LEAD_STATUS, is_own=False)
    yield from _entered(LIFECYCLE)


def _companies() -> Iterable[Property]:
    yield from _own(
        "string",
        "name domain website hs_additional_domains phone city state country description "
        "hs_merged_object_ids salesforceaccountid",
    )
    yield from _own("number", "numberofemployees annualrevenue hs_parent_company_id")
    yield from _own("enumeration", "hubspot_owner_id industry lifecyclestage hs_analytics_source")
    yield from _calculated("number", "num_associated_contacts num_associated_deals")


def _deals() -> Iterable[Property]:
    yield from _own(
        "string",
        "dealname description closed_lost_reason closed_won_reason hs_merged_object_ids "
        "hs_salesforceopportunityid hs_campaign hs_analytics_source_data_1",
    )
    yield from _own(
        "enumeration", "pipeline dealstage dealtype hubspot_owner_id deal_currency_code"
    )
    yield from _own("enumeration", "hs_analytics_source hs_forecast_category")
    yield from _own("number", "amount amount_in_home_currency hs_primary_associated_company")
    yield from _own("datetime", "closedate")
    yield from _calculated("bool", "hs_is_closed hs_is_closed_won hs_is_closed_lost")
    yield from _calculated("number", "hs_projected_amount days_to_close")


_ENGAGEMENT: Final = {
    "calls": (
        "string hs_call_title hs_call_body hs_call_disposition hs_call_direction hs_call_status "
        "hs_activity_type|number hs_call_duration"
    ),
    "emails": (
        "string hs_email_subject hs_email_text hs_email_direction hs_email_status "
        "hs_email_from_email hs_email_to_email hs_email_headers"
    ),
    "meetings": (
        "string hs_meeting_title hs_meeting_body hs_meeting_outcome hs_activity_type|datetime "
        "hs_meeting_start_time hs_meeting_end_time"
    ),
    "notes": "string hs_note_body",
    "tasks": (
        "string hs_task_subject hs_task_body hs_task_status hs_task_type hs_task_priority|datetime "
        "hs_task_completion_date"
    ),
}


def _engagement(kind: str) -> Iterable[Property]:
    yield from _own("datetime", "hs_timestamp")
    yield from _own("enumeration", "hubspot_owner_id")
    yield from _own("string", "hs_merged_object_ids")
    for group in _ENGAGEMENT[kind].split("|"):
        type_, _, names = group.partition(" ")
        yield from _own(type_, names)


def standard_properties(kind: str, created: str, modified: str) -> dict[str, Property]:
    """The properties that HubSpot brings along for an object type, by name.

    `created` and `modified` are those by which it tells when a record was made and changed.
    """
    makers = {"contacts": _contacts, "companies": _companies, "deals": _deals}
    given = _engagement(kind) if kind in ENGAGEMENTS else makers[kind]()
    system = (
        Property("hs_object_id", "number", is_calculated=True, is_own=False),
        *_calculated("datetime", " ".join(dict.fromkeys((created, "hs_createdate", modified)))),
    )
    return {found.name: found for found in (*system, *given)}
