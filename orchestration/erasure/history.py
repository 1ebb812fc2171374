"""Take people out of what runs have left: Dagster's databases and logs, how loads ended."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from connectors.suppression import Suppression
from orchestration.company import Company
from orchestration.files import replace_text
from orchestration.warehouse.connection import WarehouseError
from orchestration.warehouse.sql import identifier

SQLITE: Final = b"SQLite format 3\0"
"""How a file of SQLite begins."""

_WAIT_SECONDS: Final = 30


def clean_history(company: Company, forgotten: Suppression) -> None:
    """Replace their addresses in run history, logs, and in what is remembered of loads.

    Raises WarehouseError where another process holds a database for long.
    """
    for folder in (company.dagster, company.data / "loads"):
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            # What belongs to a database comes and goes with whoever opens it.
            if file.name.endswith(("-wal", "-shm", "-journal")):
                continue
            if not begins_with(file, SQLITE):
                _clean_text(file, forgotten)
                continue
            try:
                _clean_database(file, forgotten)
            except sqlite3.OperationalError as error:
                raise WarehouseError(
                    f"{file} can't be written to ({error}): another process, such as the web UI, "
                    "may have it open. End that, and run this again: it goes on."
                ) from error


def begins_with(file: Path, magic: bytes, at: int = 0) -> bool:
    """Whether a file has these bytes there."""
    with file.open("rb") as opened:
        opened.seek(at)
        return opened.read(len(magic)) == magic


def texts_of(connection: sqlite3.Connection) -> Iterator[tuple[str, str, int, str]]:
    """Table, column, row and text of every text in a database; bytes as text where they are."""
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (table,) in tables:
        described = connection.execute(f"pragma table_info({identifier(table)})").fetchall()
        for column in (str(name) for _, name, *_ in described):
            rows = connection.execute(
                f"select rowid, {identifier(column)} from {identifier(table)} "
                f"where typeof({identifier(column)}) in ('text', 'blob')"
            )
            for row, value in rows:
                yield table, column, row, _text(value)


def _clean_database(file: Path, forgotten: Suppression) -> None:
    with closing(sqlite3.connect(file, timeout=_WAIT_SECONDS)) as connection:
        connection.execute("pragma secure_delete = on")
        found = [
            (table, column, row, left)
            for table, column, row, text in texts_of(connection)
            if (left := forgotten.without_addresses(text)) != text
        ]
        for table, column, row, left in found:
            connection.execute(
                f"update {identifier(table)} set {identifier(column)} = ? where rowid = ?",
                (left, row),
            )
        connection.commit()
        # What was deleted earlier stays in the file's free pages until then.
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")


def _clean_text(file: Path, forgotten: Suppression) -> None:
    text = file.read_text(encoding="utf-8", errors="surrogateescape")
    left = forgotten.without_addresses(text)
    if left != text:
        replace_text(file, left.encode("utf-8", errors="replace").decode())


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
