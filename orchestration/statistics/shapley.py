"""What conversions owe to each channel, by Shapley's value of a game (1953).

The worth of a set of channels is v(S) = the conversions whose channels all lie in S. That is the
sum of unanimity games, one a conversion, in each of which Shapley's value is equal shares among
its channels and nothing for the rest; the value of a sum of games is the sum of their values. So
it is exact with any number of channels, without a look at their subsets.
"""

from collections.abc import Collection, Mapping


def shapley(conversions: Mapping[Collection[str], float]) -> dict[str, float]:
    """The conversions that each channel earns, from how many there are of each set of channels.

    A channel that stands twice in a set counts once. What converted without a channel earns for
    none.
    """
    earned: dict[str, float] = {}
    for channels, count in conversions.items():
        distinct = set(channels)
        for channel in sorted(distinct):
            earned[channel] = earned.get(channel, 0.0) + count / len(distinct)
    return earned
