"""Numbers and days as the report writes them."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from orchestration.report import words


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "no data"),
        (0.0, "0 %"),
        (0.054, "5.4 %"),
        (0.0999, "10 %"),
        (0.671, "67 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_a_percentage_and_none_is_no_zero(value: float | None, told: str) -> None:
    assert _plain(words.share(value)) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "no data"), (1, "1 day"), (-1, "−1 day"), (0, "0 days"), (1234.4, "1,234 days")],
)
def test_days_have_their_number(value: float | None, told: str) -> None:
    assert _plain(words.days(value)) == told


def test_a_difference_has_its_sign_and_zero_none() -> None:
    told = [words.signed(value) for value in (2.06, -2.04, 0.0, 0.04, None)]
    assert told == ["+2.1", "−2", "0", "0", "no data"]


def test_many_hours_are_days() -> None:
    assert [_plain(words.hours(h)) for h in (1, 3.5, 47.9, 60)] == [
        "1 hour",
        "3.5 hours",
        "47.9 hours",
        "2.5 days",
    ]


def test_money_has_its_currency_and_no_amount_is_no_zero() -> None:
    assert _plain(words.money(Decimal("12345.67"), "EUR")) == "EUR 12,346"
    assert words.money(None, "EUR") == "no amount"


def test_an_instant_is_of_the_day_that_it_is_in_the_agreements_zone() -> None:
    midnight, zone = datetime(2026, 10, 1, 0, 30), ZoneInfo("America/New_York")
    assert words.day(midnight, zone) == "30 September 2026"
    assert words.clock(midnight, zone) == "30 September 2026, 20:30 EDT"


def test_a_month_is_told_of_a_date_and_of_a_cohort() -> None:
    assert words.month(date(2026, 3, 1)) == words.month("2026-03") == "March 2026"
    assert words.month("all") == "all"
