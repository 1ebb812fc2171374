"""The simulated company's org: filled from its exports, and on as they go on."""

from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from connectors.sandbox.salesforce.exported import Exported, Row, instant, midnight
from connectors.sandbox.salesforce.history import Stage
from connectors.sandbox.salesforce.ids import derived_id, id_of_export
from connectors.sandbox.salesforce.org_sales import sales_plan
from connectors.sandbox.salesforce.store import Org, Planned
from connectors.sandbox.serving import Clock

STAGES: Final = {
    "Discovery": Stage(Decimal(20), "Pipeline"),
    "Proposal": Stage(Decimal(50), "Best Case"),
    "Negotiation": Stage(Decimal(75), "Commit"),
    "Closed Won": Stage(Decimal(100), "Closed", is_closed=True, is_won=True),
    "Closed Lost": Stage(Decimal(0), "Omitted", is_closed=True),
}
"""The stages of the company's opportunities."""

_OWN_FIELDS: Final = (
    ("Lead", "Reason__c", "string"),
    ("Lead", "Matched_Account__c", "reference"),
    ("Opportunity", "Loss_Reason__c", "string"),
    ("Task", "Connected__c", "boolean"),
    ("Event", "Connected__c", "boolean"),
    ("Event", "Direction__c", "string"),
)
_SALES_ROLES: Final = frozenset({"SDR", "AE"})
_CORPORATE: Final = "USD"
_RATE_PLACES: Final = Decimal("1e-12")
_FOR_EVER: Final = date(9999, 12, 31)
_DAY: Final = timedelta(days=1)


def filled_org(exports: Path, clock: Clock) -> Org:
    """The company's org as the exports tell it by the clock's time.

    What they tell of later times happens when the clock comes to it. PermanentError where an export
    is missing.
    """
    org = Org(clock)
    org.stages = STAGES
    for sobject, name, type_ in _OWN_FIELDS:
        org.add_field(sobject, name, type_)
    catch_up(org, exports)
    return org


def catch_up(org: Org, exports: Path) -> None:
    """Let an org that was filled from exports go on with later ones of the same company."""
    exported = Exported(exports)
    plan = [
        *_users(org, exported),
        *_campaigns(org, exported),
        *_rates(org, exported),
        *sales_plan(org, exported),
    ]
    org.plan(plan)


def _users(org: Org, exported: Exported) -> Iterator[Planned]:
    rows = exported.rows("crm/users.csv")
    for role in sorted({row["Role"] for row in rows}):
        yield _planned_role(org, role, exported.start)
    seen: set[str] = set()
    for row in rows:
        at = instant(row["RoleFrom"]) if row["RoleFrom"] else exported.start
        yield _planned_post(org, row, max(at, exported.start), is_new=row["Id"] not in seen)
        seen.add(row["Id"])


def _planned_role(org: Org, role: str, at: datetime) -> Planned:
    id_ = derived_id("UserRole", role)
    return Planned(at, 0, f"role {role}", lambda at: org.add("UserRole", id_=id_, at=at, Name=role))


def _planned_post(org: Org, row: Row, at: datetime, *, is_new: bool) -> Planned:
    id_, role = id_of_export("User", row["Id"]), row["Role"]
    values: dict[str, Any] = {
        "UserRoleId": derived_id("UserRole", role),
        "Title": role,
        "Department": "Sales" if role in _SALES_ROLES else "Marketing",
    }
    known: dict[str, Any] = {
        "Name": row["Name"],
        "Email": row["Email"],
        "UserType": "Standard",
        "IsActive": True,
    }

    def happen(at: datetime) -> None:
        if is_new:
            org.add("User", id_=id_, at=at, **known, **values)
        else:
            org.change("User", id_, at=at, **values)

    return Planned(at, 1, f"user {id_} {role} {row['RoleFrom']}", happen)


def _campaigns(org: Org, exported: Exported) -> Iterator[Planned]:
    for row in exported.rows("marketing/campaigns.csv"):
        id_ = id_of_export("Campaign", row["Campaign ID"].removeprefix("C"))
        starts = date.fromisoformat(row["Start Date"])
        ends = date.fromisoformat(row["End Date"])
        values: dict[str, Any] = {
            "Name": row["Name"],
            "Type": row["Channel"],
            "Status": "In Progress",
            "IsActive": True,
            "StartDate": starts,
            "EndDate": ends,
            "CurrencyIsoCode": _CORPORATE,
        }

        def begin(at: datetime, id_: str = id_, values: dict[str, Any] = values) -> None:
            org.add("Campaign", id_=id_, at=at, **values)

        def end(at: datetime, id_: str = id_) -> None:
            org.change("Campaign", id_, at=at, Status="Completed", IsActive=False)

        yield Planned(midnight(starts), 2, f"campaign {id_}", begin)
        yield Planned(midnight(ends) + _DAY, 2, f"campaign {id_} ends", end)


def _rates(org: Org, exported: Exported) -> Iterator[Planned]:
    """Foreign units for one of the corporate currency: the exports tell it the other way round."""
    days: dict[str, list[date]] = defaultdict(list)
    for known in org.tables["DatedConversionRate"].records.values():
        insort(days[known["IsoCode"]], known["StartDate"])
    yield _planned_rate(org, days, (_CORPORATE, exported.start.date(), Decimal(1)))
    for row in exported.rows("finance/exchange_rates.csv"):
        rate = (1 / Decimal(row["usd"])).quantize(_RATE_PLACES)
        day = date.fromisoformat(row["day"])
        yield _planned_rate(org, days, (row["currency"], day, rate))


def _planned_rate(
    org: Org, days: Mapping[str, list[date]], told: tuple[str, date, Decimal]
) -> Planned:
    """A currency's rate from a day on. `days` are those of each currency that have one by then."""
    iso, day, rate = told

    def happen(at: datetime) -> None:
        place = bisect(days[iso], day)
        if place > 0:
            before = derived_id("DatedConversionRate", iso, days[iso][place - 1])
            org.change("DatedConversionRate", before, at=at, NextStartDate=day)
        is_newest = place == len(days[iso])
        org.add(
            "DatedConversionRate",
            id_=derived_id("DatedConversionRate", iso, day),
            at=at,
            IsoCode=iso,
            ConversionRate=rate,
            StartDate=day,
            NextStartDate=_FOR_EVER if is_newest else days[iso][place],
        )
        if is_newest:
            _set_currency(org, iso, rate, at)
        days[iso].insert(place, day)

    return Planned(midnight(day), 0, f"rate {iso} {day}", happen)


def _set_currency(org: Org, iso: str, rate: Decimal, at: datetime) -> None:
    id_ = derived_id("CurrencyType", iso)
    if id_ in org.tables["CurrencyType"].records:
        org.change("CurrencyType", id_, at=at, ConversionRate=rate)
        return
    org.add(
        "CurrencyType",
        id_=id_,
        at=at,
        IsoCode=iso,
        ConversionRate=rate,
        IsCorporate=iso == _CORPORATE,
        IsActive=True,
        DecimalPlaces=2,
    )
