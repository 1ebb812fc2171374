"""The business calendar against days worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.agreement import BusinessHours
from orchestration.warehouse.business_calendar import (
    CalendarDay,
    business_calendar,
    business_time_until,
)

NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_SIX = BusinessHours.model_validate(
    {"days": "mon-fri", "from": "09:00", "to": "18:00", "holidays": "US"}
)


def _days(hours: BusinessHours, zone: ZoneInfo, first: date, last: date) -> dict[date, CalendarDay]:
    return {day.day: day for day in business_calendar(hours, zone, first, last)}


def test_a_weekend_and_a_holiday_have_no_business_hours() -> None:
    # Thanksgiving 2026 is Thursday the 26th of November; the 28th is a Saturday.
    days = _days(NINE_TO_SIX, NEW_YORK, date(2026, 11, 25), date(2026, 11, 30))
    assert [day.is_business_day for day in days.values()] == [
        True, False, True, False, False, True,
    ]  # fmt: skip
    assert [day.business_day_number for day in days.values()] == [1, 1, 2, 2, 2, 3]
    assert [day.business_minutes_before for day in days.values()] == [
        0, 540, 540, 1080, 1080, 1080,
    ]  # fmt: skip
    assert days[date(2026, 11, 26)].opens_at is None
    assert days[date(2026, 11, 26)].closes_at is None


def test_a_holiday_on_a_saturday_closes_the_friday_before_it() -> None:
    # The 4th of July 2026 is a Saturday, observed on Friday the 3rd.
    days = _days(NINE_TO_SIX, NEW_YORK, date(2026, 7, 2), date(2026, 7, 6))
    assert not days[date(2026, 7, 3)].is_business_day


def test_hours_are_instants_in_utc_on_both_sides_of_a_clock_change() -> None:
    # New York goes from UTC-5 to UTC-4 in the night to Sunday, 8 March 2026.
    days = _days(NINE_TO_SIX, NEW_YORK, date(2026, 3, 6), date(2026, 3, 9))
    friday, monday = days[date(2026, 3, 6)], days[date(2026, 3, 9)]
    assert (friday.opens_at, friday.closes_at) == (
        datetime(2026, 3, 6, 14),
        datetime(2026, 3, 6, 23),
    )
    assert (monday.opens_at, monday.closes_at) == (
        datetime(2026, 3, 9, 13),
        datetime(2026, 3, 9, 22),
    )


def test_a_shop_open_round_the_clock_has_a_day_of_23_and_one_of_25_hours() -> None:
    always = BusinessHours.model_validate({"days": "mon-sun", "from": "00:00", "to": "24:00"})
    spring = _days(always, NEW_YORK, date(2026, 3, 7), date(2026, 3, 9))
    assert [day.business_minutes_before for day in spring.values()] == [0, 24 * 60, 47 * 60]
    autumn = _days(always, NEW_YORK, date(2026, 10, 31), date(2026, 11, 2))
    assert [day.business_minutes_before for day in autumn.values()] == [0, 24 * 60, 49 * 60]


@pytest.mark.parametrize(
    ("year", "days_in_february", "business_days"), [(2026, 28, 19), (2028, 29, 20)]
)
def test_february_counts_its_business_days(
    year: int, days_in_february: int, business_days: int
) -> None:
    # 2026: 20 weekdays less Presidents' Day. 2028, a leap year: 21 less that day.
    calendar = business_calendar(
        NINE_TO_SIX, NEW_YORK, date(year, 2, 1), date(year, 3, 1) - timedelta(days=1)
    )
    assert len(calendar) == days_in_february
    assert calendar[-1].business_day_number == business_days


def test_a_region_adds_its_own_holidays() -> None:
    bavaria = BusinessHours.model_validate({"holidays": "DE-BY"})
    berlin = BusinessHours.model_validate({"holidays": "DE-BE"})
    epiphany = date(2026, 1, 6)
    zone = ZoneInfo("Europe/Berlin")
    assert not business_calendar(bavaria, zone, epiphany, epiphany)[0].is_business_day
    assert business_calendar(berlin, zone, epiphany, epiphany)[0].is_business_day


def test_days_that_the_firm_closes_are_no_business_days() -> None:
    hours = BusinessHours.model_validate({"also_closed": [date(2026, 12, 23)]})
    day = date(2026, 12, 23)
    assert not business_calendar(hours, ZoneInfo("UTC"), day, day)[0].is_business_day


def test_a_day_that_the_zone_left_out_is_no_business_day() -> None:
    # Samoa crossed the date line: Friday, 30 December 2011, never was there.
    days = _days(BusinessHours(), ZoneInfo("Pacific/Apia"), date(2011, 12, 29), date(2012, 1, 2))
    assert [day.is_business_day for day in days.values()] == [True, False, False, False, True]


def test_a_wait_over_a_weekend_counts_open_hours_only() -> None:
    # Friday 17:30 to Monday 10:15 in New York: half an hour and an hour and a quarter.
    calendar = business_calendar(NINE_TO_SIX, NEW_YORK, date(2026, 6, 1), date(2026, 6, 30))
    handed = datetime(2026, 6, 5, 21, 30)
    answered = datetime(2026, 6, 8, 14, 15)
    waited = business_time_until(calendar, answered, NEW_YORK) - business_time_until(
        calendar, handed, NEW_YORK
    )
    assert waited == timedelta(minutes=105)


def test_an_instant_outside_the_calendar_is_refused() -> None:
    calendar = business_calendar(NINE_TO_SIX, NEW_YORK, date(2026, 6, 1), date(2026, 6, 2))
    with pytest.raises(ValueError, match="2026-06-01 to 2026-06-02"):
        business_time_until(calendar, datetime(2026, 7, 1), NEW_YORK)


ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")
_FIRST, _LAST = date(2011, 1, 1), date(2012, 12, 31)
_INSTANTS = st.datetimes(datetime(2011, 1, 3), datetime(2012, 12, 30))


@st.composite
def _hours(draw: st.DrawFn) -> BusinessHours:
    opens = draw(st.integers(0, 24 * 60 - 1))
    closes = draw(st.integers(opens + 1, 24 * 60))
    days = draw(st.sampled_from(["mon-fri", "sun-thu", "mon-sun", "tue"]))
    return BusinessHours.model_validate({"days": days, "from": opens, "to": closes})


@given(
    hours=_hours(),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    instants=st.tuples(_INSTANTS, _INSTANTS, _INSTANTS).map(sorted),
)
def test_business_time_adds_up_and_never_exceeds_the_clock(
    hours: BusinessHours, zone: ZoneInfo, instants: list[datetime]
) -> None:
    calendar = business_calendar(hours, zone, _FIRST, _LAST)
    start, middle, end = (business_time_until(calendar, at, zone) for at in instants)
    assert start <= middle <= end
    assert end - start <= instants[2] - instants[0]
    # Against another way to count: every day's own hours, cut to the span.
    counted = timedelta()
    for day in calendar:
        if day.opens_at is not None and day.closes_at is not None:
            inside = min(day.closes_at, instants[2]) - max(day.opens_at, instants[0])
            counted += max(inside, timedelta())
    assert end - start == counted


@given(hours=_hours(), zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_hours_fall_on_their_own_day_one_after_another(
    hours: BusinessHours, zone: ZoneInfo
) -> None:
    last_closed = datetime(1970, 1, 1)
    for day in business_calendar(hours, zone, _FIRST, _LAST):
        if day.opens_at is not None and day.closes_at is not None:
            local = day.opens_at.replace(tzinfo=UTC).astimezone(zone)
            assert local.date() == day.day
            assert last_closed <= day.opens_at <= day.closes_at
            last_closed = day.closes_at
