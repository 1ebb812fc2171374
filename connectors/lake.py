"""The raw lake: append-only Delta tables in which a batch and its cursor land in one commit.

A run opens a table, which reads its cursor, and appends batches through that same table object.
Each commit carries the cursor and an application transaction, so that a killed run leaves either
the whole batch with its cursor or neither, and of two runs at one cursor the second is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from connectors.base import Cursor, RawSchema
from connectors.casting import arrow_type
from connectors.errors import CursorLost, LoadConflict, PermanentError, SchemaChanged
from connectors.scratch import scratch
from connectors.sync_state import NEVER_SYNCED, Counts, SyncState, decode, encode

_METADATA_KEY: Final = "tandem"
_TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
_TECHNICAL: Final = (
    ("_record_id", pa.string()),
    ("_seq", pa.int64()),
    ("_origin", pa.string()),
    ("_extra", pa.string()),
    ("_loaded_at", _TIMESTAMP),
    ("_run_id", pa.string()),
    ("_deleted", pa.bool_()),
    ("_reject_reason", pa.string()),
    ("_reject_detail", pa.string()),
)
_MISREAD: Final = frozenset("%?#[]|^\\")
# The log keeps each file's least and greatest values for ever: no column with personal data.
_CONFIGURATION: Final = {"delta.dataSkippingStatsColumns": "_loaded_at,_seq"}

_HELD: Final = (
    "select _record_id from raw where _record_id is not null group by _record_id "
    "having not arg_max(_deleted, (_loaded_at, _seq)) order by _record_id"
)
_HELD_BELOW: Final = _HELD.replace(
    "group by",
    "and array_to_string(string_split(_record_id, '|')[:$parts], '|') "
    "in (select beginning from below) group by",
)


@dataclass(frozen=True)
class Lake:
    """Where the raw tables are: a folder, or an object store with its options.

    Raises PermanentError for a folder that the Delta library can't address.
    """

    root: str
    storage_options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        misread = sorted(_MISREAD.intersection(self.root)) if "://" not in self.root else []
        if misread:
            raise PermanentError(
                f"the lake can't lie in a folder whose path has {' '.join(misread)}, which the "
                "Delta library takes for parts of a URL",
                where=self.root,
                fix="Move the folder, or name another one in TANDEM_DATA or TANDEM_LAKE",
            )

    def address(self, source: str, stream: str) -> str:
        """The folder or URL of one raw table."""
        return f"{self.root.rstrip('/')}/{source}/{stream}"


@dataclass(frozen=True)
class Snapshot:
    """One version of a raw table, as readers see it. `files` are paths or URLs of Parquet files."""

    source: str
    stream: str
    version: int
    files: tuple[str, ...]
    schema: pa.Schema
    rows: int
    synced_at: datetime | None
    loaded_at: datetime | None


def raw_arrow_schema(schema: RawSchema) -> pa.Schema:
    """The Arrow schema of a raw table: the declared columns, then the technical ones."""
    declared = [(column.name, arrow_type(column)) for column in schema.columns]
    return pa.schema([*declared, *_TECHNICAL])


class RawTable:
    """One raw table, opened by a run that writes to it. `state` is what it found, then wrote."""

    def __init__(self, table: DeltaTable, state: SyncState, where: str, app_id: str) -> None:
        self.state = state
        self._table = table
        self._where = where
        self._app_id = app_id

    def append(
        self, rows: pa.Table, cursor: Cursor | None, brought: Counts, loaded_at: datetime
    ) -> int:
        """Land a batch and the cursor after it in one commit; returns the table's new version.

        `brought` is what the batch counts as. No rows is a commit too: it keeps the cursor. Raises
        LoadConflict where another run committed since this table was opened; then nothing is
        written.
        """
        return self._commit(rows, self.state.landed(brought, cursor, loaded_at), is_append=True)

    def end(
        self,
        schema: pa.Schema,
        cursor: Cursor | None,
        synced_at: datetime,
        columns: Mapping[str, str] | None,
    ) -> int:
        """Commit that the stream has been read to its end; returns the table's new version.

        The table has the columns of `schema` then; `columns` are those of the source, None where it
        can't tell. Raises LoadConflict as `append` does.
        """
        state = self.state.ended(cursor, synced_at, columns)
        return self._commit(schema.empty_table(), state, is_append=True)

    def commit_anew(self) -> int:
        """Commit the state once more, without rows. Raises LoadConflict as `append` does."""
        nothing = pa.schema(self._table.schema().to_arrow()).empty_table()
        return self._commit(nothing, self.state.later(self.state.cursor), is_append=True)

    def replace(self, rows: pa.RecordBatchReader) -> int:
        """Put these rows in the place of all that the table has, cursor and times kept.

        The table's new version; files of earlier ones stay until maintenance or an erasure removes
        them. Raises LoadConflict as `append` does.
        """
        return self._commit(rows, self.state.later(self.state.cursor), is_append=False)

    def _commit(
        self, rows: pa.Table | pa.RecordBatchReader, state: SyncState, *, is_append: bool
    ) -> int:
        try:
            write_deltalake(
                self._table,
                rows,
                mode="append" if is_append else "overwrite",
                schema_mode="merge" if is_append else None,
                commit_properties=CommitProperties(
                    custom_metadata={_METADATA_KEY: encode(state)},
                    app_transactions=[Transaction(self._app_id, state.transaction)],
                ),
            )
        except CommitFailedError as error:
            raise LoadConflict(
                "another run has written to this table since this one started; nothing of this "
                "one was kept",
                where=self._where,
                fix="Let the other run end, then start this one again: it goes on from there",
            ) from error
        self.state = state
        version: int = self._table.version()
        return version


def open_table(lake: Lake, source: str, stream: str, schema: RawSchema) -> RawTable:
    """Open a raw table for writing, and make it where there is none.

    Raises CursorLost for a table that has rows and no cursor, SchemaChanged where a column is
    declared with another type than the table holds.
    """
    where = lake.address(source, stream)
    options = dict(lake.storage_options)
    table = _existing(lake, where) or _create(where, options, raw_arrow_schema(schema))
    _check_types(table, schema, where)
    app_id = _app_id(source, stream)
    return RawTable(table, _read_state(table, where, app_id), where, app_id)


def commit_state_anew(lake: Lake, source: str, stream: str) -> DeltaTable | None:
    """Commit a raw table's cursor once more, without rows, and give the table; None: no table.

    Raises CursorLost as `open_table` does, LoadConflict where a load is under way.
    """
    found = present_table(lake, source, stream)
    if found is None:
        return None
    raw, table = found
    raw.commit_anew()
    return table


def present_table(lake: Lake, source: str, stream: str) -> tuple[RawTable, DeltaTable] | None:
    """A raw table as it is, to be written to, and as the Delta library has it; None: no table.

    Raises CursorLost as `open_table` does.
    """
    where = lake.address(source, stream)
    table = _existing(lake, where)
    if table is None:
        return None
    app_id = _app_id(source, stream)
    return RawTable(table, _read_state(table, where, app_id), where, app_id), table


def snapshot(lake: Lake, source: str, stream: str, version: int | None = None) -> Snapshot | None:
    """One version of a raw table (None: the newest); None where there is no such table."""
    table = _existing(lake, lake.address(source, stream), version)
    return None if table is None else _snapshot_of(table, lake, source, stream)


def _snapshot_of(table: DeltaTable, lake: Lake, source: str, stream: str) -> Snapshot:
    where = lake.address(source, stream)
    actions = pa.table(table.get_add_actions(flatten=True))
    # The library's own addresses are those of URLs, in which a folder's spaces are escaped.
    files = sorted(f"{where}/{path}" for path in actions.column("path").to_pylist())
    state = _newest_state(table)
    return Snapshot(
        source=source,
        stream=stream,
        version=table.version(),
        files=tuple(files),
        schema=pa.schema(table.schema().to_arrow()),
        rows=sum(actions.column("num_records").to_pylist()) if len(actions) else 0,
        synced_at=state.synced_at if state else None,
        loaded_at=state.loaded_at if state else None,
    )


def raw_rows(
    connection: duckdb.DuckDBPyConnection, lake: Lake, source: str, stream: str
) -> int | None:
    """Give a connection a raw table's rows as `raw`; how many, None where there is no table."""
    table = _existing(lake, lake.address(source, stream))
    if table is None:
        return None
    found = _snapshot_of(table, lake, source, stream)
    if not found.files or "://" in lake.root:
        connection.register("raw", table.to_pyarrow_dataset())
    else:
        # DuckDB's own reader takes far less memory than Arrow's.
        files = ", ".join("'" + file.replace("'", "''") + "'" for file in found.files)
        connection.execute(
            f"create temp view raw as from read_parquet([{files}], union_by_name = true)"
        )
    return found.rows


def count_since(lake: Lake, source: str, stream: str, since: datetime | None) -> int:
    """How many rows a raw table's files hold that landed after an instant (None: at any time)."""
    with scratch() as connection:
        if raw_rows(connection, lake, source, stream) is None:
            return 0
        landed_since = connection.execute(
            "select count(*) from raw where $since is null or _loaded_at > $since", {"since": since}
        ).fetchone()
    return int(landed_since[0]) if landed_since else 0


def held_records(
    lake: Lake, source: str, stream: str, *, below: pa.Array | None = None
) -> pa.Array:
    """The ids of the records in a raw table whose newest version is no deletion, in their order.

    `below` limits them to those that begin with one of these and a `|`; all have the same number of
    parts.
    """
    if below is not None and not len(below):
        return pa.array([], pa.string())
    with scratch() as connection:
        if raw_rows(connection, lake, source, stream) is None:
            return pa.array([], pa.string())
        if below is not None:
            connection.register("below", pa.table({"beginning": below}))
        query = _HELD if below is None else _HELD_BELOW
        parts = {} if below is None else {"parts": below[0].as_py().count("|") + 1}
        held: pa.ChunkedArray = connection.sql(query, params=parts).to_arrow_table().column(0)
    return held.combine_chunks().cast(pa.string())


def _app_id(source: str, stream: str) -> str:
    return f"tandem/{source}/{stream}"


def _existing(lake: Lake, where: str, version: int | None = None) -> DeltaTable | None:
    if "://" not in where and not (Path(where) / "_delta_log").is_dir():
        return None
    try:
        return DeltaTable(where, version=version, storage_options=dict(lake.storage_options))
    except TableNotFoundError:
        return None


def _create(where: str, options: dict[str, str], schema: pa.Schema) -> DeltaTable:
    if "://" not in where:
        Path(where).mkdir(parents=True, exist_ok=True)
    try:
        return DeltaTable.create(
            where,
            schema,
            mode="error",
            configuration=_CONFIGURATION,
            storage_options=options or None,
            raise_if_key_not_exists=False,
        )
    except DeltaError as error:
        raise LoadConflict(
            f"the table could not be made ({error}); another run may be making it",
            where=where,
            fix="Let the other run end, then run the load again",
        ) from error


def _check_types(table: DeltaTable, schema: RawSchema, where: str) -> None:
    held = {item.name: item.type for item in pa.schema(table.schema().to_arrow())}
    for column in schema.columns:
        expected = arrow_type(column)
        found = held.get(column.name, expected)
        if found != expected:
            raise SchemaChanged(
                f"column {column.name} is declared as {expected}, and the lake holds it as {found}",
                where=where,
                fix="Nothing was loaded. Restore the type in sources.yml, or give the column a new "
                f"name beside the old one: `{column.name}_2: {{header: {column.name}, …}}`",
            )


def _read_state(table: DeltaTable, where: str, app_id: str) -> SyncState:
    state = _newest_state(table)
    if state is not None:
        return state
    if table.transaction_version(app_id) is None and not table.file_uris():
        return NEVER_SYNCED
    raise CursorLost(
        "the table has been written to, but its log no longer says up to where the source was read",
        where=where,
        fix="Restore the table's _delta_log from a backup; or move the whole folder away, and the "
        "next load reads the source from the start",
    )


def _newest_state(table: DeltaTable) -> SyncState | None:
    # Each of our commits carries the state, so it stands in the last one, save for maintenance's.
    for limit in (1, 10, None):
        for commit in table.history(limit):
            if _METADATA_KEY in commit:
                return decode(commit[_METADATA_KEY])
    return None
