"""Killed at any moment of a copy to PostgreSQL: readers see one night, the next run mends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.company import Company, load_company
from orchestration.publish.postgres.target import Done
from orchestration.publish.publish import refresh_catalogue
from tests.orchestration.driven import driven
from tests.orchestration.nights import PROJECT, make_company, nights_seen
from tests.orchestration.postgres.night import run_night, schemas, seen, to_postgres
from tests.orchestration.postgres.server import Database
from tests.orchestration.test_publish_crashes import EVERY_STEP, Kills, killing


@pytest.fixture
def company(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("ACME_POSTGRES", database.address)
    (tmp_path / "publish.yml").write_text("postgres: {url_env: ACME_POSTGRES}\n")
    make_company(tmp_path)
    where = {"TANDEM_COMPANY": str(tmp_path), "TANDEM_DATA": str(tmp_path / "data")}
    return load_company(where)


@pytest.fixture
def kills(company: Company) -> Iterator[Kills]:
    """By a process of this test alone, which has the address of its database."""
    with driven("tests.orchestration.publishing") as ask:
        yield killing(company, ask)


@EVERY_STEP
def test_readers_see_one_whole_night_wherever_a_copy_is_killed(
    company: Company, database: Database, kills: Kills, stride: int
) -> None:
    run_night(company, database, 1)
    before = {(1, 1)}
    with database.session() as session:
        night, step = 2, 1
        while kills("postgres", night, step):
            assert nights_seen(company) == {(night, night)}
            assert seen(session) == before
            assert schemas(session) == ["marts"]
            night, step = night + 1, step + stride
        assert seen(session) == {(night, night)}
    assert step > 10


def test_a_quiet_night_mends_what_was_killed_between_the_files_and_postgres(
    company: Company, database: Database, kills: Kills
) -> None:
    run_night(company, database, 1)
    with database.session() as session:
        assert kills("postgres", 2, 1)
        assert (nights_seen(company), seen(session)) == ({(2, 2)}, {(1, 1)})
        refresh_catalogue(company, PROJECT, "quiet")
        assert to_postgres(company, database).done is Done.TABLES
        assert seen(session) == {(2, 2)}
        assert to_postgres(company, database).done is Done.NOTHING


def test_nothing_of_a_killed_copy_stays_behind(
    company: Company, database: Database, kills: Kills
) -> None:
    run_night(company, database, 1)
    assert kills("postgres", 2, 5)
    assert (company.built / "to_postgres").exists()
    to_postgres(company, database)
    assert not (company.built / "to_postgres").exists()
