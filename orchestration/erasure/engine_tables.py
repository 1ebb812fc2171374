"""Remove the tables that a distributed engine made, wherever they lie: it makes them again."""

from typing import Final

from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import (
    FileSelector,
    FileSystem,
    FileType,
    LocalFileSystem,
    PyFileSystem,
    SubTreeFileSystem,
)

from orchestration.company import Company
from orchestration.measures.store import STATISTICS

_LOG: Final = "_delta_log"
# A model's table lies at its name, and one of these at `<schema>/<name>`. What lies elsewhere, such
# as a lake below the same folder, is not the engine's.
_SCHEMAS: Final = ("bound", "agreement", STATISTICS)


def remove_engine_tables(company: Company) -> int:
    """Remove every table of the engine with all its versions; how many there were.

    Killed at any moment and called again, it goes on: of each table the log goes last.
    """
    store = _store(company.tables)
    infos = store.get_file_info(FileSelector("", recursive=True, allow_not_found=True))
    files = [info.path for info in infos if info.type is FileType.File]
    tables = {found for file in files if (found := _table_of(file))}
    for table in sorted(tables):
        for file in files:
            if file.startswith(f"{table}/") and not file.startswith(f"{table}/{_LOG}/"):
                store.delete_file(file)
        store.delete_dir(table)
    return len(tables)


def _store(root: str) -> FileSystem:
    if "://" in root:
        return PyFileSystem(DeltaStorageHandler(root))
    return SubTreeFileSystem(root, LocalFileSystem())


def _table_of(file: str) -> str | None:
    """The engine's table whose log this is a file of."""
    place, has_log, _ = file.partition(f"/{_LOG}/")
    *schema, _ = place.split("/")
    is_one = not schema or (len(schema) == 1 and schema[0] in _SCHEMAS)
    return place if has_log and is_one else None
