"""What publishing costs, beside DuckDB's own `COPY` of the same tables.

`python -m benchmarks.publish` makes two facts of a million rows (`--rows`) by SQL, one of them with
a view on it, and publishes them as a night does: a DuckDB file and Parquet, counted once more, with
catalogue, report and a switch of all at once. Beside it the same is written as it comes: a DuckDB
file by `create table as`, and Parquet by `COPY`, with nothing around it. The two take turns.
Seconds are of the clock and of the processor, which other work on the machine does not lengthen;
each is the least of `--rounds`.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.company import Company
from orchestration.publish.publish import publish
from orchestration.warehouse.connection import open_warehouse
from tests.orchestration.nights import PROJECT, TABLES, build_night, make_company

_FACT = """
select
    i as night,
    'journey-' || (hash(i) % 200000) as journey_id,
    'touch-' || lpad(cast(i as varchar), 9, '0') as touch_id,
    list_element(['Email', 'Paid Search', 'Event', 'Webinar', 'Referral'], 1 + i % 5) as channel,
    'campaign-' || (hash(i + 1) % 300) as campaign_id,
    timestamp '2024-01-01' + to_seconds(cast(hash(i + 2) % 63072000 as bigint)) as touched_at,
    cast(hash(i + 3) % 10000000 / 100 as decimal(18, 2)) as amount,
    (hash(i + 4) % 1000) / 1000.0 as credit
from range({rows}) as r(i)
"""


def main() -> None:
    """Write the tables both ways, and print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        company = make_company(Path(folder))
        build_night(company, 1)
        with open_warehouse(company.warehouse) as connection:
            for fact in ("leads", "deals"):
                query = _FACT.format(rows=asked.rows)
                connection.execute(f"create or replace table marts.{fact} as {query}")
        ways: dict[str, Callable[[], None]] = {
            "publish": lambda: _publish(company),
            "create table as, COPY": lambda: _copy(company, Path(folder) / "copied"),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, way in ways.items():
                taken[name].append(_seconds(way))
        for name, seconds in taken.items():
            clock, processor = (min(times) for times in zip(*seconds, strict=True))
            sys.stdout.write(f"{name:<24} {clock:6.2f} s clock  {processor:6.2f} s processor\n")


def _seconds(way: Callable[[], None]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - clock, time.process_time() - processor


def _publish(company: Company) -> None:
    publish(company, PROJECT, "benchmark")


def _copy(company: Company, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with duckdb.connect(str(folder / "tandem.duckdb")) as connection:
        connection.execute(f"attach '{company.warehouse}' as warehouse (read_only)")
        for table in TABLES:
            kind, place = ("view", "") if table == "all_deals" else ("table", "warehouse.marts.")
            source = "deals" if table == "all_deals" else table
            connection.execute(f"create {kind} {table} as from {place}{source}")
            connection.execute(f"copy {table} to '{folder / table}.parquet' (format parquet)")


if __name__ == "__main__":
    main()
