"""Numbers, days and money as the report writes them; what is not known is said, never a zero."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

NO_DATA: Final = "no data"
_MINUS: Final = "−"
_TIED: Final = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, which no line end may part."""
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_HOURS_A_DAY: Final = 24
_SHOWN_IN_DAYS_FROM: Final = 48.0
_DIGITS_BELOW: Final = 10


def count(number: int | None) -> str:
    """A count with its thousands apart."""
    return NO_DATA if number is None else f"{number:,}"


def cases(number: int | None) -> str:
    """On how many cases a figure stands."""
    return f"n{_TIED}={_TIED}{count(number)}"


def number(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the point, without needless zeros."""
    if value is None:
        return NO_DATA
    text = f"{abs(value):,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{_MINUS}{text}" if value < 0 and text != "0" else text


def signed(value: float | None, digits: int = 1) -> str:
    """A difference, with its sign."""
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and text != "0" else text


def share(value: float | None) -> str:
    """A share as a percentage; a small one keeps a digit."""
    if value is None:
        return NO_DATA
    percent = value * 100
    digits = 1 if 0 < abs(percent) < _DIGITS_BELOW else 0
    return f"{number(percent, digits)}{_TIED}%"


def span(low: str, high: str) -> str:
    """An interval."""
    return f"{low}{_TIED}to{_TIED}{high}"


def days(value: float | None, digits: int = 0) -> str:
    """So many days."""
    if value is None:
        return NO_DATA
    text = number(value, digits)
    return f"{text}{_TIED}day" if text.lstrip(_MINUS) == "1" else f"{text}{_TIED}days"


def hours(value: float | None) -> str:
    """So many hours, as days where there are many."""
    if value is None:
        return NO_DATA
    if value >= _SHOWN_IN_DAYS_FROM:
        return days(value / _HOURS_A_DAY, 1)
    text = number(value, 1)
    return f"{text}{_TIED}hour" if text == "1" else f"{text}{_TIED}hours"


def money(amount: Decimal | float | None, currency: str) -> str:
    """An amount without its cents, in the reporting currency."""
    return "no amount" if amount is None else f"{currency}{_TIED}{amount:,.0f}"


def month(first_day: date | str | None) -> str:
    """A month in words; given as its first day, or as 2026-03."""
    if first_day is None:
        return NO_DATA
    text = first_day if isinstance(first_day, str) else first_day.isoformat()
    try:
        year, month_of_year = text.split("-")[:2]
        return f"{_MONTHS[int(month_of_year) - 1]} {year}"
    except (ValueError, IndexError):
        return text


def short_month(first_day: date) -> str:
    """A month in few letters, for an axis."""
    return f"{_MONTHS[first_day.month - 1][:3]} {first_day.year % 100:02d}"


def day(moment: datetime | None, zone: ZoneInfo) -> str:
    """The day of an instant (naive, UTC), as it is in the zone."""
    if moment is None:
        return NO_DATA
    there = moment.replace(tzinfo=UTC).astimezone(zone)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """The same in few letters, for a table."""
    there = moment.replace(tzinfo=UTC).astimezone(zone)
    return f"{there.day}{_TIED}{_MONTHS[there.month - 1][:3]}{_TIED}{there.year}"


def clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """An instant (naive, UTC) as a day and a time in the zone."""
    if moment is None:
        return NO_DATA
    there = moment.replace(tzinfo=UTC).astimezone(zone)
    return f"{day(moment, zone)}, {there:%H:%M} {there.tzname()}"


def spoken(key: str) -> str:
    """A key of the tables as words: mql_to_won is mql to won."""
    return key.replace("_", " ").replace(".", ", ")
