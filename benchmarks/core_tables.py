"""The tables that cost a build most, made by one DuckDB script: how fast this machine can be.

`python -m benchmarks.core_tables FOLDER` takes a company that `benchmarks.full_build` has built,
makes two of its tables anew by SQL that was written by hand for DuckDB alone, and holds them
against the warehouse's, row by row:

- touches, from the raw lake: whose each is, in which journey it stands, who worked, whether it
  counts. The small tables of identity and journeys are taken from the warehouse, as they are;
- attribution, from the warehouse's touches and conversions: all ten models, in credit and money.

It is simpler than the models where this company lets it be: it takes a record's newest version for
its only one (a lake without nights), leaves out what Salesforce's campaigns tell, since HubSpot
told all of that already, and gives touches no channel, campaign or content. Ids are numbers in it.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from benchmarks.process_tree import watched_memory
from benchmarks.scaled_company import scaled_company
from connectors.lake import snapshot
from orchestration.company import Company

MODELS: Final[Mapping[str, str]] = {
    "fct_touch": "int_touches_checked input_touches int_touch_subject int_touch_same_moment "
    "int_touch_copies int_touch_place fct_touch",
    "attribution_touch": "int_touch_before_end int_path_touch int_path_role int_rule_part "
    "int_attribution_credit attribution_touch",
}
"""The models that lead to each table, from where the script begins."""

_RAW: Final = (
    "hubspot.contacts hubspot.form_submissions hubspot.marketing_event_participations "
    "hubspot.marketing_events hubspot.email_events hubspot.emails hubspot.email_associations "
    "salesforce.leads salesforce.contacts salesforce.tasks salesforce.events "
    "salesforce.opportunities web.visitors web.web_activity"
)

_SAME_TOUCHES: Final = (
    "select source, record, journey, occurred_at, kind, team, counts, post_close from touch",
    "select source, source_record_id, journey_id, occurred_at, kind, team, counts, post_close "
    "from built.marts.fct_touch",
)
_SAME_ATTRIBUTION: Final = (
    "select model, conversion_id, touch_id, units, cents from credit join path using (path) "
    "left join earning using (touch)",
    "select model, conversion_id, touch_id, cast(credit * 1000000000000 as bigint), "
    "cast(amount * 100 as bigint) from built.marts.attribution_touch",
)


@dataclass(frozen=True)
class Made:
    """What a table took, its rows, and how many rows differ, here and in the warehouse."""

    table: str
    seconds: float
    processor: float
    rows: int
    only_here: int
    only_there: int


def make(company: Company, file: Path) -> list[Made]:
    """Make both tables in a DuckDB file that is not there yet."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{company.warehouse}' as built (read_only)")
        for name in _RAW.split():
            source, stream = name.split(".")
            found = snapshot(company.lake, source, stream)
            assert found is not None
            # Instants as the warehouse has them: without a zone, in UTC.
            times = [c.name for c in found.schema if pa.types.is_timestamp(c.type)]
            naive = ", ".join(f"{column}::timestamp as {column}" for column in times)
            connection.execute(
                f"create view {source}_{stream} as select * replace ({naive}) "
                f"from read_parquet({list(found.files)}, union_by_name = true)"
            )
        return [
            _made(connection, "fct_touch", "core_touches.sql", _SAME_TOUCHES),
            _made(connection, "attribution_touch", "core_attribution.sql", _SAME_ATTRIBUTION),
        ]


def _made(
    connection: duckdb.DuckDBPyConnection, table: str, script: str, same: tuple[str, str]
) -> Made:
    started, worked = time.monotonic(), time.process_time()
    connection.execute(Path(__file__).with_name(script).read_text(encoding="utf-8"))
    seconds, processor = time.monotonic() - started, time.process_time() - worked
    here, there = same
    counts = (
        f"select (select count(*) from ({here})), "
        f"(select count(*) from ({here} except all {there})), "
        f"(select count(*) from ({there} except all {here}))"
    )
    [(rows, only_here, only_there)] = connection.execute(counts).fetchall()
    return Made(table, seconds, processor, rows, only_here, only_there)


def main() -> None:
    """Make both tables of a company that is built, and tell what they took and how they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the company's, built by benchmarks.full_build")
    company = scaled_company(parser.parse_args().folder)
    with tempfile.TemporaryDirectory(dir=company.data) as scratch, watched_memory() as peak:
        made = make(company, Path(scratch) / "core.duckdb")
    print("| table | seconds | processor | rows | only here | only in the warehouse |")
    print("|---|---:|---:|---:|---:|---:|")
    for one in made:
        print(
            f"| {one.table} | {one.seconds:.1f} | {one.processor:.1f} | {one.rows:,} "
            f"| {one.only_here:,} | {one.only_there:,} |"
        )
    print(f"\n{peak.gigabytes:.1f} GB, the comparison included")


if __name__ == "__main__":
    main()
