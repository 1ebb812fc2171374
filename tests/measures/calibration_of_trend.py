"""How often cycle_time_trend calls a cycle another one, over companies whose cycles are known.

`python -m tests.measures.calibration_of_trend` prints the table of docs/cycle_time.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa

from orchestration.measures.cycle_time_trend import cycle_time_trend
from orchestration.measures.figures import Settings

HORIZON: Final = 180
_ACCOUNTS: Final = 100
_MEDIAN_DAYS: Final = 60
_SPREAD_OF_ACCOUNTS: Final = 0.4
_SPREAD_IN_ACCOUNT: Final = 0.5
_SETTINGS: Final = Settings(0.95, 20, horizon_days=HORIZON)
_MANY: Final = 2_000_000


@dataclass(frozen=True)
class Change:
    """What became of a company in a year: how often deals are won, and how long that takes."""

    won_before: float
    won: float
    pace: float
    """The days to a win, as a share of those of the year before."""


SAME: Final = Change(0.3, 0.3, 1.0)
FEWER_WON: Final = Change(0.45, 0.2, 1.0)
MORE_WON: Final = Change(0.2, 0.45, 1.0)
FASTER: Final = Change(0.3, 0.3, 0.7)
FASTER_AND_FEWER: Final = Change(0.45, 0.2, 0.7)
CHANGES: Final = (SAME, FEWER_WON, MORE_WON, FASTER, FASTER_AND_FEWER)


@dataclass(frozen=True)
class Line:
    """One change, over all companies; days and shares."""

    change: Change
    companies: int
    true: float
    mean: float
    finds: float
    """How often p is 0.05 or less."""
    holds_truth: float
    """How often the interval holds the true difference."""
    share_and_speed_finds: float
    """How often Gray's test, which a change of either moves, gives 0.05 or less."""


def calibrate(change: Change, seeds: range) -> Line:
    """The cohort of a month against that of a year before, deals of an account alike in pace.

    Wins beyond the horizon, and deals that are lost at any time, are there as in life.
    """
    rows = [_trend(change, seed) for seed in seeds]
    true = _true_difference(change.pace)
    return Line(
        change,
        len(rows),
        true,
        float(np.mean([row["difference"] for row in rows])),
        float(np.mean([row["p_value"] <= 0.05 for row in rows])),
        float(np.mean([row["low"] <= true <= row["high"] for row in rows])),
        float(np.mean([row["share_and_speed_p_value"] <= 0.05 for row in rows])),
    )


def _trend(change: Change, seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    cases = [
        *_cohort("2025-05", change.won_before, 1.0, generator),
        *_cohort("2026-05", change.won, change.pace, generator),
    ]
    found = cycle_time_trend(pa.Table.from_pylist(cases), _SETTINGS).to_pylist()
    [row] = [row for row in found if row["cohort"] == "2026-05" and row["status"] == "ok"]
    return row


def _cohort(
    month: str, won: float, pace: float, generator: np.random.Generator
) -> Iterator[dict[str, Any]]:
    for account in range(_ACCOUNTS):
        of_account = generator.normal(0, _SPREAD_OF_ACCOUNTS)
        for deal in range(generator.integers(1, 4)):
            days = _days(of_account + generator.normal(0, _SPREAD_IN_ACCOUNT)) * pace
            is_won = generator.random() < won
            ends = days if is_won else generator.exponential(90)
            yield {
                "curve": "opportunity_to_won",
                "journey_id": f"{month} {account} {deal}",
                # A year later it is another account: the cohorts are independent of each other.
                "cluster_id": f"{month} {account}",
                "segment": "all",
                "cohort": month,
                "days": int(min(ends, 2 * HORIZON)),
                "ended_by": (1 if is_won else 2) if ends < 2 * HORIZON else 0,
                "is_seen_late": False,
                "has_segments": False,
            }


def _days(deviation: float) -> float:
    return float(_MEDIAN_DAYS * np.exp(deviation))


@cache
def _true_difference(pace: float) -> float:
    """What a company of millions of deals would show, whatever share of them is won."""
    if pace == 1:
        return 0.0
    spread = float(np.hypot(_SPREAD_OF_ACCOUNTS, _SPREAD_IN_ACCOUNT))
    days = _MEDIAN_DAYS * np.exp(np.random.default_rng(1).normal(0, spread, _MANY))
    before, now = (np.floor(d)[d <= HORIZON] for d in (days, days * pace))
    return float(np.median(now) - np.median(before))


def table(lines: list[Line]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    yield (
        "| won, before and now | days to a win | companies | true difference | mean found "
        "| finds a trend | holds the truth | 'share and speed' finds |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for line in lines:
        change = line.change
        pace = "as before" if change.pace == 1 else f"{change.pace - 1:+.0%}"
        yield (
            f"| {change.won_before:.0%}, {change.won:.0%} | {pace} | {line.companies} "
            f"| {line.true:+.0f} days | {line.mean:+.1f} days | {line.finds:.0%} "
            f"| {line.holds_truth:.0%} | {line.share_and_speed_finds:.0%} |"
        )


def main() -> None:
    """Print the table."""
    print(*table([calibrate(change, range(400)) for change in CHANGES]), sep="\n")


if __name__ == "__main__":
    main()
