"""Read delimited text row by row: each row with its line, and why it can't be read if it can't."""

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from connectors.base import Reject
from connectors.casting import UNPARSEABLE
from connectors.errors import PermanentError
from connectors.file_source import Stream
from connectors.files.headers import Layout, as_extras
from connectors.files.lines import Lines
from connectors.files.rows import BAD_ENCODING, RAGGED_ROW, ROWS_AT_ONCE, Rows

LONGEST_VALUE: Final = 1 << 24
"""How many characters a value may have."""


def delimiter_of(stream: Stream) -> str:
    """The declared delimiter, else the format's own."""
    return stream.csv.delimiter or ("\t" if stream.file_format == "tsv" else ",")


def rows_of(lines: Lines, stream: Stream) -> Iterator[list[str]]:
    """The values of each row. Raises csv.Error for a row whose quotes don't fit, then goes on."""
    csv.field_size_limit(LONGEST_VALUE)
    if stream.csv.quote is None:
        return csv.reader(
            lines, delimiter=delimiter_of(stream), quoting=csv.QUOTE_NONE, strict=True
        )
    return csv.reader(
        lines, delimiter=delimiter_of(stream), quotechar=stream.csv.quote, strict=True
    )


def read_exactly(
    lines: Lines, layout: Layout, name: str, where: str, stream: Stream
) -> Iterator[Rows]:
    """The rows of the lines; those that can't be read are rejects.

    Raises PermanentError where it can't be told where a row ends.
    """
    reader = rows_of(lines, stream)
    batch = _Batch(layout, name)
    while True:
        line = lines.read + 1
        lines.pending.clear()
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise_if_the_end_is_unclear(error, lines, line, where, stream)
            batch.reject(line, UNPARSEABLE, f"line {line}: {error}", "".join(lines.pending))
            continue
        if row is None:
            break
        if row:
            batch.add(row, line, lines.pending)
        if batch.count >= ROWS_AT_ONCE:
            yield batch.rows()
            batch = _Batch(layout, name)
    yield batch.rows()


def raise_if_the_end_is_unclear(
    error: csv.Error, lines: Lines, line: int, where: str, stream: Stream
) -> None:
    """Raise PermanentError where it is unknown what belongs to the row that begins in `line`."""
    told = str(error)
    if "unexpected end of data" in told or "field larger than" in told:
        raise PermanentError(
            "a quoted value begins in this line and does not end: the file is cut off, or a quote "
            "in it is not doubled",
            where=f"{where}:{line}",
            fix="Export it anew; if it is still being written, run the load again later; if its "
            "values are not quoted at all, set `csv: {quote: null}`",
        ) from error
    quotes = "".join(lines.pending).count(stream.csv.quote or "\n")
    if stream.csv.quote is not None and quotes % 2:
        raise PermanentError(
            f"the quotes of the row that begins in this line don't match ({error}), so it can't be "
            "told where it ends",
            where=f"{where}:{line}",
            fix="Export it anew with each quote in a value doubled; if its values are not quoted "
            "at all, set `csv: {quote: null}`",
        ) from error


class _Batch:
    """Rows as they are read, until they are handed on."""

    def __init__(self, layout: Layout, name: str) -> None:
        self._layout = layout
        self._name = name
        self._rows: list[list[str]] = []
        self._lines: list[int] = []
        self._rejects: list[Reject] = []

    @property
    def count(self) -> int:
        return len(self._rows) + len(self._rejects)

    def add(self, row: list[str], line: int, text: Sequence[str]) -> None:
        if len(row) == self._layout.width:
            self._rows.append(row)
            self._lines.append(line)
            return
        detail = f"line {line} has {len(row)} values, and the header has {self._layout.width}"
        if not text[-1].endswith(("\n", "\r")):
            detail += "; it is the last line and has no end: is the file cut off?"
        self.reject(line, RAGGED_ROW, detail, "".join(text))

    def reject(self, line: int, reason: str, detail: str, text: str) -> None:
        shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self._rejects.append(
            Reject(
                record_id=None,
                origin=f"{self._name}:{line}",
                reason=reason,
                detail=detail,
                record=json.dumps({"line": shown.rstrip("\r\n")}, ensure_ascii=False),
            )
        )

    def rows(self) -> Rows:
        count = self.count
        try:
            columns = self._columns()
        except UnicodeEncodeError:
            self._reject_what_is_mis_encoded()
            columns = self._columns()
        return Rows(
            columns={name: columns[position] for name, position in self._layout.declared.items()},
            origins=pa.array([f"{self._name}:{line}" for line in self._lines], pa.string()),
            extras=as_extras(self._layout, columns),
            rejects=self._rejects,
            count=count,
            told=self._layout.told(["text"] * self._layout.width),
        )

    def _columns(self) -> list[pa.Array]:
        if not self._rows:
            return [pa.array([], pa.string())] * self._layout.width
        return [pa.array(values, pa.string()) for values in zip(*self._rows, strict=True)]

    def _reject_what_is_mis_encoded(self) -> None:
        rows, lines = self._rows, self._lines
        self._rows, self._lines = [], []
        named: dict[str, Any] = self._layout.declared | self._layout.others
        names = {position: name for name, position in named.items()}
        for row, line in zip(rows, lines, strict=True):
            faulty = [position for position, value in enumerate(row) if not _is_encodable(value)]
            if faulty:
                what = ", ".join(names[position] for position in faulty)
                detail = f"line {line}: {what}: bytes that are not in the declared encoding"
                self.reject(line, BAD_ENCODING, detail, ",".join(row))
            else:
                self._rows.append(row)
                self._lines.append(line)


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
