"""Read Parquet: typed columns as they are, a row group's part at a time."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.errors import PermanentError
from connectors.file_source import Stream
from connectors.files.headers import Layout, match_headers
from connectors.files.rows import ROWS_AT_ONCE, Rows
from connectors.plain_json import python_values, to_json


def read_parquet(opened: Any, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    """The rows of a Parquet file; an origin is the row's number, from 1.

    Raises PermanentError where the file is damaged or lacks a declared column.
    """
    try:
        file = pq.ParquetFile(opened, coerce_int96_timestamp_unit="us")
        layout = match_headers(file.schema_arrow.names, stream, where)
        read = 0
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            yield _rows(batch, layout, name, read)
            read += len(batch)
        if read == 0:
            # So that the file counts as read.
            yield _rows(pa.RecordBatch.from_pylist([], file.schema_arrow), layout, name, 0)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise PermanentError(
            f"the file is no whole Parquet file ({error})",
            where=where,
            fix="Export it anew; if it is still being written, run the load again later",
        ) from error


def _rows(batch: pa.RecordBatch, layout: Layout, name: str, before: int) -> Rows:
    numbers = range(before + 1, before + 1 + len(batch))
    return Rows(
        columns={column: batch.column(i) for column, i in layout.declared.items()},
        origins=pa.array([f"{name}:{number}" for number in numbers], pa.string()),
        extras=_extras(batch, layout.others) if layout.others else None,
        count=len(batch),
        told=layout.told([str(kind) for kind in batch.schema.types]),
    )


def _extras(batch: pa.RecordBatch, others: dict[str, int]) -> pa.Array:
    held = {name: python_values(batch.column(position)) for name, position in others.items()}
    rows = []
    for row in range(len(batch)):
        record = {name: values[row] for name, values in held.items() if values[row] is not None}
        rows.append(to_json(record) if record else None)
    return pa.array(rows, pa.string())
