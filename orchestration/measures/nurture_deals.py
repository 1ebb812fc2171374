"""The deals of which it is asked whether working together pays, and the spells of their lives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.slices import numbered
from orchestration.statistics.adjustment import bands
from orchestration.statistics.arrays import Bools, Floats, Ints, distinct

ENDINGS: Final = ("won", "lost")
"""How a deal ends; the one not asked of ends it too."""

_OPEN: Final = 0
_STATES: Final = ("open", *ENDINGS)
_AMOUNT_BANDS: Final = 4


@dataclass(frozen=True)
class Deals:
    """Deals row by row, as `int_nurture_deal` has them, what they are called numbered from 0.

    `ended_as` is 0 for a deal that is open, else one more than the place of its ending.
    """

    segment: Ints
    amount: Floats
    source: Ints
    cohort: Ints
    last_day: Ints
    ended_as: Ints
    clusters: Ints

    def __len__(self) -> int:
        """How many there are."""
        return len(self.last_day)

    def at(self, places: Ints) -> "Deals":
        """Those at these places, their clusters numbered anew."""
        return Deals(
            self.segment[places],
            self.amount[places],
            self.source[places],
            self.cohort[places],
            self.last_day[places],
            self.ended_as[places],
            np.unique(self.clusters[places], return_inverse=True)[1],
        )

    @property
    def is_over(self) -> Bools:
        """Which have ended."""
        is_over: Bools = self.ended_as != _OPEN
        return is_over

    def factors(self) -> Mapping[str, Ints]:
        """What comparisons are adjusted for, the most important first."""
        return {
            "segment": self.segment,
            "amount": bands(self.amount, _AMOUNT_BANDS),
            "source": self.source,
            "cohort": self.cohort,
        }

    def strata(self, at_most: int) -> Ints:
        """The number of each one's segment and band of amount, in as few bands as that asks for."""
        segments, number = np.unique(self.segment, return_inverse=True)
        count = max(1, min(_AMOUNT_BANDS, at_most // max(1, len(segments))))
        return distinct(number * (count + 1) + bands(self.amount, count))[1]

    def kinds(self, ending: str) -> Ints:
        """1 where that was the end, 2 where it was another, 0 where there is none yet."""
        kinds: Ints = np.where(self.ended_as == _state(ending), 1, 2)
        kinds[~self.is_over] = 0
        return kinds


@dataclass(frozen=True)
class Lives:
    """The spells of those deals for one lag: `deal` is the place of each one's deal."""

    deal: Ints
    from_day: Ints
    to_day: Ints
    is_joint: Bools
    ended_as: Ints

    def of(self, places: Ints) -> "Lives":
        """The spells of the deals at these places, which are numbered anew."""
        number = np.full(int(self.deal.max(initial=-1)) + 1, -1, dtype=np.int64)
        known = places < len(number)
        number[places[known]] = np.nonzero(known)[0]
        kept = np.nonzero(number[self.deal] >= 0)[0]
        return Lives(
            number[self.deal[kept]],
            self.from_day[kept],
            self.to_day[kept],
            self.is_joint[kept],
            self.ended_as[kept],
        )

    def ends_as(self, ending: str) -> Bools:
        """Which of the spells end with that ending."""
        is_so: Bools = self.ended_as == _state(ending)
        return is_so


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
        numbered(table["segment"]),
        pc.cast(table["amount"], pa.float64()).fill_null(float("nan")).to_numpy(),
        numbered(table["source"]),
        numbered(table["cohort"]),
        table["last_day"].to_numpy().astype(np.int64),
        _states(table["ended_as"]),
        numbered(table["cluster_id"]),
    )
    cases = {"all": np.arange(len(everyone), dtype=np.int64)}
    segments = sorted(pc.unique(table["segment"]).to_pylist())
    if len(segments) > 1:
        for number, segment in enumerate(segments):
            cases[segment] = np.nonzero(everyone.segment == number)[0]
    places = pc.index_in(spells["deal_id"], value_set=table["deal_id"].combine_chunks())
    of_deals = spells.set_column(spells.column_names.index("deal_id"), "deal_id", places)
    for lag in sorted(pc.unique(spells["lag_days"]).to_pylist()):
        lives = _lives(of_deals.filter(pc.equal(spells["lag_days"], lag)))
        for segment, of_segment in cases.items():
            yield Group(segment, lag, everyone.at(of_segment), lives.of(of_segment))


def _lives(spells: pa.Table) -> Lives:
    """The spells in order; the deal is given by its place."""
    ordered = spells.sort_by([("deal_id", "ascending"), ("from_day", "ascending")])
    return Lives(
        ordered["deal_id"].to_numpy().astype(np.int64),
        ordered["from_day"].to_numpy().astype(np.int64),
        ordered["to_day"].to_numpy().astype(np.int64),
        ordered["is_joint"].to_numpy().astype(np.bool_),
        _states(ordered["ended_as"]),
    )


def _states(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.index_in(column, value_set=pa.array(_STATES))).astype(np.int64)


def _state(ending: str) -> int:
    return _STATES.index(ending)
