"""Business time as people say it: opening hours, holidays, and durations in them."""

import re
from datetime import date
from typing import Annotated, Final

import holidays
from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from connectors.faults import Faults, Part, fault

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MINUTES_PER_HOUR: Final = 60
_LAST_MINUTE: Final = 24 * _MINUTES_PER_HOUR
_DURATION = re.compile(r"(\d+) (business )?(minute|hour|day)s?")


class BusinessDuration(Part):
    """A span of business time: business minutes, plus whole business days."""

    minutes: int = 0
    days: int = 0

    def minutes_of_days_of(self, minutes_per_day: int) -> int:
        """The span in business minutes, where a business day has `minutes_per_day`."""
        return self.minutes + self.days * minutes_per_day


def _parse_duration(value: object) -> object:
    if isinstance(value, BusinessDuration):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2] is None or int(match[1]) == 0:
        raise fault("a span of business time, such as '4 business hours' or '5 business days'")
    count, unit = int(match[1]), match[3]
    if unit == "day":
        return BusinessDuration(days=count)
    return BusinessDuration(minutes=count * (_MINUTES_PER_HOUR if unit == "hour" else 1))


def _in_words(span: BusinessDuration) -> str:
    """As it may be written; it is either of days or of minutes."""
    return f"{span.days} business days" if span.days else f"{span.minutes} business minutes"


def _parse_business_days(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2] is None or match[3] != "day" or int(match[1]) == 0:
        raise fault("a number of business days, such as '10 business days'")
    return int(match[1])


def _parse_days(value: object) -> object:
    if isinstance(value, str) and "," in value:
        value = [part.strip() for part in value.split(",")]
    if isinstance(value, str):
        first, dash, last = value.strip().lower().partition("-")
        if first in WEEKDAYS and not dash:
            return (first,)
        if first in WEEKDAYS and last in WEEKDAYS:
            start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
            length = (end - start) % len(WEEKDAYS) + 1
            return tuple(WEEKDAYS[(start + step) % len(WEEKDAYS)] for step in range(length))
    if isinstance(value, list | tuple) and value:
        words = [word.lower() if isinstance(word, str) else word for word in value]
        if all(word in WEEKDAYS for word in words) and len(set(words)) == len(words):
            return tuple(words)
    raise fault("days of the week, such as 'mon-fri' or [mon, tue, thu]")


def _parse_clock(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LAST_MINUTE:
        return value
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if match is not None and int(match[2]) < _MINUTES_PER_HOUR:
        minutes = int(match[1]) * _MINUTES_PER_HOUR + int(match[2])
        if minutes <= _LAST_MINUTE:
            return minutes
    raise fault('a time of the day between "00:00" and "24:00", in quotes, such as "09:00"')


def _check_holidays(value: object) -> object:
    if value is None:
        return None
    country, _, region = value.partition("-") if isinstance(value, str) else ("", "", "")
    if country not in holidays.list_supported_countries():
        raise fault(
            "a country whose holidays are known, as its two-letter code, such as US or DE, with a "
            "region where it matters, such as US-CA or DE-BY"
        )
    regions = holidays.list_supported_countries()[country]
    if region and region not in regions:
        known = ", ".join(regions) or "none"
        raise fault(f"a region of {country} whose holidays are known: {known}")
    return value


MinuteOfDay = Annotated[int, BeforeValidator(_parse_clock)]
"""Minutes since midnight, written "09:00"; "24:00" is the end of the day."""

BusinessSpan = Annotated[
    BusinessDuration, BeforeValidator(_parse_duration), PlainSerializer(_in_words)
]
"""A duration written '4 business hours' or '2 business days'."""

BusinessDays = Annotated[int, BeforeValidator(_parse_business_days), Field(gt=0)]
"""A number of business days, written '10 business days'."""


class BusinessHours(Part):
    """When both teams are at work, in the agreement's time zone."""

    days: Annotated[tuple[str, ...], BeforeValidator(_parse_days)] = WEEKDAYS[:5]
    opens: MinuteOfDay = Field(default=9 * _MINUTES_PER_HOUR, alias="from")
    closes: MinuteOfDay = Field(default=17 * _MINUTES_PER_HOUR, alias="to")
    holidays: Annotated[str | None, BeforeValidator(_check_holidays)] = None
    also_closed: tuple[date, ...] = ()

    @property
    def minutes_per_day(self) -> int:
        """The length of an ordinary business day in minutes."""
        return self.closes - self.opens

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "BusinessHours":
        faults = Faults()
        if self.closes <= self.opens:
            faults.add(("to",), self.closes, "a time after the one in `from`")
        faults.raise_if_any()
        return self
