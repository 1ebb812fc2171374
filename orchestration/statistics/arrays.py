"""What the statistics are made of: arrays, intervals, and the normal distribution."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

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
