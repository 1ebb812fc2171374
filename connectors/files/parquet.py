"""Read Parquet: typed columns as they are, a row group's part at a time."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.errors import PermanentError
from connectors.files.headers import match_headers
from connectors.files.rows import ROWS_AT_ONCE, Rows, plain_values
from connectors.sources import Stream


def read_parquet(opened: Any, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    """The rows of a Parquet file; an origin is the row's number, from 1.

    Raises PermanentError where the file is damaged or lacks a declared column.
    """
    try:
        file = pq.ParquetFile(opened, coerce_int96_timestamp_unit="us")
        layout = match_headers(file.schema_arrow.names, stream, where)
        number = 1
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            yield Rows(
                columns={column: batch.column(i) for column, i in layout.declared.items()},
                origins=pa.array([f"{name}:{number + row}" for row in range(len(batch))]),
                extras=_extras(batch, layout.others) if layout.others else None,
                count=len(batch),
            )
            number += len(batch)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise PermanentError(
            f"the file is no whole Parquet file ({error})",
            where=where,
            fix="Export it anew; if it is still being written, run the load again later",
        ) from error


def _extras(batch: pa.RecordBatch, others: dict[str, int]) -> pa.Array:
    held = {name: plain_values(batch.column(position)) for name, position in others.items()}
    rows = []
    for row in range(len(batch)):
        record = {name: values[row] for name, values in held.items() if values[row] is not None}
        rows.append(json.dumps(record, default=str, ensure_ascii=False) if record else None)
    return pa.array(rows, pa.string())
