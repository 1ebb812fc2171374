"""Load one stream: read what is new, cast it, land it batch by batch."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch, Reject, Stream
from connectors.casting import cast_records
from connectors.errors import PermanentError
from connectors.lake import Lake, held_records, open_table, raw_arrow_schema
from connectors.sift import Sifted
from connectors.sync_state import NEVER_SYNCED, Counts, SyncState


@dataclass(frozen=True)
class LoadResult:
    """What a load brought: rows accepted, records rejected, deletions among the rows.

    `suppressed` rows were of people who were forgotten: they are counted and nowhere written.
    `misfits` counts the records in quarantine by the column that a value of theirs does not fit.
    `before` is what the raw table told before this load, `after` what it tells now; a load that
    goes on where one was cut off brings less than the two differ by.
    """

    source: str
    stream: str
    rows: int
    rejected: int
    deleted: int
    suppressed: int
    reasons: dict[str, int]
    version: int
    seconds: float
    misfits: Mapping[str, int] = field(default_factory=dict)
    before: SyncState = NEVER_SYNCED
    after: SyncState = NEVER_SYNCED


Progress = Callable[[int, int | None], None]
"""Told, after each batch, how many records have landed so far, and how many will, where known."""


Sift = Callable[[pa.Table], Sifted]
"""Leaves out of the rows that are to land what must not."""


def _silent(_: int, __: int | None) -> None:
    """No progress wanted."""


def _all(rows: pa.Table) -> Sifted:
    """Nothing to leave out."""
    return Sifted(rows, 0, 0)


def _now() -> datetime:
    return datetime.now(tz=UTC)


def load_stream(
    lake: Lake,
    source: str,
    stream: Stream,
    run_id: str,
    *,
    progress: Progress = _silent,
    sift: Sift = _all,
    clock: Callable[[], datetime] = _now,
) -> LoadResult:
    """Read what is new in a stream and land it; what does not fit lands as rejects.

    What `sift` leaves out does not land at all.

    Raises what the stream raises, and LoadConflict, CursorLost or SchemaChanged of the lake. What
    landed before an error stays, with its cursor: the next load goes on from there.
    """
    started = time.monotonic()
    table = open_table(lake, source, stream.name, stream.schema)
    schema = raw_arrow_schema(stream.schema)
    before = table.state
    brought, seq = Counts(), 0
    reasons: Counter[str] = Counter()
    misfits: Counter[str] = Counter()
    columns: dict[str, str] | None = None
    cursor = table.state.cursor
    loaded_at = table.state.loaded_at
    for batch in stream.read(cursor):
        accepted, rejects = _typed(batch, stream)
        if batch.columns is not None:
            columns = {**(columns or {}), **batch.columns}
        if batch.present is not None and batch.whole_of is None:
            accepted = _gone(lake, source, stream.name, batch.present)
        if batch.whole_of is not None:
            accepted = _with_gone_parts(lake, source, stream.name, accepted, batch)
        cursor = batch.cursor
        if batch.may_wait and not len(accepted) and not rejects:
            continue
        # A later commit must never bear an earlier time, whatever the machine's clock does.
        loaded_at = max(clock(), loaded_at + timedelta(microseconds=1) if loaded_at else clock())
        landing = _landing(
            accepted, rejects, schema=schema, first_seq=seq, loaded_at=loaded_at, run_id=run_id
        )
        seq += len(landing)
        sifted = sift(landing)
        counts = _counts(sifted)
        table.append(sifted.rows, cursor, counts, loaded_at)
        brought = brought.plus(counts)
        rejected = sifted.rows.filter(pc.is_valid(sifted.rows.column("_reject_reason")))
        reasons.update(rejected.column("_reject_reason").to_pylist())
        misfits.update(_misfit_columns(rejected, stream))
        progress(seq, batch.announced)
    # Nor may the end of a load: readers take rows after it for those of an unfinished one.
    synced_at = max(clock(), loaded_at) if loaded_at else clock()
    version = table.end(schema, cursor, synced_at, columns)
    return LoadResult(
        source=source,
        stream=stream.name,
        rows=brought.rows - brought.rejected,
        rejected=brought.rejected,
        deleted=brought.deleted,
        suppressed=brought.suppressed,
        reasons=dict(reasons),
        version=version,
        seconds=time.monotonic() - started,
        misfits=dict(misfits),
        before=before,
        after=table.state,
    )


def _counts(sifted: Sifted) -> Counts:
    rows = sifted.rows
    return Counts(
        rows=len(rows),
        rejected=len(rows) - rows.column("_reject_reason").null_count,
        deleted=pc.sum(rows.column("_deleted")).as_py() or 0,
        suppressed=sifted.left_out,
    )


def _misfit_columns(rejected: pa.Table, stream: Stream) -> Iterator[str]:
    """The declared column that the detail of a reject begins with, where it does."""
    names = {column.name for column in stream.schema.columns}
    for detail in rejected.column("_reject_detail").to_pylist():
        name = (detail or "").partition(":")[0]
        if name in names:
            yield name


def _typed(batch: Batch, stream: Stream) -> tuple[pa.Table, list[Reject]]:
    records = batch.records
    if "_position" not in records.column_names:
        records = records.append_column("_position", pa.array(range(len(records)), pa.int64()))
    accepted, misfits = cast_records(records, stream.schema)
    return accepted, [*batch.rejects, *misfits]


def _gone(lake: Lake, source: str, stream: str, present: pa.ChunkedArray) -> pa.Table:
    """A deletion for each record that the lake has and the source has no longer.

    Raises PermanentError where such a record may be one of those whose row can't be read.
    """
    held = held_records(lake, source, stream)
    ids = held.filter(pc.invert(pc.is_in(held, value_set=present.combine_chunks().drop_null())))
    if len(ids) and present.null_count:
        raise PermanentError(
            f"{len(ids)} records are no longer in the export, and {present.null_count} of its rows "
            "don't tell which record they are: those may be the same, so none was deleted",
            where=lake.address(source, stream),
            fix="What could be read has landed. Correct the rows in quarantine at the source, and "
            "export anew",
        )
    return pa.table({"_record_id": ids, "_deleted": pa.repeat(True, len(ids))})


def _with_gone_parts(
    lake: Lake, source: str, stream: str, accepted: pa.Table, batch: Batch
) -> pa.Table:
    """The records, and a deletion for each that the lake has below `whole_of` and they have not."""
    held = held_records(lake, source, stream, below=batch.whole_of)
    brought = batch.present
    if brought is None:
        ids = batch.records.column("_record_id").to_pylist()
        brought = pa.chunked_array([[*ids, *(r.record_id for r in batch.rejects)]], pa.string())
    brought = brought.combine_chunks()
    gone = held.filter(pc.invert(pc.is_in(held, value_set=brought)))
    if not len(gone):
        return accepted
    first = pc.max(accepted.column("_position")).as_py() if len(accepted) else None
    first = -1 if first is None else first
    deletions = pa.table(
        {
            "_record_id": gone,
            "_deleted": pa.repeat(True, len(gone)),
            "_position": pa.array(range(first + 1, first + 1 + len(gone)), pa.int64()),
        }
    )
    return pa.concat_tables([accepted, deletions], promote_options="default")


def _landing(
    accepted: pa.Table,
    rejects: Sequence[Reject],
    *,
    schema: pa.Schema,
    first_seq: int,
    loaded_at: datetime,
    run_id: str,
) -> pa.Table:
    """Accepted rows and rejects in the raw table's columns, numbered in their order."""
    rejected = pa.table(
        {
            "_record_id": pa.array([r.record_id for r in rejects], pa.string()),
            "_origin": pa.array([r.origin for r in rejects], pa.string()),
            "_extra": pa.array([r.record for r in rejects], pa.string()),
            "_deleted": pa.array([r.deleted for r in rejects], pa.bool_()),
            "_reject_reason": pa.array([r.reason for r in rejects], pa.string()),
            "_reject_detail": pa.array([r.detail for r in rejects], pa.string()),
        }
    )
    together = pa.concat_tables([_in_columns(accepted, schema), _in_columns(rejected, schema)])
    together = together.take(_order(accepted, rejects))
    count = len(together)
    stamped = {
        "_seq": pa.array(range(first_seq, first_seq + count), pa.int64()),
        "_loaded_at": pa.repeat(pa.scalar(loaded_at, schema.field("_loaded_at").type), count),
        "_run_id": pa.repeat(pa.scalar(run_id), count),
        "_deleted": pc.fill_null(together.column("_deleted"), False),
    }
    for name, values in stamped.items():
        position = together.schema.get_field_index(name)
        together = together.set_column(position, schema.field(name), values)
    return together


def _order(accepted: pa.Table, rejects: Sequence[Reject]) -> pa.Array:
    """Accepted rows and rejects, one after the other, in the order in which the source had them."""
    places = (
        accepted.column("_position").to_pylist()
        if "_position" in accepted.column_names
        else list(range(len(accepted)))
    )
    last = max(places, default=0)
    places += [last + 1 if r.position is None else r.position for r in rejects]
    return pc.sort_indices(pa.table({"place": places}), sort_keys=[("place", "ascending")])


def _in_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return pa.table(
        [
            table.column(item.name).cast(item.type)
            if item.name in table.column_names
            else pa.nulls(len(table), item.type)
            for item in schema
        ],
        schema=schema,
    )
