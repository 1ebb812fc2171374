"""Nights that are kept go at once where somebody is forgotten, and the present one stays."""

from orchestration.company import Company
from orchestration.publish.postgres.target import drop_kept_nights
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
