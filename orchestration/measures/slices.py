"""Cases in the cells of the scorecard: each month, segment and slice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.statistics.arrays import Ints

KINDS: Final = ("all", "team", "owner", "source")
"""By what the scorecard slices, as `alignment_evidence` does."""

_SEED: Final = 20_260_101


@dataclass(frozen=True)
class Cell:
    """One cell, and the places of its cases among all of them."""

    month: object
    segment: str
    slice_kind: str
    slice: str
    places: Ints

    def seed(self, measure: str) -> int:
        """A seed that is the same for the same cell, whatever other cells there are."""
        text = f"{measure}|{self.month}|{self.segment}|{self.slice_kind}|{self.slice}"
        return _SEED + int.from_bytes(text.encode(), "big") % (2**61 - 1)


def cells(cases: pa.Table) -> Iterator[Cell]:
    """The cells that have any case, in order.

    `cases` has `month, segment, team, owner, source`, and `has_segments`: without segments in the
    agreement, all is the only one.
    """
    if not cases.num_rows:
        return
    months, segments = _Names.of(cases["month"]), _Names.of(cases["segment"])
    everyone = _Names(np.zeros(cases.num_rows, dtype=np.int64), ["all"])
    levels = [everyone, segments] if cases["has_segments"][0].as_py() else [everyone]
    for kind in KINDS:
        names = everyone if kind == "all" else _Names.of(cases[kind])
        for level in levels:
            yield from _cells(kind, months, level, names)


def numbered(names: pa.ChunkedArray) -> Ints:
    """Each name's number, from 0, in the order of the names."""
    return _Names.of(names).numbers


@dataclass(frozen=True)
class _Names:
    """A column: the number of each row's name, and the names in order."""

    numbers: Ints
    names: Sequence[Any]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> "_Names":
        if not len(column):
            return cls(np.zeros(0, dtype=np.int64), [])
        encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
        order = pc.array_sort_indices(encoded.dictionary).to_numpy()
        numbers = np.empty(len(order), dtype=np.int64)
        numbers[order] = np.arange(len(order))
        names = encoded.dictionary.take(pa.array(order)).to_pylist()
        return cls(numbers[encoded.indices.to_numpy()], names)


def _cells(kind: str, months: _Names, segments: _Names, names: _Names) -> Iterator[Cell]:
    place = months.numbers * len(segments.names) + segments.numbers
    place = place * len(names.names) + names.numbers
    order = np.argsort(place, kind="stable")
    edges = np.nonzero(np.diff(place[order]))[0] + 1
    for places in np.split(order, edges):
        case = places[0]
        yield Cell(
            months.names[months.numbers[case]],
            segments.names[segments.numbers[case]],
            kind,
            names.names[names.numbers[case]],
            places,
        )
