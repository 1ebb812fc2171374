"""A night that ends in PostgreSQL, and what its readers see."""

from orchestration.company import Company
from orchestration.publish.postgres.target import InPostgres, publish_to_postgres
from orchestration.publish.publish import publish
from tests.orchestration.nights import PROJECT, TABLES, build_night
from tests.orchestration.postgres.server import Database, Session


def to_postgres(company: Company, database: Database, told: list[str] | None = None) -> InPostgres:
    """Bring PostgreSQL to what is published; what is told goes to the list."""
    tell = [].append if told is None else told.append
    return publish_to_postgres(company, tell, {"ACME_POSTGRES": database.address})


def run_night(company: Company, database: Database, night: int) -> InPostgres:
    """Build a night, publish its files, and copy them."""
    build_night(company, night)
    publish(company, PROJECT, f"night {night}")
    return to_postgres(company, database)


def seen(session: Session, schema: str = "marts") -> set[tuple[int, int]]:
    """Night and number of rows of each table that has any."""
    found: set[tuple[int, int]] = set()
    for table in TABLES:
        query = f"select night, count(*) from {schema}.{table} group by night"
        found.update(session.rows(query))
    return found


def schemas(session: Session) -> list[str]:
    """The schemas of Tandem's, in order."""
    return [
        name
        for (name,) in session.rows(
            "select nspname from pg_namespace where nspname like 'marts%' order by 1"
        )
    ]
