"""A night in which one prospect in a hundred changed, beside a whole build of the same lake.

`python -m benchmarks.night --touches 1000000` writes a company of that many touches
(`benchmarks/scaled_company.py`), builds all of it, and lets `--nights` nights come: what each
brings is landed, bound and built on what the night before left, as a night does. After the last
one all is built anew beside it, and every table of the two warehouses is held against the other,
row by row (floats to 1e-9). Data tests and publishing are in neither. `--data FOLDER` keeps the
company, and takes the one that is there.
"""

import argparse
import os
import tempfile
from pathlib import Path

import duckdb

from benchmarks.full_build import Build, build
from benchmarks.scaled_company import add_night, make_scaled, scaled_company
from orchestration.company import Company
from orchestration.warehouse.connection import remove_warehouse
from orchestration.warehouse.dbt_project import read_project
from orchestration.warehouse.sql import identifier, literal

_SCHEMAS = ("input", "intermediate", "marts", "statistics")


def compare(one: Path, other: Path) -> dict[str, int]:
    """By table how many rows one of two warehouses has alone; those without any are left out."""
    found = {}
    with duckdb.connect() as connection:
        for name, file in (("one", one), ("other", other)):
            connection.execute(f"attach {literal(str(file))} as {name} (read_only)")
        for schema, table, columns in connection.execute(
            "select schema_name, table_name, "
            "list(struct_pack(name := column_name, kind := data_type) order by column_index) "
            "from duckdb_columns() where database_name = 'one' group by all order by all"
        ).fetchall():
            if schema not in _SCHEMAS:
                continue
            told = ", ".join(
                f"round({identifier(c['name'])}, 9)"
                if c["kind"] == "DOUBLE"
                else identifier(c["name"])
                for c in columns
            )
            first, second = (
                f"select {told} from {identifier(name, schema, table)}" for name in ("one", "other")
            )
            [(count,)] = connection.execute(
                f"select count(*) from (({first} except all {second}) "
                f"union all ({second} except all {first}))"
            ).fetchall()
            if count:
                found[f"{schema}.{table}"] = int(count)
    return found


def _tell(name: str, done: Build) -> None:
    parts = ", ".join(
        f"{part} {seconds:.1f} ({done.processor[part]:.1f})" for part, seconds in done.parts.items()
    )
    print(f"{name}: {done.seconds:.1f} s, {done.peak:.1f} GB; seconds (processor): {parts}")


def _tell_of_night(line: str) -> None:
    # dbt tells how far it has come, too.
    if "rows" in line or "in full" in line:
        print(f"  {line}")


def _night(company: Company, number: int) -> Build:
    done = build(company, read_project(company), is_tested=False, tell=_tell_of_night)
    _tell(f"night {number}", done)
    return done


def main() -> None:
    """Make the company where there is none yet, build it, and let nights come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="where the company is kept")
    parser.add_argument("--nights", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.01, help="of prospects that change")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.data or Path(scratch) / "company"
        if not (folder / "sources.yml").exists():
            make_scaled(folder, asked.touches)
        company = scaled_company(folder)
        if not company.warehouse.exists():
            _tell("the first build", build(company, read_project(company), is_tested=False))
        for number in range(1, asked.nights + 1):
            written = add_night(folder, share=asked.share)
            print(f"night {number} brings {written.rows:,} rows, {written.touches:,} of touches")
            # Its settings tell of the day until which it has lived.
            company = scaled_company(folder)
            night = _night(company, number)
        grown = company.warehouse.with_name("of_nights.duckdb")
        company.warehouse.replace(grown)
        remove_warehouse(company.warehouse)
        whole = build(company, read_project(company), is_tested=False)
        _tell("all anew", whole)
        print(f"a night against that: {night.seconds / whole.seconds:.2f} of the seconds")
        print(f"tables that differ: {compare(grown, company.warehouse) or 'none'}")
        grown.unlink()


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    main()
