"""Chance that depends on nothing but a seed, a purpose and a number.

Every draw is a hash of those three, so it does not matter in which order, in what portions or how
far a history is drawn: the same prospect does the same things. Only operations that IEEE 754 rounds
the same everywhere are used (no library's `log` or `exp`), so a history is the same on every
machine, to the bit.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_LN_2: Final = 0.6931471805599453
_SQRT_HALF: Final = 0.7071067811865476
_TERMS: Final = 23


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One round of SplitMix64, in place."""
    state += _GOLDEN
    state ^= state >> np.uint64(30)
    state *= _FIRST
    state ^= state >> np.uint64(27)
    state *= _SECOND
    state ^= state >> np.uint64(31)
    return state


def draw(seed: int, purpose: str, numbers: Ints) -> Floats:
    """A number in [0, 1) for each of `numbers`, uniform and independent between purposes."""
    key = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=16).digest()
    state = numbers.astype(np.uint64)
    state ^= np.uint64(int.from_bytes(key[:8], "little"))
    state = _mix(state)
    state ^= np.uint64(int.from_bytes(key[8:], "little"))
    state = _mix(state)
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def log(values: Floats) -> Floats:
    """The natural logarithm of positive numbers."""
    mantissa, exponent = np.frexp(values)
    small = mantissa < _SQRT_HALF
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    exponent = exponent - small
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    total = np.full_like(ratio, 1.0 / _TERMS)
    for denominator in range(_TERMS - 2, 0, -2):
        total = total * square + 1.0 / denominator
    return exponent * _LN_2 + 2.0 * ratio * total


def exponential(uniform: Floats) -> Floats:
    """Uniform numbers as waiting times with mean one."""
    return -log(1.0 - uniform)


def quantile(uniform: Floats, knots: Sequence[tuple[float, float]]) -> Floats:
    """Uniform numbers as values of the distribution whose quantiles are `knots`, (share, value)."""
    shares = np.array([share for share, _ in knots])
    values = np.array([value for _, value in knots])
    left = np.clip(np.searchsorted(shares, uniform, side="right") - 1, 0, len(knots) - 2)
    part = (uniform - shares[left]) / (shares[left + 1] - shares[left])
    drawn: Floats = values[left] + part * (values[left + 1] - values[left])
    return drawn


def choose(uniform: Floats, weights: Floats | Sequence[float]) -> Ints:
    """Uniform numbers as choices 0, 1, ... with `weights`: one row for all, or a row each."""
    table = np.asarray(weights, dtype=np.float64)
    edges = np.cumsum(table, axis=-1)
    edges = edges / edges[..., -1:]
    if table.ndim == 1:
        places = np.searchsorted(edges, uniform, side="right")
    else:
        places = (uniform[:, None] >= edges).sum(axis=1)
    chosen: Ints = np.minimum(places, table.shape[-1] - 1).astype(np.int64)
    return chosen


def whole(values: Floats) -> Ints:
    """Numbers without their fractions, rounded down."""
    return np.floor(values).astype(np.int64)


def digits(numbers: Ints, width: int) -> Texts:
    """Numbers below 10 to the power of `width` as text of that many digits."""
    # With one digit more in front all are equally long, and that digit can be cut off at once.
    longer = (numbers + 10**width).astype(f"U{width + 1}")
    letters = longer.view("U1").reshape(len(numbers), width + 1)[:, 1:]
    return np.ascontiguousarray(letters).view(f"U{width}").reshape(len(numbers))
