"""Where shares are equal no misalignment is found more often than stated, and where not it is."""

from scipy.stats import binom

from tests.measures.calibration_of_segments import EQUAL, UNEQUAL, calibrate

COMPANIES = range(60)


def test_equal_shares_are_found_apart_at_the_stated_rate() -> None:
    line = calibrate(EQUAL, COMPANIES)
    assert line.finds * len(COMPANIES) <= binom.ppf(0.999, len(COMPANIES), 0.05)
    assert line.holds_one is not None
    assert line.holds_one * len(COMPANIES) >= binom.ppf(0.001, len(COMPANIES), 0.95)


def test_unequal_shares_are_found_apart() -> None:
    assert calibrate(UNEQUAL, COMPANIES).finds > 0.8
