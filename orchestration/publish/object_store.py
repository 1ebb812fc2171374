"""The published version in an object store that speaks S3.

    <url>/versions/<version>/...    the files of a version, as they lie on disk
    <url>/current.json              which of them is current, and which are whole: written last

An object is there whole or not at all, so that one write switches readers.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pyarrow.fs import FileSelector, FileSystem, FileType, SubTreeFileSystem

from connectors.errors import PermanentError, TransientError
from connectors.files.locate import object_store, store_error
from connectors.secret import redact
from orchestration.company import Company
from orchestration.publish.versions import PublishedVersion, current, versions_alike
from orchestration.publish_settings import ObjectStoreSettings
from orchestration.warehouse.hold import hold_warehouse

_POINTER: Final = "current.json"
_VERSIONS: Final = "versions"
_A_VERSION: Final = re.compile(r"\d{8}T\d{12}Z(-1)*")


@dataclass(frozen=True)
class InStore:
    """What readers of the store see now: the version, and how much was copied for it."""

    version: str
    files: int
    size: int


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
        files = _files(folder) if before.get("version") != version.version else []
        for name in files:
            _put(store, f"{_VERSIONS}/{version.version}/{name}", folder / name)
        kept = _whole(before, version, versions_alike(company, version))
        _point(store, company, version, kept)
        for problem in _remove_others(store, kept):
            tell(problem)
    return InStore(version.version, len(files), sum((folder / n).stat().st_size for n in files))


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
        _write(store, _POINTER, _as_json({**before, "versions": kept}))
        problems = _remove_others(store, kept)
    found = current(company)
    if found is None or found[1].version != before["version"]:
        problems.append(f"version {before['version']} is from before, and is what readers see")
    return problems


def _whole(before: dict[str, Any], version: PublishedVersion, on_disk: Iterable[str]) -> list[str]:
    """The versions that are whole in the store and to be kept there, the newest first."""
    kept = [name for name in before.get("versions", []) if name in set(on_disk)]
    if before and before.get("pseudonyms") == version.pseudonyms:
        kept.append(before["version"])
    return sorted({version.version, *kept}, reverse=True)


def _files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _put(store: FileSystem, name: str, file: Path) -> None:
    with file.open("rb") as content, store.open_output_stream(name) as target:
        while part := content.read(1 << 22):
            target.write(part)
    [there] = store.get_file_info([name])
    if there.size != file.stat().st_size:
        raise TransientError("a file did not arrive whole", where=name, fix="Run the publish again")


def _write(store: FileSystem, name: str, content: bytes) -> None:
    # Not closed on an error, which would leave what had come by then in the object's place.
    target = store.open_output_stream(name)
    target.write(content)
    target.close()


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
    _write(store, _POINTER, _as_json(told))


def _as_json(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, indent=1) + "\n").encode()


def _remove_others(store: FileSystem, kept: Iterable[str]) -> list[str]:
    """Remove the versions that are not to be kept; what could not be, in words."""
    stays = set(kept)
    problems = []
    for info in store.get_file_info(FileSelector(_VERSIONS, allow_not_found=True)):
        if info.base_name in stays or _A_VERSION.fullmatch(info.base_name) is None:
            continue
        try:
            store.delete_dir(info.path)
        except OSError as error:
            problems.append(redact(f"{info.path} stays in the object store: {error}"))
    return problems


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
        store = object_store(settings, settings.url, environment)
        yield SubTreeFileSystem(settings.url.removeprefix("s3://"), store)
    except OSError as error:
        raise store_error(error, settings.url) from error
