"""The one way to open a company's warehouse file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_SETTINGS = {
    "TimeZone": "'UTC'",
    # Nothing is fetched from anywhere: what the engine needs is built in.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # DuckDB 2.0.0 fails on some comparisons of a column that is all null: see profiles.yml.
    "disabled_optimizers": "'statistics_propagation'",
}


class WarehouseError(Exception):
    """The warehouse file can't be opened; says why and what to do."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse file; once that is over, a retry helps."""


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse file at `path`, created where there is none; closed at the end.

    Session time zone UTC. Memory and spill are the engine's defaults: 80 % of what the machine or
    container has, then `<path>.tmp` beside the file. Raises WarehouseBusy where another process
    holds the file, WarehouseError where it is damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    yield from _opened(path, read_only=False)


@contextmanager
def read_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse file at `path` that can change nothing; closed at the end.

    Raises WarehouseBusy while a run holds the file, WarehouseError where there is none or it is
    damaged.
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


def _opened(path: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.ConnectionException as error:
        raise WarehouseError(
            f"{path} is open in this process with other settings; close that connection first."
        ) from error
    except duckdb.IOException as error:
        raise _explained(path, str(error)) from error
    try:
        _set(connection)
        yield connection
    finally:
        connection.close()


def _set(connection: duckdb.DuckDBPyConnection) -> None:
    for name, value in _SETTINGS.items():
        connection.execute(f"set {name} = {value}")


def _explained(path: Path, problem: str) -> WarehouseError:
    if "lock" in problem:
        return WarehouseBusy(
            f"{path} is held by another process, and one process at a time can hold it. Wait until "
            "that run is over, or end it; to look at results, open the published copy instead. "
            f"({problem})"
        )
    return WarehouseError(
        f"{path} can't be opened: {problem} The warehouse holds nothing that the lake does not: "
        "where the file is damaged, delete it and run again."
    )
