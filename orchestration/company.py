"""A company: its files, and where everything that a run makes for it lies."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from connectors.lake import Lake
from connectors.mapping import TANDEM_VOCABULARY
from connectors.sources import Sources, load_sources
from connectors.suppression import SuppressionList
from orchestration.agreement import Agreement, WordsInUse, load_agreement
from orchestration.operations import UNATTENDED, Operations, load_operations
from orchestration.publish_settings import PublishSettings, load_publish_settings

_REPOSITORY: Final = Path(__file__).resolve().parents[1]

Engine = Literal["duckdb", "spark"]
"""What builds the tables: dbt's name for it."""


@dataclass(frozen=True)
class Company:
    """One company: a folder with `sources.yml` and `agreement.yml`, and a place for its data.

    An `operations.yml` beside them is of use where runs are not watched, a `publish.yml` where
    the tables go elsewhere too or stay for longer.
    """

    folder: Path
    data_root: Path
    sources: Sources
    agreement: Agreement
    operations: Operations = UNATTENDED
    source_data_given: Path | None = None
    lake_root: str | None = None
    tables_root: str | None = None
    engine: Engine = "duckdb"
    rebuilt_name: str | None = None
    publishing: PublishSettings = field(default_factory=PublishSettings)

    @property
    def name(self) -> str:
        """The name that its `sources.yml` gives it."""
        return self.sources.company

    @property
    def data(self) -> Path:
        """Everything that a run makes for the company lies below it."""
        return self.data_root / self.name

    @property
    def built(self) -> Path:
        """What is made of the lake, and published, lies below it: the night's, or a rebuild's."""
        return self.data / "rebuilt" / self.rebuilt_name if self.rebuilt_name else self.data

    def rebuilt(self, name: str) -> "Company":
        """The same company, with a warehouse and published tables of its own for a past moment."""
        return replace(self, rebuilt_name=name)

    def on_spark(self) -> "Company":
        """The same company, its tables built by a distributed engine."""
        return replace(self, engine="spark")

    @property
    def source_data(self) -> Path:
        """What a relative `location` of a source is relative to."""
        return self.source_data_given or self.exports

    @property
    def exports(self) -> Path:
        """The export files of the simulated company."""
        return self.data / "exports"

    @property
    def truth(self) -> Path:
        """What really happened in the simulated company."""
        return self.data / "truth"

    @property
    def lake(self) -> Lake:
        """The raw lake: a Delta table at `<source>/<stream>` of a folder or an object store."""
        root = f"{self.lake_root}/{self.name}" if self.lake_root else str(self.data / "lake")
        return Lake(root)

    @property
    def tables(self) -> str:
        """The folder or URL below which a distributed engine keeps its tables."""
        return f"{self.tables_root}/{self.name}" if self.tables_root else str(self.built / "tables")

    @property
    def cache(self) -> Path:
        """Local copies of the lake's files, where the lake is in an object store."""
        return self.built / "cache"

    @property
    def warehouse(self) -> Path:
        """The run's own DuckDB file; a rebuild has another."""
        return self.built / "warehouse.duckdb"

    @property
    def suppression(self) -> SuppressionList:
        """The people who were forgotten, as hashes, and the key to them."""
        return SuppressionList(self.data / "forgotten")

    @property
    def dagster(self) -> Path:
        """Run history, event logs, schedules."""
        return self.data / "dagster"

    @property
    def dbt(self) -> Path:
        """What dbt compiles and logs."""
        return self.built / ("dbt" if self.engine == "duckdb" else f"dbt_{self.engine}")

    @property
    def gate(self) -> Path:
        """Which model was built when, and which test passed when."""
        return self.built / "gate.json"

    @property
    def published(self) -> Path:
        """What readers get: a DuckDB file and a folder of Parquet."""
        return self.built / "published"

    @property
    def published_warehouse(self) -> Path:
        """The published DuckDB file."""
        return self.published / "tandem.duckdb"

    @property
    def published_parquet(self) -> Path:
        """The published Parquet files, a folder a table."""
        return self.published / "parquet"

    @property
    def published_report(self) -> Path:
        """The page for the weekly meeting of both teams."""
        return self.published / "report.html"


def load_company(environment: Mapping[str, str] = os.environ) -> Company:
    """The company that TANDEM_COMPANY names, else the one at the repository's root.

    TANDEM_DATA and TANDEM_SOURCE_DATA move its data and its export files, TANDEM_LAKE its lake and
    TANDEM_TABLES what a distributed engine makes of it; both may be in an object store (its keys
    come from AWS_ variables). Relative folders are relative to the working folder. Raises
    ConfigurationError where one of its files is wrong.
    """
    folder = _folder(environment, "TANDEM_COMPANY") or _REPOSITORY
    sources = load_sources(folder / "sources.yml")
    return Company(
        folder=folder,
        data_root=_folder(environment, "TANDEM_DATA") or _REPOSITORY / "data",
        sources=sources,
        agreement=load_agreement(folder / "agreement.yml", words_in_use(sources)),
        operations=load_operations(folder / "operations.yml", _streams(sources)),
        source_data_given=_folder(environment, "TANDEM_SOURCE_DATA"),
        lake_root=_place(environment, "TANDEM_LAKE"),
        tables_root=_place(environment, "TANDEM_TABLES"),
        publishing=load_publish_settings(folder / "publish.yml"),
    )


def words_in_use(sources: Sources) -> WordsInUse:
    """What the sources ask the agreement to know."""
    streams = [(source.name, stream) for source in sources.sources for stream in source.streams]
    words = [found for source, stream in streams for found in stream.vocabularies(source)]
    # Of an API's columns of words a company uses some; of those it maps itself, all.
    mapped = [
        found for source, stream in streams if stream.fills for found in stream.vocabularies(source)
    ]
    own = {str(value.constant) for name, _, value in words if name == TANDEM_VOCABULARY}
    signed = {(name, field) for name, field, _ in words if name != TANDEM_VOCABULARY}
    return WordsInUse(
        vocabularies=frozenset(name for name, _ in signed),
        of_stages=frozenset(
            name for name, field, _ in mapped if field == "stage" and name != TANDEM_VOCABULARY
        ),
        stages=frozenset(own),
    )


def _streams(sources: Sources) -> frozenset[str]:
    return frozenset(
        f"{source.name}.{stream.name}" for source in sources.sources for stream in source.streams
    )


def _place(environment: Mapping[str, str], name: str) -> str | None:
    given = environment.get(name, "").strip().rstrip("/")
    if "://" in given:
        return given
    folder = _folder(environment, name)
    return str(folder) if folder else None


def _folder(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name, "").strip()
    return Path(value).expanduser().resolve() if value else None
