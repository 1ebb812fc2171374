"""What the lake holds of a stream: which records, and whether a row brings anything new.

A source is asked once more for what it may have shown late, and for all of it from time to time.
Only what differs from the newest version that the lake holds is landed again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import duckdb
import pyarrow as pa

from connectors.base import RawSchema, Reject
from connectors.casting import arrow_type
from connectors.lake import Lake, raw_rows
from connectors.scratch import scratch

_NEWEST: Final = "(_loaded_at, _seq)"
# Each part reads the table once more: of a million rows, parts a fifth as large took four times the
# time, and 60 MiB less.
_ROWS_AT_ONCE: Final = 250_000


@dataclass(frozen=True)
class Created:
    """Records whose `column` lies in [start, end); None: no bound."""

    column: str
    start: datetime | None
    end: datetime | None


class HeldVersions:
    """The newest version of each record, as a hash: 26 bytes a record. To be used in a `with`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: RawSchema) -> None:
        self._connection = connection
        self._schema = schema

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def without_known(
        self, records: pa.Table, rejects: Sequence[Reject]
    ) -> tuple[pa.Table, list[Reject]]:
        """Those of the records, in the lake's types, and rejects that the lake does not hold so.

        They are taken to land: when they come again, they are known.
        """
        if len(records):
            records = records.take(self._new_rows(_in_lake_form(records, self._schema)))
        if not rejects:
            return records, []
        new = self._new_rows(_rejected(rejects, self._schema)).to_pylist()
        return records, [rejects[row] for row in new]

    def _new_rows(self, rows: pa.Table) -> pa.Array:
        self._connection.register("came", rows)
        self._connection.execute(
            f"create or replace temp table news as "  # noqa: S608
            f"select place, _record_id, {_content(self._schema)} as content from came"
        )
        self._connection.unregister("came")
        self._connection.execute(
            "delete from news using held where news._record_id = held._record_id "
            "and news.content = held.content"
        )
        news = self._connection.sql("select place from news order by place").to_arrow_table()
        if len(news):
            self._connection.execute(
                "delete from held using news where news._record_id = held._record_id"
            )
            self._connection.execute(
                "insert into held select _record_id, arg_max(content, place) from news "
                "where _record_id is not null group by _record_id"
            )
        return news.column("place").combine_chunks()


def held_versions(
    lake: Lake,
    source: str,
    stream: str,
    schema: RawSchema,
    *,
    since: tuple[str, datetime] | None = None,
) -> HeldVersions:
    """What the lake holds; with `since`, only records whose column is not before that instant."""
    connection = scratch()
    connection.execute("create temp table held (_record_id varchar, content ubigint)")
    rows = raw_rows(connection, lake, source, stream)
    if rows is None:
        return HeldVersions(connection, schema)
    # A row without the column's value, a deletion or a reject, may be the newest of any record.
    window = f'("{since[0]}" >= $low or "{since[0]}" is null) and ' if since else ""
    parts = rows // _ROWS_AT_ONCE + 1
    for part in range(parts):
        connection.execute(
            f"insert into held select _record_id, "  # noqa: S608
            f"arg_max({_content(schema)}, {_NEWEST}) as content from raw "
            f"where {window} _record_id is not null and hash(_record_id) % $parts = $part "
            "group by _record_id",
            ({"low": since[1]} if since else {}) | {"part": part, "parts": parts},
        )
    return HeldVersions(connection, schema)


def held_count(lake: Lake, source: str, stream: str, *, created: Created | None = None) -> int:
    """How many records the lake holds whose newest version is no deletion.

    `created`: only those created then; a record of which that is not known counts.
    """
    return sum(map(len, _held_parts(lake, source, stream, created)))


def held_ids(
    lake: Lake, source: str, stream: str, *, created: Created | None = None
) -> pa.ChunkedArray:
    """The ids of those records."""
    return pa.chunked_array(_held_parts(lake, source, stream, created), pa.string())


def landed_since(
    lake: Lake, source: str, stream: str, mark: datetime, older: tuple[str, datetime]
) -> list[str]:
    """The ids of records of which a row landed after `mark` whose column is before an instant.

    A row without the column's value counts, a deletion does not.
    """
    column, end = older
    with scratch() as connection:
        if raw_rows(connection, lake, source, stream) is None:
            return []
        found = connection.execute(
            "select distinct _record_id from raw where _loaded_at > $mark and not _deleted "  # noqa: S608
            f'and coalesce("{column}" < $end, true) and _record_id is not null order by all',
            {"mark": mark, "end": end},
        ).fetchall()
        return [id_ for (id_,) in found]


def last_landing(lake: Lake, source: str, stream: str) -> datetime | None:
    """When the newest row of a stream landed; None where there is none."""
    with scratch() as connection:
        if raw_rows(connection, lake, source, stream) is None:
            return None
        [(newest,)] = connection.execute("select max(_loaded_at) from raw").fetchall()
        found: datetime | None = newest
        return found


def _held_parts(
    lake: Lake, source: str, stream: str, created: Created | None
) -> Iterator[pa.Array]:
    """The ids, a part of the records at a time: memory does not grow with the table."""
    with scratch() as connection:
        rows = raw_rows(connection, lake, source, stream)
        if rows is None:
            return
        span = created or Created("_loaded_at", None, None)
        query = (
            f"with newest as (select _record_id, arg_max(_deleted, {_NEWEST}) as gone, "  # noqa: S608
            f'arg_max("{span.column}", {_NEWEST}) as dated from raw '
            "where _record_id is not null and hash(_record_id) % $parts = $part "
            "group by _record_id) "
            "select _record_id from newest where not gone and (dated is null or "
            "(dated >= coalesce($low, dated) "
            "and dated < coalesce($high, 'infinity'::timestamptz)))"
        )
        parts = rows // _ROWS_AT_ONCE + 1
        for part in range(parts):
            given = {"low": span.start, "high": span.end, "part": part, "parts": parts}
            found = connection.sql(query, params=given).to_arrow_table()
            yield found.column(0).combine_chunks().cast(pa.string())


def _content(schema: RawSchema) -> str:
    declared = ", ".join(f'"{column.name}"' for column in schema.columns)
    return f"hash({declared}, _extra, _deleted, _reject_reason)"


def _in_lake_form(records: pa.Table, schema: RawSchema) -> pa.Table:
    count = len(records)
    columns = {column.name: records.column(column.name) for column in schema.columns}
    for name, type_ in (("_record_id", pa.string()), ("_extra", pa.string())):
        has = name in records.column_names
        columns[name] = records.column(name) if has else pa.nulls(count, type_)
    has = "_deleted" in records.column_names
    columns["_deleted"] = records.column("_deleted") if has else pa.repeat(False, count)
    columns["_reject_reason"] = pa.nulls(count, pa.string())
    columns["place"] = pa.array(range(count), pa.int64())
    return pa.table(columns)


def _rejected(rejects: Sequence[Reject], schema: RawSchema) -> pa.Table:
    count = len(rejects)
    columns = {column.name: pa.nulls(count, arrow_type(column)) for column in schema.columns}
    columns["_record_id"] = pa.array([reject.record_id for reject in rejects], pa.string())
    columns["_extra"] = pa.array([reject.record for reject in rejects], pa.string())
    columns["_deleted"] = pa.array([reject.deleted for reject in rejects], pa.bool_())
    columns["_reject_reason"] = pa.array([reject.reason for reject in rejects], pa.string())
    columns["place"] = pa.array(range(count), pa.int64())
    return pa.table(columns)
