"""Journeys through states as the oracles tell them, and their counts, one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestration.statistics.occupation import Counts, Stays


@dataclass(frozen=True)
class Journey:
    """Entries (day, state) in order, the first on day 0; watched after `seen` up to `until`.

    At most one entry a day. States number from 1.
    """

    entries: Sequence[tuple[int, int]]
    until: int
    seen: int = 0
    account: int = -1

    def days_in(self, state: int, horizon: int) -> int:
        """How many days before the horizon it was in the state, all its stays together."""
        ends = [*(day for day, _ in self.entries[1:]), horizon]
        return sum(
            max(min(end, horizon) - day, 0)
            for (day, at), end in zip(self.entries, ends, strict=True)
            if at == state
        )


def stays_of(journeys: Sequence[Journey]) -> Stays:
    """What was seen of them."""
    rows = []
    for number, journey in enumerate(journeys):
        account = number if journey.account < 0 else journey.account
        seen = [(day, state) for day, state in journey.entries if day <= journey.until]
        if not journey.seen:
            rows.append((0, -1, 0, seen[0][1], account))
        for place, (day, state) in enumerate(seen):
            more = place + 1 < len(seen)
            end = seen[place + 1][0] if more else journey.until
            entry = max(day, journey.seen)
            if entry < end:
                rows.append((state, entry, end, seen[place + 1][1] if more else -1, account))
    return Stays(*(np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)))


def counts_of(stays: Stays, is_open: Sequence[bool]) -> Counts:
    """The risk sets and moves, counted stay by stay."""
    days, states = int(stays.exit.max()) + 1, len(is_open) + 1
    moved, at_risk = np.zeros((days, states, states)), np.zeros((days, states))
    for state, entry, end, to in zip(stays.states, stays.entry, stays.exit, stays.to, strict=True):
        at_risk[entry + 1 : end + 1, state] += 1
        if to >= 0:
            moved[end, state, to] += 1
    return Counts(moved, at_risk, np.array([False, *is_open]))
