"""What is read from Salesforce: the objects, and the fields that the models know by name.

A column is its field's name in lower snake case (`LeadId` is `lead_id`). Every other field of a
record, the org's own ones too, lands as JSON in `_extra`. Why sales did not want a lead and why a
deal closed stand in fields that every org names as it likes: the source's settings name them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.api_stream import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    RATE,
    TEXT,
    TIMESTAMP,
    ApiStream,
)
from connectors.columns import Column


@dataclass(frozen=True)
class SalesforceStream(ApiStream):
    """A stream of records of one object.

    `sobject` is the object's name, `fields` the API's name of each column. `is_append_only`: its
    records are written once and never changed, so `CreatedDate` is their cursor.
    """

    sobject: str = ""
    fields: Mapping[str, str] | None = None
    is_append_only: bool = False


_TYPES: Final[Mapping[str, Column]] = {
    "text": TEXT,
    "integer": INTEGER,
    "decimal": DECIMAL,
    "rate": RATE,
    "boolean": BOOLEAN,
    "date": DATE,
    "timestamp": TIMESTAMP,
}


def _snake(field: str) -> str:
    snake = ""
    for position, letter in enumerate(field):
        if letter.isupper() and position and not field[position - 1].isupper():
            snake += "_"
        snake += letter.lower()
    return snake


def _stream(
    name: str,
    sobject: str,
    typed: Mapping[str, str],
    *,
    of: str = "",
    watermark: str | None = "system_modstamp",
    entities: tuple[str, ...] = (),
    words: Mapping[str, str] | None = None,
    chosen: str = "",
    is_append_only: bool = False,
) -> SalesforceStream:
    """A stream by its fields' types; `chosen` are columns whose fields the settings name."""
    fields = {_snake(field): field for names in typed.values() for field in names.split()}
    columns = {
        _snake(field): _TYPES[kind] for kind, names in typed.items() for field in names.split()
    }
    columns |= dict.fromkeys(chosen.split(), TEXT)
    return SalesforceStream(
        name=name,
        of=of or f"records of {sobject}",
        key=("id",),
        columns=columns,
        watermark=watermark,
        entities=entities,
        words=words,
        sobject=sobject,
        fields=fields,
        is_append_only=is_append_only,
    )


def _field_history(name: str, sobject: str, parent: str, entities: tuple[str, ...]) -> ApiStream:
    return _stream(
        name,
        sobject,
        {
            "text": f"Id {parent} Field OldValue NewValue CreatedById",
            "boolean": "IsDeleted",
            "timestamp": "CreatedDate",
        },
        watermark="created_date",
        entities=entities,
        is_append_only=True,
    )


STREAMS: Final[tuple[ApiStream, ...]] = (
    _stream(
        "leads",
        "Lead",
        {
            "text": "Id MasterRecordId FirstName LastName Company Email Phone MobilePhone Country "
            "LeadSource Status OwnerId ConvertedAccountId ConvertedContactId "
            "ConvertedOpportunityId CurrencyIsoCode",
            "boolean": "IsDeleted IsConverted",
            "date": "ConvertedDate",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("persons",),
        words={"status": "stage"},
        chosen="disqualification_reason",
    ),
    _field_history("lead_history", "LeadHistory", "LeadId", ("stage_changes", "owner_changes")),
    _stream(
        "contacts",
        "Contact",
        {
            "text": "Id MasterRecordId AccountId FirstName LastName Email Phone MobilePhone "
            "MailingCountry LeadSource OwnerId",
            "boolean": "IsDeleted",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("persons",),
    ),
    _stream(
        "accounts",
        "Account",
        {
            "text": "Id MasterRecordId Name Website Industry BillingCountry ParentId OwnerId",
            "boolean": "IsDeleted",
            "integer": "NumberOfEmployees",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("accounts",),
    ),
    _stream(
        "campaigns",
        "Campaign",
        {
            "text": "Id Name Type Status ParentId CurrencyIsoCode",
            "boolean": "IsDeleted IsActive",
            "decimal": "ActualCost BudgetedCost",
            "date": "StartDate EndDate",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("campaigns", "spend"),
    ),
    _stream(
        "campaign_members",
        "CampaignMember",
        {
            "text": "Id CampaignId LeadId ContactId Status",
            "boolean": "IsDeleted HasResponded",
            "date": "FirstRespondedDate",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("touches",),
    ),
    _stream(
        "opportunities",
        "Opportunity",
        {
            "text": "Id AccountId ContactId Name StageName Type LeadSource CampaignId OwnerId "
            "CurrencyIsoCode ForecastCategoryName",
            "boolean": "IsDeleted IsClosed IsWon",
            "decimal": "Amount Probability",
            "date": "CloseDate",
            "timestamp": "CreatedDate SystemModstamp LastStageChangeDate",
        },
        entities=("deals", "deal_accounts"),
        words={"stage_name": "stage"},
        chosen="close_reason",
    ),
    _stream(
        "opportunity_history",
        "OpportunityHistory",
        {
            "text": "Id OpportunityId StageName ForecastCategory CreatedById CurrencyIsoCode",
            "boolean": "IsDeleted",
            "decimal": "Amount ExpectedRevenue Probability",
            "date": "CloseDate",
            "timestamp": "CreatedDate SystemModstamp",
        },
        of="what stage, amount, close date and probability of an opportunity were, and when",
        watermark="created_date",
        entities=("stage_changes", "deal_amounts"),
        is_append_only=True,
    ),
    _field_history(
        "opportunity_field_history",
        "OpportunityFieldHistory",
        "OpportunityId",
        ("owner_changes",),
    ),
    _stream(
        "opportunity_contact_roles",
        "OpportunityContactRole",
        {
            "text": "Id OpportunityId ContactId Role",
            "boolean": "IsDeleted IsPrimary",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("deal_persons",),
    ),
    _stream(
        "tasks",
        "Task",
        {
            "text": "Id WhoId WhatId AccountId Status OwnerId Type TaskSubtype CallType "
            "CallDisposition",
            "boolean": "IsDeleted IsClosed",
            "integer": "CallDurationInSeconds",
            "date": "ActivityDate",
            "timestamp": "CompletedDateTime CreatedDate SystemModstamp",
        },
        entities=("touches",),
    ),
    _stream(
        "events",
        "Event",
        {
            "text": "Id WhoId WhatId AccountId OwnerId Type EventSubtype",
            "boolean": "IsDeleted IsAllDayEvent",
            "date": "ActivityDate",
            "timestamp": "ActivityDateTime StartDateTime EndDateTime CreatedDate SystemModstamp",
        },
        entities=("touches",),
    ),
    _stream(
        "users",
        "User",
        {
            "text": "Id Name Email Title Department UserRoleId UserType",
            "boolean": "IsActive",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("users",),
        # The word is the role's name, which user_roles tells; without a role the title.
        words={"role": "role"},
    ),
    _stream(
        "user_roles",
        "UserRole",
        {"text": "Id Name ParentRoleId", "timestamp": "SystemModstamp"},
    ),
    _stream(
        "currency_types",
        "CurrencyType",
        {
            "text": "Id IsoCode",
            "rate": "ConversionRate",
            "boolean": "IsCorporate IsActive",
            "integer": "DecimalPlaces",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("exchange_rates",),
    ),
    _stream(
        "dated_conversion_rates",
        "DatedConversionRate",
        {
            "text": "Id IsoCode",
            "rate": "ConversionRate",
            "date": "StartDate NextStartDate",
            "timestamp": "CreatedDate SystemModstamp",
        },
        entities=("exchange_rates",),
    ),
    ApiStream(
        name="field_definitions",
        of="fields of the objects that are read: their labels and types",
        key=("object", "name"),
        columns={
            **dict.fromkeys(
                ("object", "name", "label", "type", "relationship_name", "reference_to", "options"),
                TEXT,
            ),
            **dict.fromkeys(("calculated", "custom", "nillable"), BOOLEAN),
            **dict.fromkeys(("length", "precision", "scale"), INTEGER),
        },
    ),
)
"""Every stream of Salesforce, in the order in which they are told."""


def salesforce_stream(name: str) -> ApiStream:
    """The stream of that name; KeyError where there is none."""
    return _BY_NAME[name]


_BY_NAME: Final[Mapping[str, ApiStream]] = {stream.name: stream for stream in STREAMS}
