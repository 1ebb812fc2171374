"""Queries: what they find, in which order, and what they are refused for."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.sandbox.salesforce import Org
from connectors.sandbox.salesforce.refusals import Refused
from connectors.sandbox.salesforce.rest import run


@pytest.fixture
def deals(org: Org) -> Org:
    amounts = (100, 200, None, 50)
    for amount, name in zip(amounts, ("Ann's", "ben", "Cleo", "BEN"), strict=True):
        org.add(
            "Opportunity",
            Name=name,
            Amount=None if amount is None else Decimal(amount),
            CloseDate=date(2026, 5, 1),
            IsWon=amount == 200,
        )
        org.clock.advance(timedelta(hours=1))
    return org


def _names(org: Org, rest: str) -> list[str]:
    _, rows = run(org, f"SELECT Id, Name FROM Opportunity {rest}", with_bin=True)
    return [row["Name"] for row in rows]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Amount > 50 AND Amount < 200", ["Ann's"]),
        ("Amount = null", ["Cleo"]),
        ("Amount != null AND IsWon = false", ["Ann's", "BEN"]),
        ("Name = 'Ann\\'s'", ["Ann's"]),
        ("Name = 'Ben'", ["ben", "BEN"]),
        ("Name LIKE 'b%'", ["ben", "BEN"]),
        ("Name NOT IN ('ben', 'cleo')", ["Ann's"]),
        ("NOT (Amount >= 100 OR Amount = null)", ["BEN"]),
        ("Amount = 50 OR Amount = 200 AND IsWon = true", ["ben", "BEN"]),
        ("CreatedDate >= 2026-03-02T14:00:00Z", ["Cleo", "BEN"]),
        ("CreatedDate < 2026-03-02T14:00:00.000+01:00", ["Ann's"]),
        ("CloseDate > 2026-05-01", []),
    ],
)
def test_conditions_find_what_they_say(deals: Org, where: str, found: list[str]) -> None:
    assert _names(deals, f"WHERE {where}") == found


def test_records_come_in_the_order_that_is_asked_for_nulls_first(deals: Org) -> None:
    assert _names(deals, "ORDER BY Amount") == ["Cleo", "BEN", "Ann's", "ben"]
    assert _names(deals, "ORDER BY IsWon, Amount DESC NULLS LAST LIMIT 2") == ["Ann's", "BEN"]
    assert _names(deals, "ORDER BY Id LIMIT 2 OFFSET 1") == ["ben", "Cleo"]


def test_an_id_is_found_by_its_fifteen_characters_too(deals: Org) -> None:
    [id_, *_] = deals.tables["Opportunity"].records
    assert _names(deals, f"WHERE Id = '{id_[:15]}'") == ["Ann's"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id, Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT many", "MALFORMED_QUERY"),
        ("SELECT * FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead; DROP", "MALFORMED_QUERY"),
    ],
)
def test_what_is_no_query_is_refused_as_the_real_one_does(org: Org, query: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        run(org, query, with_bin=True)
    assert refused.value.code == code
