"""The states of journeys, and counts and stays in them, from tables to arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.slices import numbered
from orchestration.statistics.arrays import Bools, Ints
from orchestration.statistics.occupation import Counts, Stays

START: Final = "start"
"""Where every journey is before its first day."""
CLOSED: Final = ("won", "lost", "disqualified")
"""The states in which a journey runs no more, unless it is reopened."""


@dataclass(frozen=True)
class States:
    """The states that occur, numbered; START is the first."""

    names: Sequence[str]

    @property
    def is_open(self) -> Bools:
        """In which of them a journey runs."""
        return np.array([name not in (START, *CLOSED) for name in self.names], dtype=bool)

    def numbers(self, column: pa.ChunkedArray) -> Ints:
        """The number of each name; -1 for null."""
        found = pc.index_in(column, value_set=pa.array(self.names, pa.string()))
        return np.asarray(pc.fill_null(found, -1)).astype(np.int64)


def states_of(transitions: pa.Table) -> States:
    """The states of a table with `state` and `to_state`."""
    names = {*transitions["state"].to_pylist(), *transitions["to_state"].to_pylist()}
    return States([START, *sorted(names - {START, None})])


def groups(table: pa.Table, *columns: str) -> Iterator[tuple[tuple[str, ...], pa.Table]]:
    """The rows of each combination of the columns that occurs, in order."""
    keys = table.group_by(list(columns)).aggregate([]).sort_by([(c, "ascending") for c in columns])
    for row in keys.to_pylist():
        kept = table
        for column in columns:
            kept = kept.filter(pc.equal(kept[column], row[column]))
        yield tuple(row[column] for column in columns), kept


def counts_of(transitions: pa.Table, states: States) -> Counts:
    """The counts of one group of rows with `state, day, at_risk, to_state, n`.

    Between two days with a row nobody comes or goes, so that who is at risk on the later one is so
    on those before it.
    """
    days, of, to = _integers(transitions, "day"), *_ends(transitions, states)
    at_risk, n = _integers(transitions, "at_risk"), _integers(transitions, "n")
    count, last = len(states.names), max(int(days.max()), 0)
    moved, watched = np.zeros((last + 1, count, count)), np.zeros((last + 1, count))
    moves = (to >= 0) & (days >= 0)
    np.add.at(moved, (days[moves], of[moves], to[moves]), n[moves])
    for state in range(count):
        rows = np.nonzero(of == state)[0]
        rows = rows[np.argsort(days[rows], kind="stable")]
        place = np.searchsorted(days[rows], np.arange(last + 1))
        known = place < len(rows)
        watched[known, state] = at_risk[rows][place[known]]
    return Counts(moved, watched, states.is_open)


def stays_of(moves: pa.Table, states: States) -> Stays:
    """The stays of rows with `cluster_id, state, to_state, entry_day, exit_day`."""
    of, to = _ends(moves, states)
    return Stays(
        states=of,
        entry=_integers(moves, "entry_day"),
        exit=_integers(moves, "exit_day"),
        to=to,
        clusters=numbered(moves["cluster_id"]),
    )


def _ends(table: pa.Table, states: States) -> tuple[Ints, Ints]:
    return states.numbers(table["state"]), states.numbers(table["to_state"])


def _integers(table: pa.Table, column: str) -> Ints:
    return np.asarray(table[column].to_numpy()).astype(np.int64)
