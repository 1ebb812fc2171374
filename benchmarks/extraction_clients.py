"""The clients that `benchmarks.extraction` compares: each pulls all contacts, in a process its own.

`python -m benchmarks.extraction_clients CLIENT STREAM URL TOKEN` pulls them into a temporary folder
and prints what it took as a line of JSON. Each client imports what it needs, and no more, when it
runs: what the others need is not in its memory, and dlt's Python need not have Tandem's packages.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

OF_HISTORY: Final = ("lifecyclestage", "hs_lead_status", "hubspot_owner_id")
"""The properties whose history the connector asks for."""

_LIST: Final = "/crm/v3/objects/contacts"
_ROWS_A_GROUP: Final = 10_000


def bare(stream: str, url: str, token: str, _: Path) -> int:
    """Every page with `requests`, and its JSON read; nothing kept."""
    return sum(len(page) for page in _pages(stream, url, token))


def bare_to_parquet(stream: str, url: str, token: str, folder: Path) -> int:
    """The same, written as it came to one Parquet file, all of it text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, waiting = 0, []
    writer: pq.ParquetWriter | None = None
    for page in _pages(stream, url, token):
        count += len(page)
        waiting += _rows(stream, page)
        if len(waiting) >= _ROWS_A_GROUP:
            schema = pa.schema([(name, pa.string()) for name in waiting[0]])
            writer = writer or pq.ParquetWriter(folder / "contacts.parquet", schema)
            writer.write_table(pa.Table.from_pylist(waiting, schema=writer.schema))
            waiting = []
    if waiting:
        schema = pa.schema([(name, pa.string()) for name in waiting[0]])
        writer = writer or pq.ParquetWriter(folder / "contacts.parquet", schema)
        writer.write_table(pa.Table.from_pylist(waiting, schema=writer.schema))
    if writer is not None:
        writer.close()
    return count


def tandem(stream: str, url: str, token: str, folder: Path) -> int:
    """Through the connector into a raw lake, as a night does it."""
    from connectors.hubspot.config import HubSpotSource
    from connectors.hubspot.connector import hubspot_connector
    from connectors.lake import Lake
    from connectors.load import load_stream

    source = HubSpotSource(
        name="hubspot",
        kind="hubspot",
        url=url,
        token_env="TOKEN",
        requests_per_10_seconds=1_000_000,
        searches_per_second=1_000,
    )
    lake = Lake(str(folder / "lake"))
    connector = hubspot_connector(source, lake, {"TOKEN": token})
    found = next(one for one in connector.streams() if one.name == stream)
    done = load_stream(lake, "hubspot", found, "benchmark")
    if done.rejected:
        raise SystemExit(f"{done.rejected} rows were rejected: {done.reasons}")
    return done.rows


def dlt_pages(stream: str, url: str, token: str, _: Path) -> int:
    """Every page with dlt's REST client; nothing kept."""
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

    client = RESTClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        paginator=JSONResponseCursorPaginator("paging.next.after", cursor_param="after"),
    )
    params = _params(stream, url, token)
    return sum(len(p) for p in client.paginate(_LIST, params=params, data_selector="results"))


def dlt_to_parquet(stream: str, url: str, token: str, folder: Path) -> int:
    """dlt's `rest_api` source into Parquet files in a folder."""
    told = {
        "DLT_DATA_DIR": str(folder / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }
    os.environ.update(told)
    import dlt
    from dlt.sources.rest_api import rest_api_source

    endpoint = {
        "path": _LIST.lstrip("/"),
        "params": _params(stream, url, token),
        "data_selector": "results",
        "paginator": {
            "type": "cursor",
            "cursor_path": "paging.next.after",
            "cursor_param": "after",
        },
    }
    client = {"base_url": url, "headers": {"Authorization": f"Bearer {token}"}}
    source = rest_api_source(
        {"client": client, "resources": [{"name": stream, "endpoint": endpoint}]}
    )
    pipeline = dlt.pipeline(
        "benchmark",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=(folder / "out").as_uri()),
        dataset_name="raw",
    )
    pipeline.run(source, loader_file_format="parquet")
    return int(pipeline.last_trace.last_normalize_info.row_counts[stream])


def _pages(stream: str, url: str, token: str) -> Iterator[list[dict[str, Any]]]:
    import requests

    params: dict[str, str | int] = dict(_params(stream, url, token))
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        while True:
            page = session.get(url + _LIST, params=params, timeout=60).json()
            yield page["results"]
            if "paging" not in page:
                return
            params["after"] = page["paging"]["next"]["after"]


def _params(stream: str, url: str, token: str) -> Mapping[str, str | int]:
    """What the connector asks for: all properties, or the history of three of them."""
    import requests

    if stream == "contact_history":
        return {"propertiesWithHistory": ",".join(OF_HISTORY), "limit": 50}
    headers = {"Authorization": f"Bearer {token}"}
    defined = requests.get(f"{url}/crm/v3/properties/contacts", headers=headers, timeout=60)
    names = [found["name"] for found in defined.json()["results"]]
    return {"properties": ",".join(names), "limit": 100}


def _rows(stream: str, page: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if stream == "contacts":
        return [{"id": record["id"], **record["properties"]} for record in page]
    return [
        {"id": record["id"], "property": name, "value": past["value"], "at": past["timestamp"]}
        for record in page
        for name, values in record["propertiesWithHistory"].items()
        for past in values
    ]


CLIENTS: Final[Mapping[str, Callable[[str, str, str, Path], int]]] = {
    "bare": bare,
    "bare to Parquet": bare_to_parquet,
    "tandem": tandem,
    "dlt": dlt_pages,
    "dlt to Parquet": dlt_to_parquet,
}
"""Each client by its name: given the stream, the address, the token and a folder; how many came."""


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Let one client pull everything; prints records, seconds, processor seconds, peak in MiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("stream", choices=("contacts", "contact_history"))
    parser.add_argument("url")
    parser.add_argument("token")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started, used = time.perf_counter(), _processor_seconds()
        count = CLIENTS[asked.client](asked.stream, asked.url, asked.token, Path(folder))
        found = {
            "rows": count,
            "seconds": time.perf_counter() - started,
            "processor": _processor_seconds() - used,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
