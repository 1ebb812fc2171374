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
    """A version of a stream's raw table; of a stream that has never been loaded whole, no files.

    `address` is the table's folder or URL, `files` are the version's Parquet files: local ones,
    where they were asked to be at hand. `last_synced_at` (naive, UTC) is when the stream was last
    read to its end, whether that brought rows or not. `rows_until` is set where rows were loaded
    since then: they are of a load that is under way or broke off, and a night sees none of a half
    load.
    `rows` is how many rows the files hold by the table's log; None where a night sees fewer.
    """

    version: int | None = None
    address: str = ""
    files: tuple[str, ...] = ()
    schema: pa.Schema | None = None
    last_synced_at: datetime | None = None
    rows_until: datetime | None = None
    rows: int | None = None


Pins = Mapping[tuple[str, str], Pin]
"""A pin for each stream, by the names of source and stream."""


def pin_streams(company: Company, *, at_hand: bool = True) -> Pins:
    """The newest version of every stream's raw table, its files at hand on this machine or not."""
    return {
        (source.name, stream.name): _pin(company, source.name, stream.name, at_hand)
        for source in company.sources.sources
        for stream in source.streams
    }


def forget_other_copies(company: Company, pins: Pins) -> None:
    """Remove the local copies of files of an object store that no pinned version has."""
    wanted = {Path(file) for pin in pins.values() for file in pin.files}
    for file in company.cache.rglob("*"):
        if file.is_file() and file not in wanted:
            file.unlink()


def _local_files(found: Snapshot, lake: Lake, cache: Path) -> tuple[str, ...]:
    """The files of a pinned version as local paths; those of an object store are fetched once.

    A raw file never changes, so what lies in `cache` is right.
    """
    address = lake.address(found.source, found.stream)
    if "://" not in address:
        return found.files
    folder = cache / found.source / found.stream
    store = PyFileSystem(DeltaStorageHandler(address, options=dict(lake.storage_options)))
    names = [file.removeprefix(f"{address}/") for file in found.files]
    for name in names:
        _fetch(store, name, folder / name)
    return tuple(str(folder / name) for name in names)


def _pin(company: Company, source: str, stream: str, at_hand: bool) -> Pin:
    found = snapshot(company.lake, source, stream)
    if found is None or found.synced_at is None:
        return Pin(version=found.version if found else None)
    is_under_way = found.loaded_at is not None and found.loaded_at > found.synced_at
    return Pin(
        version=found.version,
        address=company.lake.address(source, stream),
        files=_local_files(found, company.lake, company.cache) if at_hand else found.files,
        schema=found.schema,
        last_synced_at=naive(found.synced_at),
        rows_until=naive(found.synced_at) if is_under_way else None,
        rows=None if is_under_way else found.rows,
    )


def _fetch(store: FileSystem, name: str, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Under another name until it is whole: a killed fetch must not leave half a file.
    part = target.with_name(target.name + ".part")
    with store.open_input_stream(name) as source, part.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    part.replace(target)
