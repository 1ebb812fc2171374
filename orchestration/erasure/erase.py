"""Remove people from the lake, and all that was made of it before."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.lake_erasure import Erased, count_in, erase
from connectors.sift import Sifted, Sifter
from connectors.suppression import Suppression
from connectors.ties import Ties
from orchestration.company import Company
from orchestration.loading.load import sifter_of
from orchestration.warehouse.hold import hold_warehouse

_OF_DBT: Final = ("logs", "target")


def count_in_lake(company: Company, forgotten: Suppression) -> list[Erased]:
    """What an erasure would do to the lake, for each table that it would touch."""
    counted = [
        count_in(company.lake, sifter.source, sifter.stream, _sift(sifter, forgotten))
        for sifter in _sifters(company)
    ]
    return [done for done in counted if done.removed or done.changed]


def erase_from_lake(
    company: Company, forgotten: Suppression, tell: Callable[[Erased], None]
) -> None:
    """Take them out of every raw table; `tell` is told of each that had any of them.

    Raises LoadConflict where a load is under way; run again, it goes on.
    """
    for sifter in _sifters(company):
        done = erase(company.lake, sifter.source, sifter.stream, _sift(sifter, forgotten))
        if done.removed or done.changed:
            tell(done)


def remove_made(company: Company) -> None:
    """Remove all that was made of the lake but what readers see: it is made again.

    Whoever calls holds the warehouse. Rebuilds of past moments go for good; `make rebuild` makes
    them again, without those who were forgotten.
    """
    for folder in _folders(company.data / "rebuilt"):
        with hold_warehouse(company.rebuilt(folder.name)):
            shutil.rmtree(folder)
    left = company.built / "to_postgres"
    of_dbt = [dbt / made for dbt in (company.dbt, company.on_spark().dbt) for made in _OF_DBT]
    for folder in (*of_dbt, company.cache, left):
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in (f"{company.warehouse.name}*", company.gate.name):
        for file in company.built.glob(pattern):
            shutil.rmtree(file) if file.is_dir() else file.unlink()


def _sift(sifter: Sifter, forgotten: Suppression) -> Callable[[pa.Table], Sifted]:
    return lambda rows: sifter.sift(rows, forgotten)


def _sifters(company: Company) -> Iterator[Sifter]:
    """One for each raw table: those that sources.yml names, and those that it named once."""
    known = {
        (source.name, stream.name): sifter_of(source, stream.name)
        for source in company.sources.sources
        for stream in source.streams
    }
    yield from known.values()
    if "://" in company.lake.root:
        return
    for source in _folders(Path(company.lake.root)):
        for stream in _folders(source):
            if (source.name, stream.name) not in known and (stream / "_delta_log").is_dir():
                yield Sifter(source.name, stream.name, (), Ties())


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
