"""The simulated company's working time: when its people act, and how business time passes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from connectors.sandbox.draws import Bools, Floats, Ints, whole

NEVER: Final = 2**55
"""An instant after all others, in seconds since 1970."""

DAY: Final = 86_400
HOME: Final = "America/New_York"
_EPOCH: Final = date(1970, 1, 1)
_OPENS: Final = 9 * 3600
_SECONDS_A_DAY: Final = 9 * 3600
_SATURDAY: Final = 5
_THURSDAY: Final = 3
_NOVEMBER: Final = 11
_FIXED_HOLIDAYS: Final = frozenset({(1, 1), (7, 4), (12, 24), (12, 25)})


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def offsets(zone: str, first: int, count: int) -> Ints:
    """Seconds by which `zone` is ahead of UTC at noon UTC of `count` days from day `first`."""
    information = ZoneInfo(zone)
    noon = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=first)
    shifts = [
        (noon + timedelta(days=step)).astimezone(information).utcoffset() for step in range(count)
    ]
    return np.array([int(s.total_seconds()) if s else 0 for s in shifts], dtype=np.int64)


def _is_closed(day: date) -> bool:
    is_thanksgiving = (
        day.month == _NOVEMBER and day.weekday() == _THURSDAY and (day.day - 1) // 7 == _THURSDAY
    )
    return day.weekday() >= _SATURDAY or (day.month, day.day) in _FIXED_HOLIDAYS or is_thanksgiving


@dataclass(frozen=True)
class Calendar:
    """Business days of the company's home, 09:00 to 18:00, from `first` (a day number) on."""

    first: int
    offset: Ints
    is_business: Bools
    before: Ints

    def local_day(self, at: Ints) -> Ints:
        """The day number, at home, of each instant."""
        return (at + self.offset[self._place(at // DAY)]) // DAY

    def instant(self, days: Ints, seconds: Ints) -> Ints:
        """The instants of a time of the day, in seconds, on days at home."""
        return days * DAY + seconds - self.offset[self._place(days)]

    def after(self, at: Ints, minutes: Floats) -> Ints:
        """The instant so many business minutes after each; NEVER stays NEVER."""
        place = self._place(self.local_day(at))
        opens = self.instant(place + self.first, np.full_like(place, _OPENS))
        worked = np.where(self.is_business[place], np.clip(at - opens, 0, _SECONDS_A_DAY), 0)
        target = self.before[place] + worked + whole(minutes * 60.0) + 1
        found = np.searchsorted(self.before, target, side="left") - 1
        reached = self.instant(found + self.first, _OPENS + target - self.before[found])
        return np.where(at >= NEVER, NEVER, reached)

    def works_on(self, days: Ints) -> Bools:
        """Whether each day is a business day."""
        return self.is_business[self._place(days)]

    def _place(self, days: Ints) -> Ints:
        return np.clip(days - self.first, 0, len(self.offset) - 1)


def home_calendar(first: date, last: date) -> Calendar:
    """The company's calendar from one day to another."""
    start = day_number(first)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    is_business = np.array([not _is_closed(day) for day in days])
    worked = np.cumsum(is_business * _SECONDS_A_DAY)
    return Calendar(
        first=start,
        offset=offsets(HOME, start, len(days)),
        is_business=is_business,
        before=np.concatenate([[0], worked[:-1]]).astype(np.int64),
    )
