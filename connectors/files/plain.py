"""Read delimited text a chunk at a time where its quotes leave no doubt: the fast way.

What is read here is what the exact reader gives; a chunk for which that is not certain is left to
it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from connectors.file_source import Stream
from connectors.files.exact import delimiter_of
from connectors.files.headers import Layout, as_extras
from connectors.files.rows import Rows

_NEWLINE: Final = ord("\n")
_RETURN: Final = ord("\r")
_Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Chunk:
    """Whole rows: their bytes in UTF-8, and where each line and each row ends."""

    body: bytes
    line_ends: _Places
    row_ends: _Places

    @property
    def lines(self) -> int:
        """How many lines these are; the last one of a file may have no end."""
        return len(self.line_ends) + int(not self.body.endswith(b"\n"))


def has_plain_dialect(stream: Stream) -> bool:
    """Whether delimiter and quote are of one byte, which the fast way needs."""
    return (delimiter_of(stream) + (stream.csv.quote or "")).isascii()


def whole_rows(text: str, is_last: bool, stream: Stream) -> tuple[Chunk | None, str]:
    """The whole rows at the beginning of a text of whole lines, and the text after them.

    No chunk where no row ends in the text. Raises ValueError where a quote stands neither at the
    beginning nor at the end of a value, nor is doubled in one: then nothing tells where rows end.
    """
    encoded = text.encode("utf-8", "surrogateescape")
    data = np.frombuffer(encoded, np.uint8)
    quotes = _places(data, ord(stream.csv.quote)) if stream.csv.quote else _Empty
    line_ends = _places(data, _NEWLINE) + 1
    row_ends = line_ends[np.searchsorted(quotes, line_ends) % 2 == 0]
    if is_last:
        end = len(data)
        if not encoded.endswith(b"\n"):
            row_ends = np.append(row_ends, end)
    elif len(row_ends):
        end = int(row_ends[-1])
    else:
        return None, text
    quotes = quotes[quotes < end]
    if len(quotes) and not _are_legal(data[:end], quotes, ord(delimiter_of(stream))):
        raise ValueError("a quote out of place")
    chunk = Chunk(encoded[:end], line_ends[line_ends <= end], row_ends)
    return chunk, encoded[end:].decode("utf-8", "surrogateescape")


def read_plainly(
    chunk: Chunk, first_line: int, layout: Layout, name: str, stream: Stream
) -> Rows | None:
    """The rows of a chunk; None where one of them needs the exact reader."""
    data = np.frombuffer(chunk.body, np.uint8)
    returns = _places(data, _RETURN)
    if len(returns) and (returns[-1] + 1 == len(data) or (data[returns + 1] != _NEWLINE).any()):
        return None
    starts = np.append(np.zeros(1, np.int64), chunk.row_ends[:-1])
    is_blank = (data[starts] == _NEWLINE) | (data[starts] == _RETURN)
    starts = starts[~is_blank]
    try:
        table = _parsed(chunk.body, layout.width, stream)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    if len(table) != len(starts):
        return None
    columns = [column.combine_chunks() for column in table.columns]
    lines = pa.array(np.searchsorted(chunk.line_ends, starts, side="right") + first_line)
    return Rows(
        columns={column: columns[position] for column, position in layout.declared.items()},
        origins=pc.binary_join_element_wise(f"{name}:", lines.cast(pa.string()), ""),
        extras=as_extras(layout, columns),
        count=len(starts),
        told=layout.told(["text"] * layout.width),
    )


_Empty: Final[_Places] = np.empty(0, np.int64)


def _places(data: npt.NDArray[np.uint8], byte: int) -> _Places:
    return np.flatnonzero(data == byte).astype(np.int64)


def _are_legal(data: npt.NDArray[np.uint8], quotes: _Places, delimiter: int) -> bool:
    """Whether quotes open at a value's beginning, close at its end, and are doubled within."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    # A doubled quote closes the value and opens it again in the next byte.
    is_doubled = np.append(closing[:-1] + 1 == opening[1:], False)
    before = data[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | (before == delimiter) | (before == _NEWLINE)
    opens[1:] |= is_doubled[:-1]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    closes = closing + 1 == len(data)
    closes |= (after == delimiter) | (after == _NEWLINE) | (after == _RETURN) | is_doubled
    return bool(opens.all() and closes.all())


def _parsed(body: bytes, width: int, stream: Stream) -> Any:
    names = [str(position) for position in range(width)]
    return pcsv.read_csv(
        pa.BufferReader(body),
        read_options=pcsv.ReadOptions(
            column_names=names, block_size=len(body) + 1, use_threads=False
        ),
        parse_options=pcsv.ParseOptions(
            delimiter=delimiter_of(stream),
            quote_char=stream.csv.quote or False,
            double_quote=True,
            escape_char=False,
            newlines_in_values=True,
            ignore_empty_lines=True,
        ),
        convert_options=pcsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[],
            strings_can_be_null=False,
            check_utf8=True,
        ),
    )
