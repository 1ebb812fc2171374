"""A source of files in a test's own folder: written, loaded, and looked at in the lake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from connectors.file_source import FilesSource
from connectors.files import FilesConnector, files_connector
from connectors.lake import Lake, snapshot
from connectors.load import LoadResult, load_stream
from connectors.scratch import scratch
from connectors.sources import load_sources

DEALS = {
    "name": "deals",
    "files": "deals.csv",
    "key": "id",
    "columns": {"id": "text", "amount": "decimal", "won_on": "date"},
}


@dataclass
class Exports:
    """Exports in a folder, one stream of them, and the lake that they are loaded into."""

    root: Path
    source_options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lake(self) -> Lake:
        return Lake(str(self.root / "lake"))

    def write(self, name: str, content: str | bytes) -> Path:
        """Write an export file."""
        path = self.root / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def source(self, **stream: Any) -> FilesSource:
        """The source with one stream, declared as DEALS but for what is given."""
        sources = {
            "company": "acme",
            "sources": [{"name": "crm", "kind": "files", **self.source_options}],
        }
        sources["sources"][0]["streams"] = [{**DEALS, **stream}]  # type: ignore[index]
        path = self.root / "sources.yml"
        path.write_text(yaml.safe_dump(sources, sort_keys=False))
        return load_sources(path).sources[0]

    def connector(self, **stream: Any) -> FilesConnector:
        return files_connector(self.source(**stream), self.root / "exports")

    def load(self, **stream: Any) -> LoadResult:
        """Load the stream, as a night would."""
        [found] = self.connector(**stream).streams()
        return load_stream(self.lake, "crm", found, "run")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Query `raw`, the raw table, or `newest`, its records as they are now."""
        found = snapshot(self.lake, "crm", "deals")
        assert found is not None
        with scratch() as connection:
            files = ", ".join(f"'{file}'" for file in found.files)
            connection.execute(
                f"create temp view raw as from read_parquet([{files}], union_by_name = true)"
            )
            connection.execute(
                "create temp view newest as select * from raw where _reject_reason is null qualify "
                "row_number() over (partition by _record_id order by _loaded_at desc, _seq desc) "
                "= 1"
            )
            return connection.execute(query).fetchall()
