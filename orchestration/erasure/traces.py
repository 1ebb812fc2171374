"""Search every byte that a company has for people who were forgotten."""

import gzip
import mmap
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileSelector, FileType, PyFileSystem

from connectors.mailbox import AT_SIGN
from connectors.suppression import Suppression
from orchestration.company import Company
from orchestration.erasure.history import SQLITE, texts_of
from orchestration.erasure.history_database import history_places
from orchestration.publish.object_store import stored_files
from orchestration.warehouse.sql import identifier, literal

_Content = bytes | mmap.mmap

_PARQUET: Final = b"PAR1"
_DUCKDB: Final = b"DUCK"
_DUCKDB_AT: Final = 8
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_AROUND: Final = 512
# An at sign between what may be an address, in one byte a letter or two.
_MAY_BE_ONE: Final = re.compile(
    rb"[^\s\0](?:@|%40|\\u0040|&#64;|&#x40;|&commat;)[^\s\0@]", re.IGNORECASE
)
_MAY_BE_WIDE: Final = re.compile(rb"@\0|\0@")


@dataclass(frozen=True)
class Searched:
    """How much was searched, where something was found, and which files can't be read."""

    files: int
    size: int
    found: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether all was read and nothing found."""
        return not self.found and not self.unread


def search(company: Company, forgotten: Suppression) -> Searched:
    """Look for their addresses in every file of the company, in its lake and in the tables of a
    distributed engine wherever those are, and in what is published to an object store.

    Texts are looked at as they are, in UTF-16, escaped for JSON and for addresses of pages; tables
    in files of Parquet, DuckDB and SQLite column by column, what is compressed as it is meant; and
    Dagster's history column by column where it is in PostgreSQL.
    The export files of the sources are theirs, and left out.
    """
    files = size = 0
    found: list[str] = []
    unread: list[str] = []
    for name, read in _files(company):
        files += 1
        try:
            with read() as path, _mapped(path) as content:
                size += len(content)
                where = _places(name, content, path, forgotten)
            found += [name if not place else f"{name}: {place}" for place in where]
        except FileNotFoundError:
            # Gone since it was listed: a database's journal, when the database was closed.
            files -= 1
        except (duckdb.Error, sqlite3.Error, pa.ArrowException, OSError, EOFError) as error:
            unread.append(f"{name}: {error}")
    found += [f"Dagster's history in PostgreSQL: {place}" for place in history_places(forgotten)]
    return Searched(files, size, tuple(found), tuple(unread))


def left_out(company: Company) -> tuple[Path, ...]:
    """What lies below the company's data and is its sources' own."""
    return (company.exports, company.truth)


def _files(company: Company) -> Iterator[tuple[str, Callable[[], AbstractContextManager[Path]]]]:
    """Name of each file, and how to have it on this machine; in object stores too."""
    lake = company.lake
    places: Mapping[str, Mapping[str, str]] = {company.tables: {}, lake.root: lake.storage_options}
    elsewhere = [Path(place) for place in places if "://" not in place]
    roots = [path for path in elsewhere if not path.is_relative_to(company.data)]
    for root in (company.data, *roots):
        for path in sorted(root.rglob("*")):
            is_theirs = any(path.is_relative_to(folder) for folder in left_out(company))
            if path.is_file() and not path.is_symlink() and not is_theirs:
                yield str(path), partial(_local, path)
    for place, options in places.items():
        if "://" in place:
            yield from _stored_below(place, options)
    for address, read in stored_files(company):
        yield address, partial(_fetched, read)


def _stored_below(
    address: str, options: Mapping[str, str]
) -> Iterator[tuple[str, Callable[[], AbstractContextManager[Path]]]]:
    store = PyFileSystem(DeltaStorageHandler(address, options=dict(options)))
    for info in store.get_file_info(FileSelector("", recursive=True, allow_not_found=True)):
        if info.type == FileType.File:
            opened = partial(store.open_input_stream, info.path, compression=None)
            yield f"{address}/{info.path}", partial(_fetched, opened)


@contextmanager
def _mapped(path: Path) -> Iterator[_Content]:
    """A file as bytes that are not in memory all at once."""
    with path.open("rb") as opened:
        if not path.stat().st_size:
            yield b""
            return
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


def _local(path: Path) -> AbstractContextManager[Path]:
    return nullcontext(path)


@contextmanager
def _fetched(read: Callable[[], BinaryIO]) -> Iterator[Path]:
    with NamedTemporaryFile() as copy, read() as content:
        shutil.copyfileobj(content, copy)
        copy.flush()
        yield Path(copy.name)


def _places(name: str, content: _Content, path: Path, forgotten: Suppression) -> list[str]:
    """Where in a file they are: '' for its bytes, else a column."""
    parts = {name for part in Path(name).parts for name in _with_fewer_suffixes(part)}
    if any(names_somebody(part, forgotten) for part in parts):
        return ["its name"]
    places = [""] if bytes_name_somebody(content, forgotten) else []
    if content[:4] == _PARQUET:
        places += _in_parquet(path, forgotten)
    elif content[_DUCKDB_AT : _DUCKDB_AT + 4] == _DUCKDB:
        places += _in_duckdb(path, forgotten)
    elif content[: len(SQLITE)] == SQLITE:
        places += _in_sqlite(path, forgotten)
    elif content[:2] == _GZIP and bytes_name_somebody(gzip.decompress(content), forgotten):
        places.append("compressed")
    elif content[:4] == _ZSTD:
        with pa.CompressedInputStream(pa.BufferReader(content[:]), "zstd") as opened:
            if bytes_name_somebody(opened.read(), forgotten):
                places.append("compressed")
    return places


def _with_fewer_suffixes(name: str) -> Iterator[str]:
    """A name, and it without what may be suffixes: they would be read as a part of a domain."""
    yield name
    while (stem := Path(name).stem) != name:
        yield (name := stem)


def names_somebody(text: str, forgotten: Suppression) -> bool:
    """Whether a text has the address of somebody who was forgotten in it."""
    return forgotten.without_addresses(text) != text


def bytes_name_somebody(content: _Content, forgotten: Suppression) -> bool:
    """Whether bytes have one in them, in UTF-8 or UTF-16 of either order."""
    return any(
        names_somebody(text, forgotten)
        for text in (
            *_around(content, _MAY_BE_ONE, lambda part: part.decode(errors="replace")),
            *_around(content, _MAY_BE_WIDE, _wide),
        )
    )


def _around(
    content: _Content, pattern: re.Pattern[bytes], read: Callable[[bytes], str]
) -> Iterator[str]:
    """The text around each match; what lies close together is one piece."""
    start = end = 0
    for match in pattern.finditer(content):
        low, high = max(0, match.start() - _AROUND), match.end() + _AROUND
        if low > end:
            if end:
                yield read(content[start:end])
            start = low
        end = high
    if end:
        yield read(content[start:end])


def _wide(part: bytes) -> str:
    """Bytes as UTF-16: from an even place and from an odd one, the lesser byte first, so that the
    other order is read, too.
    """
    return "\n".join((part + b"\0")[at:].decode("utf-16-le", errors="ignore") for at in (0, 1))


def _in_parquet(file: Path, forgotten: Suppression) -> list[str]:
    found = set[str]()
    for batch in pq.ParquetFile(file).iter_batches():
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name not in found and _column_names_somebody(column, forgotten):
                found.add(name)
    return sorted(found)


def _column_names_somebody(column: pa.Array, forgotten: Suppression) -> bool:
    kind = column.type
    if not (pa.types.is_nested(kind) or _is_text(kind) or pa.types.is_dictionary(kind)):
        return False
    values = column.to_pylist() if pa.types.is_nested(kind) else column.unique().to_pylist()
    return any(names_somebody(_read(value), forgotten) for value in values if value is not None)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _read(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _in_duckdb(path: Path, forgotten: Suppression) -> list[str]:
    """Tables alone: what a view shows is in them, or in files that are searched themselves."""
    found = []
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select c.schema_name, c.table_name, c.column_name from duckdb_columns() as c "
            "inner join duckdb_tables() as t using (database_name, schema_name, table_name) "
            "where c.database_name = current_database() "
            "and not regexp_matches(c.data_type, '^(BOOLEAN|[A-Z]*INT|DECIMAL.*|DOUBLE|FLOAT|"
            "DATE|TIME.*|INTERVAL)$')"
        ).fetchall()
        for schema, table, column in columns:
            texts = connection.execute(
                f"select distinct cast({identifier(column)} as varchar) as text "
                f"from {identifier(schema, table)} "
                f"where regexp_matches(text, {literal(AT_SIGN)}, 'i')"
            )
            while rows := texts.fetchmany(10_000):
                if any(names_somebody(text, forgotten) for (text,) in rows):
                    found.append(f"{schema}.{table}.{column}")
                    break
    return found


def _in_sqlite(path: Path, forgotten: Suppression) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return sorted(
            {
                f"{table}.{column}"
                for table, column, _, text in texts_of(connection)
                if names_somebody(text, forgotten)
            }
        )
