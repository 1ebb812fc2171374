"""Whether a load brought about as much as loads of that stream do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from connectors.sync_state import Counts
from orchestration.agreement import Agreement
from orchestration.agreement.hours import WEEKDAYS
from orchestration.checks.verdict import Level, Verdict
from orchestration.operations import VolumeLimits
from orchestration.warehouse.business_calendar import business_calendar

_WEEK = timedelta(days=7)


def follows_holiday(agreement: Agreement, days: Sequence[tuple[str, Counts]]) -> bool:
    """Whether the last of the days, or the one before it, is a holiday of the agreement's.

    A load by night brings what happened on the day before.
    """
    if not days:
        return False
    last = date.fromisoformat(days[-1][0])
    hours = agreement.business_hours
    calendar = business_calendar(hours, agreement.zone, last - timedelta(days=1), last)
    return any(
        WEEKDAYS[day.day.weekday()] in hours.days and not day.is_business_day for day in calendar
    )


def verdict_on_volume(
    days: Sequence[tuple[str, Counts]], limits: VolumeLimits | None, *, is_holiday: bool = False
) -> Verdict:
    """The verdict on the last of the days (in UTC, oldest first) on which a stream was loaded.

    It is held against the same weekday of the weeks before, and the seven days that it ends
    against seven days before those, so that a stream of a few records a day is judged too. Nothing
    where there is plenty, and far more deletions than ever, are wrong; far less or far more is
    worth a look. Loads of one day count together; after a pause, so many times more is usual, and
    nothing after a holiday is no more than worth a look. Without limits nothing is judged.
    """
    if limits is None:
        return Verdict(Level.GOOD, "Not judged: operations.yml has this stream's volume ignored.")
    if not days:
        return Verdict(Level.GOOD, "Not yet known: the first load brought the whole past.")
    by_day = {date.fromisoformat(day): counts for day, counts in days}
    today, first = max(by_day), min(by_day)
    usual = _same_weekdays(by_day, today, limits)
    weeks = _weeks(by_day, today, first, limits)
    now = by_day[today]
    week = _of_week(by_day, today)
    figures = {"records": now.came, "deletions": now.deleted, "records_in_seven_days": week}
    if len(usual) < limits.known_from and len(weeks) < limits.known_from:
        return Verdict(
            Level.GOOD,
            f"Not yet known: {len(usual)} of the {limits.known_from} {today:%A}s that it takes to "
            f"know the usual; {now.came:,} records came.",
            figures,
        )
    pause = min((today - day).days for day in by_day if day < today)
    found: list[tuple[Level, str]] = []
    told = f"{now.came:,} records came"
    if len(usual) >= limits.known_from:
        came = [counts.came for counts in usual]
        figures |= {"usual_least": min(came), "usual_most": max(came)}
        span = f"the last {len(usual)} {today:%A}s {_span(came)}"
        found += _too_little(now.came, came, span, limits)
        found += _too_much(now.came, came, span, pause, limits)
        gone = [counts.deleted for counts in usual]
        if now.deleted > limits.at_most * max(limits.few, *gone) * pause:
            told_gone = f"{now.deleted:,} records are gone, where {today:%A}s took {_span(gone)}"
            found.append((Level.WRONG, f"{told_gone}. Was an export cut short?"))
        told += f"; {span}"
    if len(weeks) >= limits.known_from and not found:
        span = f"seven days before brought {_span(weeks)}"
        found += _too_little(week, weeks, span, limits, "in seven days ")
    if not found:
        return Verdict(Level.GOOD, f"As usual: {told}.", figures)
    is_wrong = any(one is Level.WRONG for one, _ in found)
    if is_wrong and is_holiday and not now.deleted:
        found.append((Level.WORTH_A_LOOK, "It is a holiday of the agreement, or was yesterday."))
        is_wrong = False
    level = Level.WRONG if is_wrong else Level.WORTH_A_LOOK
    return Verdict(level, "\n".join(line for _, line in found), figures)


def _same_weekdays(
    by_day: Mapping[date, Counts], today: date, limits: VolumeLimits
) -> list[Counts]:
    earlier = (today - number * _WEEK for number in range(1, limits.weeks + 1))
    return [by_day[day] for day in earlier if day in by_day]


def _weeks(
    by_day: Mapping[date, Counts], today: date, first: date, limits: VolumeLimits
) -> list[int]:
    """What came in the weeks before this one, of those that are known whole."""
    ends = (today - number * _WEEK for number in range(1, limits.weeks + 1))
    return [_of_week(by_day, end) for end in ends if end - _WEEK >= first - timedelta(days=1)]


def _of_week(by_day: Mapping[date, Counts], end: date) -> int:
    return sum(counts.came for day, counts in by_day.items() if end - _WEEK < day <= end)


def _too_little(
    came: int, usual: Sequence[int], span: str, limits: VolumeLimits, when: str = ""
) -> Iterator[tuple[Level, str]]:
    least = min(usual)
    if least < limits.few or came >= limits.at_least * least:
        return
    if came == 0:
        why = "Look whether the source still exports, and whether it still lets Tandem see all."
        yield Level.WRONG, f"Nothing came {when}where {span}. {why}"
    else:
        yield Level.WORTH_A_LOOK, f"Only {came:,} records came {when}where {span}."


def _too_much(
    came: int, usual: Sequence[int], span: str, pause: int, limits: VolumeLimits
) -> Iterator[tuple[Level, str]]:
    if came > limits.at_most * max(limits.few, *usual) * pause:
        yield Level.WORTH_A_LOOK, f"{came:,} records came, where {span}."


def _span(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"
