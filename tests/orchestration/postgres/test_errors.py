"""What goes wrong says what to do, gives no secret away, and is mended by the next run."""

import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.errors import PermanentError
from orchestration.company import Company
from orchestration.publish.postgres import night as postgres_night
from orchestration.publish.postgres import target
from orchestration.publish.postgres.errors import PostgresAway, PostgresError
from orchestration.publish.postgres.schemas import lock_key
from orchestration.publish.postgres.target import Done, publish_to_postgres
from orchestration.publish.publish import publish, refresh_catalogue
from orchestration.publish_settings import PostgresSettings, PublishSettings
from tests.orchestration.nights import PROJECT, build_night, nights_seen
from tests.orchestration.postgres.night import run_night, schemas, seen, to_postgres
from tests.orchestration.postgres.server import PASSWORD, PASSWORD_IN_ADDRESS, Database, Server

WRONG = "WrongGeheimnis7"


@pytest.fixture
def published(company: Company) -> Company:
    build_night(company, 1)
    publish(company, PROJECT, "run")
    return company


def _with(company: Company, **settings: object) -> Company:
    postgres = PostgresSettings(url_env="ACME_POSTGRES").model_copy(update=settings)
    return replace(company, publishing=PublishSettings(postgres=postgres))


def _try(company: Company, address: str) -> str:
    """All that anybody is told of a run that fails: the error, and where it came from."""
    with pytest.raises(PostgresError) as caught:
        publish_to_postgres(company, lambda _: None, {"ACME_POSTGRES": address})
    return "".join(traceback.format_exception(caught.value))


def _addresses(database: Database) -> Iterator[tuple[str, str]]:
    socket, name = database.socket, database.name
    yield f"postgresql://tandem:{WRONG}@/{name}?host={socket}", "lets nobody in"
    yield f"postgresql://nobody:{WRONG}@/{name}?host={socket}", "lets nobody in"
    yield f"postgresql://tandem:{PASSWORD_IN_ADDRESS}@/none?host={socket}", "Make it, or name"
    yield f"postgresql://tandem:{WRONG}@/{name}?host={socket}/none", "is away"
    yield f"postgresql://tandem:{WRONG}@127.0.0.1:1/{name}", "is away"
    yield f"postgresql://tandem:{WRONG}@/{name}?host={socket}&sslmode=soon", "does not hold"
    yield f"postgresql://tandem:a/{WRONG}@127.0.0.1:1/{name}", "does not hold"
    yield f"postgresql://tandem:[{WRONG}@127.0.0.1:1/{name}", "does not hold"
    yield f"tandem {WRONG}", "does not hold"


def test_a_wrong_address_says_what_to_do_and_no_password(
    published: Company, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for address, expected in _addresses(database):
        told = _try(published, address)
        assert expected in told, address
        for secret in (WRONG, PASSWORD, PASSWORD_IN_ADDRESS):
            assert secret not in told
            assert secret not in caplog.text


def test_no_password_is_told_where_all_goes_well(
    company: Company, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    run_night(company, database, 1)
    refresh_catalogue(company, PROJECT, "run")
    done = to_postgres(company, database, told)
    for secret in (PASSWORD, PASSWORD_IN_ADDRESS):
        assert secret not in f"{told} {done} {company} {caplog.text}"


def test_a_variable_that_is_not_set_is_named(published: Company) -> None:
    with pytest.raises(PermanentError, match="ACME_POSTGRES is not set"):
        publish_to_postgres(published, lambda _: None, {})


def test_a_driver_that_is_missing_says_how_it_is_installed(
    published: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "find_spec", lambda _: None)
    with pytest.raises(PostgresError, match="make postgres"):
        publish_to_postgres(published, lambda _: None, {})


def test_a_role_that_is_missing_says_how_it_is_made_and_nothing_is_switched(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    build_night(company, 2)
    publish(company, PROJECT, "run")
    with pytest.raises(PostgresError, match='create role "nobody" nologin'):
        to_postgres(_with(company, readers=("nobody",)), database)
    with database.session() as session:
        assert seen(session) == {(1, 1)}


def test_a_schema_that_tandem_did_not_make_is_left_alone(
    published: Company, database: Database
) -> None:
    with database.session() as session:
        session.execute("create schema marts; create table marts.precious (x int)")
        with pytest.raises(PostgresError, match="Tandem did not make it"):
            to_postgres(published, database)
        assert session.rows("select count(*) from marts.precious") == [(0,)]
    assert to_postgres(_with(published, schema_name="funnel"), database).done is Done.TABLES


def test_the_tables_of_another_company_are_left_alone(company: Company, database: Database) -> None:
    run_night(company, database, 1)
    sources = company.sources.model_copy(update={"company": "other"})
    other = replace(company, sources=sources)
    other.data.parent.mkdir(exist_ok=True)
    company.data.rename(other.data)
    refresh_catalogue(other, PROJECT, "run")
    with pytest.raises(PostgresError, match="holds the tables of the company acme"):
        to_postgres(other, database)


def test_a_user_who_may_make_no_schema_is_told_what_he_needs(
    published: Company, database: Database
) -> None:
    told = _try(published, database.as_user("analyst", "analyst"))
    assert "CREATE on the database" in told


def test_a_server_that_is_restarted_midway_leaves_what_was_there_and_the_next_run_mends_it(
    company: Company, database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_night(company, database, 1)
    build_night(company, 2)
    publish(company, PROJECT, "run")
    create_keys = postgres_night.create_keys

    async def restarted_before(*arguments: object) -> list[str]:
        server.restart()
        return await create_keys(*arguments)

    monkeypatch.setattr(postgres_night, "create_keys", restarted_before)
    with pytest.raises(PostgresAway, match="The next run copies the tables by itself"):
        to_postgres(company, database)
    monkeypatch.setattr(postgres_night, "create_keys", create_keys)
    assert nights_seen(company) == {(2, 2)}
    with database.session() as session:
        assert seen(session) == {(1, 1)}
        assert schemas(session) == ["marts"]
        # Quiet nights mend it too.
        refresh_catalogue(company, PROJECT, "quiet")
        assert to_postgres(company, database).done is Done.TABLES
        assert seen(session) == {(2, 2)}


def test_a_server_that_is_down_is_away_and_the_files_are_published(
    company: Company, database: Database, server: Server
) -> None:
    run_night(company, database, 1)
    build_night(company, 2)
    publish(company, PROJECT, "run")
    server.stop()
    try:
        with pytest.raises(PostgresAway, match="Look whether it runs"):
            to_postgres(company, database)
    finally:
        server.start()
    assert nights_seen(company) == {(2, 2)}
    assert to_postgres(company, database).done is Done.TABLES


def test_a_run_that_meets_another_one_waits_for_it_and_then_says_so(
    company: Company, database: Database
) -> None:
    run_night(company, database, 1)
    hurried = _with(company, give_up_after=timedelta(seconds=4))
    with database.session() as other:
        other.execute("begin")
        other.value(f"select pg_advisory_xact_lock({lock_key('marts')})")
        with pytest.raises(PostgresAway, match="Another run is publishing"):
            to_postgres(hurried, database)
