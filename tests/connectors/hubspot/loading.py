"""A process that loads every stream from a portal, and says so by batch and stream.

`python -m tests.connectors.hubspot.loading URL FOLDER`: it is there to be killed. A stream that
fails leaves the others alone.
"""

import sys
from pathlib import Path

from connectors.errors import ConnectorError
from connectors.lake import Lake
from connectors.load import load_stream
from tests.connectors.hubspot.loaded import connector_of


def main() -> None:
    url, folder = sys.argv[1:]
    lake = Lake(str(Path(folder) / "lake"))
    for stream in connector_of(url, lake, lambda _: None).streams():
        try:
            load_stream(
                lake,
                "hubspot",
                stream,
                "a run that is killed",
                progress=lambda *_: print("landed", flush=True),
            )
            print("loaded", flush=True)
        except ConnectorError:
            print("failed", flush=True)


if __name__ == "__main__":
    main()
