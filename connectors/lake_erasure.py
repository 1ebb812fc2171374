"""Take people out of a raw table for good: rows, files of earlier versions, what a kill left."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread
from typing import Final

import pyarrow as pa
from deltalake import DeltaTable

from connectors.lake import Lake, commit_state_anew, present_table
from connectors.load import Sift

_ROWS_AT_ONCE: Final = 1 << 16
_BATCHES_AHEAD: Final = 4
_LOOK_AGAIN_AFTER: Final = 0.1


@dataclass(frozen=True)
class Erased:
    """What an erasure did to a raw table, or would do: how many rows it removed and changed.

    `files`: how many it removed.
    """

    source: str
    stream: str
    removed: int
    changed: int
    files: int = 0


def count_in(lake: Lake, source: str, stream: str, sift: Sift) -> Erased:
    """What an erasure would do to a raw table; nothing is written. A table that is not there has
    no rows.
    """
    found = present_table(lake, source, stream)
    if found is None:
        return Erased(source, stream, 0, 0)
    removed = changed = 0
    for rows in rows_of(found[1]):
        sifted = sift(rows)
        removed, changed = removed + sifted.left_out, changed + sifted.changed
    return Erased(source, stream, removed, changed)


def erase(lake: Lake, source: str, stream: str, sift: Sift) -> Erased:
    """Write a raw table without what `sift` leaves out, cursor kept, and remove all other files.

    Rows and cursor are replaced in one commit; a table of which nothing goes has its cursor
    committed anew, so that a load which began before is refused. Then no file is left but those of
    the present version: whoever reads an earlier one loses it. Killed at any moment and called
    again, it goes on.

    Raises CursorLost as `open_table` does, LoadConflict where a load is under way.
    """
    found = present_table(lake, source, stream)
    if found is None:
        return Erased(source, stream, 0, 0)
    done = count_in(lake, source, stream, sift)
    if done.removed or done.changed:
        raw, table = found
        schema = pa.schema(table.schema().to_arrow())
        with _read_ahead(_sifted(table, sift, schema)) as batches:
            raw.replace(pa.RecordBatchReader.from_batches(schema, batches))
    else:
        commit_state_anew(lake, source, stream)
    newest = DeltaTable(found[1].table_uri, storage_options=dict(lake.storage_options))
    # Those of killed writes, which no version ever had, too.
    gone = newest.vacuum(
        retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True
    )
    newest.create_checkpoint()
    newest.cleanup_metadata()
    return Erased(source, stream, done.removed, done.changed, len(gone))


def rows_of(table: DeltaTable) -> Iterator[pa.Table]:
    """The rows of a table's version, some at a time."""
    dataset = table.to_pyarrow_dataset()
    for batch in dataset.scanner(batch_size=_ROWS_AT_ONCE).to_batches():
        yield pa.Table.from_batches([batch])


def _sifted(table: DeltaTable, sift: Sift, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in rows_of(table):
        yield from sift(rows).rows.select(schema.names).cast(schema).to_batches()


@contextmanager
def _read_ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[Iterator[pa.RecordBatch]]:
    """The same batches, read in a thread of their own, a few ahead.

    The Delta library asks for rows to write from a thread in which it can't read a table itself.
    """
    waiting: Queue[pa.RecordBatch | BaseException | None] = Queue(_BATCHES_AHEAD)
    is_over = Event()

    def put(item: pa.RecordBatch | BaseException | None) -> None:
        has_place = False
        while not (has_place or is_over.is_set()):
            with suppress(Full):
                waiting.put(item, timeout=_LOOK_AGAIN_AFTER)
                has_place = True

    def read() -> None:
        try:
            for batch in batches:
                put(batch)
            put(None)
        except BaseException as error:  # noqa: BLE001 - raised where the rows are asked for
            put(error)

    def given() -> Iterator[pa.RecordBatch]:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield given()
    finally:
        is_over.set()
        reader.join()
