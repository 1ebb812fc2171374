"""Publishing: whole versions, switched at once, that any client can read."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.company import Company
from orchestration.loading.attempts import Attempt, AttemptState, now, remember
from orchestration.publish import parquet
from orchestration.publish.gate import Gate, GateClosed, write_gate
from orchestration.publish.publish import (
    PublishError,
    nothing_new_since,
    publish,
    refresh_catalogue,
)
from orchestration.publish.versions import current_version, version_before
from orchestration.publish_settings import PublishSettings
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from tests.orchestration.lakes import load
from tests.orchestration.nights import (
    MONDAY,
    PROJECT,
    TABLES,
    build_night,
    make_company,
    nights_seen,
)
from tests.orchestration.tiny_project import all_good, model, tiny_project

CATALOGUE = {"agreement_change", "catalogue", "catalogue_column", "catalogue_source"}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = make_company(tmp_path)
    build_night(company, 1)
    return company


def _rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(company.published_warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_public_tables_are_published_as_duckdb_and_as_parquet(company: Company) -> None:
    build_night(company, 3)
    publish(company, PROJECT, "run")
    assert nights_seen(company) == {(3, 3)}
    names = {name for (name,) in _rows(company, "select table_name from duckdb_tables()")}
    views = {
        name
        for (name,) in _rows(company, "select view_name from duckdb_views() where not internal")
    }
    assert names | views == {*TABLES, *CATALOGUE}
    assert {path.name for path in company.published_parquet.iterdir()} == {*TABLES, *CATALOGUE}


def test_an_empty_table_is_published_with_its_columns(company: Company) -> None:
    publish(company, PROJECT, "run")
    assert _rows(company, "select * from marts.no_deals") == []
    files = str(company.published_parquet / "no_deals" / "*.parquet")
    assert _rows(company, f"describe from '{files}'")[0][0] == "night"


def test_the_published_file_is_of_the_storage_that_clients_of_version_1_read(
    company: Company,
) -> None:
    publish(company, PROJECT, "run")
    refresh_catalogue(company, PROJECT, "later")
    tags = "select tags from duckdb_databases() where database_name = 'tandem'"
    [(found,)] = _rows(company, tags)
    assert found["storage_version"].startswith("v1.0.0")


def test_a_view_stays_one_and_reads_the_published_tables_under_any_name(company: Company) -> None:
    publish(company, PROJECT, "run")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{company.published_warehouse}' as reports (read_only)")
        assert connection.execute("select night from reports.marts.all_deals").fetchall() == [(1,)]
        [(views,)] = connection.execute(
            "select count(*) from duckdb_views() where view_name = 'all_deals'"
        ).fetchall()
    assert views == 1


def test_a_view_over_what_is_not_published_is_refused(company: Company) -> None:
    publish(company, PROJECT, "run")
    build_night(company, 2)
    with open_warehouse(company.warehouse) as connection:
        connection.execute("create or replace view marts.all_deals as from intermediate.int_night")
    with pytest.raises(PublishError, match="all_deals reads what is not published"):
        publish(company, PROJECT, "run")
    assert nights_seen(company) == {(1, 1)}


def test_a_closed_gate_publishes_nothing_and_readers_keep_what_they_have(company: Company) -> None:
    publish(company, PROJECT, "run")
    build_night(company, 2)
    write_gate(company.gate, Gate())
    with pytest.raises(GateClosed):
        publish(company, PROJECT, "run")
    assert nights_seen(company) == {(1, 1)}


def test_a_table_that_no_model_makes_any_more_is_not_published(company: Company) -> None:
    with open_warehouse(company.warehouse) as connection:
        connection.execute("create table marts.leftover as select 1 as night")
    publish(company, PROJECT, "run")
    assert not (company.published_parquet / "leftover").exists()
    assert _rows(company, "select * from marts.catalogue where table_name = 'leftover'") == []


def test_an_open_reader_keeps_its_version_until_it_closes_it(company: Company) -> None:
    publish(company, PROJECT, "run")
    with duckdb.connect(company.published_warehouse, read_only=True) as reader:
        assert reader.execute("select night from marts.leads").fetchall() == [(1,)]
        for night in (2, 3, 4):
            build_night(company, night)
            publish(company, PROJECT, "run")
        assert reader.execute("select count(*), max(night) from marts.deals").fetchall() == [(1, 1)]
    assert nights_seen(company) == {(4, 4)}


def test_the_version_before_stays_for_those_who_are_reading_it(company: Company) -> None:
    publish(company, PROJECT, "run")
    before = company.published_parquet.resolve()
    build_night(company, 2)
    publish(company, PROJECT, "run")
    assert (before / "leads" / "leads.parquet").exists()
    build_night(company, 3)
    publish(company, PROJECT, "run")
    assert not before.exists()


def _keeping(company: Company, nights: int) -> Company:
    return replace(company, publishing=PublishSettings(keep_nights=nights))


def _kept(company: Company) -> list[str]:
    return sorted(path.name for path in (company.published / "versions").iterdir())


def test_as_many_nights_stay_as_the_company_keeps(company: Company) -> None:
    company = _keeping(company, 3)
    versions = []
    for night in (1, 2, 3, 4):
        build_night(company, night)
        versions.append(publish(company, PROJECT, "run").version)
    assert _kept(company) == versions[1:]


def test_nights_that_bring_nothing_new_push_out_none_that_did(company: Company) -> None:
    first = publish(company, PROJECT, "run").version
    build_night(company, 2)
    publish(company, PROJECT, "run")
    quiet = [refresh_catalogue(company, PROJECT, "run").version for _ in range(4)]
    # What was seen until the last switch stays besides, for those who are reading it.
    assert _kept(company) == [first, *quiet[-2:]]


def test_the_version_before_is_of_other_tables_however_many_quiet_nights_came(
    company: Company,
) -> None:
    assert version_before(company) is None
    first = publish(company, PROJECT, "run")
    assert version_before(company) is None
    build_night(company, 2)
    publish(company, PROJECT, "run")
    refresh_catalogue(company, PROJECT, "run")
    refresh_catalogue(company, PROJECT, "run")
    found = version_before(company)
    assert found is not None
    assert found[1] == first


def test_the_catalogue_tells_of_each_table_its_grain_its_key_and_its_version(
    company: Company,
) -> None:
    publish(company, PROJECT, "the run")
    [row] = _rows(
        company,
        "select kind, description, grain, row_count, as_of::text, agreement_version, run_id, "
        "version is not null, built_at <= published_at "
        "from marts.catalogue where table_name = 'all_deals'",
    )
    assert row == (
        "view",
        "One row per line of all_deals: nothing else.",
        "one row per line of all_deals",
        1,
        "2026-03-02 06:00:00",
        "first",
        "the run",
        True,
        True,
    )
    assert {name for (name,) in _rows(company, "select table_name from marts.catalogue")} == {
        *TABLES,
        *CATALOGUE,
    }


def test_the_catalogue_tells_of_each_column_its_type_and_what_it_holds(company: Company) -> None:
    publish(company, PROJECT, "run")
    told = _rows(
        company,
        "select column_name, position, description from marts.catalogue_column "
        "where table_name = 'leads'",
    )
    assert told == [("night", 1, "Which.")]


def test_descriptions_stand_beside_the_tables_too(company: Company) -> None:
    publish(company, PROJECT, "run")
    comments = _rows(company, "select comment from duckdb_tables() where table_name = 'leads'")
    assert comments == [("One row per line of leads: nothing else.",)]


def test_the_catalogue_tells_the_state_and_age_of_a_source_that_failed(company: Company) -> None:
    state, problem = AttemptState.FAILED, "clicks.csv: it is cut off. Send it again."
    remember(company, Attempt("ads", "clicks", state, "run", now(), problem=problem))
    bind(company, failed={"ads"})
    publish(company, PROJECT, "run")
    [(synced, state, problem, age)] = _rows(
        company,
        "select last_synced_at, state, problem, age_hours from marts.catalogue_source "
        "where source = 'ads'",
    )
    assert (synced, state) == (MONDAY, "failed")
    assert problem == "clicks: clicks.csv: it is cut off. Send it again."
    [(expected,)] = _rows(
        company,
        f"select epoch(max(published_at) - timestamp '{MONDAY}') / 3600 from marts.catalogue",
    )
    assert age == pytest.approx(expected, abs=0.01)


def test_a_refresh_renews_the_catalogue_and_leaves_the_tables_as_they_are(
    company: Company,
) -> None:
    first = publish(company, PROJECT, "first run")
    tables = company.published_parquet.resolve() / "leads" / "leads.parquet"
    renewed = refresh_catalogue(company, PROJECT, "second run")
    assert nights_seen(company) == {(1, 1)}
    assert (company.published_parquet / "leads" / "leads.parquet").samefile(tables)
    assert renewed.tables_at == first.tables_at
    [(run, version)] = _rows(
        company,
        "select run_id, published_version from marts.catalogue where table_name = 'leads'",
    )
    assert (run, version) == ("second run", renewed.version)


def test_a_report_is_published_with_the_tables_and_switched_with_them(company: Company) -> None:
    published = publish(company, PROJECT, "run")
    assert f"Version {published.version}" in company.published_report.read_text()
    build_night(company, 2)
    later = publish(company, PROJECT, "run")
    assert f"Version {later.version}" in company.published_report.read_text()
    assert company.published_report.resolve().parent == company.published_warehouse.resolve().parent


def test_a_refresh_makes_the_report_anew(company: Company) -> None:
    publish(company, PROJECT, "run")
    renewed = refresh_catalogue(company, PROJECT, "later")
    assert f"Version {renewed.version}" in company.published_report.read_text()


def test_a_report_that_can_not_be_made_keeps_no_tables_from_their_readers(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("no share of nothing")

    monkeypatch.setattr("orchestration.report.report.render", broken)
    published = publish(company, PROJECT, "run")
    assert published.report_problem == "ZeroDivisionError: no share of nothing"
    assert current_version(company) == published
    assert nights_seen(company) == {(1, 1)}
    assert "no share of nothing" in company.published_report.read_text()


def test_a_refresh_is_refused_where_the_tables_are_of_another_binding(company: Company) -> None:
    publish(company, PROJECT, "run")
    load(company, "crm", "leads", [{"lead": "L2"}], MONDAY.replace(day=3))
    bind(company)
    with pytest.raises(PublishError, match="Run the build"):
        refresh_catalogue(company, PROJECT, "run")


def test_a_refresh_is_refused_before_anything_is_published(company: Company) -> None:
    with pytest.raises(PublishError, match="Run the build"):
        refresh_catalogue(company, PROJECT, "run")


def test_after_a_publish_nothing_is_new(company: Company) -> None:
    assert nothing_new_since(company, PROJECT) is None
    published = publish(company, PROJECT, "run")
    assert nothing_new_since(company, PROJECT) == published == current_version(company)


def test_a_load_that_brings_no_rows_brings_nothing_new(company: Company) -> None:
    publish(company, PROJECT, "run")
    load(company, "crm", "leads", [], MONDAY.replace(day=3))
    assert nothing_new_since(company, PROJECT) is not None


def test_a_load_that_brings_rows_brings_something_new(company: Company) -> None:
    publish(company, PROJECT, "run")
    load(company, "ads", "clicks", [{"click": "C2"}], MONDAY.replace(day=3))
    assert nothing_new_since(company, PROJECT) is None


def test_another_agreement_is_something_new(company: Company, tmp_path: Path) -> None:
    publish(company, PROJECT, "run")
    agreement = company.agreement.model_copy(update={"version": "second"})
    changed = Company(company.folder, company.data_root, company.sources, agreement)
    assert nothing_new_since(changed, PROJECT) is None


def test_another_model_is_something_new(company: Company) -> None:
    publish(company, PROJECT, "run")
    more = tiny_project(*PROJECT.models.values(), model("more", "select 1 as night"))
    assert nothing_new_since(company, more) is None


def test_what_a_version_was_made_of_stands_beside_it(company: Company) -> None:
    published = publish(company, PROJECT, "the run")
    told = json.loads((company.published / "current" / "version.json").read_text())
    assert told["run_id"] == "the run"
    assert told["version"] == published.version
    assert told["as_of"] == MONDAY.isoformat()


def test_a_large_table_is_parquet_of_a_month_a_file_and_its_rows_are_all_there(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "LARGE", 4)
    dated = {"config": {"materialized": "table", "meta": {"dated_by": "at"}}}
    project = tiny_project(
        {**model("many", "select 1"), **dated}, {**model("few", "select 1"), **dated}
    )
    with open_warehouse(company.warehouse) as connection:
        [(fingerprint,)] = connection.execute("select fingerprint from bound.binding").fetchall()
        for name, rows in (("many", 5), ("few", 3)):
            at = "case when i > 0 then timestamp '2026-01-31 12:00:00' + i * interval 1 day end"
            nights = f"select i as night, {at} as at from range({rows}) as t(i)"
            connection.execute(f"create table marts.{name} as {nights}")
    write_gate(company.gate, all_good(project, fingerprint))
    publish(company, project, "run")
    refresh_catalogue(company, project, "quiet")
    assert {p.name for p in (company.published_parquet / "few").iterdir()} == {"few.parquet"}
    folder = company.published_parquet / "many"
    months = {p.name: len(duckdb.read_parquet(str(p))) for p in folder.iterdir()}
    assert months == {"many_2026-02.parquet": 4, "many_undated.parquet": 1}
    assert _rows(company, f"from '{folder}/*.parquet' order by all") == _rows(
        company, "from marts.many order by all"
    )


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "'; drop table marts.leads; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "{{ 7 * 7 }} ${HOME} %s",
    'a\0b\r\n"c"',
]


def test_hostile_texts_are_published_sign_by_sign_and_do_nothing(company: Company) -> None:
    project = tiny_project({**model("texts", "select 1"), "description": HOSTILE[2]})
    with open_warehouse(company.warehouse) as connection:
        [(fingerprint,)] = connection.execute("select fingerprint from bound.binding").fetchall()
        connection.execute("create table marts.texts as select unnest(?) as night", [HOSTILE])
    write_gate(company.gate, all_good(project, fingerprint))
    publish(company, project, "run")
    for place in ("marts.texts", f"'{company.published_parquet}/texts/*.parquet'"):
        assert sorted(text for (text,) in _rows(company, f"from {place}")) == sorted(HOSTILE)
