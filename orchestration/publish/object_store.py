"""The published version in an object store: S3 and what speaks it, Google's, Azure's.

    <url>/versions/<version>/...    the files of a version, as they lie on disk
    <url>/current.json              which of them is current, and which are whole: written last

The pointer is written under another name and then copied within the store: a copy is there whole or
not at all, which of a write not every store says.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyarrow.fs import FileSelector, FileSystem, FileType, SubTreeFileSystem

from connectors.errors import PermanentError, TransientError
from connectors.object_store import open_store, store_error
from connectors.secret import redact
from orchestration.company import Company
from orchestration.publish.versions import PublishedVersion, current, versions_alike
from orchestration.publish_settings import ObjectStoreSettings
from orchestration.warehouse.hold import hold_warehouse

_POINTER: Final = "current.json"
_NEXT: Final = "next.json"
_VERSIONS: Final = "versions"
_A_VERSION: Final = re.compile(r"\d{8}T\d{12}Z(-1)*")


@dataclass(frozen=True)
class InStore:
    """What readers of the store see now: the version, and how much was sent there for it.

    `reused`: how many of its files the store already had, of the version before.
    """

    version: str
    files: int
    size: int
    reused: int


def publish_to_object_store(
    company: Company, tell: Callable[[str], None], environment: Mapping[str, str] = os.environ
) -> InStore:
    """Have the store hold the version that readers of the files see; nothing where it does.

    Killed at any moment, readers of the store have what they had, and the next run, quiet or not,
    copies what it finds. Versions that are no longer kept on disk are removed, but for the one
    that readers saw until now.

    Raises TransientError where a retry may help, PermanentError where a person has to mend
    something.
    """
    with hold_warehouse(company), _opened(company, environment) as store:
        found = current(company)
        if found is None:
            raise PermanentError(
                "nothing has been published yet", where=str(company.published), fix="Run the build"
            )
        folder, version = found
        before = _pointed_at(store, company)
        whole = _whole(before, version, versions_alike(company, version))
        sent: list[Path] = []
        files = _files(folder) if before.get("version") != version.version else []
        for name in files:
            place = f"{_VERSIONS}/{version.version}/{name}"
            there = _same_file(folder / name, name, whole)
            if there is None or not _copy(store, there, place, folder / name):
                _put(store, place, folder / name)
                sent.append(folder / name)
        kept = sorted({version.version, *whole}, reverse=True)
        _point(store, company, version, kept)
        for problem in _remove_others(store, kept):
            tell(problem)
    size = sum(file.stat().st_size for file in sent)
    return InStore(version.version, len(sent), size, len(files) - len(sent))


def drop_kept_versions(company: Company, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Remove every version in the store but the present one; what is left of others, in words.

    Nothing where the company publishes to none. Raises what `publish_to_object_store` raises.
    """
    if company.publishing.object_store is None:
        return []
    with _opened(company, environment) as store:
        before = _pointed_at(store, company)
        if not before:
            return _remove_others(store, [])
        kept = [before["version"]]
        _switch(store, {**before, "versions": kept})
        problems = _remove_others(store, kept)
    found = current(company)
    if found is None or found[1].version != before["version"]:
        problems.append(f"version {before['version']} is from before, and is what readers see")
    return problems


def stored_files(
    company: Company, environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[str, Callable[[], BinaryIO]]]:
    """The address of every object below the company's, and how to read it; none without a store.

    Raises what `publish_to_object_store` raises.
    """
    if company.publishing.object_store is None:
        return
    with _opened(company, environment) as store:
        for info in store.get_file_info(FileSelector("", recursive=True, allow_not_found=True)):
            if info.type is FileType.File:
                address = f"{_settings(company).url}/{info.path}"
                yield address, partial(store.open_input_stream, info.path, compression=None)


def _whole(
    before: Mapping[str, Any], version: PublishedVersion, on_disk: Iterable[str]
) -> list[str]:
    """The versions that the store has whole, and keeps, besides a new one."""
    kept = [name for name in before.get("versions", []) if name in set(on_disk)]
    if before and before.get("pseudonyms") == version.pseudonyms:
        kept.append(before["version"])
    return kept


def _same_file(file: Path, name: str, versions: Iterable[str]) -> str | None:
    """Where the store has this very file: a quiet night's version has tables of the one before."""
    for version in versions:
        earlier = file.parents[name.count("/") + 1] / version / name
        if earlier.exists() and earlier.samefile(file):
            return f"{_VERSIONS}/{version}/{name}"
    return None


def _files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _put(store: FileSystem, name: str, file: Path) -> None:
    with file.open("rb") as content, store.open_output_stream(name) as target:
        while part := content.read(1 << 22):
            target.write(part)
    if not _is_whole(store, name, file):
        raise TransientError("a file did not arrive whole", where=name, fix="Run the publish again")


def _copy(store: FileSystem, there: str, name: str, file: Path) -> bool:
    """Copy a file within the store; whether that could be done, as it can't where it is too big."""
    with suppress(OSError):
        store.copy_file(there, name)
        return _is_whole(store, name, file)
    return False


def _is_whole(store: FileSystem, name: str, file: Path) -> bool:
    [there] = store.get_file_info([name])
    return bool(there.size == file.stat().st_size)


def _switch(store: FileSystem, told: Mapping[str, Any]) -> None:
    """Have readers see what is told, at once."""
    with store.open_output_stream(_NEXT) as target:
        target.write((json.dumps(told, indent=1) + "\n").encode())
    store.copy_file(_NEXT, _POINTER)
    store.delete_file(_NEXT)


def _pointed_at(store: FileSystem, company: Company) -> dict[str, Any]:
    """What the pointer says; nothing where there is none yet."""
    [there] = store.get_file_info([_POINTER])
    if there.type is not FileType.File:
        return {}
    with store.open_input_stream(_POINTER) as source:
        told: dict[str, Any] = json.loads(source.read())
    if told.get("company") != company.name:
        raise PermanentError(
            f"it holds the tables of the company {told.get('company')}",
            where=_settings(company).url,
            fix="Name another `url` of `object_store` in publish.yml",
        )
    return told


def _point(store: FileSystem, company: Company, version: PublishedVersion, kept: list[str]) -> None:
    told = {
        "company": company.name,
        **asdict(version),
        "path": f"{_VERSIONS}/{version.version}",
        "versions": kept,
    }
    _switch(store, told)


def _remove_others(store: FileSystem, kept: Iterable[str]) -> list[str]:
    """Remove the versions that are not to be kept; what could not be, in words."""
    stays = set(kept)
    problems = []
    for name in _versions_there(store):
        if name in stays or _A_VERSION.fullmatch(name) is None:
            continue
        try:
            # Google's store has no folders of its own, and misses one once all in it is gone.
            with suppress(FileNotFoundError):
                store.delete_dir(f"{_VERSIONS}/{name}")
        except OSError as error:
            problems.append(redact(f"{_VERSIONS}/{name} stays in the object store: {error}"))
    return problems


def _versions_there(store: FileSystem) -> list[str]:
    """The folders below `versions`, told by the files in them, which every store lists."""
    below = FileSelector(_VERSIONS, allow_not_found=True, recursive=True)
    return sorted({info.path.split("/")[1] for info in store.get_file_info(below)})


def _settings(company: Company) -> ObjectStoreSettings:
    settings = company.publishing.object_store
    if settings is None:
        raise PermanentError(
            "no `object_store` is named", where="publish.yml", fix="Name one, or publish to none"
        )
    return settings


@contextmanager
def _opened(company: Company, environment: Mapping[str, str]) -> Iterator[FileSystem]:
    """The store, its paths relative to the address; its errors in words."""
    settings = _settings(company)
    try:
        store, root = open_store(settings, settings.url, environment)
        yield SubTreeFileSystem(root, store)
    except OSError as error:
        raise store_error(error, settings.url) from error
