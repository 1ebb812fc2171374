"""The deals of which it is asked whether working together pays, and the spells of their lives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from orchestration.measures.slices import numbered
from orchestration.statistics.adjustment import bands
from orchestration.statistics.arrays import Bools, Floats, Ints

OPEN: Final = "open"
_AMOUNT_BANDS: Final = 4

Words = NDArray[np.object_]


@dataclass(frozen=True)
class Deals:
    """Deals row by row, as `int_nurture_deal` has them."""

    segment: Words
    amount: Floats
    source: Words
    cohort: Words
    last_day: Ints
    ended_as: Words
    clusters: Ints

    def __len__(self) -> int:
        """How many there are."""
        return len(self.last_day)

    def at(self, places: Ints) -> "Deals":
        """Those at these places, their clusters numbered anew."""
        clusters = np.unique(self.clusters[places], return_inverse=True)[1]
        return Deals(
            self.segment[places],
            self.amount[places],
            self.source[places],
            self.cohort[places],
            self.last_day[places],
            self.ended_as[places],
            clusters.astype(np.int64),
        )

    def factors(self) -> Mapping[str, Sequence[str]]:
        """What comparisons are adjusted for, the most important first."""
        return {
            "segment": list(self.segment),
            "amount": bands(self.amount, _AMOUNT_BANDS),
            "source": list(self.source),
            "cohort": list(self.cohort),
        }

    def strata(self, at_most: int) -> Ints:
        """The number of each one's segment and band of amount, in as few bands as that asks for."""
        count = min(_AMOUNT_BANDS, at_most // max(1, len(set(self.segment))))
        levels = zip(self.segment, bands(self.amount, max(1, count)), strict=True)
        names = np.array([f"{segment}|{band}" for segment, band in levels], dtype=str)
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    def kinds(self, ending: str) -> Ints:
        """1 where that was the end, 2 where it was another, 0 where there is none yet."""
        numbers = {OPEN: 0, ending: 1}
        return np.array([numbers.get(each, 2) for each in self.ended_as], dtype=np.int64)


@dataclass(frozen=True)
class Lives:
    """The spells of those deals for one lag: `deal` is the place of each one's deal."""

    deal: Ints
    from_day: Ints
    to_day: Ints
    is_joint: Bools
    ended_as: Words

    def of(self, places: Ints) -> "Lives":
        """The spells of the deals at these places, which are numbered anew."""
        number = np.full(int(self.deal.max(initial=-1)) + 1, -1, dtype=np.int64)
        number[places] = np.arange(len(places))
        kept = np.nonzero(number[self.deal] >= 0)[0]
        return Lives(
            number[self.deal[kept]],
            self.from_day[kept],
            self.to_day[kept],
            self.is_joint[kept],
            self.ended_as[kept],
        )


@dataclass(frozen=True)
class Group:
    """The deals of a segment, or all, and their spells for one lag."""

    segment: str
    lag_days: int
    deals: Deals
    lives: Lives


def groups(deals: pa.Table, spells: pa.Table) -> Iterator[Group]:
    """All deals together and, where there are several, each segment, for each lag."""
    table = deals.sort_by("deal_id")
    everyone = Deals(
        _words(table["segment"]),
        pc.cast(table["amount"], pa.float64()).fill_null(float("nan")).to_numpy(),
        _words(table["source"]),
        _words(table["cohort"]),
        table["last_day"].to_numpy().astype(np.int64),
        _words(table["ended_as"]),
        numbered(table["cluster_id"]),
    )
    cases = {"all": np.arange(len(everyone), dtype=np.int64)}
    segments = sorted(set(everyone.segment))
    if len(segments) > 1:
        cases |= {name: np.nonzero(everyone.segment == name)[0] for name in segments}
    places = {deal: place for place, deal in enumerate(table["deal_id"].to_pylist())}
    for lag in sorted(set(spells["lag_days"].to_pylist())):
        lives = _lives(spells.filter(pc.equal(spells["lag_days"], lag)), places)
        for segment, of_segment in cases.items():
            yield Group(segment, lag, everyone.at(of_segment), lives.of(of_segment))


def _lives(spells: pa.Table, places: Mapping[str, int]) -> Lives:
    ordered = spells.sort_by([("deal_id", "ascending"), ("from_day", "ascending")])
    return Lives(
        np.array([places[deal] for deal in ordered["deal_id"].to_pylist()], dtype=np.int64),
        ordered["from_day"].to_numpy().astype(np.int64),
        ordered["to_day"].to_numpy().astype(np.int64),
        np.array(ordered["is_joint"].to_pylist(), dtype=np.bool_),
        _words(ordered["ended_as"]),
    )


def _words(column: pa.ChunkedArray) -> Words:
    return np.array(column.to_pylist(), dtype=object)
