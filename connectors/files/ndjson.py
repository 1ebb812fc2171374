"""Read NDJSON: one object a line, numbers kept digit by digit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from connectors.base import Reject
from connectors.casting import UNPARSEABLE
from connectors.errors import PermanentError
from connectors.file_source import Stream
from connectors.files.headers import column_name
from connectors.files.rows import BAD_ENCODING, BYTES_AT_ONCE, ROWS_AT_ONCE, Rows

_BLOCK: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 28
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class _Number(str):
    """A number as the file writes it."""

    __slots__ = ()


class _Unreadable(ValueError):
    """A line that is no object which can be kept whole; says why."""

    def __init__(self, why: str, reason: str = UNPARSEABLE) -> None:
        super().__init__(why)
        self.reason = reason


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Unreadable(f"key {twice} stands there twice")
    return found


_DECODER: Final = json.JSONDecoder(
    parse_int=_Number, parse_float=_Number, parse_constant=_Number, object_pairs_hook=_object
)


def read_ndjson(opened: Any, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    """The objects of a file, as text columns; a line that is no JSON object is a reject.

    Raises PermanentError where the file is empty, is no UTF-8 by its first bytes, has a line that
    is too long to be one object, or where none of its first objects has a declared column that is
    not optional.
    """
    batch = _Batch(name, stream)
    is_first = True
    for number, line in enumerate(_lines(opened, where), start=1):
        batch.add(number, line)
        if batch.count >= ROWS_AT_ONCE or batch.size >= BYTES_AT_ONCE:
            if is_first:
                _check_columns(batch, stream, where)
            is_first = False
            yield batch.rows()
            batch = _Batch(name, stream)
    if is_first:
        if batch.count == 0:
            raise PermanentError("the file is empty", where=where, fix="Export it anew")
        _check_columns(batch, stream, where)
    yield batch.rows()


def _lines(opened: Any, where: str) -> Iterator[bytes]:
    rest = b""
    is_first = True
    while block := opened.read(_BLOCK):
        if is_first and block.startswith(_WIDE_MARKS):
            raise PermanentError(
                "the file is UTF-16 by its first bytes, and NDJSON is UTF-8",
                where=where,
                fix="Export it as UTF-8",
            )
        is_first = False
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST_LINE:
            raise PermanentError(
                f"a line is longer than {_LONGEST_LINE >> 20} MiB",
                where=where,
                fix="NDJSON has one object in each line: export it so, not as one JSON array",
            )
    if rest:
        yield rest


def _check_columns(batch: "_Batch", stream: Stream, where: str) -> None:
    if not batch.accepted:
        return
    for name, column in stream.columns.items():
        if not column.optional and name not in batch.found:
            raise PermanentError(
                f"no object has {column.header or name}; they have "
                + ", ".join(sorted(batch.keys)),
                where=where,
                fix="Correct the export; or, in sources.yml, give the column its `header`, or make "
                "it `optional: true`",
            )


@dataclass(frozen=True)
class _Shape:
    """Which key holds each declared column (None: none does), and the other keys."""

    keys: tuple[str | None, ...]
    others: tuple[str, ...]


class _Batch:
    """Objects as they are read, until they are handed on.

    `found` are the declared columns that some object has, `keys` all keys of the objects.
    """

    def __init__(self, name: str, stream: Stream) -> None:
        self.count = 0
        self.size = 0
        self.keys: set[str] = set()
        self.found: set[str] = set()
        self._name = name
        self._stream = stream
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._records: list[list[str | None]] = []
        self._numbers: list[int] = []
        self._extras: list[str | None] = []
        self._rejects: list[Reject] = []

    @property
    def accepted(self) -> int:
        """How many objects could be read."""
        return len(self._numbers)

    def add(self, number: int, line: bytes) -> None:
        """Read one line; an empty one is passed over."""
        if not line.strip():
            return
        self.count += 1
        self.size += len(line)
        try:
            record, extra = self._read(line, number)
        except _Unreadable as error:
            self._reject(number, error, line)
            return
        self._records.append(record)
        self._numbers.append(number)
        self._extras.append(extra)

    def rows(self) -> Rows:
        """What was added so far."""
        names = list(self._stream.columns)
        columns = zip(*self._records, strict=True) if self._records else [()] * len(names)
        return Rows(
            columns={
                name: pa.array(values, pa.string())
                for name, values in zip(names, columns, strict=True)
            },
            origins=pa.array([f"{self._name}:{number}" for number in self._numbers], pa.string()),
            extras=pa.array(self._extras, pa.string()),
            rejects=self._rejects,
            count=self.count,
        )

    def _read(self, line: bytes, number: int) -> tuple[list[str | None], str | None]:
        """The values of the declared columns, in their order, and the others as JSON."""
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            found = _DECODER.decode(text)
            if not isinstance(found, dict):
                raise _Unreadable("no JSON object")
            shape = self._shape_of(tuple(found))
            record = [None if key is None else _text(found[key]) for key in shape.keys]
            extra = _json({key: found[key] for key in shape.others}) if shape.others else None
            if "\\u" in text:
                # Half of a pair can't be written as UTF-8.
                "".join(value for value in (*record, extra) if value).encode()
        except UnicodeDecodeError as error:
            raise _Unreadable(f"not UTF-8 ({error})", BAD_ENCODING) from error
        except UnicodeEncodeError as error:
            raise _Unreadable("half a surrogate pair", BAD_ENCODING) from error
        except json.JSONDecodeError as error:
            raise _Unreadable(f"no JSON ({error})") from error
        except RecursionError as error:
            raise _Unreadable("nested too deeply to be read") from error
        return record, extra

    def _shape_of(self, keys: tuple[str, ...]) -> "_Shape":
        shape = self._shapes.get(keys)
        if shape is None:
            shape = _shape(keys, self._stream)
            self._shapes[keys] = shape
            self.keys.update(keys)
            named = zip(self._stream.columns, shape.keys, strict=True)
            self.found.update(name for name, key in named if key is not None)
        return shape

    def _reject(self, number: int, error: _Unreadable, line: bytes) -> None:
        shown = {"line": line.decode("utf-8", "replace").rstrip("\r")}
        self._rejects.append(
            Reject(
                record_id=None,
                origin=f"{self._name}:{number}",
                reason=error.reason,
                detail=f"line {number}: {error}",
                record=json.dumps(shown, ensure_ascii=False),
            )
        )


def _shape(keys: tuple[str, ...], stream: Stream) -> _Shape:
    taken: list[str | None] = []
    for name, column in stream.columns.items():
        meant = [
            key
            for key in keys
            if key.strip() == column.header or (column.header is None and column_name(key) == name)
        ]
        if len(meant) > 1:
            raise _Unreadable(f"column {name} stands there twice, as {' and '.join(meant)}")
        taken.append(meant[0] if meant else None)
    return _Shape(tuple(taken), tuple(key for key in keys if key not in taken))


def _text(value: Any) -> str | None:
    if type(value) is str or value is None:
        return value
    return str(value) if isinstance(value, _Number) else _json(value)


def _json(value: Any) -> str:
    """JSON again, each number with the digits that it came with; NaN, which is none, as text."""
    if isinstance(value, _Number):
        return f'"{value}"' if value[-1:].isalpha() else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        held = (f"{json.dumps(k, ensure_ascii=False)}: {_json(v)}" for k, v in value.items())
        return "{" + ", ".join(held) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
