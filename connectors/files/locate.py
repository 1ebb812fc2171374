"""Find a stream's files, in a folder or an object store, and open them."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.fs as pafs

from connectors.errors import PermanentError, TransientError
from connectors.sources import ObjectStore, Source, Stream, format_of

_BLOCK: Final = 1 << 20
_SHOWN: Final = 8


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
    source: Source, base: Path, environment: Mapping[str, str] = os.environ
) -> Location:
    """The location of a source; a relative folder is relative to `base`.

    Raises PermanentError where an environment variable that holds a key is not set.
    """
    if "://" in source.location:
        root = source.location.partition("://")[2].rstrip("/")
        filesystem = _object_store(source.object_store, source.location, environment)
        return Location(filesystem, root, source.location.rstrip("/"))
    folder = (base / source.location).resolve()
    return Location(pafs.LocalFileSystem(), folder.as_posix(), str(folder))


def find_files(location: Location, stream: Stream) -> list[FoundFile]:
    """The stream's files in their declared order; `files` is one file, a folder or a glob.

    In a folder, files of another format and hidden ones (`.` or `_` in front) are passed over.
    Raises PermanentError where the location, or the one file, is not there.
    """
    if _is_glob(stream.files):
        matches = _glob(stream.files)
        found = [file for file in _list(location, "") if matches.fullmatch(file.name)]
    else:
        found = _file_or_folder(location, stream)
    if stream.order == "modified":
        return sorted(found, key=lambda file: (file.modified, file.name))
    return sorted(found, key=lambda file: file.name)


def nothing_found(location: Location, stream: Stream) -> PermanentError:
    """The error of a stream without any file; it says what is there instead."""
    there = [file.name for file in _list(location, "")]
    shown = ", ".join(sorted(there)[:_SHOWN]) + (", …" if len(there) > _SHOWN else "")
    return PermanentError(
        f"there is no file for `{stream.files}`; there is {shown or 'no file at all'}",
        where=location.shown,
        fix=f"Put the export there, or correct `files` of stream {stream.name} in sources.yml",
    )


def open_stream(location: Location, file: FoundFile) -> Any:
    """The file's bytes, decompressed where its suffix says so. Raises TransientError: it's gone."""
    try:
        raw = location.filesystem.open_input_stream(file.path, compression=None)
    except FileNotFoundError as error:
        raise _gone(location, file) from error
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


def fingerprint(location: Location, file: FoundFile) -> str:
    """A hash of the file's bytes as they lie there."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with location.filesystem.open_input_stream(file.path, compression=None) as raw:
            while block := raw.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError as error:
        raise _gone(location, file) from error
    return digest.hexdigest()


def is_unchanged_since_found(location: Location, file: FoundFile) -> bool:
    """Whether size and time of modification are still those that were found."""
    info = location.filesystem.get_file_info(file.path)
    return (info.size, info.mtime_ns) == (file.size, file.modified)


def _gone(location: Location, file: FoundFile) -> TransientError:
    return TransientError(
        "the file was there a moment ago and is gone",
        where=f"{location.shown}/{file.name}",
        fix="If an export is being written just now, run the load again once it is complete",
    )


def _object_store(
    options: ObjectStore, shown: str, environment: Mapping[str, str]
) -> pafs.FileSystem:
    arguments: dict[str, Any] = {"anonymous": options.anonymous} if options.anonymous else {}
    if options.endpoint:
        scheme, is_url, rest = options.endpoint.partition("://")
        arguments["endpoint_override"] = rest if is_url else scheme
        arguments["scheme"] = scheme if is_url else "https"
    if options.region:
        arguments["region"] = options.region
    for name, variable in (
        ("access_key", options.access_key_env),
        ("secret_key", options.secret_key_env),
        ("session_token", options.session_token_env),
    ):
        if variable:
            if not environment.get(variable):
                raise PermanentError(
                    f"the environment variable {variable} is not set",
                    where=shown,
                    fix=f"Set {variable} where Tandem runs; `object_store` in sources.yml names it",
                )
            arguments[name] = environment[variable]
    return pafs.S3FileSystem(**arguments)


def _list(location: Location, below: str) -> list[FoundFile]:
    root = f"{location.root}/{below}".rstrip("/")
    try:
        infos: Sequence[Any] = location.filesystem.get_file_info(
            pafs.FileSelector(root, recursive=True)
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PermanentError(
            "there is no such folder",
            where=f"{location.shown}/{below}".rstrip("/"),
            fix="Correct `location` in sources.yml, or name the exports' folder: "
            "make run SOURCE_DATA=/path/to/the/exports",
        ) from error
    except OSError as error:
        raise TransientError(
            f"the files can't be listed ({error})",
            where=location.shown,
            fix="If the address, the keys and the permissions are right, run the load again",
        ) from error
    return [_found(location, info) for info in infos if info.type == pafs.FileType.File]


def _found(location: Location, info: Any) -> FoundFile:
    name = PurePosixPath(info.path).relative_to(location.root).as_posix()
    return FoundFile(name=name, path=info.path, size=info.size, modified=info.mtime_ns)


def _file_or_folder(location: Location, stream: Stream) -> list[FoundFile]:
    info = location.filesystem.get_file_info(f"{location.root}/{stream.files}".rstrip("/."))
    if info.type == pafs.FileType.File:
        return [_found(location, info)]
    if info.type == pafs.FileType.NotFound:
        raise nothing_found(location, stream)
    return [
        file
        for file in _list(location, stream.files.strip("./"))
        if format_of(file.name) == stream.file_format
        and not any(part.startswith((".", "_")) for part in PurePosixPath(file.name).parts)
    ]


def _is_glob(files: str) -> bool:
    return any(character in files for character in "*?[")


def _glob(pattern: str) -> re.Pattern[str]:
    """`*` and `?` stay within a folder, `**/` is any folders, `[a-z]` and `[!a-z]` are classes."""
    parts: list[str] = []
    for piece in re.findall(r"\*\*/|\*|\?|\[!?[^\]]+\]|.", pattern.removeprefix("./"), re.DOTALL):
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
    return re.compile("".join(parts))
