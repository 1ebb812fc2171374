"""What holds for the whole company: its calendar, its staff, its campaigns, when prospects come."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from connectors.sandbox.calendar import DAY, Calendar, day_number, home_calendar
from connectors.sandbox.draws import Floats, Ints, draw, whole
from connectors.sandbox.parameters import SEASON, Parameters

CHANNELS: Final = (
    "Paid Search",
    "Organic Search",
    "Webinar",
    "Event",
    "Referral",
    "Outbound",
    "Paid Social",
)
PAID_SEARCH, ORGANIC, WEBINAR, EVENT, REFERRAL, OUTBOUND, PAID_SOCIAL = range(7)
VARIANTS: Final = 2
"""Campaigns of one channel in one quarter."""

_DAYS_AHEAD: Final = 1200
_DAYS_BACK: Final = 60
_WEEKEND: Final = 0.25
_SATURDAY: Final = 5


@dataclass(frozen=True)
class World:
    """The company's frame: everything that does not depend on one prospect.

    `end` is the first second after the history. `boundaries[m]` is the number of the first prospect
    of month m, and the cumulative weights of days say how its prospects spread over it.
    """

    parameters: Parameters
    calendar: Calendar
    start: int
    end: int
    boundaries: Ints
    month_days: Ints
    day_weights: Floats

    @property
    def seed(self) -> int:
        """The seed of every draw."""
        return self.parameters.seed

    def draw(self, purpose: str, numbers: Ints) -> Floats:
        """A draw for each of `numbers`; see `draws.draw`."""
        return draw(self.parameters.seed, purpose, numbers)

    def arrivals(self, prospects: Ints) -> Ints:
        """When each prospect is first aware of the company, in seconds; rises with the number."""
        month = np.searchsorted(self.boundaries, prospects, side="right") - 1
        size = self.boundaries[month + 1] - self.boundaries[month]
        part = (prospects - self.boundaries[month] + self.draw("arrival", prospects)) / size
        low = self.day_weights[self.month_days[month]]
        high = self.day_weights[self.month_days[month + 1]]
        target = low + part * (high - low)
        day = np.searchsorted(self.day_weights, target, side="right") - 1
        share = (target - self.day_weights[day]) / (
            self.day_weights[day + 1] - self.day_weights[day]
        )
        # From five in the morning to a quarter to seven at night at home: the same day in UTC.
        second = whole(5 * 3600 + share * 13.7 * 3600)
        return self.calendar.instant(day + self.start // DAY, second)


def make_world(parameters: Parameters) -> World:
    """The frame of the company that `parameters` describe."""
    first, until = parameters.first_day, parameters.until
    starts = [first]
    while starts[-1] <= until or len(starts) <= parameters.months:
        starts.append(_next_month(starts[-1]))
    weights = np.array([SEASON[day.month - 1] for day in starts[:-1]], dtype=np.int64)
    reached = np.concatenate([[0], np.cumsum(weights)])
    boundaries = parameters.prospects * reached // int(reached[parameters.months])
    days = (starts[-1] - first).days
    weekdays = [(first + timedelta(days=step)).weekday() for step in range(days)]
    each = np.array([_WEEKEND if weekday >= _SATURDAY else 1.0 for weekday in weekdays])
    return World(
        parameters=parameters,
        calendar=home_calendar(
            first - timedelta(days=_DAYS_BACK), until + timedelta(days=_DAYS_AHEAD)
        ),
        start=day_number(first) * DAY,
        end=(day_number(until) + 1) * DAY,
        boundaries=boundaries,
        month_days=np.array([(day - first).days for day in starts], dtype=np.int64),
        day_weights=np.concatenate([[0.0], np.cumsum(each)]),
    )


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
