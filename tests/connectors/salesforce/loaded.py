"""A lake that is loaded from a small org, and what stands in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.base import Stream
from connectors.http import Timing
from connectors.lake import Lake, snapshot
from connectors.load import LoadResult, load_stream
from connectors.salesforce.config import ClientCredentials, SalesforceSource
from connectors.salesforce.connector import SalesforceConnector, org_of
from connectors.scratch import scratch
from tests.connectors.salesforce.org_server import SmallOrg

SECRETS = {"SF_ID": "canary-id", "SF_SECRET": "canary-secret"}


class Loaded:
    """Loads streams of the org into a lake. `waited`: the seconds that nobody slept."""

    def __init__(self, org: SmallOrg, folder: Path, **options: Any) -> None:
        self.org = org
        self.folder = folder
        self.lake = Lake(str(folder / "lake"))
        self.waited: list[float] = []
        self.options: dict[str, Any] = options
        self.runs = 0

    def connector(self) -> SalesforceConnector:
        """A connector with a session of its own."""
        source = SalesforceSource(
            name="salesforce",
            kind="salesforce",
            login_url=self.org.server.url,
            client_credentials=ClientCredentials(
                client_id_env="SF_ID", client_secret_env="SF_SECRET"
            ),
            **self.options,
        )
        org = org_of(source, SECRETS, Timing(sleep=self.waited.append))
        return SalesforceConnector(source, self.lake, org, self.waited.append)

    def stream(self, name: str) -> Stream:
        return next(s for s in self.connector().streams() if s.name == name)

    def load(self, name: str) -> LoadResult:
        """One night's load of a stream."""
        self.runs += 1
        return load_stream(self.lake, "salesforce", self.stream(name), f"run {self.runs}")

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Every row of a stream, in the order in which they landed."""
        found = snapshot(self.lake, "salesforce", name)
        if found is None or not found.files:
            return []
        with scratch() as connection:
            return (
                connection.sql(
                    f"select * from read_parquet({list(found.files)}, union_by_name = true) "
                    "order by _loaded_at, _seq"
                )
                .to_arrow_table()
                .to_pylist()
            )

    def newest(self, name: str) -> Mapping[str, dict[str, Any]]:
        """The newest version of each record by its id."""
        return {row["_record_id"]: row for row in self.rows(name)}

    def live(self, name: str) -> set[str]:
        """The ids of records that are not gone."""
        return {id_ for id_, row in self.newest(name).items() if not row["_deleted"]}
