"""What dbt reads of the sources that are read through an API: one relation for all of a kind."""

from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.base import Reject
from connectors.sources import API_STREAMS
from orchestration.company import Company
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from tests.orchestration.lakes import load, write_company

AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: USD
stages:
  - {key: opportunity}
  - {key: won}
"""
SOURCES = """\
company: acme
sources:
  - {name: north, kind: hubspot, token_env: NORTH_TOKEN}
  - {name: south, kind: hubspot, token_env: SOUTH_TOKEN, leave_out: [contacts]}
"""
MONDAY = datetime(2026, 3, 2, 6)


def _rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    bind(company, now=MONDAY, failed={"north", "south"})
    with open_warehouse(company.warehouse) as connection:
        return connection.execute(query).fetchall()


def _company(folder: Path) -> Company:
    return write_company(folder, SOURCES.replace("kind", "required: false, kind"), AGREEMENT)


def test_every_stream_of_every_kind_is_there_without_any_source_of_it(tmp_path: Path) -> None:
    company = _company(tmp_path)
    load(company, "north", "forms", [{"id": "f1", "name": "Demo"}], MONDAY)
    found = _rows(
        company, "select schema_name, view_name from duckdb_views() where schema_name ~ '^bound_'"
    )
    assert set(found) == {
        (f"bound_{kind}", stream.name)
        for kind, streams in API_STREAMS.items()
        for stream in streams
    }


def test_the_records_of_all_sources_of_a_kind_stand_together(tmp_path: Path) -> None:
    company = _company(tmp_path)
    load(company, "north", "forms", [{"id": "f1", "name": "Demo"}], MONDAY)
    load(company, "south", "forms", [{"id": "f1", "name": "Trial"}], MONDAY)
    assert _rows(company, "select source, id, name from bound_hubspot.forms order by all") == [
        ("north", "f1", "Demo"),
        ("south", "f1", "Trial"),
    ]


def test_a_stream_that_one_source_leaves_out_has_the_other_s_records(tmp_path: Path) -> None:
    company = _company(tmp_path)
    load(company, "north", "contacts", [{"id": "1", "email": "ada@acme.test"}], MONDAY)
    assert _rows(company, "select source, id from bound_hubspot.contacts") == [("north", "1")]


def test_rejects_stand_among_the_versions_with_their_reason(tmp_path: Path) -> None:
    company = _company(tmp_path)
    reject = Reject("2", "contacts/2", "unparseable", "createdate: 'soon'", "{}")
    load(company, "north", "contacts", [{"id": "1"}], MONDAY, rejects=[reject])
    assert _rows(
        company, "select _record_id, _reject_reason from bound_hubspot.contacts order by all"
    ) == [("1", None), ("2", "unparseable")]


def test_the_fields_that_the_settings_name_for_columns_are_bound(tmp_path: Path) -> None:
    settings = "token_env: SOUTH_TOKEN, disqualification_reason: why_not"
    text = SOURCES.replace("token_env: SOUTH_TOKEN", settings)
    text = text.replace("leave_out: [contacts]", "leave_out: [contact_history]")
    company = write_company(tmp_path, text.replace("kind", "required: false, kind"), AGREEMENT)
    load(company, "north", "forms", [{"id": "f1", "name": "Demo"}], MONDAY)
    assert _rows(
        company, "select source, stream, column_name, field from bound.chosen_fields order by all"
    ) == [
        ("north", "contact_history", "disqualification_reason", "disqualification_reason"),
        ("north", "contacts", "disqualification_reason", "disqualification_reason"),
        ("south", "contacts", "disqualification_reason", "why_not"),
    ]
