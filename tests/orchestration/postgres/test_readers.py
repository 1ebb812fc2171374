"""Who reads PostgreSQL while a night comes in: one version whole, and nothing to write."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import asyncpg
import dagster as dg
import pytest

from orchestration.company import Company
from orchestration.defs.publish.assets import published_assets
from orchestration.publish.postgres.errors import PostgresError
from orchestration.publish.postgres.target import Done, InPostgres
from orchestration.publish.publish import publish, refresh_catalogue
from orchestration.publish_settings import PublishSettings
from tests.orchestration.nights import PROJECT, build_night
from tests.orchestration.postgres.night import run_night, schemas, seen, to_postgres
from tests.orchestration.postgres.server import Database

BEGINS = pytest.mark.parametrize(
    "begin", ["begin", "begin isolation level repeatable read"], ids=["committed", "repeatable"]
)


@contextmanager
def _coming_in(company: Company, database: Database, night: int) -> Iterator[Future[InPostgres]]:
    """A night that is on its way into PostgreSQL while the block runs; over at its end."""
    build_night(company, night)
    publish(company, PROJECT, f"night {night}")
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(to_postgres, company, database)


def _until_it_waits(database: Database) -> None:
    """Return once the night has failed to get at the tables for a first time, and waits."""
    with database.session() as session:
        for _ in range(600):
            if session.value(
                "select count(*) from pg_stat_activity where application_name = 'tandem' "
                "and datname = current_database() and query ilike '%lock table%'"
            ) or session.value(
                "select count(*) from pg_stat_activity where application_name = 'tandem' "
                "and datname = current_database() and query ilike 'rollback to%'"
            ):
                return
            time.sleep(0.05)
    pytest.fail("the night never came to its switch")


@BEGINS
def test_a_transaction_that_has_read_a_table_reads_one_night_to_its_end(
    company: Company, database: Database, begin: str
) -> None:
    run_night(company, database, 1)
    with database.session("dashboards") as reader:
        reader.execute(begin)
        assert reader.rows("select night from marts.leads") == [(1,)]
        with _coming_in(company, database, 2) as coming:
            _until_it_waits(database)
            assert seen(reader) == {(1, 1)}
            reader.execute("commit")
        assert coming.result().done is Done.TABLES
        assert seen(reader) == {(2, 2)}


def test_a_cursor_reads_on_in_the_night_that_it_began_in(
    company: Company, database: Database
) -> None:
    run_night(company, database, 3)
    with database.session("dashboards") as reader:
        reader.execute("begin")
        reader.execute("declare c cursor for select night from marts.deals")
        assert reader.rows("fetch 1 from c") == [(3,)]
        with _coming_in(company, database, 4):
            _until_it_waits(database)
            assert reader.rows("fetch all from c") == [(3,), (3,)]
            reader.execute("commit")
        assert seen(reader) == {(4, 4)}


def test_a_snapshot_that_is_older_than_a_night_finds_its_tables_filled(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    with database.session("dashboards") as reader:
        reader.execute("begin isolation level repeatable read")
        # The snapshot is taken here, and no table of the night is locked.
        reader.value("select 1")
        run_night(company, database, 2)
        assert seen(reader) == {(2, 2)}


def test_others_read_on_while_a_night_waits_for_somebody(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    with database.session("dashboards") as slow, database.session("dashboards") as quick:
        slow.execute("begin")
        slow.rows("select night from marts.leads")
        with _coming_in(company, database, 2):
            _until_it_waits(database)
            for _ in range(20):
                assert seen(quick) == {(1, 1)}
            slow.execute("commit")
        assert seen(quick) == {(2, 2)}


def test_a_night_that_somebody_never_lets_in_says_who_and_leaves_what_was_there(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    assert company.publishing.postgres is not None
    postgres = company.publishing.postgres.model_copy(
        update={"give_up_after": timedelta(seconds=8)}
    )
    hurried = replace(company, publishing=PublishSettings(postgres=postgres))
    with database.session("dashboards") as reader:
        reader.execute("begin")
        reader.rows("select night from marts.leads")
        with pytest.raises(PostgresError, match=r"process \d+ of dashboards.*End that session"):
            run_night(hurried, database, 2)
        assert seen(reader) == {(1, 1)}
    with database.session() as session:
        assert schemas(session) == ["marts"]
    assert to_postgres(company, database).done is Done.TABLES


def test_a_quiet_night_renews_the_catalogue_and_disturbs_nobody(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    version = "select distinct published_version from marts.catalogue"
    with database.session("dashboards") as reader:
        reader.execute("begin isolation level repeatable read")
        [(before,)] = reader.rows(version)
        renewed = refresh_catalogue(company, PROJECT, "quiet")
        assert to_postgres(company, database).done is Done.CATALOGUE
        assert reader.rows(version) == [(before,)]
        reader.execute("commit")
        assert reader.rows(version) == [(renewed.version,)]
        assert seen(reader) == {(1, 1)}
    with database.session() as session:
        assert schemas(session) == ["marts"]


def test_a_version_that_is_there_already_is_not_copied_again(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    with database.session() as session:
        before = session.value("select 'marts.leads'::regclass::oid")
        assert to_postgres(company, database).done is Done.NOTHING
        assert session.value("select 'marts.leads'::regclass::oid") == before


def test_a_night_comes_in_as_an_asset_of_the_run(
    company: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_POSTGRES", database.address)
    build_night(company, 2)
    assert dg.materialize(published_assets(company, PROJECT)).success
    with database.session("dashboards") as reader:
        assert seen(reader) == {(2, 2)}


def test_as_many_nights_stay_as_are_kept_and_can_be_read(
    company: Company, database: Database
) -> None:
    for night in (1, 2, 3):
        run_night(company, database, night)
    with database.session("dashboards") as reader:
        before, present = sorted(schemas(reader), reverse=True)
        assert present == "marts"
        assert seen(reader) == {(3, 3)}
        assert seen(reader, before) == {(2, 2)}


def test_a_night_that_somebody_reads_is_not_dropped_yet(
    company: Company, database: Database
) -> None:
    for night in (1, 2):
        run_night(company, database, night)
    with database.session("dashboards") as reader:
        [_, oldest] = schemas(reader)
        reader.execute("begin")
        assert seen(reader, oldest) == {(1, 1)}
        run_night(company, database, 3)
        assert seen(reader, oldest) == {(1, 1)}
        reader.execute("commit")
        run_night(company, database, 4)
        assert oldest not in schemas(reader)


def test_a_view_of_others_is_told_of_and_never_dropped(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    with database.session() as session:
        session.execute("create view public.mine as select night from marts.leads")
        told: list[str] = []
        for night in (2, 3):
            build_night(company, night)
            publish(company, PROJECT, "run")
            to_postgres(company, database, told)
        assert session.rows("select night from public.mine") == [(1,)]
    assert told[0].startswith("mine reads the night before from now on")
    assert "stays, since others use it: view mine depends on" in told[1]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into marts.leads values (9)",
        "update marts.leads set night = 9",
        "delete from marts.leads",
        "truncate marts.leads",
        "drop table marts.leads",
        "create table marts.mine (x int)",
        "alter schema marts rename to gone",
        "create schema marts__next",
    ],
)
def test_a_reader_can_change_nothing(company: Company, database: Database, statement: str) -> None:
    run_night(company, database, 1)
    with database.session("dashboards") as reader:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            reader.execute(statement)
        assert seen(reader) == {(1, 1)}


def test_who_is_not_named_as_a_reader_reads_nothing(company: Company, database: Database) -> None:
    run_night(company, database, 1)
    with database.session("analyst") as other, pytest.raises(asyncpg.InsufficientPrivilegeError):
        other.rows("select night from marts.leads")


def test_a_reader_that_is_named_later_reads_from_the_next_run_on(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    assert company.publishing.postgres is not None
    postgres = company.publishing.postgres.model_copy(update={"readers": ("analyst",)})
    to_postgres(replace(company, publishing=PublishSettings(postgres=postgres)), database)
    with database.session("analyst") as reader:
        assert seen(reader) == {(1, 1)}
