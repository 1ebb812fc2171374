"""REST and Bulk spell a value in two ways; what lands is the same, to the last character."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.org_server import SmallOrg

NASTY = [
    "NA",
    "null",
    "N/A",
    "nan",
    "#N/A",
    "true",
    "0012",
    "1e5",
    'say "yes", twice ""',
    "a,b;c\td",
    "one\ntwo\r\nthree\rfour\n",
    " leading and trailing ",
    '"',
    "''",
    "\x00 in the middle \x00",
    "\\N \\n",
    "Zoë 東京 🚀 é",
    "=1+1",
    "{not: json}",
]
NUMBERS = [
    Decimal("0"),
    Decimal("250.0"),
    Decimal("-0.5"),
    Decimal("0.1"),
    Decimal("99999999999.99"),
    Decimal("123456789012.345678"),
    Decimal("1234567890123456.78"),
    Decimal("123456789012345678"),
    Decimal("100000000000000000000"),
    Decimal("0.000001"),
    Decimal("-0.123456789012345"),
    Decimal("33.333333333333336"),
]
_TECHNICAL = {"_seq", "_loaded_at", "_run_id"}


def _landed(org: SmallOrg, folder: Path, stream: str, bulk_from: int) -> list[dict[str, Any]]:
    loaded = Loaded(org, folder, bulk_from=bulk_from)
    loaded.load(stream)
    return [
        {name: value for name, value in row.items() if name not in _TECHNICAL}
        for row in loaded.rows(stream)
    ]


def _of_both(org: SmallOrg, folder: Path, stream: str) -> list[dict[str, Any]]:
    rest = _landed(org, folder / "rest", stream, 20_000)
    bulk = _landed(org, folder / "bulk", stream, 1)
    assert any(asked.method == "POST" and "jobs" in asked.path for asked in org.asked)
    assert rest == bulk
    return rest


def test_text_lands_as_it_is(org: SmallOrg, tmp_path: Path) -> None:
    org.add_field("Lead", "Note__c", "textarea")
    for text in NASTY:
        org.add("Lead", LastName=text, Note__c=text, Company=None)
    rows = _of_both(org, tmp_path, "leads")
    assert [row["last_name"] for row in rows] == NASTY
    assert all(row["company"] is None for row in rows)


def test_numbers_land_with_every_digit(org: SmallOrg, tmp_path: Path) -> None:
    org.add_field("Lead", "Number__c", "double")
    ids = [org.add("Lead", Number__c=number) for number in NUMBERS]
    rows = _of_both(org, tmp_path, "leads")
    held = [row["_extra"].removeprefix('{"Number__c":').removesuffix("}") for row in rows]
    assert [Decimal(text) for text in held] == NUMBERS
    assert [row["id"] for row in rows] == ids


def test_amounts_land_exactly_or_not_at_all(org: SmallOrg, tmp_path: Path) -> None:
    for number in NUMBERS:
        org.add("Opportunity", Amount=number)
    rows = _of_both(org, tmp_path, "opportunities")
    fits = [n for n in NUMBERS if abs(n) < 10**12 and -n.normalize().as_tuple().exponent <= 6]  # type: ignore[operator]
    assert [row["amount"] for row in rows if row["_reject_reason"] is None] == fits
    assert sum(row["_reject_reason"] == "out_of_range" for row in rows) == len(NUMBERS) - len(fits)


def test_times_and_days_land_exactly(org: SmallOrg, tmp_path: Path) -> None:
    org.add_field("Opportunity", "Kicked_Off__c", "datetime")
    org.add_field("Opportunity", "Flag__c", "boolean")
    at = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    org.add(
        "Opportunity",
        CloseDate=date(2024, 3, 1),
        LastStageChangeDate=at,
        Kicked_Off__c=at,
        Flag__c=True,
    )
    [row] = _of_both(org, tmp_path, "opportunities")
    assert row["close_date"] == date(2024, 3, 1)
    assert row["last_stage_change_date"] == at
    assert row["_extra"] == '{"Flag__c":true,"Kicked_Off__c":"2024-02-29T23:59:59.000Z"}'


@pytest.mark.parametrize(
    ("value", "text"),
    [("Won", "Won"), (Decimal("100000.0"), "100000.0"), (True, "true"), (None, None), (3, "3")],
)
def test_old_and_new_values_of_any_type_land_as_text(
    org: SmallOrg, tmp_path: Path, value: object, text: str | None
) -> None:
    org.tables["OpportunityFieldHistory"].fields["NewValue"]["type"] = "anyType"
    org.add("OpportunityFieldHistory", NewValue=value)
    [row] = _of_both(org, tmp_path, "opportunity_field_history")
    assert row["new_value"] == text
