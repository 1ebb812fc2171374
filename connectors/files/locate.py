"""Find a stream's files, in a folder or an object store, and open them."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.fs as pafs

from connectors.errors import PermanentError, TransientError
from connectors.file_source import FilesSource, Stream, format_of
from connectors.object_store import open_store, store_error

_BLOCK: Final = 1 << 20
_SHOWN: Final = 8
_WILD: Final = frozenset("*?[")


@dataclass(frozen=True)
class Location:
    """Where a source's files lie: a file system, the root in it, and how to name it to a person."""

    filesystem: Any
    root: str
    shown: str


@dataclass(frozen=True)
class FoundFile:
    """One file: its path below the location, its size in bytes, when it was modified (ns)."""

    name: str
    path: str
    size: int
    modified: int


def location_of(
    source: FilesSource, base: Path, environment: Mapping[str, str] = os.environ
) -> Location:
    """The location of a source; a relative folder is relative to `base`.

    Raises PermanentError where an environment variable that holds a key is not set.
    """
    if "://" in source.location:
        filesystem, root = open_store(source.object_store, source.location, environment)
        return Location(filesystem, root, source.location.rstrip("/"))
    folder = (base / source.location).resolve()
    return Location(pafs.LocalFileSystem(), folder.as_posix(), str(folder))


def find_files(location: Location, stream: Stream) -> list[FoundFile]:
    """The stream's files in their declared order; `files` is one file, a folder or a glob.

    In a folder, files of another format and hidden ones (`.` or `_` in front) are passed over.
    Raises PermanentError where there is no such file, TransientError where the store is away.
    """
    files = PurePosixPath(stream.files).as_posix()
    info = _info(location, f"{location.root}/{files}".removesuffix("/."))
    if info.type == pafs.FileType.File:
        found = [_found(location, info)]
    elif info.type == pafs.FileType.Directory:
        found = [
            file
            for file in _list(location, files)
            if format_of(file.name) == stream.file_format and not _is_hidden(file.name, files)
        ]
    elif not _WILD.intersection(files):
        found = []
    else:
        folder, matches = _glob(files)
        found = [file for file in _list(location, folder) if matches.fullmatch(file.name)]
    if not found:
        raise _nothing_found(location, stream)
    return sorted(found, key=lambda file: place(stream, file.name, file.modified))


def place(stream: Stream, name: str, modified: int) -> tuple[Any, ...]:
    """Where a file stands in the stream's order: the greater one is the later file.

    Names are compared as people read them: the 10 in deals_10 is more than the 9 in deals_9.
    """
    parts = re.split("([0-9]+)", name)
    by_name = (*((int(part), part) if i % 2 else part for i, part in enumerate(parts)),)
    return (modified, by_name) if stream.order == "modified" else (by_name,)


def open_stream(location: Location, file: FoundFile) -> Any:
    """The file's bytes, decompressed where its suffix says so. Raises TransientError: it's gone."""
    try:
        raw = location.filesystem.open_input_stream(file.path, compression=None)
    except FileNotFoundError as error:
        raise _gone(location, file) from error
    except OSError as error:
        raise store_error(error, f"{location.shown}/{file.name}") from error
    for suffix, codec in ((".gz", "gzip"), (".zst", "zstd")):
        if file.name.lower().endswith(suffix):
            return pa.CompressedInputStream(raw, codec)
    return raw


def open_random(location: Location, file: FoundFile) -> Any:
    """The file for readers that jump about in it. Raises TransientError: it is gone."""
    try:
        return location.filesystem.open_input_file(file.path)
    except FileNotFoundError as error:
        raise _gone(location, file) from error
    except OSError as error:
        raise store_error(error, f"{location.shown}/{file.name}") from error


def fingerprint(location: Location, file: FoundFile) -> str:
    """A hash of the file's bytes as they lie there."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with location.filesystem.open_input_stream(file.path, compression=None) as raw:
            while block := raw.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError as error:
        raise _gone(location, file) from error
    except OSError as error:
        raise store_error(error, f"{location.shown}/{file.name}") from error
    return digest.hexdigest()


def is_unchanged_since_found(location: Location, file: FoundFile) -> bool:
    """Whether size and time of modification are still those that were found."""
    info = _info(location, file.path)
    return (info.size, info.mtime_ns) == (file.size, file.modified)


def _gone(location: Location, file: FoundFile) -> TransientError:
    return TransientError(
        "the file was there a moment ago and is gone",
        where=f"{location.shown}/{file.name}",
        fix="If an export is being written just now, run the load again once it is complete",
    )


def _nothing_found(location: Location, stream: Stream) -> PermanentError:
    """The error of a stream without any file; it says what is there instead."""
    there = [file.name for file in _list(location, "")]
    shown = ", ".join(sorted(there)[:_SHOWN]) + (", …" if len(there) > _SHOWN else "")
    return PermanentError(
        f"there is no file for `{stream.files}`; there is {shown or 'no file at all'}",
        where=location.shown,
        fix=f"Put the export there, or correct `files` of stream {stream.name} in sources.yml",
    )


def _info(location: Location, path: str) -> Any:
    try:
        return location.filesystem.get_file_info(path)
    except OSError as error:
        raise store_error(error, location.shown) from error


def _list(location: Location, below: str) -> list[FoundFile]:
    root = location.root if below == "." else f"{location.root}/{below}"
    try:
        infos: Sequence[Any] = location.filesystem.get_file_info(
            pafs.FileSelector(root, recursive=True)
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PermanentError(
            "there is no such folder",
            where=location.shown if below == "." else f"{location.shown}/{below}",
            fix="Correct `location` or `files` in sources.yml, or name the exports' folder: "
            "make run SOURCE_DATA=/path/to/the/exports",
        ) from error
    except OSError as error:
        raise store_error(error, location.shown) from error
    return [_found(location, info) for info in infos if info.type == pafs.FileType.File]


def _found(location: Location, info: Any) -> FoundFile:
    name = PurePosixPath(info.path).relative_to(location.root).as_posix()
    return FoundFile(name=name, path=info.path, size=info.size, modified=info.mtime_ns)


def _is_hidden(name: str, folder: str) -> bool:
    """Whether a file, or a folder between it and the stream's own, begins with `.` or `_`."""
    below = PurePosixPath(name).relative_to(folder).parts
    return any(part.startswith((".", "_")) for part in below)


def _glob(pattern: str) -> tuple[str, re.Pattern[str]]:
    """The folder that a glob's matches lie in, and the expression that their names match.

    `*` and `?` stay within a folder, `**/` is any folders, `[a-z]` and `[!a-z]` are classes.
    """
    plain = [*takewhile(lambda part: not _WILD.intersection(part), pattern.split("/")[:-1])]
    parts: list[str] = []
    for piece in re.findall(r"\*\*/|\*|\?|\[!?[^\]]+\]|.", pattern, re.DOTALL):
        if piece == "**/":
            parts.append("(?:.*/)?")
        elif piece == "*":
            parts.append("[^/]*")
        elif piece == "?":
            parts.append("[^/]")
        elif piece.startswith("[") and len(piece) > 1:
            parts.append(piece.replace("[!", "[^").replace("\\", "\\\\"))
        else:
            parts.append(re.escape(piece))
    return "/".join(plain) or ".", re.compile("".join(parts), re.DOTALL)
