"""What the readers of each format give: rows as columns, where each stood, and what was no row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from connectors.base import Reject

ROWS_AT_ONCE: Final = 50_000
"""How many rows of a file are held in memory, and land in one commit."""

RAGGED_ROW: Final = "ragged_row"
BAD_ENCODING: Final = "bad_encoding"
UNPARSEABLE: Final = "unparseable"


@dataclass(frozen=True)
class Rows:
    """Some rows of one file. `origins` tells where each stood, as `deals.csv:17`.

    `columns` are the declared ones that the file has, as text or already typed. `extras` holds the
    others as JSON, or is None. `count` is how many rows of the file these are, rejects included.
    """

    columns: Mapping[str, pa.Array]
    origins: Sequence[str]
    extras: Sequence[str | None] | None
    rejects: Sequence[Reject] = field(default_factory=tuple)
    count: int = 0
