"""What the lake has of a stream already, and how what comes is held against it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch, Cursor, RawSchema
from connectors.casting import cast_records
from connectors.held import HeldVersions, held_ids, held_versions, landed_since, last_landing
from connectors.lake import Lake

ROWS_A_BATCH = 10_000
"""About so many rows land in one commit."""

BYTES_A_BATCH = 1 << 23
"""Or about so many bytes: what a batch takes is then the same for narrow rows and for wide ones."""


@dataclass(frozen=True)
class Kept:
    """The raw tables of one source in the lake."""

    lake: Lake
    source: str

    def ids(self, stream: str) -> pa.Array:
        """The ids of a type's records that are not gone, rising as the numbers that they are."""
        ids = held_ids(self.lake, self.source, stream).combine_chunks()
        return ids.take(pc.sort_indices(pc.cast(ids, pa.int64())))

    def beginnings(self, stream: str) -> pa.Array:
        """The first parts of the keys of a stream's records that are not gone, each once."""
        ids = held_ids(self.lake, self.source, stream).combine_chunks()
        return pc.unique(pc.replace_substring_regex(ids, r"\|.*$", ""))

    def landed_late(
        self, stream: str, modified: str, since: datetime | None, low: datetime | None
    ) -> Sequence[str]:
        """Records of which a row landed after `since` that search does not show from `low` on.

        A record that is restored leaves no trace in search, only in the lake.
        """
        if since is None or low is None:
            return []
        return landed_since(self.lake, self.source, stream, since, (modified, low))

    def last_landing(self, stream: str) -> datetime | None:
        """When the newest row of a type's records landed."""
        return last_landing(self.lake, self.source, stream)

    def versions(self, stream: str, schema: RawSchema) -> HeldVersions:
        """The newest version of each of its records."""
        return held_versions(self.lake, self.source, stream, schema)


def differing(rows: pa.Table, schema: RawSchema, held: HeldVersions, cursor: Cursor) -> Batch:
    """The batch of those rows that the lake does not hold so."""
    typed, rejects = cast_records(rows, schema)
    typed, rejects = held.without_known(typed, rejects)
    return Batch(typed, cursor, rejects, may_wait=True)


def gathered(
    tables: Iterable[tuple[pa.Table, Cursor]], size: int = BYTES_A_BATCH
) -> Iterator[tuple[pa.Table, Cursor]]:
    """Small tables put together, about `size` bytes a lot, each with the cursor of its last one."""
    waiting: list[tuple[pa.Table, Cursor]] = []
    bytes_waiting = 0
    for table, cursor in tables:
        waiting.append((table, cursor))
        bytes_waiting += table.nbytes
        if bytes_waiting >= size:
            yield _together(waiting)
            waiting, bytes_waiting = [], 0
    if waiting:
        yield _together(waiting)


def _together(parts: Sequence[tuple[pa.Table, Cursor]]) -> tuple[pa.Table, Cursor]:
    rows = pa.concat_tables([rows for rows, _ in parts], promote_options="default")
    return rows, parts[-1][1]


def nothing(cursor: Cursor) -> Batch:
    """A batch that brings no record, and keeps where the stream stands."""
    return Batch(pa.table({"_record_id": pa.array([], pa.string())}), cursor, may_wait=True)


def portions(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Ids, so many at a time."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def among(ids: Sequence[str], others: pa.Array) -> list[str]:
    """Those of the ids that the others have."""
    told = pa.array(ids, pa.string())
    found: list[str] = told.filter(pc.is_in(told, value_set=others)).to_pylist()
    return found


def missing_from(ids: pa.Array, others: pa.Array) -> list[str]:
    """Those of the ids that the others have not."""
    found: list[str] = ids.filter(pc.invert(pc.is_in(ids, value_set=others))).to_pylist()
    return found
