"""The objects of an org, and the fields that each of them has from the start."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

FieldTold = dict[str, Any]
"""A field as `describe` tells it."""

_PERSON: Final = {
    "reference": "MasterRecordId OwnerId",
    "string": "FirstName LastName",
    "email": "Email",
    "phone": "Phone MobilePhone",
    "picklist": "LeadSource",
}
_NUMBERS: Final = frozenset({"currency", "double", "percent", "int"})
_LENGTH: Final = 255

_HISTORY: Final = {
    "picklist": "Field",
    "anyType": "OldValue NewValue",
    "reference": "CreatedById",
    "boolean": "IsDeleted",
    "datetime": "CreatedDate",
}
_STAMPS: Final = {"boolean": "IsDeleted", "datetime": "CreatedDate SystemModstamp"}

_OBJECTS: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    "Lead": (
        _PERSON,
        _STAMPS,
        {
            "string": "Company Country",
            "picklist": "Status CurrencyIsoCode",
            "reference": "ConvertedAccountId ConvertedContactId ConvertedOpportunityId",
            "boolean": "IsConverted",
            "date": "ConvertedDate",
        },
    ),
    "LeadHistory": ({"reference": "LeadId"}, _HISTORY),
    "Contact": (_PERSON, _STAMPS, {"reference": "AccountId", "string": "MailingCountry"}),
    "Account": (
        _STAMPS,
        {
            "reference": "MasterRecordId ParentId OwnerId",
            "string": "Name BillingCountry",
            "url": "Website",
            "picklist": "Industry",
            "int": "NumberOfEmployees",
        },
    ),
    "Campaign": (
        _STAMPS,
        {
            "string": "Name",
            "picklist": "Type Status CurrencyIsoCode",
            "reference": "ParentId",
            "boolean": "IsActive",
            "currency": "ActualCost BudgetedCost",
            "date": "StartDate EndDate",
        },
    ),
    "CampaignMember": (
        _STAMPS,
        {
            "reference": "CampaignId LeadId ContactId",
            "picklist": "Status",
            "boolean": "HasResponded",
            "date": "FirstRespondedDate",
        },
    ),
    "Opportunity": (
        _STAMPS,
        {
            "reference": "AccountId ContactId CampaignId OwnerId",
            "string": "Name",
            "picklist": "StageName Type LeadSource CurrencyIsoCode ForecastCategoryName",
            "boolean": "IsClosed IsWon",
            "currency": "Amount",
            "percent": "Probability",
            "date": "CloseDate",
            "datetime": "LastStageChangeDate",
        },
    ),
    "OpportunityHistory": (
        _STAMPS,
        {
            "reference": "OpportunityId CreatedById",
            "picklist": "StageName ForecastCategory CurrencyIsoCode",
            "currency": "Amount ExpectedRevenue",
            "percent": "Probability",
            "date": "CloseDate",
        },
    ),
    "OpportunityFieldHistory": ({"reference": "OpportunityId"}, _HISTORY),
    "OpportunityContactRole": (
        _STAMPS,
        {"reference": "OpportunityId ContactId", "picklist": "Role", "boolean": "IsPrimary"},
    ),
    "Task": (
        _STAMPS,
        {
            "reference": "WhoId WhatId AccountId OwnerId",
            "picklist": "Status Type TaskSubtype CallType",
            "string": "CallDisposition",
            "boolean": "IsClosed",
            "int": "CallDurationInSeconds",
            "date": "ActivityDate",
            "datetime": "CompletedDateTime",
        },
    ),
    "Event": (
        _STAMPS,
        {
            "reference": "WhoId WhatId AccountId OwnerId",
            "picklist": "Type EventSubtype",
            "boolean": "IsAllDayEvent",
            "date": "ActivityDate",
            "datetime": "ActivityDateTime StartDateTime EndDateTime",
        },
    ),
    "User": (
        {
            "string": "Name Title Department",
            "email": "Email",
            "reference": "UserRoleId",
            "picklist": "UserType",
            "boolean": "IsActive",
            "datetime": "CreatedDate SystemModstamp",
        },
    ),
    "UserRole": ({"string": "Name", "reference": "ParentRoleId", "datetime": "SystemModstamp"},),
    "CurrencyType": (
        {
            "picklist": "IsoCode",
            "double": "ConversionRate",
            "boolean": "IsCorporate IsActive",
            "int": "DecimalPlaces",
            "datetime": "CreatedDate SystemModstamp",
        },
    ),
    "DatedConversionRate": (
        {
            "picklist": "IsoCode",
            "double": "ConversionRate",
            "date": "StartDate NextStartDate",
            "datetime": "CreatedDate SystemModstamp",
        },
    ),
}

OBJECTS: Final = tuple(_OBJECTS)
"""The names of the objects."""


def fields_of(sobject: str) -> dict[str, FieldTold]:
    """An object's fields by name, fresh ones at each call."""
    return {name: described_field(name, type_) for name, type_ in _typed(sobject)}


def described_field(name: str, type_: str = "string", *, custom: bool = False) -> FieldTold:
    """A field as `describe` tells it."""
    is_number = type_ in _NUMBERS
    return {
        "name": name,
        "label": name.removesuffix("__c").replace("_", " "),
        "type": type_,
        "calculated": False,
        "custom": custom,
        "deprecatedAndHidden": False,
        "filterable": True,
        "nillable": name != "Id",
        "sortable": True,
        "length": 0 if is_number or type_ in {"boolean", "date", "datetime"} else _LENGTH,
        "precision": 18 if is_number else 0,
        "scale": 2 if type_ == "currency" else 0,
        "picklistValues": [],
        "referenceTo": [],
        "relationshipName": None,
    }


def _typed(sobject: str) -> Iterator[tuple[str, str]]:
    yield "Id", "id"
    for part in _OBJECTS[sobject]:
        for type_, names in part.items():
            for name in names.split():
                yield name, type_
