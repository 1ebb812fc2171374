"""The lines of a text file, counted: one at a time, or many whole ones at once."""

import io
from typing import Any, Final

from connectors.errors import PermanentError
from connectors.file_source import Stream

_BLOCK: Final = 1 << 18
# How the mark of UTF-16 looks where it is read as something else.
_WIDE_MARKS: Final = tuple(
    mark.decode(encoding, "surrogateescape")
    for mark in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("ascii", "latin-1")
)


class Lines:
    """Lines from where the last one ended; `read` counts those that were handed out.

    `pending` collects lines as they are handed out, until it is cleared. A line keeps its end.
    """

    def __init__(self, text: Any, read: int, where: str, encoding: str) -> None:
        self.pending: list[str] = []
        self.read = read
        self._text = text
        self._ahead = io.StringIO()
        self._where = where
        self._encoding = encoding

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._ahead.readline() or self._read_line()
        if not line:
            raise StopIteration
        self.read += 1
        self.pending.append(line)
        return line

    def chunk(self, characters: int) -> tuple[str, bool]:
        """At least so many characters, in whole lines, and whether the text ends with them.

        They are not counted as read: `passed` or `put_back` settles what becomes of them.
        """
        found = self._ahead.read()
        try:
            new = self._text.read(characters)
        except UnicodeError as error:
            raise self._mis_encoded(error) from error
        return found + new + self._read_line(), len(new) < characters

    def passed(self, count: int) -> None:
        """So many lines of a chunk were read."""
        self.read += count

    def put_back(self, text: str) -> None:
        """Hand `text`, which ends a chunk, out again; it was not counted, or is no longer."""
        self._ahead = io.StringIO(text + self._ahead.read(), newline="")

    def part(self, text: str) -> "Lines":
        """The lines of a chunk alone."""
        return Lines(io.StringIO(text, newline=""), self.read, self._where, self._encoding)

    def _read_line(self) -> str:
        try:
            line: str = self._text.readline()
        except UnicodeError as error:
            raise self._mis_encoded(error) from error
        return line

    def _mis_encoded(self, error: UnicodeError) -> PermanentError:
        return PermanentError(
            f"the bytes after line {self.read} are not {self._encoding} ({error})",
            where=self._where,
            fix="Set `csv: {encoding: …}` of the stream to the file's own, or export it anew",
        )


def is_wide(stream: Stream) -> bool:
    """Whether the characters of the stream's encoding take two or four bytes."""
    return stream.csv.encoding.startswith(("utf-16", "utf-32"))


def open_lines(opened: Any, stream: Stream, where: str) -> Lines:
    """The lines of a file's bytes, without the mark of its encoding.

    A byte that does not fit the encoding becomes half a surrogate pair, which no good text has; in
    a wide encoding it is an error. Raises PermanentError where the file has the mark of UTF-16 and
    is declared otherwise.
    """
    encoding = stream.csv.encoding
    text = io.TextIOWrapper(
        io.BufferedReader(opened, _BLOCK),
        encoding=encoding,
        errors="strict" if is_wide(stream) else "surrogateescape",
        newline="",
    )
    lines = Lines(text, 0, where, encoding)
    first = next(lines, "")
    if first.startswith(_WIDE_MARKS):
        raise PermanentError(
            f"the file is UTF-16 by its first bytes, and its stream is declared as {encoding}",
            where=where,
            fix="Set `csv: {encoding: utf-16}` of the stream in sources.yml",
        )
    lines.pending.clear()
    lines.read = 0
    lines.put_back(first.removeprefix("\ufeff"))
    return lines
