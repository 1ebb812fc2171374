"""A process that loads every stream of records from an org, and says so batch by batch.

`python -m tests.connectors.salesforce.loading URL FOLDER BULK_FROM`: it is there to be killed. A
stream that fails leaves the others alone.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import ConnectorError
from connectors.load import load_stream
from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.truth import RECORD_STREAMS


@dataclass
class _Address:
    url: str


@dataclass
class Served:
    """What `Loaded` asks of an org: where its server is."""

    server: _Address


def served_at(url: str) -> Served:
    """An org at an address."""
    return Served(_Address(url))


def main() -> None:
    url, folder, bulk_from = sys.argv[1:]
    loaded = Loaded(served_at(url), Path(folder), bulk_from=int(bulk_from))
    connector = loaded.connector()
    streams = {stream.name: stream for stream in connector.streams()}
    for stream in RECORD_STREAMS:
        try:
            load_stream(
                loaded.lake,
                "salesforce",
                streams[stream.name],
                "a run that is killed",
                progress=lambda *_: print("landed", flush=True),
            )
        except ConnectorError:
            print("failed", flush=True)
    print("ended", flush=True)


if __name__ == "__main__":
    main()
