"""The business calendar, day by day: pure functions of the agreement's hours and time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from orchestration.agreement.hours import WEEKDAYS, BusinessHours

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class CalendarDay:
    """One day of the calendar; days are the agreement's, instants are naive in UTC.

    `business_day_number` counts the business days up to and including this one, and
    `business_minutes_before` the business minutes on all earlier days of the calendar.
    """

    day: date
    is_business_day: bool
    business_day_number: int
    opens_at: datetime | None
    closes_at: datetime | None
    business_minutes_before: int


def business_calendar(
    hours: BusinessHours, zone: ZoneInfo, first: date, last: date
) -> list[CalendarDay]:
    """Every day from `first` to `last`, both included."""
    closed = _closed_days(hours, first, last)
    calendar: list[CalendarDay] = []
    number = minutes = 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        span = None
        if WEEKDAYS[day.weekday()] in hours.days and day not in closed:
            span = _open_span(day, hours, zone)
        opens_at, closes_at = span or (None, None)
        number += span is not None
        calendar.append(CalendarDay(day, span is not None, number, opens_at, closes_at, minutes))
        if span is not None:
            minutes += (span[1] - span[0]) // _MINUTE
    return calendar


def business_time_until(
    calendar: Sequence[CalendarDay], instant: datetime, zone: ZoneInfo
) -> timedelta:
    """Business time from the calendar's first day up to `instant` (naive, UTC).

    The business time between two instants is the difference of theirs. Raises ValueError for an
    instant outside the calendar.
    """
    day = instant.replace(tzinfo=UTC).astimezone(zone).date()
    position = (day - calendar[0].day).days
    if not 0 <= position < len(calendar):
        raise ValueError(
            f"{instant} UTC is outside the calendar, which runs from {calendar[0].day} to "
            f"{calendar[-1].day}"
        )
    today = calendar[position]
    before = today.business_minutes_before * _MINUTE
    if today.opens_at is None or today.closes_at is None:
        return before
    return before + max(min(instant, today.closes_at) - today.opens_at, timedelta())


def _closed_days(hours: BusinessHours, first: date, last: date) -> set[date]:
    closed = set(hours.also_closed)
    if hours.holidays is not None:
        country, _, region = hours.holidays.partition("-")
        years = range(first.year, last.year + 1)
        closed.update(holidays.country_holidays(country, subdiv=region or None, years=years))
    return closed


def _open_span(day: date, hours: BusinessHours, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    opens_at = _instant(day, hours.opens, zone)
    closes_at = _instant(day, hours.closes, zone)
    # A zone that moves over the date line leaves out a whole day: no hour of it ever was.
    exists = opens_at.replace(tzinfo=UTC).astimezone(zone).date() == day
    # Where the clock jumps over the closing time, the shop closes as it opens.
    return (opens_at, max(opens_at, closes_at)) if exists else None


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
    return wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
