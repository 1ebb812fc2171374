"""Read delimited text: every row with its line, and nothing passed over in silence."""

import csv
from collections.abc import Iterator
from typing import Any, Final

from connectors.errors import PermanentError
from connectors.file_source import Stream
from connectors.files.exact import (
    LONGEST_VALUE,
    raise_if_the_end_is_unclear,
    read_exactly,
    rows_of,
)
from connectors.files.headers import Layout, match_headers
from connectors.files.lines import Lines, is_wide, open_lines
from connectors.files.plain import has_plain_dialect, read_plainly, whole_rows
from connectors.files.rows import Rows, in_batches

CHUNK: Final = 1 << 22
"""How many characters are looked at in one go."""


def read_delimited(opened: Any, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    """The rows of a CSV or TSV; `opened` gives its bytes, `name` stands in each row's origin.

    A row that has not as many values as the header, whose quotes don't fit, or whose bytes are not
    in the declared encoding is a reject. Raises PermanentError where the file is empty, lacks a
    declared column, or it can't be told where a row ends.
    """
    lines = open_lines(opened, stream, where)
    for _ in range(stream.csv.skip_lines):
        next(lines, None)
    layout = _layout(lines, stream, where)
    return in_batches(_pieces(lines, layout, name, where, stream))


def _layout(lines: Lines, stream: Stream, where: str) -> Layout:
    """The layout that the first row tells; without a header, the declared columns are it."""
    reader = rows_of(lines, stream)
    row: list[str] | None = []
    line = 0
    while row is not None and not row:
        lines.pending.clear()
        line = lines.read + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise_if_the_end_is_unclear(error, lines, line, where, stream)
            raise PermanentError(
                f"the header can't be read ({error})",
                where=f"{where}:{line}",
                fix="Correct the delimiter and the quote of the stream in sources.yml",
            ) from error
    if row is None:
        raise PermanentError(
            "the file is empty",
            where=where,
            fix="Export it anew; an export without records still has its header",
        )
    if stream.csv.header:
        return match_headers(row, stream, f"{where}:{line}")
    lines.read -= len(lines.pending)
    lines.put_back("".join(lines.pending))
    positions = {name: position for position, name in enumerate(stream.columns)}
    return Layout(positions, {}, len(stream.columns))


def _pieces(lines: Lines, layout: Layout, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    size = CHUNK
    is_last = is_wide(stream) or not has_plain_dialect(stream)
    while not is_last and size < LONGEST_VALUE:
        text, is_last = lines.chunk(size)
        try:
            chunk, rest = whole_rows(text, is_last, stream)
        except ValueError:
            lines.put_back(text)
            break
        lines.put_back(rest)
        size = CHUNK if chunk else size * 2
        if chunk is None or not chunk.body:
            continue
        rows = read_plainly(chunk, lines.read + 1, layout, name, stream)
        if rows is None:
            part = lines.part(chunk.body.decode("utf-8", "surrogateescape"))
            yield from read_exactly(part, layout, name, where, stream)
            lines.passed(part.read - lines.read)
        else:
            yield rows
            lines.passed(chunk.lines)
    # What is left: nothing, or all from where the quotes left a doubt.
    yield from read_exactly(lines, layout, name, where, stream)
