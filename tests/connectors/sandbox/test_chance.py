"""Chance and working time: the parts from which the simulated company is made."""

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from connectors.sandbox.calendar import HOME, NEVER, home_calendar
from connectors.sandbox.draws import choose, digits, draw, exponential, log, quantile

_CALENDAR = home_calendar(date(2025, 10, 1), date(2026, 4, 30))
_NUMBERS = np.arange(20_000, dtype=np.int64)


def _minutes_open(start: datetime, end: datetime) -> int:
    """Minutes between two instants at which the company is at work, counted one by one."""
    zone, minutes, at = ZoneInfo(HOME), 0, start
    while at < end:
        local = at.astimezone(zone)
        day = local.date()
        is_open = local.weekday() < 5 and 9 <= local.hour < 18
        is_holiday = (day.month, day.day) in {(12, 24), (12, 25), (1, 1)} or day == date(
            2025, 11, 27
        )
        minutes += is_open and not is_holiday
        at += timedelta(minutes=1)
    return minutes


@settings(deadline=None)
@given(st.floats(min_value=1e-300, max_value=1e300))
def test_the_logarithm_is_that_of_the_standard_library(value: float) -> None:
    ours = float(log(np.array([value]))[0])
    assert ours == pytest.approx(math.log(value), rel=1e-14, abs=1e-15)


def test_draws_are_uniform_and_waiting_times_exponential() -> None:
    uniform = draw(7, "test", _NUMBERS)
    assert stats.kstest(uniform, "uniform").pvalue > 0.001
    assert stats.kstest(exponential(uniform), "expon").pvalue > 0.001


def test_draws_of_two_purposes_are_unrelated() -> None:
    one, two = draw(7, "one", _NUMBERS), draw(7, "two", _NUMBERS)
    assert abs(stats.spearmanr(one, two).statistic) < 0.03


def test_draws_of_neighbouring_numbers_are_unrelated() -> None:
    uniform = draw(7, "test", _NUMBERS)
    assert abs(stats.spearmanr(uniform[1:], uniform[:-1]).statistic) < 0.03


def test_a_draw_does_not_depend_on_what_is_drawn_with_it() -> None:
    together = draw(7, "test", _NUMBERS)
    assert draw(7, "test", _NUMBERS[500:510]).tolist() == together[500:510].tolist()


def test_choices_have_their_weights() -> None:
    chosen = choose(draw(7, "test", _NUMBERS), (1, 2, 7))
    expected = [2000, 4000, 14000]
    assert stats.chisquare(np.bincount(chosen), expected).pvalue > 0.001


def test_quantiles_are_met() -> None:
    values = quantile(np.array([0.0, 0.25, 0.5, 0.75]), ((0.0, 10.0), (0.5, 20.0), (1.0, 60.0)))
    assert values.tolist() == [10.0, 15.0, 20.0, 40.0]


def test_digits_are_padded() -> None:
    assert digits(np.array([0, 7, 123]), 4).tolist() == ["0000", "0007", "0123"]
    assert digits(np.array([], dtype=np.int64), 4).tolist() == []


@pytest.mark.parametrize(
    "start",
    [
        datetime(2025, 10, 31, 21, 30, tzinfo=UTC),  # Friday at 17:30, before the clocks go back
        datetime(2025, 11, 26, 20, 0, tzinfo=UTC),  # the day before Thanksgiving
        datetime(2025, 12, 23, 22, 59, tzinfo=UTC),  # before Christmas
        datetime(2026, 3, 6, 15, 0, tzinfo=UTC),  # the Friday before the clocks go forward
        datetime(2026, 3, 8, 6, 0, tzinfo=UTC),  # in the night in which they do
    ],
)
@pytest.mark.parametrize("minutes", [1, 29, 31, 540, 1700])
def test_business_minutes_pass_only_while_the_company_is_at_work(
    start: datetime, minutes: int
) -> None:
    at = np.array([int(start.timestamp())], dtype=np.int64)
    reached = datetime.fromtimestamp(
        int(_CALENDAR.after(at, np.array([float(minutes)]))[0]) // 60 * 60, tz=UTC
    )
    assert _minutes_open(start, reached) == minutes


def test_what_never_happens_has_no_sequel() -> None:
    never = np.array([NEVER], dtype=np.int64)
    assert _CALENDAR.after(never, np.array([5.0])).tolist() == [NEVER]
