"""The clients that `benchmarks.extraction` compares: each pulls its subject, in a process its own.

`python -m benchmarks.extraction_clients CLIENT SUBJECT URL TOKEN` pulls it into a temporary folder
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

_ROWS_A_GROUP: Final = 10_000
# Every record is to be read page by page by all clients, and none by an export job.
_NEVER_BULK: Final = 10**9


def bare(subject: str, url: str, token: str, _: Path) -> int:
    """Every page with `requests`, and its JSON read; nothing kept."""
    return sum(len(page[listing.key]) for listing, page in _pages(subject, url, token))


def bare_to_json_lines(subject: str, url: str, token: str, folder: Path) -> int:
    """The same, each record written as a line of JSON to one file a list."""
    count, names = 0, set()
    for listing, page in _pages(subject, url, token):
        records = page[listing.key]
        count += len(records)
        mode = "a" if listing.stream in names else "w"
        names.add(listing.stream)
        with (folder / f"{listing.stream}.jsonl").open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
    return count


def bare_to_parquet(subject: str, url: str, token: str, folder: Path) -> int:
    """The same, all of it as it came to one Parquet file a list, without a type of its own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, waiting = 0, []
    writers: dict[str, pq.ParquetWriter] = {}

    def write(stream: str) -> None:
        if stream not in writers:
            schema = pa.schema([(name, pa.string()) for name in waiting[0]])
            writers[stream] = pq.ParquetWriter(folder / f"{stream}.parquet", schema)
        told = [{k: None if v is None else str(v) for k, v in row.items()} for row in waiting]
        writers[stream].write_table(pa.Table.from_pylist(told, schema=writers[stream].schema))
        waiting.clear()

    stream = ""
    for listing, page in _pages(subject, url, token):
        if waiting and (listing.stream != stream or len(waiting) >= _ROWS_A_GROUP):
            write(stream)
        stream = listing.stream
        count += len(page[listing.key])
        waiting += listing.rows(page)
    if waiting:
        write(stream)
    for writer in writers.values():
        writer.close()
    return count


def tandem(subject: str, url: str, token: str, folder: Path) -> int:
    """Through the connector into a raw lake, as a night does it."""
    from benchmarks.extraction_lists import bearer_of, lists_of
    from connectors.base import Connector
    from connectors.hubspot.config import HubSpotSource
    from connectors.hubspot.connector import hubspot_connector
    from connectors.lake import Lake
    from connectors.load import load_stream
    from connectors.salesforce.config import ClientCredentials, SalesforceSource
    from connectors.salesforce.connector import salesforce_connector

    lake, keys = Lake(str(folder / "lake")), {"TOKEN": token}
    connector: Connector
    if subject == "salesforce":
        credentials = ClientCredentials(client_id_env="TOKEN", client_secret_env="TOKEN")
        org = SalesforceSource(
            name="crm",
            kind="salesforce",
            login_url=url,
            client_credentials=credentials,
            quota_share=1,
            bulk_from=_NEVER_BULK,
        )
        connector = salesforce_connector(org, lake, keys)
    else:
        portal = HubSpotSource(
            name="crm",
            kind="hubspot",
            url=url,
            token_env="TOKEN",
            requests_per_10_seconds=1_000_000,
            searches_per_second=1_000,
        )
        connector = hubspot_connector(portal, lake, keys)
    wanted = {one.stream for one in lists_of(subject, url, bearer_of(subject, url, token))}
    rows = 0
    for stream in connector.streams():
        if stream.name in wanted:
            done = load_stream(lake, "crm", stream, "benchmark")
            if done.rejected:
                raise SystemExit(f"{done.rejected} rows were rejected: {done.reasons}")
            rows += done.rows
    return rows


def dlt_pages(subject: str, url: str, token: str, _: Path) -> int:
    """Every page with dlt's REST client; nothing kept."""
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import (
        JSONLinkPaginator,
        JSONResponseCursorPaginator,
    )

    from benchmarks.extraction_lists import bearer_of, lists_of

    bearer = bearer_of(subject, url, token)
    client = RESTClient(base_url=url, headers={"Authorization": f"Bearer {bearer}"})
    count = 0
    for listing in lists_of(subject, url, bearer):
        if listing.is_of_hubspot:
            way = JSONResponseCursorPaginator("paging.next.after", cursor_param="after")
        else:
            way = JSONLinkPaginator("nextRecordsUrl")
        pages = client.paginate(
            listing.path,
            params=dict(listing.params),
            headers=dict(listing.headers),
            paginator=way,
            data_selector=listing.key,
        )
        count += sum(len(page) for page in pages)
    return count


def dlt_to_parquet(subject: str, url: str, token: str, folder: Path) -> int:
    """dlt's `rest_api` source into Parquet files in a folder."""
    return _dlt_run(subject, url, token, folder, {})


def dlt_to_delta(subject: str, url: str, token: str, folder: Path) -> int:
    """The same into Delta tables."""
    return _dlt_run(subject, url, token, folder, {"table_format": "delta"})


def _dlt_run(subject: str, url: str, token: str, folder: Path, form: Mapping[str, Any]) -> int:
    told = {
        "DLT_DATA_DIR": str(folder / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }
    os.environ.update(told)
    import dlt
    from dlt.sources.rest_api import rest_api_source

    from benchmarks.extraction_lists import bearer_of, lists_of

    bearer = bearer_of(subject, url, token)
    lists = lists_of(subject, url, bearer)
    resources = [
        {
            "name": listing.stream,
            **form,
            "endpoint": {
                "path": listing.path.lstrip("/"),
                "params": dict(listing.params),
                "headers": dict(listing.headers),
                "data_selector": listing.key,
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "paging.next.after",
                    "cursor_param": "after",
                }
                if listing.is_of_hubspot
                else {"type": "json_link", "next_url_path": "nextRecordsUrl"},
            },
        }
        for listing in lists
    ]
    client = {"base_url": url, "headers": {"Authorization": f"Bearer {bearer}"}}
    pipeline = dlt.pipeline(
        "benchmark",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=(folder / "out").as_uri()),
        dataset_name="raw",
    )
    source = rest_api_source({"client": client, "resources": resources})
    pipeline.run(source, loader_file_format="parquet")
    counts = pipeline.last_trace.last_normalize_info.row_counts
    return sum(int(counts.get(listing.stream, 0)) for listing in lists)


def _pages(subject: str, url: str, token: str) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Every page of every list, one request after the other on one connection."""
    import requests

    from benchmarks.extraction_lists import bearer_of, lists_of

    bearer = bearer_of(subject, url, token)
    lists = lists_of(subject, url, bearer)
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {bearer}"
        for listing in lists:
            for page in listing.pages(session, url):
                yield listing, page


CLIENTS: Final[Mapping[str, Callable[[str, str, str, Path], int]]] = {
    "bare": bare,
    "bare to JSON lines": bare_to_json_lines,
    "bare to Parquet": bare_to_parquet,
    "tandem": tandem,
    "dlt": dlt_pages,
    "dlt to Parquet": dlt_to_parquet,
    "dlt to Delta": dlt_to_delta,
}
"""Each client by its name: given subject, address, token and a folder; how many records came."""


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Let one client pull everything; prints records, seconds, processor seconds, peak in MiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("subject")
    parser.add_argument("url")
    parser.add_argument("token")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.time()
        started, used = time.perf_counter(), _processor_seconds()
        count = CLIENTS[asked.client](asked.subject, asked.url, asked.token, Path(folder))
        found = {
            "rows": count,
            "began": began,
            "seconds": time.perf_counter() - started,
            "processor": _processor_seconds() - used,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
