"""What an org writes down by itself when a record changes: histories, and what a stage implies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from connectors.sandbox.salesforce.ids import derived_id

if TYPE_CHECKING:
    from connectors.sandbox.salesforce.store import Org

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Stage:
    """What a stage of opportunities implies; `probability` in percent."""

    probability: Decimal
    forecast: str
    is_closed: bool = False
    is_won: bool = False


Stages = Mapping[str, Stage]
"""Stages by their names."""


@dataclass(frozen=True)
class _Tracked:
    """The history of an object: of what, by which name there, of which fields.

    `fields`: each field with the name that its history has.
    """

    sobject: str
    parent: str
    fields: Mapping[str, str]


TRACKED: Final[Mapping[str, _Tracked]] = {
    "Lead": _Tracked(
        "LeadHistory",
        "LeadId",
        {"Status": "Status", "OwnerId": "Owner", "Reason__c": "Reason__c"},
    ),
    "Opportunity": _Tracked(
        "OpportunityFieldHistory",
        "OpportunityId",
        {
            "StageName": "StageName",
            "Amount": "Amount",
            "CloseDate": "CloseDate",
            "OwnerId": "Owner",
        },
    ),
}
"""The objects whose fields are tracked."""

_SHOWN: Final = ("StageName", "Amount", "CloseDate", "Probability", "CurrencyIsoCode")


def with_stage(stages: Stages, sobject: str, values: Values, at: datetime) -> dict[str, Any]:
    """The values, and what their stage implies unless they say otherwise."""
    if sobject != "Opportunity" or "StageName" not in values:
        return dict(values)
    implied: dict[str, Any] = {"LastStageChangeDate": at}
    stage = stages.get(values["StageName"])
    if stage is not None:
        implied |= {
            "Probability": stage.probability,
            "ForecastCategoryName": stage.forecast,
            "IsClosed": stage.is_closed,
            "IsWon": stage.is_won,
        }
    return implied | dict(values)


@dataclass(frozen=True)
class Deed:
    """What happened to a record: how it was (None: not there) and is, when, and who did it."""

    before: Values | None
    after: Values
    at: datetime
    by: str | None


def note(org: "Org", sobject: str, deed: Deed) -> None:
    """Write the rows of history that a change of a record makes."""
    tracked = TRACKED.get(sobject)
    if tracked is None:
        return
    if tracked.sobject in org.tables:
        if deed.before is None:
            _write(org, tracked, deed, "created", (None, None))
        else:
            for field, name in tracked.fields.items():
                old, new = deed.before.get(field), deed.after.get(field)
                if old != new:
                    _note_field(org, tracked, deed, name, (old, new))
    if sobject == "Opportunity" and "OpportunityHistory" in org.tables:
        _note_snapshot(org, deed)


def _note_field(
    org: "Org", tracked: _Tracked, deed: Deed, name: str, values: tuple[Any, Any]
) -> None:
    if name == "Owner":
        # A change of owner is told twice: by their names, and by their ids.
        users = org.tables["User"].records if "User" in org.tables else {}
        old, new = (users[id_]["Name"] if id_ in users else None for id_ in values)
        if old or new:
            _write(org, tracked, deed, name, (old, new))
    _write(org, tracked, deed, name, values)


def _write(org: "Org", tracked: _Tracked, deed: Deed, name: str, values: tuple[Any, Any]) -> None:
    parent: str = deed.after["Id"]
    org.add(
        tracked.sobject,
        id_=_free_id(org, tracked.sobject, parent, name, deed.at, *values),
        at=deed.at,
        **{tracked.parent: parent},
        Field=name,
        OldValue=values[0],
        NewValue=values[1],
        CreatedById=deed.by,
    )


def _note_snapshot(org: "Org", deed: Deed) -> None:
    shown = {name: deed.after.get(name) for name in _SHOWN}
    if deed.before is not None and shown == {name: deed.before.get(name) for name in _SHOWN}:
        return
    amount, probability = shown["Amount"], shown["Probability"]
    expected = None
    if amount is not None and probability is not None:
        expected = Decimal(amount) * Decimal(probability) / 100
    org.add(
        "OpportunityHistory",
        id_=_free_id(org, "OpportunityHistory", deed.after["Id"], deed.at, *shown.values()),
        at=deed.at,
        OpportunityId=deed.after["Id"],
        ForecastCategory=_forecast(deed.after.get("ForecastCategoryName")),
        ExpectedRevenue=expected,
        CreatedById=deed.by,
        **shown,
    )


def _forecast(name: str | None) -> str | None:
    # The history has the API's names of forecast categories, without spaces.
    return name.replace(" ", "") if name else None


def _free_id(org: "Org", sobject: str, *parts: object) -> str:
    """An id that what the row says decides; the same words a second time make another."""
    again = 0
    while (id_ := derived_id(sobject, *parts, again)) in org.tables[sobject].records:
        again += 1
    return id_
