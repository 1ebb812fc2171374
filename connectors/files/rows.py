"""What the readers of each format give: rows as columns, where each stood, and what was no row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from connectors.base import Reject

ROWS_AT_ONCE: Final = 50_000
"""How many rows of a file are held in memory, and land in one commit."""

BYTES_AT_ONCE: Final = 64 << 20
"""How many bytes of values are held in memory at most, give or take a row's."""

RAGGED_ROW: Final = "ragged_row"
BAD_ENCODING: Final = "bad_encoding"


@dataclass(frozen=True)
class Rows:
    """Some rows of one file. `origins` (text) tells where each stood, as `deals.csv:17`.

    `columns` are the declared ones that the file has, as text or already typed. `extras` (text)
    holds the others as JSON, or is None. `count` is how many rows of the file these are, rejects
    included. `told` are the columns of the file with their types; None where its rows differ.
    """

    columns: Mapping[str, pa.Array]
    origins: pa.Array
    extras: pa.Array | None
    rejects: Sequence[Reject] = field(default_factory=tuple)
    count: int = 0
    told: Mapping[str, str] | None = None


def in_batches(pieces: Iterator[Rows]) -> Iterator[Rows]:
    """The same rows in pieces of a good size: few commits, and bounded memory.

    Every piece must have the same columns.
    """
    held: list[Rows] = []
    for piece in pieces:
        held.append(piece)
        while sum(rows.count for rows in held) >= ROWS_AT_ONCE or _size(held) >= BYTES_AT_ONCE:
            joined = _joined(held)
            if joined.rejects or joined.count <= ROWS_AT_ONCE:
                yield joined
                held = []
            else:
                yield _part(joined, 0, ROWS_AT_ONCE)
                held = [_part(joined, ROWS_AT_ONCE, joined.count)]
    if held:
        yield _joined(held)


def _size(held: Sequence[Rows]) -> int:
    return sum(values.nbytes for rows in held for values in rows.columns.values())


def _joined(held: Sequence[Rows]) -> Rows:
    if len(held) == 1:
        return held[0]
    first = held[0]
    return Rows(
        columns={
            name: pa.concat_arrays([rows.columns[name] for rows in held]) for name in first.columns
        },
        origins=pa.concat_arrays([rows.origins for rows in held]),
        extras=None if first.extras is None else pa.concat_arrays([rows.extras for rows in held]),
        rejects=[reject for rows in held for reject in rows.rejects],
        count=sum(rows.count for rows in held),
        told=first.told,
    )


def _part(rows: Rows, start: int, end: int) -> Rows:
    """Some of the rows; only for rows without rejects, whose places among them are not known."""
    return Rows(
        columns={name: values[start:end] for name, values in rows.columns.items()},
        origins=rows.origins[start:end],
        extras=None if rows.extras is None else rows.extras[start:end],
        count=end - start,
        told=rows.told,
    )
