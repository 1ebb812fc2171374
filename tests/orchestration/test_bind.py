"""The bind step over small lakes that the connectors' own code wrote."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.base import Reject
from orchestration.company import Company, load_company
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.freshness import BindError, SourcesNotReady, SourceState
from tests.orchestration.lakes import load, write_company

REPOSITORY = Path(__file__).resolve().parents[2]

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    stale_after: 48 hours
    streams:
      - name: deals
        files: deals.csv
        key: deal_id
        time_zone: America/New_York
        watermark: opened_on
        columns: {deal_id: text, stage: text, amount: decimal, opened_on: date}
        fills:
          - entity: deals
            values: {record_id: deal_id, stage: stage, amount: amount, created_at: opened_on}
          - entity: stage_changes
            values:
              subject_kind: {constant: deal}
              subject: deal_id
              stage: {constant: opportunity}
              changed_at: opened_on
            where: {opened_on: present}
      - name: people
        files: people.csv
        key: user_id
        columns: {user_id: text, role: text}
        fills:
          - {entity: users, values: {record_id: user_id, role: role}}
  - name: ads
    kind: files
    required: false
    stale_after: 1 day
    streams:
      - name: costs
        files: costs.csv
        key: [day, channel]
        columns: {day: date, channel: text, cost: decimal}
        fills:
          - {entity: spend, values: {day: day, channel: channel, amount: cost}}
"""
AGREEMENT = """\
version: first
time_zone: America/New_York
reporting_currency: USD
stages:
  - {key: opportunity, means: {crm.deals.stage: [Open]}}
  - {key: won, means: {crm.deals.stage: [Won]}}
"""
MONDAY = datetime(2026, 3, 2, 6)
TUESDAY = MONDAY + timedelta(days=1)
NOON = TUESDAY + timedelta(hours=6)

DEAL = {"deal_id": "D1", "stage": "Open", "amount": "12.5", "opened_on": "2026-02-27"}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose required source has been loaded on Monday, its optional one never."""
    company = write_company(tmp_path, SOURCES, AGREEMENT)
    load(company, "crm", "deals", [DEAL], MONDAY)
    load(company, "crm", "people", [{"user_id": "U1", "role": "AE"}], MONDAY)
    return company


def _rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    with open_warehouse(company.warehouse) as connection:
        return connection.execute(query).fetchall()


def _columns(company: Company, schema: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in _rows(
        company,
        "select table_name, column_name, lower(data_type) from duckdb_columns() "
        f"where schema_name = '{schema}' order by table_name, column_index",
    ):
        found.setdefault(table, {})[column] = kind
    return found


def test_what_is_bound_has_the_columns_that_dbt_was_promised(company: Company) -> None:
    bind(company, now=NOON)
    names = {"string": "varchar", "decimal(18, 6)": "decimal(18,6)"}
    names["decimal(28, 12)"] = "decimal(28,12)"
    models = REPOSITORY / "dbt_project" / "models"
    for file in (models / "_bound_sources.yml", models / "staging" / "files" / "_sources.yml"):
        for source in YAML(typ="safe").load(file)["sources"]:
            promised = {
                table["name"]: {
                    column["name"]: names.get(column["data_type"], column["data_type"])
                    for column in table["columns"]
                }
                for table in source["tables"]
            }
            assert _columns(company, source["schema"]) == promised


def test_a_night_is_bound_to_the_least_watermark_and_the_newest_load(company: Company) -> None:
    load(company, "ads", "costs", [{"day": "2026-01-05", "channel": "web", "cost": "7"}], TUESDAY)
    bound = bind(company, now=NOON)
    # The 27th of February begins in New York at 05:00 UTC; the ads are not required.
    assert bound.as_of == datetime(2026, 2, 27, 5)
    assert bound.known_at == TUESDAY
    assert _rows(company, "select * from bound.clock") == [
        (bound.as_of, bound.known_at, "first", None)
    ]


def test_the_two_clocks_may_be_set(company: Company) -> None:
    load(company, "crm", "deals", [DEAL | {"stage": "Won"}], TUESDAY)
    asked = datetime(2026, 2, 28, 12, tzinfo=UTC)
    bound = bind(company, as_of=asked, known_at=MONDAY.replace(tzinfo=UTC), now=NOON)
    assert (bound.as_of, bound.known_at) == (datetime(2026, 2, 28, 12), MONDAY)
    assert _rows(company, "select stage from raw_files.deals") == [("Open",)]
    assert _rows(company, "select rows from bound.sources where source = 'crm'") == [(2,)]


def test_what_was_known_before_the_first_load_is_refused(company: Company) -> None:
    with pytest.raises(BindError, match="before the first load of crm at 2026-03-02 06:00:00"):
        bind(company, known_at=MONDAY - timedelta(seconds=1), now=NOON)


def test_an_old_state_of_knowledge_is_no_stale_source(company: Company) -> None:
    bind(company, known_at=MONDAY, now=NOON + timedelta(days=365))


def test_a_declared_end_of_the_data_is_the_watermark(tmp_path: Path) -> None:
    sources = SOURCES.replace(
        "    stale_after: 48 hours\n",
        "    complete_until: 2026-02-20\n    observed_from: 2025-06-01\n",
    )
    company = write_company(tmp_path, sources, AGREEMENT)
    load(company, "crm", "deals", [DEAL], MONDAY)
    load(company, "crm", "people", [], MONDAY)
    bound = bind(company, now=NOON)
    assert bound.as_of == datetime(2026, 2, 20)
    assert bound.observed_from == datetime(2025, 6, 1)


def test_a_date_in_the_future_does_not_move_the_clock(company: Company) -> None:
    load(company, "crm", "deals", [DEAL | {"opened_on": "2062-02-27"}], TUESDAY)
    assert bind(company, now=NOON).as_of == datetime(2026, 2, 27, 5)


def test_without_a_watermark_a_source_is_complete_up_to_its_newest_load(tmp_path: Path) -> None:
    company = write_company(
        tmp_path, SOURCES.replace("        watermark: opened_on\n", ""), AGREEMENT
    )
    load(company, "crm", "deals", [DEAL], MONDAY)
    load(company, "crm", "people", [], TUESDAY)
    assert bind(company, now=NOON).as_of == MONDAY


def test_every_version_of_a_record_is_bound_and_the_raw_view_reads_alike(company: Company) -> None:
    load(company, "crm", "deals", [DEAL | {"stage": "Won"}], TUESDAY)
    bind(company, now=NOON)
    assert _rows(
        company,
        "select source, stream, record_key, stage, stage_vocabulary, amount, created_at, _origin, "
        "_seq, _loaded_at, _run_id, _deleted from raw_files.deals order by _loaded_at",
    ) == [
        ("crm", "deals", "D1", stage, "crm.deals.stage", 12.5, datetime(2026, 2, 27, 5),
         "deals.csv:2", 0, at, f"run-{at:%Y%m%d}", False)
        for stage, at in (("Open", MONDAY), ("Won", TUESDAY))
    ]  # fmt: skip
    assert _rows(company, "select count(*), min(_loaded_at) from raw_crm.deals") == [(2, MONDAY)]


def test_rejects_are_counted_and_shown_once_for_each_entity(company: Company) -> None:
    reject = Reject("D2", "deals.csv:3", "ragged_row", "5 values for 4 columns", '["D2"]')
    load(
        company,
        "crm",
        "deals",
        [DEAL | {"deal_id": "D3", "amount": "dear"}],
        TUESDAY,
        rejects=[reject],
    )
    bound = bind(company, now=NOON)
    assert (bound.sources[0].rows, bound.sources[0].rejected) == (2, 2)
    assert _rows(
        company,
        "select entity, source_record_id, reason, loaded_at from raw_files.rejects order by all",
    ) == [
        (entity, record, reason, TUESDAY)
        for entity in ("deals", "stage_changes")
        for record, reason in (("D2", "ragged_row"), ("D3", "unparseable"))
    ]
    assert _rows(company, "select record_key from raw_files.deals") == [("D1",)]


def test_an_optional_source_that_was_never_loaded_is_empty_and_said_to_be(company: Company) -> None:
    bound = bind(company, now=NOON)
    assert bound.sources[1].state is SourceState.NOT_LOADED
    assert _rows(
        company, "select source, state, last_synced_at, rows, versions from bound.sources"
    ) == [
        ("crm", "fresh", MONDAY, 2, json.dumps({"deals": 2, "people": 2})),
        ("ads", "not_loaded", None, 0, json.dumps({"costs": None})),
    ]
    assert _rows(company, "select count(*) from raw_files.spend") == [(0,)]
    assert _rows(company, "select count(*) from raw_ads.costs") == [(0,)]


def test_a_required_source_that_was_never_loaded_stops_the_night(tmp_path: Path) -> None:
    company = write_company(tmp_path, SOURCES, AGREEMENT)
    load(company, "crm", "deals", [DEAL], MONDAY)
    with pytest.raises(SourcesNotReady, match="crm: never loaded: people"):
        bind(company, now=NOON)


def test_a_required_source_that_is_too_old_stops_the_night(company: Company) -> None:
    with pytest.raises(SourcesNotReady, match=r"crm: last loaded 2026-03-02 06:00 UTC.* 48 hours"):
        bind(company, now=MONDAY + timedelta(hours=48, minutes=1))
    bind(company, now=MONDAY + timedelta(hours=48))


def test_a_load_that_brought_nothing_keeps_a_source_fresh(company: Company) -> None:
    load(company, "crm", "deals", [], TUESDAY)
    load(company, "crm", "people", [], TUESDAY)
    bound = bind(company, now=TUESDAY + timedelta(hours=48))
    assert bound.sources[0].last_synced_at == TUESDAY
    assert bound.known_at == MONDAY


def test_a_required_source_whose_load_failed_stops_the_night(company: Company) -> None:
    with pytest.raises(SourcesNotReady, match="crm: its last load failed"):
        bind(company, failed=["crm"], now=NOON)


def test_an_optional_source_that_is_down_or_old_stays_with_what_it_had(company: Company) -> None:
    load(company, "ads", "costs", [{"day": "2026-01-05", "channel": "web", "cost": "7"}], MONDAY)
    assert bind(company, failed=["ads"], now=NOON).sources[1].state is SourceState.FAILED
    assert bind(company, now=NOON).sources[1].state is SourceState.STALE
    assert _rows(company, "select amount from raw_files.spend") == [(7,)]


def test_a_night_that_is_stopped_leaves_what_the_night_before_bound(company: Company) -> None:
    bind(company, now=NOON)
    before = _rows(company, "select * from bound.sources")
    with pytest.raises(SourcesNotReady):
        bind(company, failed=["crm"], now=NOON)
    assert _rows(company, "select * from bound.sources") == before
    assert _rows(company, "select count(*) from raw_files.deals") == [(1,)]


def test_binding_twice_gives_the_same(company: Company) -> None:
    tables = ("bound.clock", "bound.sources", "raw_files.deals", "agreement.business_days")
    queries = [f"select * from {table}" for table in tables]
    assert bind(company, now=NOON) == bind(company, now=NOON)
    first = [_rows(company, query) for query in queries]
    bind(company, now=NOON)
    assert [_rows(company, query) for query in queries] == first


def test_a_stream_that_left_the_sources_leaves_the_warehouse(
    company: Company, tmp_path: Path
) -> None:
    bind(company, now=NOON)
    YAML().dump({}, tmp_path / "unused.yml")
    kept = SOURCES[: SOURCES.index("  - name: ads")]
    (tmp_path / "sources.yml").write_text(kept, encoding="utf-8")
    smaller = load_company({"TANDEM_COMPANY": str(tmp_path), "TANDEM_DATA": str(tmp_path / "data")})
    bind(smaller, now=NOON)
    schemas = _rows(smaller, "select distinct schema_name from duckdb_views() where not internal")
    assert ("raw_crm",) in schemas
    assert ("raw_ads",) not in schemas


def test_a_column_that_was_added_later_is_null_in_what_was_loaded_before(tmp_path: Path) -> None:
    company = write_company(tmp_path, SOURCES, AGREEMENT)
    load(company, "crm", "deals", [DEAL], MONDAY)
    load(company, "crm", "people", [], MONDAY)
    wider = write_company(
        tmp_path,
        SOURCES.replace("opened_on: date}", "opened_on: date, close_reason: text}").replace(
            "created_at: opened_on}", "created_at: opened_on, close_reason: close_reason}"
        ),
        AGREEMENT,
    )
    bind(wider, now=NOON)
    assert _rows(wider, "select close_reason from raw_files.deals") == [(None,)]
    load(wider, "crm", "deals", [DEAL | {"deal_id": "D2", "close_reason": "price"}], TUESDAY)
    bind(wider, now=NOON)
    assert _rows(wider, "select record_key, close_reason from raw_files.deals order by 1") == [
        ("D1", None),
        ("D2", "price"),
    ]


def test_what_is_bound_is_there_in_a_later_process(company: Company) -> None:
    bind(company, now=NOON)
    for _ in range(2):
        assert _rows(company, "select record_key from raw_files.stage_changes") == [
            ("deal|D1|opportunity|2026-02-27 05:00:00",)
        ]
