"""How many examples chance makes for a test of which each example builds models."""

import math
import os

_FEW = 10
_SHARE = 1.0 if os.environ.get("TANDEM_EVERY_EXAMPLE") else 0.4


def examples(number: int) -> int:
    """All of them in `make test-all`; in `make test` two fifths, but ten at least where there are
    so many. They are others each time.
    """
    return max(min(number, _FEW), math.ceil(number * _SHARE))
