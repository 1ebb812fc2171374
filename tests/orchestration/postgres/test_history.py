"""Dagster's history in PostgreSQL: written and read there, and without those who are forgotten."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.company import Company
from orchestration.instance import POSTGRES, instance_environment
from orchestration.warehouse.connection import WarehouseError
from tests.orchestration.erasing import ANNA, a_company, forget_now
from tests.orchestration.postgres.server import Database
from tests.orchestration.test_event_log import event


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return a_company(tmp_path)


@pytest.fixture
def instance(
    company: Company, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """The instance of a company whose history is in a database, which is named by a file."""
    named = tmp_path / "address"
    named.write_text(database.address)
    monkeypatch.setenv(f"{POSTGRES}_FILE", str(named))
    for name, value in instance_environment(company).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(f"{POSTGRES}_FILE")
    with dg.DagsterInstance.get() as made:
        yield made


def test_events_are_in_the_database_and_not_in_files(
    instance: dg.DagsterInstance, database: Database, tmp_path: Path
) -> None:
    instance.event_log_storage.store_event(event("run", 1))
    with database.session() as session:
        assert session.value("select count(*) from event_logs") == 1
    assert not list(tmp_path.rglob("*.db"))


def test_the_form_of_the_history_is_brought_up_to_date(instance: dg.DagsterInstance) -> None:
    instance.upgrade()
    assert instance.event_log_storage.get_logs_for_run("none") == []


def test_who_is_forgotten_is_gone_from_the_history_too(
    instance: dg.DagsterInstance, database: Database, company: Company
) -> None:
    run = instance.create_run_for_job(_job, tags={"asked_by": f"<{ANNA}>"})
    instance.report_engine_event(f"could not read {ANNA}, nor ben@acme.example", run)
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    with database.session() as session:
        [(left,)] = session.rows("select event from event_logs where event like '%could not%'")
        assert "could not read [forgotten], nor ben@acme.example" in left
        assert not session.rows(f"select 1 from run_tags where value like '%{ANNA}%'")
        assert not session.rows(f"select 1 from runs where run_body like '%{ANNA}%'")


def test_what_is_left_in_the_history_is_told(
    instance: dg.DagsterInstance, database: Database, company: Company
) -> None:
    run = instance.create_run_for_job(_job)
    with database.session() as session:
        # A database that will not have its events changed.
        session.execute(
            "create function refuse() returns trigger language plpgsql as "
            "$$ begin return null; end $$"
        )
        session.execute(
            "create trigger refuse before update on event_logs for each row "
            "execute function refuse()"
        )
    instance.report_engine_event(f"could not read {ANNA}", run)
    is_clean, told = forget_now(company, ANNA)
    assert not is_clean
    assert any("Dagster's history in PostgreSQL: event_logs.event" in line for line in told)


def test_an_error_of_the_database_names_nobody(
    instance: dg.DagsterInstance, database: Database, company: Company
) -> None:
    # SQLAlchemy cuts long values short, so this one is the whole of a short text.
    instance.create_run_for_job(_job, tags={"asked_by": ANNA})
    with database.session() as session:
        session.execute(
            "create function forbid() returns trigger language plpgsql as "
            "$$ begin raise exception 'not today'; end $$"
        )
        session.execute(
            "create trigger forbid before update on run_tags for each row execute function forbid()"
        )
    with pytest.raises(WarehouseError, match="not today") as error:
        forget_now(company, ANNA)
    assert ANNA not in str(error.value)


@dg.op
def _nothing() -> None:
    pass


@dg.job
def _job() -> None:
    _nothing()
