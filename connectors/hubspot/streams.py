"""What is read from HubSpot: the streams, and the properties that the models know by name.

A column bears its property's name. Every other property of a record, the portal's own ones too,
lands as JSON in `_extra`. `stages_entered` is made of the many properties that date a stage
(properties.py), `disqualification_reason` bears whatever property the source's settings name.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from connectors.api_stream import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, TIMESTAMP, ApiStream
from connectors.columns import Column


def _columns(
    *,
    text: str = "",
    timestamp: str = "",
    decimal: str = "",
    integer: str = "",
    boolean: str = "",
    date: str = "",
) -> dict[str, Column]:
    """Columns by their types, each type's names separated by spaces."""
    typed: Iterable[tuple[str, Column]] = (
        (text, TEXT),
        (timestamp, TIMESTAMP),
        (decimal, DECIMAL),
        (integer, INTEGER),
        (boolean, BOOLEAN),
        (date, DATE),
    )
    return {name: column for names, column in typed for name in names.split()}


def _history(of: str) -> dict[str, Column]:
    return _columns(
        text=f"{of} property value source_type source_id updated_by_user_id",
        timestamp="changed_at",
        integer="nth",
    )


_ASSOCIATIONS: Final = _columns(text="from_id to_type to_id category label", integer="type_id")
_ASSOCIATION_KEY: Final = ("from_id", "to_type", "to_id", "category", "type_id")

STREAMS: Final[tuple[ApiStream, ...]] = (
    ApiStream(
        name="contacts",
        of="contacts",
        key=("id",),
        watermark="lastmodifieddate",
        entities=("persons",),
        words={"lifecyclestage": "stage", "hs_lead_status": "stage"},
        columns=_columns(
            text="id email hs_additional_emails firstname lastname phone mobilephone company "
            "country lifecyclestage hs_lead_status hubspot_owner_id associatedcompanyid "
            "hs_merged_object_ids hs_analytics_source hs_analytics_source_data_1 hs_latest_source "
            "salesforceleadid salesforcecontactid stages_entered disqualification_reason",
            timestamp="createdate lastmodifieddate archived_at",
        ),
    ),
    # `nth` tells apart what one property became twice within a millisecond, from the oldest, 0.
    ApiStream(
        name="contact_history",
        beside="contacts",
        of="what lifecyclestage, hs_lead_status, hubspot_owner_id and the disqualification reason "
        "of a contact were, and when",
        key=("contact_id", "property", "changed_at", "nth"),
        watermark="changed_at",
        entities=("stage_changes", "owner_changes"),
        columns=_history("contact_id"),
    ),
    ApiStream(
        name="companies",
        of="companies",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("accounts",),
        columns=_columns(
            text="id name domain hs_additional_domains industry country hs_parent_company_id "
            "hs_merged_object_ids hubspot_owner_id salesforceaccountid",
            timestamp="createdate hs_lastmodifieddate archived_at",
            integer="numberofemployees",
        ),
    ),
    ApiStream(
        name="deals",
        of="deals",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("deals",),
        words={"dealstage": "stage"},
        columns=_columns(
            text="id dealname pipeline dealstage deal_currency_code hubspot_owner_id "
            "hs_analytics_source hs_primary_associated_company hs_merged_object_ids "
            "hs_salesforceopportunityid closed_lost_reason closed_won_reason hs_campaign "
            "stages_entered",
            timestamp="createdate hs_lastmodifieddate closedate archived_at",
            decimal="amount",
            boolean="hs_is_closed hs_is_closed_won",
        ),
    ),
    ApiStream(
        name="deal_history",
        beside="deals",
        of="what dealstage, pipeline, amount, closedate and hubspot_owner_id of a deal were, and "
        "when",
        key=("deal_id", "property", "changed_at", "nth"),
        watermark="changed_at",
        entities=("stage_changes", "owner_changes", "deal_amounts"),
        columns=_history("deal_id"),
    ),
    ApiStream(
        name="owners",
        of="owners, with their teams",
        key=("id",),
        entities=("users",),
        words={"team": "role"},
        columns=_columns(
            # `team` is the primary team's name, `teams` all of them as JSON.
            text="id email first_name last_name user_id team teams",
            timestamp="created_at updated_at",
            boolean="archived",
        ),
    ),
    ApiStream(
        name="pipelines",
        of="pipelines of deals",
        key=("object_type", "id"),
        columns=_columns(text="object_type id label", integer="display_order", boolean="archived"),
    ),
    ApiStream(
        name="pipeline_stages",
        of="stages of the pipelines",
        key=("object_type", "pipeline_id", "id"),
        columns=_columns(
            text="object_type pipeline_id id label metadata",
            integer="display_order",
            boolean="archived is_closed",
            decimal="probability",
        ),
    ),
    ApiStream(
        name="properties",
        of="properties of contacts, companies, deals and engagements: their labels and types",
        key=("object_type", "name"),
        columns=_columns(
            text="object_type name label type field_type group_name options",
            boolean="calculated archived hubspot_defined",
            timestamp="created_at updated_at",
        ),
    ),
    ApiStream(
        name="contact_associations",
        beside="contacts",
        of="associations of contacts with companies, a row per label",
        key=_ASSOCIATION_KEY,
        columns=_ASSOCIATIONS,
    ),
    ApiStream(
        name="deal_associations",
        beside="deals",
        of="associations of deals with contacts and companies, a row per label",
        key=_ASSOCIATION_KEY,
        entities=("deal_persons", "deal_accounts"),
        columns=_ASSOCIATIONS,
    ),
    *(
        ApiStream(
            name=f"{engagement}_associations",
            beside=f"{engagement}s",
            of=f"associations of {engagement}s with contacts, companies and deals",
            key=_ASSOCIATION_KEY,
            columns=_ASSOCIATIONS,
        )
        for engagement in ("call", "email", "meeting", "note", "task")
    ),
    ApiStream(
        name="calls",
        of="calls",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("touches",),
        columns=_columns(
            text="id hubspot_owner_id hs_activity_type hs_call_direction hs_call_disposition "
            "hs_call_status",
            timestamp="hs_createdate hs_lastmodifieddate hs_timestamp archived_at",
            integer="hs_call_duration",
        ),
    ),
    ApiStream(
        name="emails",
        of="one-to-one emails",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("touches",),
        columns=_columns(
            text="id hubspot_owner_id hs_email_direction hs_email_status",
            timestamp="hs_createdate hs_lastmodifieddate hs_timestamp archived_at",
        ),
    ),
    ApiStream(
        name="meetings",
        of="meetings",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("touches",),
        columns=_columns(
            text="id hubspot_owner_id hs_activity_type hs_meeting_outcome",
            timestamp="hs_createdate hs_lastmodifieddate hs_timestamp hs_meeting_start_time "
            "hs_meeting_end_time archived_at",
        ),
    ),
    ApiStream(
        name="notes",
        of="notes",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("touches",),
        columns=_columns(
            text="id hubspot_owner_id",
            timestamp="hs_createdate hs_lastmodifieddate hs_timestamp archived_at",
        ),
    ),
    ApiStream(
        name="tasks",
        of="tasks",
        key=("id",),
        watermark="hs_lastmodifieddate",
        entities=("touches",),
        columns=_columns(
            text="id hubspot_owner_id hs_task_status hs_task_type",
            timestamp="hs_createdate hs_lastmodifieddate hs_timestamp hs_task_completion_date "
            "archived_at",
        ),
    ),
    ApiStream(
        name="campaigns",
        of="marketing campaigns",
        key=("id",),
        entities=("campaigns",),
        columns=_columns(
            text="id hs_name hs_campaign_status hs_currency_code hs_owner hs_utm hs_audience",
            timestamp="created_at updated_at",
            date="hs_start_date hs_end_date",
            decimal="hs_budget_items_sum_amount hs_spend_items_sum_amount",
        ),
    ),
    ApiStream(
        name="campaign_spend",
        of="what marketing campaigns cost, item by item",
        key=("campaign_id", "id"),
        entities=("spend",),
        columns=_columns(
            text="campaign_id id name description",
            timestamp="created_at updated_at",
            decimal="amount",
            integer="item_order",
        ),
    ),
    ApiStream(
        name="campaign_assets",
        of="which forms, emails and marketing events belong to which campaign",
        key=("campaign_id", "asset_type", "asset_id"),
        columns=_columns(text="campaign_id asset_type asset_id name"),
    ),
    ApiStream(
        name="marketing_emails",
        of="marketing emails, and the sends that are theirs",
        key=("id",),
        columns=_columns(
            # `email_campaign_ids`, as JSON, are those that email events name.
            text="id name subject campaign_id email_campaign_ids state",
            timestamp="created_at updated_at",
        ),
    ),
    ApiStream(
        name="forms",
        of="forms",
        key=("id",),
        columns=_columns(
            text="id name form_type", timestamp="created_at updated_at", boolean="archived"
        ),
    ),
    ApiStream(
        name="form_submissions",
        of="submissions of forms",
        key=("form_id", "conversion_id"),
        watermark="submitted_at",
        entities=("touches",),
        columns=_columns(text="form_id conversion_id email page_url", timestamp="submitted_at"),
    ),
    ApiStream(
        name="marketing_events",
        of="marketing events: webinars, conferences",
        key=("id",),
        columns=_columns(
            text="id event_name event_type event_organizer external_event_id event_status",
            timestamp="start_date_time end_date_time created_at updated_at",
            boolean="event_cancelled event_completed",
        ),
    ),
    ApiStream(
        name="marketing_event_participations",
        of="who registered for, attended or cancelled a marketing event",
        key=("event_id", "contact_id", "attendance_state", "occurred_at"),
        watermark="occurred_at",
        entities=("touches",),
        columns=_columns(
            text="event_id contact_id email attendance_state attendance_percentage",
            timestamp="occurred_at",
            integer="attendance_duration_seconds",
        ),
    ),
    ApiStream(
        name="email_events",
        of="what came of marketing emails: sent, delivered, opened, clicked, bounced",
        key=("id", "created"),
        watermark="created",
        entities=("touches",),
        columns=_columns(
            # `filtered_event`: HubSpot takes it for a machine's.
            text="id type recipient email_campaign_id app_id url",
            timestamp="created",
            boolean="filtered_event",
        ),
    ),
)
"""Every stream of HubSpot, in the order in which they are told."""


def hubspot_stream(name: str) -> ApiStream:
    """The stream of that name; KeyError where there is none."""
    return _BY_NAME[name]


_BY_NAME: Final[Mapping[str, ApiStream]] = {stream.name: stream for stream in STREAMS}
