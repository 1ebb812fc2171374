"""Read NDJSON: one object a line, numbers kept digit by digit."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from connectors.base import Reject
from connectors.casting import UNPARSEABLE
from connectors.errors import PermanentError
from connectors.file_source import Stream
from connectors.files.headers import column_name
from connectors.files.rows import BAD_ENCODING, ROWS_AT_ONCE, Rows


class _Number(str):
    """A number as the file writes it."""

    __slots__ = ()


class _Repeated(ValueError):
    """An object names a key twice: one of its values would be lost."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _Repeated(next(key for key in keys if keys.count(key) > 1))
    return found


def read_ndjson(opened: Any, name: str, where: str, stream: Stream) -> Iterator[Rows]:
    """The objects of a file, as text columns; a line that is no JSON object is a reject.

    Raises PermanentError where the file is empty, or where none of its first objects has a declared
    column that is not optional.
    """
    wanted = {
        (column.header or column_id): column_id for column_id, column in stream.columns.items()
    }
    batch = _Batch(name, wanted)
    is_first = True
    for number, line in enumerate(_lines(opened), start=1):
        batch.add(number, line)
        if batch.count >= ROWS_AT_ONCE:
            if is_first:
                _check_columns(batch, stream, where)
            is_first = False
            yield batch.rows()
            batch = _Batch(name, wanted)
    if is_first:
        if batch.count == 0:
            raise PermanentError("the file is empty", where=where, fix="Export it anew")
        _check_columns(batch, stream, where)
    yield batch.rows()


def _lines(opened: Any) -> Iterator[bytes]:
    rest = b""
    while block := opened.read(1 << 20):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _check_columns(batch: "_Batch", stream: Stream, where: str) -> None:
    if not batch.objects:
        return
    for name, column in stream.columns.items():
        if not column.optional and not any(name in found for found in batch.objects):
            raise PermanentError(
                f"no object has {column.header or name}; they have "
                + ", ".join(sorted(batch.keys)),
                where=where,
                fix="Correct the export; or, in sources.yml, give the column its `header`, or make "
                "it `optional: true`",
            )


class _Batch:
    """Objects as they are read, until they are handed on."""

    def __init__(self, name: str, wanted: dict[str, str]) -> None:
        self.objects: list[dict[str, str | None]] = []
        self.keys: set[str] = set()
        self.count = 0
        self._name = name
        self._wanted = wanted
        self._numbers: list[int] = []
        self._extras: list[str | None] = []
        self._rejects: list[Reject] = []

    def add(self, number: int, line: bytes) -> None:
        if not line.strip():
            return
        self.count += 1
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            found = json.loads(
                text,
                parse_int=_Number,
                parse_float=_Number,
                parse_constant=_Number,
                object_pairs_hook=_object,
            )
        except UnicodeDecodeError as error:
            self._reject(number, BAD_ENCODING, f"line {number}: not UTF-8 ({error})", line)
            return
        except _Repeated as error:
            self._reject(
                number, UNPARSEABLE, f"line {number}: key {error} stands there twice", line
            )
            return
        except (json.JSONDecodeError, RecursionError) as error:
            self._reject(number, UNPARSEABLE, f"line {number}: no JSON ({error})", line)
            return
        if not isinstance(found, dict):
            self._reject(number, UNPARSEABLE, f"line {number}: no JSON object", line)
            return
        if "\\u" in text and not _is_encodable(found):
            self._reject(number, BAD_ENCODING, f"line {number}: half a surrogate pair", line)
            return
        self._keep(number, found)

    def rows(self) -> Rows:
        columns = {
            column: pa.array([found.get(column) for found in self.objects], pa.string())
            for column in self._wanted.values()
        }
        return Rows(
            columns=columns,
            origins=pa.array([f"{self._name}:{number}" for number in self._numbers], pa.string()),
            extras=pa.array(self._extras, pa.string()),
            rejects=self._rejects,
            count=self.count,
        )

    def _keep(self, number: int, found: dict[str, Any]) -> None:
        record: dict[str, str | None] = {}
        others: dict[str, Any] = {}
        for key, value in found.items():
            self.keys.add(key)
            name = self._wanted.get(key) or self._wanted.get(column_name(key))
            if name is None or name in record:
                others[key] = value
            else:
                record[name] = _text(value)
        self.objects.append(record)
        self._numbers.append(number)
        self._extras.append(_json(others) if others else None)

    def _reject(self, number: int, reason: str, detail: str, line: bytes) -> None:
        shown = {"line": line.decode("utf-8", "replace").rstrip("\r")}
        self._rejects.append(
            Reject(
                record_id=None,
                origin=f"{self._name}:{number}",
                reason=reason,
                detail=detail,
                record=json.dumps(shown, ensure_ascii=False),
            )
        )


def _is_encodable(found: dict[str, Any]) -> bool:
    try:
        _json(found).encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    return _json(value)


def _json(value: Any) -> str:
    """JSON again, each number with the digits that it came with."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        held = (f"{json.dumps(k, ensure_ascii=False)}: {_json(v)}" for k, v in value.items())
        return "{" + ", ".join(held) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
