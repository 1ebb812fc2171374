"""A cycle that stays as it is is called another one no more often than stated, whoever wins."""

import pytest
from scipy.stats import binom

from tests.measures.calibration_of_trend import (
    FASTER,
    FASTER_AND_FEWER,
    FEWER_WON,
    MORE_WON,
    SAME,
    Change,
    calibrate,
)

COMPANIES = range(100)


@pytest.mark.parametrize("change", [SAME, FEWER_WON, MORE_WON])
def test_another_share_won_at_the_same_pace_is_no_trend(change: Change) -> None:
    line = calibrate(change, COMPANIES)
    assert line.finds * len(COMPANIES) <= binom.ppf(0.999, len(COMPANIES), 0.05)
    assert line.holds_truth * len(COMPANIES) >= binom.ppf(0.001, len(COMPANIES), 0.95)


def test_a_test_of_share_and_speed_together_would_call_it_one() -> None:
    assert calibrate(FEWER_WON, range(20)).share_and_speed_finds > 0.9


@pytest.mark.parametrize("change", [FASTER, FASTER_AND_FEWER])
def test_a_faster_pace_is_found_and_measured_whatever_share_is_won(change: Change) -> None:
    line = calibrate(change, COMPANIES)
    assert line.finds > 0.3
    assert line.mean == pytest.approx(line.true, abs=3)
    assert line.holds_truth * len(COMPANIES) >= binom.ppf(0.001, len(COMPANIES), 0.95)
