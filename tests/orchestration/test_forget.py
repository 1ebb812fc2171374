"""To forget a person: who that is, what goes, what stays, and the proof that nothing is left."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import LoadConflict
from connectors.lake import open_table
from orchestration.company import Company
from orchestration.erasure.forget import Hooks, NotAnAddress, check_addresses, forget
from orchestration.erasure.identity import find
from orchestration.erasure.traces import search
from orchestration.loading.attempts import Attempt, AttemptState, last_attempts, now, remember
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import WarehouseError
from tests.orchestration.driven import Ask, driven
from tests.orchestration.erasing import (
    ANNA,
    NIGHT,
    a_company,
    build_identity,
    forget_now,
    lake_rows,
)
from tests.orchestration.lakes import load, raw_schema, write_company

AGREEMENT = """\
version: acme-1
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: mql, owner: marketing}
  - {key: won, owner: sales}
"""
HUBSPOT = """\
company: acme
sources:
  - {name: hub, kind: hubspot, token_env: HUB_TOKEN}
"""
LEADS = "select id, email, note from raw order by all"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return a_company(tmp_path)


def test_a_person_is_found_by_every_spelling_and_by_another_address(company: Company) -> None:
    found = find(company, ["annab@googlemail.com"])
    assert found.persons == {("crm", "l1"), ("crm", "l2")}


def test_an_address_that_is_theirs_alone_is_theirs_too(company: Company) -> None:
    assert find(company, [ANNA]).addresses == {
        "annab@gmail.com",
        "old@acme.example",
        "x@acme.example",
    }


def test_an_address_that_somebody_else_bears_too_is_not(company: Company) -> None:
    build_identity(company, [["k1", "p1", "crm", "l2"], ["k2", "p2", "crm", "l3"]], [])
    assert find(company, ["ben@acme.example"]).persons == {("crm", "l3")}


def test_a_person_is_found_by_what_the_warehouse_knows(company: Company) -> None:
    records = [["k1", "p1", "crm", "l1"], ["k3", "p1", "crm", "l3"], ["k4", "p1", "web", "w1"]]
    build_identity(company, records, [["k1", "k3", "phone"], ["k4", "k1", "external_id"]])
    found = find(company, [ANNA])
    assert found.persons == {("crm", "l1"), ("crm", "l2"), ("web", "w1")}


def test_all_of_theirs_goes_and_a_colleague_stays_whole(company: Company) -> None:
    is_clean, told = forget_now(company, "anna.b@gmail.com")
    assert is_clean, told
    assert lake_rows(company, "crm", "leads", LEADS) == [
        ("l3", "ben@acme.example", "knows [forgotten]!")
    ]
    assert lake_rows(company, "crm", "calls", "select id from raw") == [("c3",)]
    assert lake_rows(company, "crm", "deals", "select id, lead, name from raw order by all") == [
        ("d1", None, "[forgotten] - 10 seats"),
        ("l1", "l3", "Ben's"),
    ]
    assert lake_rows(company, "web", "forms", "select email, page from raw") == [
        ("ben@acme.example", "/?from=[forgotten]")
    ]


def test_a_call_with_them_alone_goes_and_one_with_others_too_stays(tmp_path: Path) -> None:
    company = write_company(tmp_path, HUBSPOT, AGREEMENT)
    contacts = [
        {"id": "7", "email": "anna@acme.example"},
        {"id": "8", "email": "ben@acme.example"},
    ]
    load(company, "hub", "contacts", contacts, NIGHT)
    load(company, "hub", "calls", [{"id": "1"}, {"id": "2"}, {"id": "3"}], NIGHT)
    links = [
        {"from_id": call, "to_type": kind, "to_id": to, "category": "X", "type_id": 1}
        for call, kind, to in (
            ("1", "contacts", "7"), ("1", "deals", "8"), ("2", "contacts", "7"),
            ("2", "contacts", "8"), ("3", "deals", "7"),
        )
    ]  # fmt: skip
    load(company, "hub", "call_associations", links, NIGHT)
    is_clean, told = forget_now(company, "anna@acme.example")
    assert is_clean, told
    assert lake_rows(company, "hub", "contacts", "select id from raw") == [("8",)]
    assert lake_rows(company, "hub", "calls", "select id from raw order by 1") == [("2",), ("3",)]
    left = "select from_id, to_type, to_id from raw order by all"
    assert lake_rows(company, "hub", "call_associations", left) == [
        ("1", "deals", "8"),
        ("2", "contacts", "8"),
        ("3", "deals", "7"),
    ]


def test_what_would_go_is_told_and_nothing_goes_unless_it_is_confirmed(company: Company) -> None:
    told: list[str] = []
    hooks = Hooks(told.append, lambda: False, lambda: pytest.fail("nothing is to be built"))
    assert not forget(company, [ANNA], hooks)
    assert "  crm.leads: 3 rows go, 1 of others lose what names them" in told
    assert told[-1] == "Nothing was changed."
    assert len(lake_rows(company, "crm", "leads", "select 1 from raw")) == 4
    assert not company.suppression.file.exists()


@pytest.mark.parametrize(
    "address",
    [
        "o'brien@acme.example",
        '"; drop table leads; --"@acme.example',
        "100%_off@acme.example",
        "../../etc/passwd@acme.example",
        "<script>alert(1)</script>@acme.example",
        "müller@bücher.example",
        "anna smith@acme.example",
        "=cmd|' /C calc'!A0@acme.example",
        "back\\slash@acme.example",
    ],
)
def test_no_address_is_taken_for_anything_but_an_address(tmp_path: Path, address: str) -> None:
    company = a_company(tmp_path, address)
    is_clean, told = forget_now(company, address)
    assert is_clean, told
    assert lake_rows(company, "crm", "leads", LEADS) == [
        ("l3", "ben@acme.example", "knows [forgotten]!")
    ]
    assert lake_rows(company, "crm", "deals", "select count(*) from raw") == [(2,)]


def test_what_the_next_night_counts_is_what_the_lake_has(company: Company) -> None:
    forget_now(company, ANNA)
    bound = bind(company, now=NIGHT)
    assert {source.source: (source.rows, source.rejected) for source in bound.sources} == {
        "crm": (4, 0),
        "web": (1, 0),
    }


def test_several_are_forgotten_at_once(company: Company) -> None:
    forget_now(company, ANNA, "ben@acme.example")
    assert lake_rows(company, "crm", "leads", LEADS) == []


def test_somebody_whom_nobody_knows_is_kept_from_coming(company: Company) -> None:
    is_clean, told = forget_now(company, "cleo@acme.example")
    assert is_clean
    assert "Nothing of theirs is in the lake." in told
    assert company.suppression.read().has_address("Cleo@acme.example")


def test_a_load_that_is_under_way_is_refused(company: Company) -> None:
    schema = raw_schema(company, "web", "forms")
    under_way = open_table(company.lake, "web", "forms", schema)
    forget_now(company, "cleo@acme.example")
    with pytest.raises(LoadConflict):
        under_way.commit_anew()


def test_what_was_made_of_the_lake_goes_and_what_readers_see_is_made_anew(company: Company) -> None:
    for name in ("warehouse.duckdb.wal", "gate.json", "rebuilt/2026/gate.json", "dbt/logs/dbt.log"):
        (company.data / name).parent.mkdir(parents=True, exist_ok=True)
        (company.data / name).write_text(ANNA)
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    assert not list(company.data.glob("warehouse.duckdb*"))
    assert not list(company.data.glob("rebuilt/*"))


def test_run_history_and_the_ends_of_loads_lose_the_address(company: Company) -> None:
    company.dagster.mkdir()
    with closing(sqlite3.connect(company.dagster / "runs.db")) as database:
        database.execute("create table events (body text)")
        database.execute("insert into events values (?), (?)", (json.dumps({"m": ANNA}), "other"))
        database.execute("insert into events values (?)", (ANNA * 9,))
        database.execute("delete from events where length(body) > 99")
        database.commit()
    (company.dagster / "compute.out").write_text(f"row of {ANNA}\nanother row\n")
    attempt = Attempt("crm", "leads", AttemptState.FAILED, "run", now(), problem=f"{ANNA}: odd")
    remember(company, attempt)
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    with closing(sqlite3.connect(company.dagster / "runs.db")) as database:
        assert database.execute("select body from events order by 1").fetchall() == [
            ("other",),
            ('{"m": "[forgotten]"}',),
        ]
    assert (company.dagster / "compute.out").read_text() == "row of [forgotten]\nanother row\n"
    assert [a.problem for a in last_attempts(company)] == ["[forgotten]: odd"]


def test_what_a_killed_run_left_in_a_databases_journal_goes_too(company: Company) -> None:
    company.dagster.mkdir()
    with closing(sqlite3.connect(company.folder / "runs.db")) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("create table events (body text)")
        database.execute("insert into events values (?)", (ANNA,))
        database.commit()
        for file in company.folder.glob("runs.db*"):
            shutil.copyfile(file, company.dagster / file.name)
    assert (company.dagster / "runs.db-wal").stat().st_size
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    assert not [p for p in company.dagster.iterdir() if b"gmail" in p.read_bytes().lower()]


def test_a_database_that_somebody_holds_is_told(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.erasure.history._WAIT_SECONDS", 0)
    company.dagster.mkdir()
    with closing(sqlite3.connect(company.dagster / "runs.db")) as database:
        database.execute("create table events (body text)")
        database.execute("insert into events values (?)", (ANNA,))
        database.commit()
        database.execute("begin exclusive")
        with pytest.raises(WarehouseError, match="End that, and run this again"):
            forget_now(company, ANNA)
    assert forget_now(company, ANNA)[0]


def _plain(folder: Path) -> None:
    (folder / "a.log").write_text("x" * 9999 + " anna.b@gmail.com " + "x" * 9999)


def _wide(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"\0" + "to annab@gmail.com".encode("utf-16-le"))


def _wide_other(folder: Path) -> None:
    (folder / "a.bin").write_bytes("to annab@gmail.com".encode("utf-16-be"))


def _escaped(folder: Path) -> None:
    (folder / "a.json").write_text('{"a": "annab\\u0040gmail.com"}')


def _in_a_page(folder: Path) -> None:
    (folder / "a.html").write_text("<a href='/?e=annab%40gmail.com'>")


def _zipped(folder: Path) -> None:
    (folder / "a.gz").write_bytes(gzip.compress(b"annab@gmail.com"))


def _parquet(folder: Path) -> None:
    table = pa.table({"n": [[{"e": "Anna.B@googlemail.com"}]] * 9})
    pq.write_table(table, folder / "a.parquet", compression="zstd", write_statistics=False)


def _duckdb(folder: Path) -> None:
    with duckdb.connect(str(folder / "a.duckdb")) as connection:
        connection.execute('create table "t ""x" as select [\'anna.b@gmail.com\'] as "e\'" ')


def _sqlite(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "a.db")) as database:
        database.execute("create table t (b blob)")
        database.execute("insert into t values (?)", (b"annab@gmail.com",))
        database.commit()


def _name(folder: Path) -> None:
    (folder / "export annab@gmail.com.csv").write_text("")


@pytest.mark.parametrize(
    "hide",
    [
        _plain, _wide, _wide_other, _escaped, _in_a_page, _zipped, _parquet, _duckdb, _sqlite,
        _name,
    ],
)  # fmt: skip
def test_the_proof_finds_an_address_wherever_it_is_left(company: Company, hide: object) -> None:
    forget_now(company, ANNA)
    folder = company.data / "left"
    folder.mkdir()
    assert callable(hide)
    hide(folder)
    found = search(company, company.suppression.read())
    assert found.found
    assert all(str(folder) in place for place in found.found)


def test_what_is_left_is_told_and_is_no_success(company: Company) -> None:
    left = company.data / "notes.txt"
    left.write_text(f"call {ANNA}")
    is_clean, told = forget_now(company, ANNA)
    assert not is_clean
    assert f"  {left}" in told


def test_a_file_that_cant_be_read_is_no_success(company: Company) -> None:
    (company.data / "broken.parquet").write_bytes(b"PAR1 and no more")
    is_clean, told = forget_now(company, ANNA)
    assert not is_clean
    assert any("not searched" in line for line in told)


def test_tables_that_could_not_be_built_anew_are_no_success(company: Company) -> None:
    version = company.published / "versions" / "1"
    version.mkdir(parents=True)
    made_of = dict.fromkeys(
        ("version", "published_at", "tables_at", "fingerprint", "recipes", "agreement_version",
         "as_of", "known_at", "run_id"), "1"
    )  # fmt: skip
    (version / "version.json").write_text(json.dumps(made_of))
    (company.published / "current").symlink_to("versions/1")
    shutil.copytree(version, company.published / "versions" / "0")
    hooks = Hooks(lambda _: None, lambda: True, lambda: False)
    assert not forget(company, [ANNA], hooks)
    assert [p.name for p in (company.published / "versions").iterdir()] == ["1"]


@pytest.mark.parametrize("given", [[], [" "], ["anna"], ["@acme.example"], ["anna@"]])
def test_what_is_no_address_is_refused(given: list[str]) -> None:
    with pytest.raises(NotAnAddress):
        check_addresses(given)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with driven("tests.orchestration.erasing") as found:
        yield found


@pytest.mark.parametrize("step", [1, 3, 5, 8, 12, 20, 40])
def test_killed_at_any_step_and_run_again_it_comes_to_its_end(
    company: Company, ask: Ask, step: int
) -> None:
    assert ask(company.folder, step, ANNA) in {"killed", "done 0"}
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    assert lake_rows(company, "crm", "leads", LEADS) == [
        ("l3", "ben@acme.example", "knows [forgotten]!")
    ]
    assert lake_rows(company, "crm", "calls", "select id from raw") == [("c3",)]
