"""Whether two teams mean the same by a word, beyond the agreement that chance makes."""

from dataclasses import dataclass

import numpy as np

from orchestration.statistics.arrays import Bools, Floats


@dataclass(frozen=True)
class Cells:
    """The weights of the four cells: what the one says, then the other."""

    yes_yes: float
    yes_no: float
    no_yes: float
    no_no: float

    @property
    def total(self) -> float:
        """The weight of all four."""
        return self.yes_yes + self.yes_no + self.no_yes + self.no_no


def cells(one: Bools, other: Bools, weights: Floats) -> Cells:
    """Count, by weight, how often the two agree and differ."""
    return Cells(
        float(weights[one & other].sum()),
        float(weights[one & ~other].sum()),
        float(weights[~one & other].sum()),
        float(weights[~one & ~other].sum()),
    )


def kappa(counted: Cells) -> float | None:
    """Cohen's kappa (1960): 1 for full agreement, 0 for that of chance.

    A case that was judged with probability p weighs 1 / p, so that a sample speaks for all. None
    where both always say the same one thing, or there is no case.
    """
    if counted.total <= 0:
        return None
    observed = (counted.yes_yes + counted.no_no) / counted.total
    one = (counted.yes_yes + counted.yes_no) / counted.total
    other = (counted.yes_yes + counted.no_yes) / counted.total
    by_chance = one * other + (1 - one) * (1 - other)
    if np.isclose(by_chance, 1.0):
        return None
    return (observed - by_chance) / (1 - by_chance)
