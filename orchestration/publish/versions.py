"""The published versions on disk: each whole, one current, switched by one rename.

    published/current        -> versions/<version>      the only thing that a switch changes
    published/tandem.duckdb  -> current/tandem.duckdb
    published/parquet        -> current/parquet
    published/report.html    -> current/report.html
    published/versions/<version>/{tandem.duckdb, parquet/<table>/, report.html, version.json,
                                  agreement.json}

Beside the agreement of a version lies the one that was in force before it, `agreement_before.json`,
from version to version, where there was one.

So the DuckDB file, the Parquet files and the report always change together. A reader that has
opened the files of a version keeps them: what readers saw until a switch is removed by the next one
at the earliest.

Of how many nights the tables stay is the company's to say. A night that brought nothing new makes a
version of the same tables with another catalogue: it takes the place of the one before, so that no
number of quiet nights pushes out a night that brought something. Versions that name people, or name
them otherwise, go at once where the company turns to pseudonyms, or to others.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from orchestration.company import Company
from orchestration.files import keep

PUBLISHED_FILE: Final = "tandem.duckdb"
"""The name of a version's DuckDB file in its folder."""

REPORT: Final = "report.html"
_MADE_OF: Final = "version.json"
_AGREEMENT: Final = "agreement.json"
_AGREEMENT_BEFORE: Final = "agreement_before.json"
_READ_ONLY: Final = 0o444


@dataclass(frozen=True)
class PublishedVersion:
    """A published version and what it was made of. Instants are ISO texts in UTC.

    `tables_at` is when its tables were published, `published_at` when its catalogue was.
    `report_problem` is why it has no report, which keeps no tables from their readers. `pseudonyms`
    tells under which ones its people stand; null where they are named.
    """

    version: str
    published_at: str
    tables_at: str
    fingerprint: str
    recipes: str
    agreement_version: str
    as_of: str
    known_at: str
    run_id: str
    report_problem: str | None = None
    pseudonyms: str | None = None


def current_version(company: Company) -> PublishedVersion | None:
    """The version that readers see; None where nothing has been published."""
    try:
        return _made_of(company.published / "current")
    except FileNotFoundError:
        return None


def current(company: Company) -> tuple[Path, PublishedVersion] | None:
    """The folder of the version that readers see, which no switch empties, and what it is of."""
    try:
        folder = current_folder(company)
    except FileNotFoundError:
        return None
    return folder, _made_of(folder)


def version_before(company: Company) -> tuple[Path, PublishedVersion] | None:
    """The newest version with other tables than the present one; None where none is kept."""
    current = current_version(company)
    if current is None:
        return None
    earlier = [
        (folder, made_of)
        for folder, made_of in _kept(company)
        if made_of.version < current.version and made_of.tables_at != current.tables_at
    ]
    return earlier[0] if earlier else None


def current_folder(company: Company) -> Path:
    """The folder of the version that readers see."""
    return (company.published / "current").resolve(strict=True)


def published_agreement(company: Company) -> str | None:
    """The agreement that readers' tables are made by, as text; None where none was kept."""
    return _text(company.published / "current" / _AGREEMENT)


def agreement_before(company: Company) -> str | None:
    """The agreement that was in force before that one, as text; None where there was none."""
    return _text(company.published / "current" / _AGREEMENT_BEFORE)


def new_version_name(company: Company) -> str:
    """A name that sorts after that of every version so far."""
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    newest = max((folder.name for folder in _versions(company)), default="")
    return name if name > newest else f"{newest}-1"


@contextmanager
def unfinished_version(company: Company, version: str) -> Iterator[Path]:
    """A folder to write a version into; nobody sees it before `switch_to`. Removed on an error."""
    _remove_unfinished(company)
    folder = company.published / "versions" / f".{version}.unfinished"
    (folder / "parquet").mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def switch_to(company: Company, folder: Path, made_of: PublishedVersion) -> None:
    """Make a finished version the one that readers see, then remove those no longer to be kept."""
    _write_agreements(company, folder)
    told = json.dumps(asdict(made_of), indent=1) + "\n"
    (folder / _MADE_OF).write_text(told, encoding="utf-8")
    _keep_all(folder)
    finished = company.published / "versions" / made_of.version
    folder.rename(finished)
    keep(finished.parent)
    _link(company.published / "tandem.duckdb", "current/tandem.duckdb")
    _link(company.published / "parquet", "current/parquet")
    _link(company.published / REPORT, f"current/{REPORT}")
    before = current_version(company)
    _link(company.published / "current", f"versions/{made_of.version}")
    keep(company.published)
    nights: dict[str, str] = {}
    for _, found in _kept(company):
        if found.pseudonyms == made_of.pseudonyms:
            nights.setdefault(found.tables_at, found.version)
    kept = {*list(nights.values())[: company.publishing.keep_nights], made_of.version}
    if before and before.pseudonyms == made_of.pseudonyms:
        kept.add(before.version)
    for old in _versions(company):
        if old.name not in kept:
            _remove(old)


def versions_alike(company: Company, version: PublishedVersion) -> list[str]:
    """The names of the versions on disk whose people stand there as in this one."""
    return [v.version for _, v in _kept(company) if v.pseudonyms == version.pseudonyms]


def remove_other_versions(company: Company) -> None:
    """Remove all versions but the one that readers see, those that were never finished too.

    Whoever has an earlier one open keeps it until they close it.
    """
    _remove_unfinished(company)
    current = current_version(company)
    for old in _versions(company):
        if current is None or old.name != current.version:
            _remove(old)


def _kept(company: Company) -> list[tuple[Path, PublishedVersion]]:
    """The versions on disk, the newest first."""
    return [(p, _made_of(p)) for p in sorted(_versions(company), reverse=True)]


def _write_agreements(company: Company, folder: Path) -> None:
    present, published = company.agreement.as_text(), published_agreement(company)
    before = agreement_before(company) if published == present else published
    (folder / _AGREEMENT).write_text(present, encoding="utf-8")
    if before is not None:
        (folder / _AGREEMENT_BEFORE).write_text(before, encoding="utf-8")


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def _made_of(folder: Path) -> PublishedVersion:
    return PublishedVersion(**json.loads((folder / _MADE_OF).read_text(encoding="utf-8")))


def _link(link: Path, target: str) -> None:
    if link.is_symlink() and str(link.readlink()) == target:
        return
    part = link.with_name(f".{link.name}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(link)


def _keep_all(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent) / name
            keep(file)
            file.chmod(_READ_ONLY)
        keep(Path(parent))


def _versions(company: Company) -> list[Path]:
    folder = company.published / "versions"
    return [p for p in folder.iterdir() if p.name[0] != "."] if folder.exists() else []


def _remove(version: Path) -> None:
    """Remove a version, which is none any more from the first moment on: a kill may come midway."""
    going = version.with_name(f".{version.name}.unfinished")
    version.rename(going)
    shutil.rmtree(going)


def _remove_unfinished(company: Company) -> None:
    for left in (company.published / "versions").glob(".*.unfinished"):
        shutil.rmtree(left)
