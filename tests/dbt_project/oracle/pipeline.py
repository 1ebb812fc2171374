"""What the deals amounted to in time, and which were open at the end of each day."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from tests.dbt_project.oracle.deals import DealStory
from tests.dbt_project.oracle.journeys import Clerk
from tests.dbt_project.oracle.owners import Owned
from tests.dbt_project.oracle.records import ENDS, Amount, Company, Deal

Row = tuple[Any, ...]
_DAY = timedelta(days=1)


class Worth:
    """What a deal amounted to, as its history tells; without one, what its record says."""

    def __init__(self, deal: Deal, amounts: Iterable[Amount], as_of: datetime) -> None:
        told = [a for a in amounts if (a.source, a.deal) == (deal.source, deal.id)]
        self._record = None if told else deal
        self._by_as_of = sorted(
            (a for a in told if a.at <= as_of), key=lambda a: (a.at, a.record_id)
        )

    def before(self, end: datetime) -> int | None:
        """What it amounted to just before `end`."""
        if self._record:
            return self._record.amount
        told = [amount for amount in self._by_as_of if amount.at < end]
        return told[-1].amount if told else None

    @property
    def at_last(self) -> int | None:
        """What it amounted to at as_of."""
        return self.before(datetime.max)  # noqa: DTZ901

    @property
    def first(self) -> int | None:
        """The first amount that it had; of several told of one instant the last."""
        if self._record:
            return self._record.amount
        standing = {told.at: told.amount for told in self._by_as_of}
        return next((amount for amount in standing.values() if amount is not None), None)


def pipeline(company: Company, clerk: Clerk) -> Iterable[Row]:
    """Each day's open deals by stage and owner: how many, how many without amount, and the sum."""
    open_deals: Counter[Row] = Counter()
    without: Counter[Row] = Counter()
    amounts: Counter[Row] = Counter()
    for story in clerk.deals.values():
        worth = Worth(story.deal, clerk.known.amounts, company.as_of)
        for day in _days(story, company.as_of):
            end = datetime(day.year, day.month, day.day) + _DAY
            entries = [e for e in story.entries if e.counts and e.at < end]
            stage = entries[-1].stage if entries else None
            if stage in ENDS or story.is_undated_close:
                continue
            amount = worth.before(end)
            group = day, stage, _owner(story.deal, clerk, min(end, company.as_of + _TICK))
            open_deals[group] += 1
            without[group] += amount is None
            amounts[group] += amount or 0
    for group, number in open_deals.items():
        yield (*group, number, without[group], amounts[group])


_TICK = timedelta(microseconds=1)


def _days(story: DealStory, as_of: datetime) -> Iterable[date]:
    day = (story.started_at or as_of).date()
    while day <= as_of.date():
        yield day
        day += _DAY


def _owner(deal: Deal, clerk: Clerk, end: datetime) -> str | None:
    return Owned(
        change
        for change in clerk.known.owner_changes
        if change.kind == "deal"
        and change.at < end
        and (change.source, change.subject) == (deal.source, deal.id)
    ).last()
