"""A load is held against what that weekday brings, and what seven days bring."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.sync_state import Counts
from orchestration.agreement import WordsInUse, load_agreement
from orchestration.checks.verdict import Level
from orchestration.checks.volume import follows_holiday, verdict_on_volume
from orchestration.operations import VolumeLimits
from tests.orchestration.nights import AGREEMENT

NO_WORDS = WordsInUse(frozenset(), frozenset(), frozenset())
MONDAY = date(2026, 3, 2)
WEEKLY = (100, 120, 110, 90, 100, 10, 0)
"""What the weekdays bring, Monday first."""


def _days(weeks: int, *last: Counts, week: Sequence[int] = WEEKLY) -> list[tuple[str, Counts]]:
    """So many weeks as they always are, and the days after them."""
    counts = [*(Counts(rows=rows) for _ in range(weeks) for rows in week), *last]
    start = MONDAY - timedelta(weeks=weeks)
    return [(f"{start + timedelta(days=n)}", one) for n, one in enumerate(counts)]


def _level(*last: Counts, weeks: int = 4, week: Sequence[int] = WEEKLY) -> Level:
    return verdict_on_volume(_days(weeks, *last, week=week), VolumeLimits()).level


def _rows(*rows: int) -> tuple[Counts, ...]:
    return tuple(Counts(rows=count) for count in rows)


def test_after_the_first_load_nothing_is_known_yet() -> None:
    found = verdict_on_volume([], VolumeLimits())
    assert (found.level, found.told[:13]) == (Level.GOOD, "Not yet known")


def test_three_mondays_do_not_tell_what_a_monday_brings_and_four_do() -> None:
    assert _level(*_rows(0), weeks=3) is Level.GOOD
    assert _level(*_rows(0), weeks=4) is Level.WRONG


def test_nothing_on_a_monday_is_wrong_and_on_a_sunday_usual() -> None:
    found = verdict_on_volume(_days(4, *_rows(0)), VolumeLimits())
    assert found.told.startswith("Nothing came where the last 4 Mondays 100.")
    assert _level(*_rows(*WEEKLY)) is Level.GOOD


@pytest.mark.parametrize(
    ("came", "level"),
    [
        (24, Level.WORTH_A_LOOK),
        (25, Level.GOOD),
        (100, Level.GOOD),
        (400, Level.GOOD),
        (401, Level.WORTH_A_LOOK),
    ],
)
def test_far_less_and_far_more_than_usual_are_worth_a_look(came: int, level: Level) -> None:
    assert _level(*_rows(came)) is level


def test_suppressed_and_rejected_records_came_all_the_same() -> None:
    assert _level(Counts(rows=60, rejected=60, suppressed=40)) is Level.GOOD


def test_far_more_deletions_than_ever_are_wrong() -> None:
    assert _level(Counts(rows=140, deleted=40)) is Level.GOOD
    assert _level(Counts(rows=141, deleted=41)) is Level.WRONG


def test_a_stream_of_a_few_records_a_day_is_judged_by_the_week() -> None:
    few = (3, 2, 4, 3, 2, 0, 0)
    assert _level(*_rows(0, 0, 0, 0), week=few) is Level.GOOD
    found = verdict_on_volume(_days(4, *_rows(0, 0, 0, 0, 0, 0, 0), week=few), VolumeLimits())
    assert found.level is Level.WRONG
    assert found.told.startswith("Nothing came in seven days where seven days before brought 14.")


def test_after_a_pause_as_many_days_records_are_usual() -> None:
    days = _days(4, *_rows(0, 0, 0, 700))
    paused = [(day, counts) for day, counts in days if counts.came or day < str(MONDAY)]
    assert verdict_on_volume(paused, VolumeLimits()).level is Level.GOOD
    assert verdict_on_volume(days, VolumeLimits()).level is Level.WORTH_A_LOOK


def test_a_stream_that_usually_brings_a_handful_is_never_judged_by_the_day() -> None:
    assert _level(*_rows(40), week=(2,) * 7) is Level.GOOD


def test_nothing_after_a_holiday_is_no_more_than_worth_a_look() -> None:
    found = verdict_on_volume(_days(4, *_rows(0)), VolumeLimits(), is_holiday=True)
    assert found.level is Level.WORTH_A_LOOK
    assert found.told.endswith("It is a holiday of the agreement, or was yesterday.")


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        ("2026-11-25", False),
        ("2026-11-26", True),
        ("2026-11-27", True),
        ("2026-11-28", False),
        ("2026-11-29", False),
    ],
)
def test_thanksgiving_is_a_holiday_and_a_weekend_is_none(
    day: str, is_holiday: bool, tmp_path: Path
) -> None:
    file = tmp_path / "agreement.yml"
    file.write_text(f"{AGREEMENT}business_hours: {{days: mon-fri, holidays: US}}\n")
    agreement = load_agreement(file, NO_WORDS)
    assert follows_holiday(agreement, [(day, Counts())]) == is_holiday


def test_before_there_are_days_there_is_no_holiday(tmp_path: Path) -> None:
    file = tmp_path / "agreement.yml"
    file.write_text(AGREEMENT)
    assert not follows_holiday(load_agreement(file, NO_WORDS), [])
