"""The one way to open a company's warehouse file."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

_SETTINGS = {
    "TimeZone": "'UTC'",
    # Nothing is fetched from anywhere: what the engine needs is built in.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


_MEMORY: Final = "TANDEM_MEMORY"
_DAMAGE: Final = re.compile(
    "not a valid DuckDB database file|Could not read enough bytes from file|Corrupt database file"
)


class WarehouseError(Exception):
    """The warehouse file can't be opened; says why and what to do."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse file; once that is over, a retry helps."""


class WarehouseDamaged(WarehouseError):
    """The warehouse file is damaged; once it is gone, the next build makes it anew."""


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse file at `path`, created where there is none; closed at the end.

    Session time zone UTC. The engine takes as much memory as TANDEM_MEMORY says (`8GB`), by default
    80 % of what the machine or container has, then `<path>.tmp` beside the file. Raises
    WarehouseBusy where another process holds the file. Where it is damaged, be it found only later
    on, it is removed, since it holds nothing that the lake does not, and WarehouseDamaged raised.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield from _opened(path, read_only=False)
    except WarehouseDamaged:
        remove_warehouse(path)
        raise


@contextmanager
def read_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse file at `path` that can change nothing; closed at the end.

    Raises WarehouseBusy while a run holds the file, WarehouseError where there is none,
    WarehouseDamaged where it is damaged.
    """
    if not path.exists():
        raise WarehouseError(f"There is no {path} yet: `make run` builds it.")
    yield from _opened(path, read_only=True)


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a database of its own that is gone at the end, with the same settings."""
    with duckdb.connect() as connection:
        _set(connection)
        yield connection


def remove_warehouse(path: Path) -> None:
    """Remove a warehouse file and what the engine keeps beside it."""
    for file in (path, path.with_name(f"{path.name}.wal")):
        file.unlink(missing_ok=True)


def tells_of_damage(problem: str) -> bool:
    """Whether an error of the engine, as text, tells that its file is damaged."""
    return _DAMAGE.search(problem) is not None


def _opened(path: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.ConnectionException as error:
        raise WarehouseError(
            f"{path} is open in this process with other settings; close that connection first."
        ) from error
    except duckdb.Error as error:
        raise _explained(path, str(error)) from error
    try:
        _set(connection)
        yield connection
    except duckdb.Error as error:
        if tells_of_damage(str(error)):
            raise damaged(path, str(error)) from error
        raise
    finally:
        connection.close()


def _set(connection: duckdb.DuckDBPyConnection) -> None:
    for name, value in _SETTINGS.items():
        connection.execute(f"set {name} = {value}")
    connection.execute("set memory_limit = $limit", {"limit": os.environ.get(_MEMORY, "80%")})


def damaged(path: Path, problem: str) -> WarehouseDamaged:
    """The error that says of a warehouse file that it is damaged, and what comes of it."""
    return WarehouseDamaged(
        f"{path} is damaged: {problem} It holds nothing that the lake does not, so the next run "
        "makes it anew; readers keep what was published. If it happens again, look after the disk."
    )


def _explained(path: Path, problem: str) -> WarehouseError:
    if tells_of_damage(problem):
        return damaged(path, problem)
    if "lock" in problem:
        return WarehouseBusy(
            f"{path} is held by another process, and one process at a time can hold it. Wait until "
            "that run is over, or end it; to look at results, open the published copy instead. "
            f"({problem})"
        )
    return WarehouseError(
        f"{path} can't be opened: {problem} The warehouse holds nothing that the lake does not: "
        "where nothing else helps, delete it and run again."
    )
