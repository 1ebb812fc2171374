"""Who is at risk at each event time: spans counted by what they have in common.

Many spans share a pattern of covariates, and days are few. What a model sums over those at risk is
then a sum over patterns and event times, however many spans stand behind them.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.statistics.arrays import Bools, Floats, Ints, summed


@dataclass(frozen=True)
class RiskSets:
    """Counts of spans by pattern, at the event times.

    `entering` and `leaving` give the places among `times` between which each span is at risk: from
    the first up to but without the second. `own_time` is the place of each event's time.

    A row of `place`, `pattern` and `change` tells by how many more a pattern is at risk from that
    place on than before it; one of `event_place`, `event_pattern` and `events` how many of it have
    the event there.
    """

    times: Floats
    entering: Ints
    leaving: Ints
    own_time: Ints
    place: Ints
    pattern: Ints
    change: Floats
    event_place: Ints
    event_pattern: Ints
    events: Floats
    n_patterns: int

    def at_risk(self, values: Floats) -> Floats:
        """The sum over those at risk at each time; `values` has a row a pattern."""
        changes = _sums(self.place, self.change, self.pattern, values, len(self.times) + 1)
        # From the last time on: few are left there, and no great sum has to cancel out for them.
        return -changes[:0:-1].cumsum(axis=0)[::-1]

    def with_event(self, values: Floats) -> Floats:
        """The sum over those with the event at each time; `values` has a row a pattern."""
        return _sums(self.event_place, self.events, self.event_pattern, values, len(self.times))

    def while_at_risk(self, values: Floats) -> Floats:
        """What each pattern's spans gather while at risk; `values` has an element a time."""
        until = np.concatenate([[0.0], np.cumsum(values)])
        return -summed(self.pattern, self.change * until[self.place], self.n_patterns)

    def at_events(self, values: Floats) -> Floats:
        """What each pattern's events gather; `values` has an element a time."""
        gathered = self.events * values[self.event_place]
        return summed(self.event_pattern, gathered, self.n_patterns)


def risk_sets(
    start: Floats, stop: Floats, is_event: Bools, pattern: Ints, n_patterns: int
) -> RiskSets:
    """Count spans that are at risk at t where start < t <= stop; `pattern` numbers from 0.

    `is_event` marks those that end with the event at `stop`; there must be one.
    """
    times = np.unique(stop[is_event])
    entering, leaving = (np.searchsorted(times, edge, side="right") for edge in (start, stop))
    own_time = np.searchsorted(times, stop[is_event])
    place, of, change = _counted(
        np.concatenate([entering, leaving]),
        np.concatenate([pattern, pattern]),
        np.repeat([1.0, -1.0], len(pattern)),
        n_patterns,
    )
    event_place, event_of, events = _counted(
        own_time, pattern[is_event], np.ones(len(own_time)), n_patterns
    )
    return RiskSets(
        times=times,
        entering=entering,
        leaving=leaving,
        own_time=own_time,
        place=place,
        pattern=of,
        change=change,
        event_place=event_place,
        event_pattern=event_of,
        events=events,
        n_patterns=n_patterns,
    )


def _counted(
    place: Ints, pattern: Ints, change: Floats, n_patterns: int
) -> tuple[Ints, Ints, Floats]:
    keys, row = np.unique(place * n_patterns + pattern, return_inverse=True)
    total = summed(row, change, len(keys))
    moved = total != 0
    return keys[moved] // n_patterns, keys[moved] % n_patterns, total[moved]


def _sums(place: Ints, counts: Floats, pattern: Ints, values: Floats, length: int) -> Floats:
    """A column at a time: all at once would take as many copies of the counts."""
    return np.column_stack([summed(place, counts * column[pattern], length) for column in values.T])
