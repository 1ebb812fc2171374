"""Cases in the cells of the scorecard: each month, segment and slice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

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
    months = np.array(cases["month"].to_pylist(), dtype=object)
    segments = np.array(cases["segment"].to_pylist(), dtype=object)
    everyone = np.full(len(months), "all", dtype=object)
    by_segment = bool(len(months)) and bool(cases["has_segments"][0].as_py())
    levels = [everyone, segments] if by_segment else [everyone]
    for kind in KINDS:
        names = everyone if kind == "all" else np.array(cases[kind].to_pylist(), dtype=object)
        for level in levels:
            yield from _cells(kind, months, level, names)


def numbered(names: pa.ChunkedArray) -> Ints:
    """Each name's number, from 0."""
    return np.unique(np.array(names.to_pylist(), dtype=str), return_inverse=True)[1].astype(
        np.int64
    )


def _cells(kind: str, months: object, segments: object, names: object) -> Iterator[Cell]:
    found: dict[tuple[object, str, str], list[int]] = {}
    for place, key in enumerate(zip(months, segments, names, strict=True)):  # type: ignore[call-overload]
        found.setdefault(key, []).append(place)
    for (month, segment, name), places in sorted(found.items()):
        yield Cell(month, segment, kind, name, np.array(places, dtype=np.int64))
