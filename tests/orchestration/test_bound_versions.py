"""A night is bound to one version of each raw table, wherever the lake lies and moves on to."""

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from connectors.base import Batch, Cursor
from connectors.errors import PermanentError
from connectors.lake_maintenance import maintain
from orchestration.company import Company, load_company
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.freshness import BindError, SourcesNotReady, SourceState
from tests.connectors.object_store import object_store
from tests.orchestration.lakes import Rows, load, load_rows, raw_schema, write_company

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    required: %s
    streams:
      - name: deals
        files: deals.csv
        key: deal_id
        columns: {deal_id: text, amount: decimal}
        fills:
          - {entity: deals, values: {record_id: deal_id, amount: amount}}
      - name: people
        files: people.csv
        key: person_id
        columns: {person_id: text}
        fills:
          - {entity: persons, values: {record_id: person_id}}
"""
AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: USD
stages: [{key: opportunity}, {key: won}]
"""
MONDAY = datetime(2026, 3, 2, 6)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose deals and people have both been loaded on Monday."""
    company = write_company(tmp_path, SOURCES % "true", AGREEMENT)
    load(company, "crm", "deals", [{"deal_id": "D1", "amount": "1"}], MONDAY)
    load(company, "crm", "people", [{"person_id": "P1"}], MONDAY)
    return company


def _rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    with open_warehouse(company.warehouse) as connection:
        return connection.execute(query).fetchall()


def _ids(company: Company) -> list[str]:
    query = (
        "select record_id from raw_files.deals union all select record_id from raw_files.persons"
    )
    return sorted(record for (record,) in _rows(company, query))


class _Breaks(Rows):
    """Yields its rows, then fails before it has told all."""

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        yield from super().read(cursor)
        raise PermanentError("the rest can't be read", where="deals.csv", fix="Mend it")


def test_a_night_sees_one_state_although_the_lake_moves_on(company: Company) -> None:
    bind(company, now=TUESDAY)
    load(company, "crm", "deals", [{"deal_id": "D2", "amount": "2"}], TUESDAY)
    load(company, "crm", "people", [{"person_id": "P2"}], TUESDAY)
    assert _ids(company) == ["D1", "P1"]
    assert _rows(company, "select known_at from bound.clock") == [(MONDAY,)]
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "D2", "P1", "P2"]


def test_maintenance_takes_nothing_away_from_a_night_that_is_under_way(company: Company) -> None:
    load(company, "crm", "deals", [{"deal_id": "D2", "amount": "2"}], TUESDAY)
    bind(company, now=TUESDAY)
    maintain(company.lake, "crm", "deals")
    assert _ids(company) == ["D1", "D2", "P1"]
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "D2", "P1"]


def test_what_was_known_earlier_is_still_told_after_maintenance(company: Company) -> None:
    load(company, "crm", "deals", [{"deal_id": "D2", "amount": "2"}], TUESDAY)
    maintain(company.lake, "crm", "deals")
    bind(company, known_at=MONDAY)
    assert _ids(company) == ["D1", "P1"]


def test_a_night_sees_nothing_of_a_load_that_broke_off(company: Company) -> None:
    stream = _Breaks("deals", raw_schema(company, "crm", "deals"), [{"deal_id": "D2"}])
    with pytest.raises(PermanentError):
        load_rows(company, "crm", stream, TUESDAY)
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "P1"]
    assert _rows(company, "select rows, last_synced_at from bound.sources") == [(2, MONDAY)]
    load(company, "crm", "deals", [], WEDNESDAY)
    bind(company, now=WEDNESDAY)
    assert _ids(company) == ["D1", "D2", "P1"]


def test_a_source_whose_first_load_broke_off_has_never_been_loaded(tmp_path: Path) -> None:
    company = write_company(tmp_path, SOURCES % "false", AGREEMENT)
    load(company, "crm", "people", [{"person_id": "P1"}], MONDAY)
    stream = _Breaks("deals", raw_schema(company, "crm", "deals"), [{"deal_id": "D1"}])
    with pytest.raises(PermanentError):
        load_rows(company, "crm", stream, MONDAY)
    bound = bind(company, now=TUESDAY)
    assert (bound.sources[0].state, bound.sources[0].not_loaded) == (
        SourceState.NOT_LOADED,
        ("deals",),
    )
    assert _ids(company) == ["P1"]


def test_a_warehouse_that_is_made_anew_is_the_same(company: Company) -> None:
    load(company, "crm", "deals", [{"deal_id": "D1", "amount": "2"}], TUESDAY)
    bind(company, now=WEDNESDAY)
    addresses = [
        f'"{schema}"."{name}"'
        for schema, name in _rows(
            company,
            "select schema_name, table_name from duckdb_tables() union all "
            "select schema_name, view_name from duckdb_views() where not internal order by all",
        )
    ]
    before = {address: _rows(company, f"from {address} order by all") for address in addresses}
    assert '"raw_files"."deals"' in before
    company.warehouse.unlink()
    bind(company, now=WEDNESDAY)
    assert {name: _rows(company, f"from {name} order by all") for name in before} == before


def test_a_company_whose_folder_has_moved_is_whole_after_the_next_bind(tmp_path: Path) -> None:
    old, new = tmp_path / "it's old", tmp_path / "new; drop table x --"
    old.mkdir()
    company = write_company(old, SOURCES % "true", AGREEMENT)
    load(company, "crm", "deals", [{"deal_id": "D1", "amount": "1"}], MONDAY)
    load(company, "crm", "people", [{"person_id": "P1"}], MONDAY)
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "P1"]
    shutil.move(old, new)
    moved = load_company({"TANDEM_COMPANY": str(new), "TANDEM_DATA": str(new / "data")})
    bind(moved, now=TUESDAY)
    assert _ids(moved) == ["D1", "P1"]


def test_what_is_bound_is_there_from_whatever_folder_one_looks(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = load_company({"TANDEM_COMPANY": ".", "TANDEM_DATA": "data"})
    bind(here, now=TUESDAY)
    monkeypatch.chdir("/")
    assert _ids(company) == ["D1", "P1"]


def test_sources_that_brought_no_rows_give_a_night_without_records(tmp_path: Path) -> None:
    company = write_company(tmp_path, SOURCES % "true", AGREEMENT)
    load(company, "crm", "deals", [], MONDAY)
    load(company, "crm", "people", [], TUESDAY)
    bound = bind(company, now=WEDNESDAY)
    assert (bound.as_of, bound.known_at) == (MONDAY, MONDAY)
    assert _ids(company) == []


def test_a_lake_that_was_never_loaded_can_not_be_bound(tmp_path: Path) -> None:
    company = write_company(tmp_path, SOURCES % "false", AGREEMENT)
    with pytest.raises(BindError, match="Load the sources first"):
        bind(company, now=MONDAY)


def test_a_column_that_the_lake_holds_in_another_type_is_told(
    company: Company, tmp_path: Path
) -> None:
    changed = (SOURCES % "true").replace("person_id: text", "person_id: integer")
    with pytest.raises(BindError, match="person_id of stream people is declared as int64 in"):
        bind(write_company(tmp_path, changed, AGREEMENT), now=TUESDAY)


def test_what_happened_after_it_can_be_known_is_not_asked_for(company: Company) -> None:
    with pytest.raises(BindError, match="as_of is 2026-03-03 06:00:00 UTC, after 2026-03-02 06:00"):
        bind(company, as_of=TUESDAY, known_at=MONDAY)
    with pytest.raises(BindError, match="Ask for that time or an earlier one"):
        bind(company, as_of=WEDNESDAY, now=TUESDAY)
    assert bind(company, as_of=TUESDAY, now=TUESDAY).as_of == TUESDAY


def test_a_night_does_not_end_after_the_newest_load(tmp_path: Path) -> None:
    declared = (SOURCES % "true").replace("required:", "complete_until: 2030-01-01\n    required:")
    company = write_company(tmp_path, declared, AGREEMENT)
    load(company, "crm", "deals", [{"deal_id": "D1", "amount": "1"}], MONDAY)
    load(company, "crm", "people", [], MONDAY)
    assert bind(company, now=TUESDAY).as_of == MONDAY


def test_a_required_source_that_came_later_was_not_known_of_before(tmp_path: Path) -> None:
    second = SOURCES[SOURCES.index("  - name: crm") :].replace("crm", "erp")
    company = write_company(tmp_path, (SOURCES + second) % ("true", "true"), AGREEMENT)
    for source, at in (("crm", MONDAY), ("erp", WEDNESDAY)):
        load(company, source, "deals", [{"deal_id": "D1", "amount": "1"}], at)
        load(company, source, "people", [], at)
    with pytest.raises(BindError, match="before the first load of erp at 2026-03-04 06:00:00"):
        bind(company, known_at=TUESDAY)


def test_a_table_of_a_thousand_files_is_bound_and_read_in_seconds(company: Company) -> None:
    _copy_its_file(company, "deals", 1000)
    started = time.perf_counter()
    bind(company, now=TUESDAY)
    assert _rows(company, "select count(*), sum(amount) from raw_files.deals") == [(1001, 1001)]
    assert time.perf_counter() - started < 15


def _copy_its_file(company: Company, stream: str, times: int) -> None:
    """Add copies of a raw table's one file in one commit, as a thousand loads would have."""
    table = DeltaTable(company.lake.address("crm", stream))
    [file] = table.file_uris()
    copies = [Path(file).with_name(f"copy-{number}.parquet") for number in range(times)]
    for copy in copies:
        shutil.copy(file, copy)
    size = Path(file).stat().st_size
    added = [
        AddAction(copy.name, size, {}, 0, data_change=True, stats='{"numRecords": 1}')
        for copy in copies
    ]
    table.create_write_transaction(added, "append", table.schema())


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An object store with the bucket `lakes`, as the AWS_ variables of the process say."""
    with object_store("lakes") as options:
        for name, value in options.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.usefixtures("store")
def test_a_lake_in_an_object_store_is_bound_through_local_copies(tmp_path: Path) -> None:
    write_company(tmp_path, SOURCES % "true", AGREEMENT)
    places = {"TANDEM_COMPANY": str(tmp_path), "TANDEM_DATA": str(tmp_path / "data")}
    company = load_company(places | {"TANDEM_LAKE": "s3://lakes/tandem/"})
    load(company, "crm", "deals", [{"deal_id": "D1", "amount": "1"}], MONDAY)
    load(company, "crm", "people", [{"person_id": "P1"}], MONDAY)
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "P1"]
    [first] = _cached(company)
    (company.cache / "crm" / "deals" / "half.parquet.part").touch()
    fetched = first.stat().st_mtime_ns

    load(company, "crm", "deals", [{"deal_id": "D2", "amount": "2"}], TUESDAY)
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "D2", "P1"]
    assert first.stat().st_mtime_ns == fetched
    assert len(_cached(company)) == 2

    maintain(company.lake, "crm", "deals")
    with pytest.raises(SourcesNotReady):
        bind(company, failed=["crm"], now=TUESDAY)
    assert _ids(company) == ["D1", "D2", "P1"]
    bind(company, now=TUESDAY)
    assert _ids(company) == ["D1", "D2", "P1"]
    assert len(_cached(company)) == 1


def _cached(company: Company) -> list[Path]:
    return sorted(path for path in (company.cache / "crm" / "deals").rglob("*") if path.is_file())
