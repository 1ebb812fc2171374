"""The report's first sentence: is the cycle getting shorter?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.report import words
from orchestration.report.cycle import Cycle, CycleSummary, TrendMonth

_WHY: Final = {
    "no year before": "the same months of the year before are not in the sources",
    "too few": "too few journeys began in a month",
    "follow-up too short": "the months have not been watched up to the horizon yet",
    "late entry": "some journeys came under observation after their start",
    "none won": "none was won by the horizon",
}


@dataclass(frozen=True)
class Verdict:
    """An answer in a few words, its uncertainty, the figures behind it, and of what kind it is.

    `kind` is shorter, longer, unclear or unknown.
    """

    kind: str
    answer: str
    uncertainty: str | None
    figures: str
    others: str | None


def verdict(cycle: Cycle, confidence: str, label: str) -> Verdict:
    """Of the newest month that can be compared; `label` is the clock in words (lead to won)."""
    months = cycle.trend_of(cycle.curve)
    compared = [month for month in months if month.difference is not None]
    if not compared:
        return _unknown(months, cycle.summary_of(cycle.curve), label)
    newest = compared[-1]
    kind, answer = _answer(newest)
    return Verdict(
        kind,
        answer,
        _uncertainty(newest, confidence),
        _figures(newest, label),
        _others(compared),
    )


def _answer(month: TrendMonth) -> tuple[str, str]:
    difference = month.difference or 0.0
    if difference == 0:
        return "unclear", "Neither: as long as a year before"
    much = f"{words.days(abs(difference))} {'shorter' if difference < 0 else 'longer'}"
    if month.high is not None and month.high < 0:
        return "shorter", f"Yes: {much}"
    if month.low is not None and month.low > 0:
        return "longer", f"No: {much}"
    return "unclear", f"Too close to call: {much}"


def _uncertainty(month: TrendMonth, confidence: str) -> str:
    if month.low is None or month.high is None:
        return "than a year before, of too few accounts for an interval"
    interval = words.span(words.signed(month.low), words.signed(month.high))
    told = f"than a year before; {confidence} interval {interval} days"
    if month.low <= 0 <= month.high:
        return f"{told}, so chance alone could do that"
    return told


def _figures(month: TrendMonth, label: str) -> str:
    return (
        f"Those who began in {words.month(month.cohort)} took a median of "
        f"{words.days(month.p50)} from {label}, those of {words.month(month.cohort_before)} "
        f"{words.days(month.p50_before)} ({words.cases(month.n)} and "
        f"{words.count(month.n_before)}; among those won by day {month.horizon_days}). "
        f"{words.share(month.share_won)} were won by then, {words.share(month.share_won_before)} "
        "the year before."
    )


def _others(compared: Sequence[TrendMonth]) -> str | None:
    if len(compared) == 1:
        return None
    sure = [m for m in compared if m.low is not None and m.high is not None]
    shorter = sum(m.high < 0 for m in sure if m.high is not None)
    longer = sum(m.low > 0 for m in sure if m.low is not None)
    return (
        f"Of the {len(compared)} months that can be compared, {shorter} got shorter by more than "
        f"chance and {longer} longer; {len(compared) - shorter - longer} tell neither."
    )


def _unknown(months: Sequence[TrendMonth], summary: CycleSummary | None, label: str) -> Verdict:
    reasons = Counter(month.status for month in months).most_common()
    why = "; ".join(
        f"{_WHY.get(status, status)} ({count} of {len(months)})" for status, count in reasons
    )
    because = f"No month can be compared with a year before: {why}." if why else ""
    now = "How long it takes at all can’t be told yet either."
    if summary is not None and summary.p50 is not None:
        now = (
            f"What can be told: half of those won within {words.days(summary.horizon_days)} are "
            f"won by day {summary.p50}, counted from {label} "
            f"({words.cases(summary.n)}, {words.count(summary.won)} won)."
        )
    return Verdict("unknown", "Not known yet", None, f"{because} {now}".strip(), None)
