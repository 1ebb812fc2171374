"""Write tables as the systems' exports do: the same bytes for the same tables, on every machine."""

from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from connectors.sandbox.calendar import DAY, NEVER, offsets
from connectors.sandbox.draws import Ints, digits

_GZIP_SYSTEM_BYTE: Final = 9
_ZONE_DAYS: Final = 12_000
_ZONE_FIRST: Final = 14_000


class Exports:
    """A folder of export files that tables are appended to; a file's suffix tells its format.

    `.csv` (`;` between the fields where the name says so), `.ndjson.gz`, `.parquet`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sinks: dict[str, Any] = {}
        self._writers: dict[str, Any] = {}
        self.rows: dict[str, int] = {}

    def append(self, name: str, table: pa.Table, *, delimiter: str = ",") -> None:
        """Add rows to a file; an empty table makes at least its header."""
        self.rows[name] = self.rows.get(name, 0) + len(table)
        if name not in self._writers:
            self._open(name, table.schema, delimiter)
        if name.endswith(".ndjson.gz"):
            self._writers[name].write(_json_lines(table))
        else:
            self._writers[name].write_table(table)

    def _open(self, name: str, schema: pa.Schema, delimiter: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".parquet"):
            self._writers[name] = pq.ParquetWriter(path, schema, compression="zstd")
        elif name.endswith(".csv"):
            options = pa_csv.WriteOptions(delimiter=delimiter)
            self._writers[name] = pa_csv.CSVWriter(path, schema, write_options=options)
        elif name.endswith(".ndjson.gz"):
            sink = pa.OSFile(str(path), "wb")
            self._sinks[name] = sink
            self._writers[name] = pa.CompressedOutputStream(sink, "gzip")
        else:
            raise ValueError(f"{name}: no such format")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for name, writer in self._writers.items():
            writer.close()
            if name in self._sinks:
                self._sinks[name].close()
                # The header names the operating system; the same bytes everywhere need it unknown.
                with (self._folder / name).open("r+b") as file:
                    file.seek(_GZIP_SYSTEM_BYTE)
                    file.write(b"\xff")


def _json_lines(table: pa.Table) -> bytes:
    rows = table.to_pydict()
    columns = [[_json(value) for value in values] for values in rows.values()]
    names = [f'"{name}": ' for name in rows]
    lines = (
        "{" + ", ".join(n + v for n, v in zip(names, row, strict=True)) + "}"
        for row in zip(*columns, strict=True)
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _json(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f'"{value}"'


def iso(at: Ints, suffix: str = "Z", separator: str = "T") -> pa.Array:
    """Instants as ISO 8601 text in UTC; null where it is NEVER."""
    is_never = at >= NEVER
    text = np.datetime_as_string(np.where(is_never, 0, at).astype("datetime64[s]"))
    if separator != "T":
        text = np.char.replace(text, "T", separator)
    if suffix:
        text = np.char.add(text, suffix)
    return pa.array(text, pa.string(), mask=is_never)


def instants(at: Ints) -> pa.Array:
    """Instants as Arrow timestamps in UTC; null where it is NEVER."""
    is_never = at >= NEVER
    microseconds = np.where(is_never, 0, at) * 1_000_000
    return pa.array(microseconds, pa.int64(), mask=is_never).cast(pa.timestamp("us", tz="UTC"))


def european(at: Ints, zone: str) -> pa.Array:
    """Instants as `31.12.2026 17:05` on the clocks of `zone`, the zone not named."""
    shift = offsets_of(zone)
    local = (at + shift[np.clip(at // DAY - _ZONE_FIRST, 0, _ZONE_DAYS - 1)]).astype(
        "datetime64[s]"
    )
    text = np.datetime_as_string(local, unit="m").astype("U16")
    parts = [[t[8:10], t[5:7], t[:4], t[11:]] for t in text.tolist()]
    return pa.array([f"{d}.{m}.{y} {clock}" for d, m, y, clock in parts], pa.string())


_OFFSETS: dict[str, Ints] = {}


def offsets_of(zone: str) -> Ints:
    """Seconds that a zone is ahead of UTC, day by day."""
    if zone not in _OFFSETS:
        _OFFSETS[zone] = offsets(zone, _ZONE_FIRST, _ZONE_DAYS)
    return _OFFSETS[zone]


def money(cents: Ints) -> pa.Array:
    """Whole cents as decimals with two places."""
    amounts = [Decimal(amount).scaleb(-2) for amount in cents.tolist()]
    return pa.array(amounts, pa.decimal128(18, 2))


def months(at: Ints) -> list[str]:
    """The month, in UTC, of each instant as `2026-09`."""
    text: list[str] = np.datetime_as_string(at.astype("datetime64[s]"), unit="M").tolist()
    return text


def identifier(prefix: str, numbers: Ints) -> pa.Array:
    """Numbers as a system's ids: a prefix and twelve digits; null where negative."""
    text = np.char.add(prefix, digits(np.abs(numbers), 12))
    return pa.array(text, pa.string(), mask=numbers < 0)


def words(codes: Ints, names: tuple[str, ...]) -> pa.Array:
    """Codes as the words that they stand for; null where negative."""
    text = np.array(names)[np.maximum(codes, 0)]
    return pa.array(text, pa.string(), mask=codes < 0)
