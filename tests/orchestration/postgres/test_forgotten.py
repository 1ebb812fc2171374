"""Nights that are kept go at once where they tell of people what they should not any more."""

from dataclasses import replace

import pytest

from orchestration.company import Company
from orchestration.publish.postgres.target import drop_kept_nights
from orchestration.publish.pseudonyms import KEY_VARIABLE
from orchestration.publish_settings import PersonalData
from tests.orchestration.postgres.night import run_night, schemas, seen
from tests.orchestration.postgres.server import Database


def _drop(company: Company, database: Database) -> list[str]:
    return drop_kept_nights(company, {"ACME_POSTGRES": database.address})


def test_all_nights_but_the_present_one_are_dropped(company: Company, database: Database) -> None:
    run_night(company, database, 1)
    run_night(company, database, 2)
    with database.session() as session:
        assert len(schemas(session)) == 2
        before = seen(session)
        assert _drop(company, database) == []
        assert schemas(session) == ["marts"]
        assert seen(session) == before


def test_a_night_that_is_still_read_is_told(company: Company, database: Database) -> None:
    run_night(company, database, 1)
    run_night(company, database, 2)
    with database.session() as session, database.session() as reader:
        [kept] = [name for name in schemas(session) if name != "marts"]
        reader.execute("begin")
        reader.rows(f"select * from {kept}.leads")
        [problem] = _drop(company, database)
        reader.execute("rollback")
    assert "still being read" in problem


def test_where_the_tables_turn_to_pseudonyms_no_night_stays_that_names_people(
    company: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_night(company, database, 1)
    monkeypatch.setenv(KEY_VARIABLE, "a key of these tests")
    hidden = company.publishing.model_copy(update={"personal_data": PersonalData.PSEUDONYMS})
    run_night(replace(company, publishing=hidden), database, 2)
    with database.session() as session:
        assert schemas(session) == ["marts"]
        assert seen(session) == {(2, 2)}
