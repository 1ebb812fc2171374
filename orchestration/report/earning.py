"""What the report reads of attribution: what each channel earned, and the paths to a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from orchestration.report.tables import Tables

MODEL: Final = "position_u"
"""The model whose weights are the agreement's own, first, last and in between; it is marked."""

NOBODY: Final = "unattributed"
"""The channel of conversions without a touch."""

_RESULTS: Final = ("won", "opportunity", "mql")
_PATHS_SHOWN: Final = 10


@dataclass(frozen=True)
class Earned:
    """What a channel earned of one kind of conversion, over all months (`attribution_channel`).

    Between `least_share` and `most_share` lie all models (`attribution_channel_range`).
    """

    channel: str
    credit: float
    amount: Decimal | None
    cost: Decimal | None
    least_share: float | None
    least_model: str | None
    most_share: float | None
    most_model: str | None


@dataclass(frozen=True)
class Path:
    """A path of channels, how many journeys took it, and how many came to the conversion by it."""

    path: str
    paths: int
    conversions: int
    amount: Decimal | None


@dataclass(frozen=True)
class Earning:
    """The last kind of conversion that any channel earned, and what is told of it."""

    conversion: str | None
    channels: Sequence[Earned]
    paths: Sequence[Path]

    @property
    def credit(self) -> float:
        """How many conversions touches earned."""
        return sum(one.credit for one in self.channels if one.channel != NOBODY)

    @property
    def without_touch(self) -> float:
        """How many conversions no touch led to."""
        return sum(one.credit for one in self.channels if one.channel == NOBODY)


def read_earning(tables: Tables) -> Earning:
    """Read what channels earned of wins; where there are none, of opportunities, else of MQLs."""
    for conversion in _RESULTS:
        channels = _channels(tables, conversion)
        if any(one.credit and one.channel != NOBODY for one in channels):
            return Earning(conversion, channels, _paths(tables, conversion))
    return Earning(None, [], [])


def _channels(tables: Tables, conversion: str) -> list[Earned]:
    if not tables.has("attribution_channel_range"):
        return []
    return tables.ask(
        Earned,
        "with earned as (select channel, cast(sum(conversions) as double) as credit, "
        "sum(amount) as amount, sum(cost) as cost from attribution_channel "
        "where model = $1 and conversion = $2 group by channel) "
        "select channel, credit, amount, cost, least_share, least_model, most_share, most_model "
        "from earned left join (select * from attribution_channel_range where conversion = $2) "
        "using (channel) where credit > 0 or most_share > 0 order by credit desc, channel",
        MODEL,
        conversion,
        of="attribution_channel",
    )


def _paths(tables: Tables, conversion: str) -> list[Path]:
    return tables.ask(
        Path,
        "select path, sum(paths), sum(conversions), sum(amount) from attribution_path "
        "where conversion = $1 and step = 1 and path <> $2 group by path "
        f"having sum(conversions) > 0 order by 3 desc, 2 desc, path limit {_PATHS_SHOWN}",
        conversion,
        NOBODY,
        of="attribution_path",
    )
