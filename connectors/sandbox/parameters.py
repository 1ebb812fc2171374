"""How large the simulated company is, how long its history, and the truths that are built in."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from connectors.sources import Simulate

GENERATOR_VERSION: Final = 4
"""Counts up whenever the same parameters give another history."""

SEASON: Final = (96, 104, 112, 106, 104, 98, 84, 80, 112, 116, 104, 84)
"""How many prospects turn up in each month of the year, January first, against each other."""


@dataclass(frozen=True)
class Parameters:
    """What the history is drawn from.

    `prospects` turn up in the first `months` months from `since` (the first of a month; None: so
    that the last of those months is the one of `until`); they keep coming at that rate up to and
    including `until`, in UTC. The rest is the truth that statistics are to find again: the hazard
    ratios of won and of lost while both teams have touched a deal between 37 and 7 days before,
    and the ratios by segment (smb, mid, enterprise) and of a large amount, which also have more of
    joint nurture and so confound it.
    """

    prospects: int = 2000
    months: int = 18
    until: date = date(2026, 9, 30)
    seed: int = 7
    since: date | None = None
    nurture_on_won: float = 1.8
    nurture_on_lost: float = 0.75
    segment_on_won: tuple[float, float, float] = (1.25, 1.0, 0.7)
    segment_on_lost: tuple[float, float, float] = (1.15, 1.0, 0.8)
    large_on_won: float = 0.7

    @property
    def first_day(self) -> date:
        """The first day of the history."""
        if self.since is not None:
            return self.since
        months = self.until.year * 12 + self.until.month - self.months
        return date(months // 12, months % 12 + 1, 1)

    def anchored(self) -> "Parameters":
        """The same history with its first day written out, so that a later `until` extends it."""
        return replace(self, since=self.first_day)


def parameters_of(simulate: Simulate) -> Parameters:
    """The parameters that the `simulate` block of a sources.yml asks for."""
    return Parameters(
        prospects=simulate.prospects,
        months=simulate.months,
        until=simulate.until,
        seed=simulate.seed,
    )
