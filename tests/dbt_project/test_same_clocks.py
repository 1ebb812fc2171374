"""The same two clocks give the same scorecard, whatever later nights have told of the past."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.company import Company
from orchestration.measures.figures import settings_of
from orchestration.measures.tables import STATISTICS
from orchestration.warehouse.bind import Binding, bind
from orchestration.warehouse.connection import open_warehouse
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.statistic import make
from tests.orchestration.lakes import Row, load, write_company

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    complete_until: 2026-06-30
    streams:
      - name: leads
        files: leads.csv
        key: id
        columns: {id: text, country: text, owner: text, mql_at: timestamp, sql_at: timestamp}
        fills:
          - entity: persons
            values: {record_id: id, country: country, owner: owner, created_at: mql_at}
          - entity: stage_changes
            values:
              subject_kind: {constant: person}
              subject: id
              stage: {constant: mql}
              changed_at: mql_at
          - entity: stage_changes
            values:
              subject_kind: {constant: person}
              subject: id
              stage: {constant: sql}
              changed_at: sql_at
            where: {sql_at: present}
      - name: deals
        files: deals.csv
        key: id
        columns: {id: text, lead: text, stage: text, amount: decimal, closed_at: timestamp}
        fills:
          - entity: deals
            values:
              {record_id: id, person: lead, stage: stage, amount: amount, closed_at: closed_at}
          - entity: stage_changes
            values:
              {subject_kind: {constant: deal}, subject: id, stage: stage, changed_at: closed_at}
            where: {closed_at: present}
      - name: calls
        files: calls.csv
        key: id
        columns: {id: text, lead: text, called_at: timestamp}
        fills:
          - entity: touches
            values:
              record_id: id
              person: lead
              occurred_at: called_at
              kind: {constant: call}
              direction: {constant: out}
              team: {constant: sales}
"""
AGREEMENT = """\
version: acme-1
time_zone: UTC
reporting_currency: EUR
too_few: 3
stages:
  - {key: mql, owner: marketing}
  - {key: sql, owner: sales}
  - {key: won, owner: sales, means: {crm.deals.stage: [won]}}
exits:
  - {key: lost, means: {crm.deals.stage: [lost]}}
segments: {by: person.country}
commitments:
  - {team: marketing, metric: mql, per_month: 20, from: 2026-01-01}
"""
FIRST, LATER = datetime(2026, 7, 1, 4), datetime(2026, 7, 15, 4)


def at(day: int, hour: int, month: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def told(later: bool) -> Mapping[str, list[Row]]:
    """What the source tells: later on, of other months, countries, calls and wins than at first."""
    month, calls = (3, range(1, 21)) if later else (2, range(1, 13))
    return {
        "leads": [
            {
                "id": str(n),
                "country": "FR" if later and n % 2 else "DE",
                "mql_at": at(n, 9, month if n < 10 else 2),
                "sql_at": at(n, 15, 4) if n % 3 else None,
            }
            for n in range(1, 21)
        ],
        "deals": [
            {
                "id": f"d{n}",
                "lead": str(n),
                "stage": "lost" if later and n < 4 else "won",
                "amount": f"{n}00",
                "closed_at": at(n, 12, 5),
            }
            for n in range(1, 9)
        ],
        "calls": [
            {"id": f"c{n}", "lead": str(n), "called_at": at(n, 9 + n % 5, month)} for n in calls
        ],
    }


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return write_company(tmp_path, SOURCES, AGREEMENT)


def night(company: Company, when: datetime, *, later: bool) -> None:
    for stream, rows in told(later).items():
        load(company, "crm", stream, rows, when)


def tables(project: CompiledProject, company: Company) -> dict[str, list[dict[str, Any]]]:
    """The public tables of alignment, on what the company's warehouse is bound to."""
    models = [
        node
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "alignment"
    ]
    names = {str(node["name"]) for node in models}
    with open_warehouse(company.warehouse) as connection:
        database = Database(project, connection)
        for name in project.relations:
            if name.startswith("statistics."):
                database.create(name)
        for statistic in STATISTICS.values():
            if names.intersection(statistic.reads):
                database.build_with_parents(*statistic.reads)
                make(database, statistic.name, settings_of(company.agreement))
        database.build_with_parents(*sorted(names))
        return {
            str(node["name"]): database.rows(f"select * from {{{node['name']}}} order by all")
            for node in models
            if node["schema"] == "marts"
        }


def bound(company: Company, binding: Binding | None = None) -> Binding:
    clocks = (binding.as_of, binding.known_at) if binding else (None, None)
    return bind(company, *clocks)


def test_a_rebuild_by_an_earlier_nights_clocks_has_that_nights_rows_to_the_last(
    project: CompiledProject, company: Company
) -> None:
    night(company, FIRST, later=False)
    first = bound(company)
    published = tables(project, company)
    night(company, LATER, later=True)

    again = company.rebuilt("again")
    assert bound(again, first).known_at == FIRST
    rebuilt = tables(project, again)
    assert rebuilt.keys() == published.keys()
    for name, rows in published.items():
        assert rebuilt[name] == rows, name

    now = bound(company)
    assert (now.as_of, now.known_at) == (first.as_of, LATER)
    learned = tables(project, company)
    for name in ("alignment_scorecard", "alignment_evidence", "commitment_attainment"):
        assert len(published[name]) > 0
        strip = {"known_at"}
        was, has = (
            [{k: v for k, v in row.items() if k not in strip} for row in told_then[name]]
            for told_then in (published, learned)
        )
        assert was != has, name
