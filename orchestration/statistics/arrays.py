"""What the statistics are made of: arrays, intervals, and the distributions of tests."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """The bounds between which a figure lies, at a stated level of confidence."""

    low: float
    high: float


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval of that confidence (0.95) reaches out."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def two_sided_p(z: float) -> float:
    """How often a normal variable lies as many standard errors from zero as `z`, either way."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_squared_p(statistic: float, degrees: int) -> float:
    """How often a chi-squared variable is as large (Abramowitz and Stegun, 26.4.4 and 26.4.5)."""
    half = statistic / 2
    first: float = 0.5 if degrees % 2 else 0.0
    terms = (math.pow(half, first + r) / math.gamma(first + r + 1) for r in range(degrees // 2))
    tail = math.erfc(math.sqrt(half)) if degrees % 2 else 0.0
    return tail + math.exp(-half) * math.fsum(terms)


def summed(numbers: Ints, values: Floats, count: int) -> Floats:
    """The sum of the values of each number from 0 up to `count` - 1."""
    return np.bincount(numbers, values, count).astype(np.float64)


def distinct(*columns: NDArray[Any]) -> tuple[Ints, Ints]:
    """Rows of which many are alike: the place of the first of each kind, and each row's kind.

    Kinds number from 0, in the order of the columns' values, the first column's first. There has to
    be a column; no value may be NaN.
    """
    order = np.lexsort(columns[::-1])
    begins = np.zeros(len(order), dtype=np.bool_)
    begins[:1] = True
    for column in columns:
        in_order = column[order]
        begins[1:] |= in_order[1:] != in_order[:-1]
    kind = np.empty(len(order), dtype=np.int64)
    kind[order] = np.cumsum(begins) - 1
    return order[begins], kind
