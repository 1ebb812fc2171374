"""A lake that is loaded from a portal on loopback, and what stands in it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.base import Stream
from connectors.http import Timing
from connectors.hubspot.config import HubSpotSource
from connectors.hubspot.connector import HubSpotConnector, session_of
from connectors.lake import Lake, snapshot
from connectors.load import LoadResult, load_stream
from connectors.sandbox.hubspot import HubSpot
from connectors.sandbox.serving import Request, Response, Running
from connectors.scratch import scratch

TOKEN = "pat-canary"


def connector_of(
    url: str, lake: Lake, wait: Callable[[float], None], **options: Any
) -> HubSpotConnector:
    """A connector to a portal at an address, with a session of its own and hardly a limit."""
    fast = {"requests_per_10_seconds": 1_000_000, "searches_per_second": 1_000_000}
    source = HubSpotSource(
        name="hubspot", kind="hubspot", url=url, token_env="TOKEN", **(fast | options)
    )
    return HubSpotConnector(source, lake, session_of(source, {"TOKEN": TOKEN}, Timing(sleep=wait)))


class Loaded:
    """Loads streams of a portal into a lake. `waited`: the seconds that nobody slept."""

    def __init__(self, hubspot: HubSpot, server: Running, folder: Path, **options: Any) -> None:
        self.hubspot = hubspot
        self.store = hubspot.store
        self.server = server
        self.folder = folder
        self.lake = Lake(str(folder / "lake"))
        self.waited: list[float] = []
        self.options: dict[str, Any] = options
        self.runs = 0

    def connector(self) -> HubSpotConnector:
        """A connector with a session of its own."""
        return connector_of(self.server.url, self.lake, self.waited.append, **self.options)

    def stream(self, name: str) -> Stream:
        return next(s for s in self.connector().streams() if s.name == name)

    def load(self, name: str) -> LoadResult:
        """One night's load of a stream."""
        self.runs += 1
        return load_stream(self.lake, "hubspot", self.stream(name), f"run {self.runs}")

    def pass_time(self, **span: float) -> None:
        """Move the portal's clock on."""
        self.store.clock.advance(timedelta(**span))

    def without_scope(self, scope: str) -> None:
        """Take a scope from the app."""
        self.hubspot.access.scopes.discard(scope)

    def before_request(self, method: str, path: str, act: Callable[[], None]) -> None:
        """Let something happen whenever the portal is asked for this, before it answers."""
        respond = self.hubspot.app.respond

        def acting(request: Request) -> Response:
            if (request.method, request.path) == (method, path):
                act()
            return respond(request)

        self.hubspot.app.respond = acting

    def asked(self) -> int:
        """How many requests the portal has had since the last look."""
        count = len(self.server.requests.served())
        self.server.requests.clear()
        return count

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Every row of a stream, in the order in which they landed."""
        found = snapshot(self.lake, "hubspot", name)
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
