"""A small company with a bound warehouse, whose public tables all tell of what night they are."""

from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.company import Company
from orchestration.publish.gate import write_gate
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from tests.orchestration.lakes import load, write_company
from tests.orchestration.tiny_project import all_good, data_test, model, tiny_project

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    streams:
      - name: leads
        files: leads.csv
        key: lead
        columns: {lead: text}
  - name: ads
    kind: files
    required: false
    streams:
      - name: clicks
        files: clicks.csv
        key: click
        columns: {click: text}
"""
AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: mql}
  - {key: won}
"""
MONDAY = datetime(2026, 3, 2, 6)

PROJECT = tiny_project(
    model("int_night", "select 1 as night", schema="intermediate"),
    model("leads", "select night from int_night", reads=["int_night"]),
    model("deals", "select night from int_night", reads=["int_night"]),
    model("no_deals", "select night from int_night where false", reads=["int_night"]),
    model("all_deals", "select night from deals", reads=["deals"], view=True),
    data_test("deals_have_nights", "deals"),
)
TABLES = ("leads", "deals", "no_deals", "all_deals")


def make_company(folder: Path) -> Company:
    """The company, loaded and bound."""
    company = write_company(folder, SOURCES, AGREEMENT)
    load(company, "crm", "leads", [{"lead": "L1"}], MONDAY)
    load(company, "ads", "clicks", [{"click": "C1"}], MONDAY)
    bind(company)
    return company


def build_night(company: Company, night: int, project: DbtProject = PROJECT) -> None:
    """Build the tables of a night, as many rows as its number, and open the gate."""
    with open_warehouse(company.warehouse) as connection:
        [(fingerprint,)] = connection.execute("select fingerprint from bound.binding").fetchall()
        connection.execute("create schema if not exists marts")
        connection.execute("create schema if not exists intermediate")
        rows = f"select {night} as night from range({night})"
        connection.execute(f"create or replace table intermediate.int_night as {rows}")
        for name in ("leads", "deals"):
            connection.execute(f"create or replace table marts.{name} as {rows}")
        connection.execute(f"create or replace table marts.no_deals as {rows} limit 0")
        connection.execute("create or replace view marts.all_deals as from warehouse.marts.deals")
    write_gate(company.gate, all_good(project, fingerprint))


def nights_seen(company: Company) -> set[tuple[int, int]]:
    """Night and number of rows of each table that has any, in the DuckDB file and in Parquet."""
    seen: set[tuple[int, int]] = set()
    with duckdb.connect(company.published_warehouse, read_only=True) as connection:
        for name in TABLES:
            files = company.published_parquet / name / "*.parquet"
            for place in (f"marts.{name}", f"read_parquet('{files}')"):
                query = f"select night, count(*) from {place} group by all"
                seen.update(connection.execute(query).fetchall())
    return seen
