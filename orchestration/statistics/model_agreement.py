"""How far attribution models agree, and which channels depend most on the choice of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from orchestration.statistics.arrays import Floats


@dataclass(frozen=True)
class Agreement:
    """How alike two models rank the channels, from -1 (the other way round) to 1 (the same).

    `kendall` is tau-b (Kendall 1945), `spearman` the correlation of the ranks (Spearman 1904),
    where equal shares have their mean rank. Both are None where a model tells no channel from
    another.
    """

    model: str
    other: str
    kendall: float | None
    spearman: float | None


@dataclass(frozen=True)
class Dependence:
    """Between which shares a channel lies, over all models, and which models those are of."""

    channel: str
    least: float
    most: float
    least_model: str
    most_model: str

    @property
    def span(self) -> float:
        """How much of everything the choice of the model gives to the channel or takes from it."""
        return self.most - self.least


@dataclass(frozen=True)
class Shares:
    """What share each model gives to each channel: a row per model, each adding up to one."""

    models: Sequence[str]
    channels: Sequence[str]
    values: Floats


def shares(credits: Mapping[str, Mapping[str, float]]) -> Shares:
    """The shares that the models' credits make; a channel that a model leaves out has none of it.

    A model without any credit has no shares, and is left out.
    """
    some = {model: of for model, of in sorted(credits.items()) if sum(of.values()) > 0}
    channels = sorted({channel for of in some.values() for channel in of})
    values = [[of.get(channel, 0.0) for channel in channels] for of in some.values()]
    found = np.array(values, dtype=np.float64).reshape(len(some), len(channels))
    return Shares(list(some), channels, found / found.sum(axis=1, keepdims=True))


def agreements(of: Shares) -> list[Agreement]:
    """How alike each two models rank the channels."""
    return [
        Agreement(
            of.models[one],
            of.models[other],
            kendall(of.values[one], of.values[other]),
            spearman(of.values[one], of.values[other]),
        )
        for one, other in combinations(range(len(of.models)), 2)
    ]


def dependences(of: Shares) -> list[Dependence]:
    """The channels by how much they depend on the choice of the model, most dependent first."""
    found = []
    for place, channel in enumerate(of.channels):
        column = of.values[:, place]
        least, most = int(column.argmin()), int(column.argmax())
        found.append(
            Dependence(
                channel,
                float(column[least]),
                float(column[most]),
                of.models[least],
                of.models[most],
            )
        )
    return sorted(found, key=lambda dependence: (-dependence.span, dependence.channel))


def kendall(one: Floats, other: Floats) -> float | None:
    """Kendall's tau-b; None where all values of one side are equal."""
    pairs = np.triu_indices(len(one), 1)
    signs = [np.sign(values[:, None] - values[None, :])[pairs] for values in (one, other)]
    untied = float(np.abs(signs[0]).sum()) * float(np.abs(signs[1]).sum())
    return float((signs[0] * signs[1]).sum() / np.sqrt(untied)) if untied else None


def spearman(one: Floats, other: Floats) -> float | None:
    """Spearman's rho; None where all values of one side are equal."""
    ranks = [_ranks(values) for values in (one, other)]
    spread = [float(((rank - rank.mean()) ** 2).sum()) if len(rank) else 0.0 for rank in ranks]
    if not all(spread):
        return None
    together = ((ranks[0] - ranks[0].mean()) * (ranks[1] - ranks[1].mean())).sum()
    return float(together / np.sqrt(spread[0] * spread[1]))


def _ranks(values: Floats) -> Floats:
    """The rank of each value; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    mean: Floats = last - (count - 1) / 2
    return mean[place]
