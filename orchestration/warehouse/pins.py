"""One version of each raw table, pinned for the night."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileSystem, PyFileSystem

from connectors.lake import Lake, Snapshot, snapshot
from orchestration.company import Company
from orchestration.warehouse.freshness import naive


@dataclass(frozen=True)
class Pin:
    """A version of a stream's raw table; of a stream that has never been loaded, nothing.

    `files` are local Parquet files. `last_synced_at` (naive, UTC) is when the stream was last read
    to its end, whether that brought rows or not.
    """

    version: int | None = None
    files: tuple[str, ...] = ()
    schema: pa.Schema | None = None
    last_synced_at: datetime | None = None


Pins = Mapping[tuple[str, str], Pin]
"""A pin for each stream, by the names of source and stream."""


def pin_streams(company: Company) -> Pins:
    """The newest version of every stream's raw table, its files at hand on this machine."""
    return {
        (source.name, stream.name): _pin(company, source.name, stream.name)
        for source in company.sources.sources
        for stream in source.streams
    }


def local_files(found: Snapshot, lake: Lake, cache: Path) -> tuple[str, ...]:
    """The files of a pinned version as local paths; those of an object store are fetched once.

    A raw file never changes, so what lies in `cache` is right. Files there that the version no
    longer has are removed.
    """
    address = lake.address(found.source, found.stream)
    if "://" not in address:
        return found.files
    folder = cache / found.source / found.stream
    wanted = {_within(address, file): file for file in found.files}
    _forget(folder, {folder / name for name in wanted})
    store = PyFileSystem(DeltaStorageHandler(address, options=dict(lake.storage_options)))
    for name in wanted:
        _fetch(store, name, folder / name)
    return tuple(str(folder / name) for name in wanted)


def _pin(company: Company, source: str, stream: str) -> Pin:
    found = snapshot(company.lake, source, stream)
    if found is None:
        return Pin()
    return Pin(
        version=found.version,
        files=local_files(found, company.lake, company.cache),
        schema=found.schema,
        last_synced_at=naive(found.synced_at),
    )


def _within(address: str, file: str) -> str:
    return file.removeprefix(address.rstrip("/") + "/")


def _forget(folder: Path, wanted: set[Path]) -> None:
    for file in folder.rglob("*"):
        if file.is_file() and file not in wanted:
            file.unlink()


def _fetch(store: FileSystem, name: str, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Under another name until it is whole: a killed fetch must not leave half a file.
    part = target.with_name(target.name + ".part")
    with store.open_input_stream(name) as source, part.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    part.replace(target)
