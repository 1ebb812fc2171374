"""A small company with a real lake, for tests of what reads it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import Batch, Cursor, RawColumn, RawSchema, Reject
from connectors.load import load_stream
from orchestration.company import Company, load_company

Row = Mapping[str, Any]


class Rows:
    """A stream that yields given rows: texts and typed values, as a connector would."""

    def __init__(
        self, name: str, schema: RawSchema, rows: Sequence[Row], rejects: Sequence[Reject] = ()
    ) -> None:
        self._name = name
        self._schema = schema
        self._rows = rows
        self._rejects = rejects

    @property
    def name(self) -> str:
        return self._name

    @property
    def schema(self) -> RawSchema:
        return self._schema

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        if not self._rows and not self._rejects:
            return
        columns: dict[str, list[Any]] = {
            column.name: [row.get(column.name) for row in self._rows]
            for column in self._schema.columns
        }
        columns["_record_id"] = [
            row.get("_record_id", "|".join(str(row[key]) for key in self._schema.key))
            for row in self._rows
        ]
        columns["_origin"] = [f"{self._name}.csv:{line}" for line in range(2, len(self._rows) + 2)]
        columns["_deleted"] = [row.get("_deleted", False) for row in self._rows]
        read = (cursor or {}).get("loads", 0)
        yield Batch(pa.table(columns), {"loads": read + 1}, self._rejects)


def write_company(folder: Path, sources: str, agreement: str) -> Company:
    """A company of these two files, its data below `folder`."""
    (folder / "sources.yml").write_text(sources, encoding="utf-8")
    (folder / "agreement.yml").write_text(agreement, encoding="utf-8")
    return load_company({"TANDEM_COMPANY": str(folder), "TANDEM_DATA": str(folder / "data")})


def raw_schema(company: Company, source: str, stream: str) -> RawSchema:
    """The columns that sources.yml declares of a stream."""
    declared = next(
        found
        for system in company.sources.sources
        for found in system.streams
        if (system.name, found.name) == (source, stream)
    )
    columns = (
        RawColumn(name, column.type, column.precision, column.scale)
        for name, column in declared.columns.items()
    )
    return RawSchema(tuple(columns), declared.key)


def load(
    company: Company,
    source: str,
    stream: str,
    rows: Sequence[Row],
    at: datetime,
    *,
    rejects: Sequence[Reject] = (),
) -> None:
    """Load rows into a stream's raw table, at a time of the lake's clock (naive, UTC)."""
    schema = raw_schema(company, source, stream)
    load_rows(company, source, Rows(stream, schema, rows, rejects), at)


def load_rows(company: Company, source: str, stream: Rows, at: datetime) -> None:
    """Load a stream of given rows, at a time of the lake's clock (naive, UTC)."""
    moment = at.replace(tzinfo=UTC)
    load_stream(company.lake, source, stream, run_id=f"run-{at:%Y%m%d}", clock=lambda: moment)
