"""Read delimited text exactly: every row with its line, and nothing passed over in silence."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from connectors.base import Reject
from connectors.casting import UNPARSEABLE
from connectors.errors import PermanentError
from connectors.files.headers import Layout, match_headers
from connectors.files.rows import BAD_ENCODING, RAGGED_ROW, ROWS_AT_ONCE, Rows
from connectors.sources import Stream

_LONGEST_VALUE: Final = 1 << 24
_BLOCK: Final = 1 << 18


def read_delimited(opened: Any, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    """The rows of a CSV or TSV; `opened` gives its bytes, `name` stands in each row's origin.

    A row that has not as many values as the header, whose quotes don't fit, or whose bytes are not
    in the declared encoding is a reject. Raises PermanentError where the file is empty, lacks a
    declared column, or ends inside a quoted value.
    """
    csv.field_size_limit(_LONGEST_VALUE)
    lines = _Lines(_decoded(opened, stream), where, stream.csv.encoding)
    for _ in range(stream.csv.skip_lines):
        next(lines, None)
    reader = csv.reader(lines, **_dialect(stream))
    layout, first = _layout(reader, stream, where)
    batch = _Batch(layout, name)
    if first is not None:
        batch.add(first, 1 + stream.csv.skip_lines, lines)
    while True:
        # The line on which the row begins: `line_num` counts the lines that were read so far.
        line = stream.csv.skip_lines + reader.line_num + 1
        lines.pending.clear()
        try:
            row = next(reader, None)
        except csv.Error as error:
            _raise_if_the_file_is_broken(error, where, line)
            batch.reject(line, UNPARSEABLE, f"line {line}: {error}", "".join(lines.pending))
            continue
        if row is None:
            break
        if row:
            batch.add(row, line, lines)
        if batch.count >= ROWS_AT_ONCE:
            yield batch.rows()
            batch = _Batch(layout, name)
    yield batch.rows()


class _Lines:
    """The lines of a text, with those that the row in hand is made of in `pending`."""

    def __init__(self, text: io.TextIOWrapper, where: str, encoding: str) -> None:
        self.pending: list[str] = []
        self._text = text
        self._where = where
        self._encoding = encoding
        self._count = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = next(self._text)
        except UnicodeError as error:
            raise PermanentError(
                f"the bytes after line {self._count} are not {self._encoding} ({error})",
                where=self._where,
                fix="Set `csv: {encoding: …}` of the stream to the file's own, or export it anew",
            ) from error
        self._count += 1
        self.pending.append(line)
        return line


def _decoded(opened: Any, stream: Stream) -> io.TextIOWrapper:
    encoding = stream.csv.encoding
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    return io.TextIOWrapper(
        io.BufferedReader(opened, _BLOCK),
        encoding="utf-8-sig" if encoding == "utf-8" else encoding,
        # A byte that does not fit stays visible, so that its row alone is rejected.
        errors="strict" if is_wide else "surrogateescape",
        newline="",
    )


def _dialect(stream: Stream) -> dict[str, Any]:
    told = stream.csv.delimiter or ("\t" if stream.file_format == "tsv" else ",")
    if stream.csv.quote is None:
        return {"delimiter": told, "quoting": csv.QUOTE_NONE, "strict": True}
    return {"delimiter": told, "quotechar": stream.csv.quote, "strict": True}


def _layout(reader: Any, stream: Stream, where: str) -> tuple[Layout, list[str] | None]:
    try:
        first = next((row for row in reader if row), None)
    except csv.Error as error:
        _raise_if_the_file_is_broken(error, where, stream.csv.skip_lines + 1)
        raise PermanentError(
            f"the header can't be read ({error})",
            where=f"{where}:{stream.csv.skip_lines + 1}",
            fix="Correct the delimiter and the quote of the stream in sources.yml",
        ) from error
    if first is None:
        raise PermanentError(
            "the file is empty",
            where=where,
            fix="Export it anew; an export without records still has its header",
        )
    if stream.csv.header:
        return match_headers(first, stream, f"{where}:{stream.csv.skip_lines + 1}"), None
    positions = {name: position for position, name in enumerate(stream.columns)}
    return Layout(positions, {}, len(stream.columns)), first


def _raise_if_the_file_is_broken(error: csv.Error, where: str, line: int) -> None:
    told = str(error)
    if "unexpected end of data" in told or "field larger than" in told:
        raise PermanentError(
            "a quoted value begins in this line and does not end: the file is cut off, or a quote "
            "in it is not doubled",
            where=f"{where}:{line}",
            fix="Export it anew; if it is still being written, run the load again later; if its "
            "values are not quoted at all, set `csv: {quote: null}`",
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

    def add(self, row: list[str], line: int, lines: _Lines) -> None:
        if len(row) == self._layout.width:
            self._rows.append(row)
            self._lines.append(line)
        else:
            detail = f"line {line} has {len(row)} values, and the header has {self._layout.width}"
            if lines.pending and not lines.pending[-1].endswith(("\n", "\r")):
                detail += "; it is the last line and has no end: is the file cut off?"
            self.reject(line, RAGGED_ROW, detail, "".join(lines.pending))

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
            extras=self._extras() if self._layout.others else None,
            rejects=self._rejects,
            count=count,
        )

    def _columns(self) -> list[pa.Array]:
        if not self._rows:
            return [pa.array([], pa.string())] * self._layout.width
        return [pa.array(values, pa.string()) for values in zip(*self._rows, strict=True)]

    def _extras(self) -> pa.Array:
        others = self._layout.others.items()
        extras = [
            json.dumps(held, ensure_ascii=False)
            if (held := {name: row[i] for name, i in others if row[i] != ""})
            else None
            for row in self._rows
        ]
        return pa.array(extras, pa.string())

    def _reject_what_is_mis_encoded(self) -> None:
        rows, lines = self._rows, self._lines
        self._rows, self._lines = [], []
        names = {position: name for name, position in self._layout.declared.items()} | {
            position: name for name, position in self._layout.others.items()
        }
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
