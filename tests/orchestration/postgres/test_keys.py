"""What dbt's tests hold unique is a primary key or a unique index in PostgreSQL."""

from typing import Any

from orchestration.company import Company
from orchestration.publish.catalogue import public_relations
from orchestration.publish.gate import Gate
from orchestration.publish.publish import publish
from orchestration.publish.recipes import recipes
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from tests.orchestration.nights import build_night
from tests.orchestration.postgres.night import to_postgres
from tests.orchestration.postgres.server import Database, Session
from tests.orchestration.tiny_project import data_test, model, tiny_project

PUBLIC = (
    model("int_night", "select 1 as night", schema="intermediate"),
    model("leads", "select night from int_night", reads=["int_night"]),
    model("deals", "select night from int_night", reads=["int_night"]),
    model("no_deals", "select night from int_night where false", reads=["int_night"]),
    model("all_deals", "select night from deals", reads=["deals"], view=True),
)


def _held(kind: str, column: str | None = None, columns: tuple[str, ...] = ()) -> dict[str, Any]:
    test = data_test(f"{kind}_{column or '_'.join(columns)}", "leads")
    given = {"columns": list(columns)} if columns else {"column_name": column}
    return {**test, "column_name": column, "test_metadata": {"name": kind, "kwargs": given}}


def _project(*tests: dict[str, Any]) -> DbtProject:
    return tiny_project(*PUBLIC, *tests)


def _publish(company: Company, database: Database, project: DbtProject, query: str) -> list[str]:
    build_night(company, 1, project)
    with open_warehouse(company.warehouse) as connection:
        connection.execute(f"create or replace table marts.leads as {query}")
    publish(company, project, "run")
    told: list[str] = []
    to_postgres(company, database, told)
    return told


def _indexes(session: Session) -> set[tuple[str, bool]]:
    """The columns of each index on the leads, and whether it is the primary key."""
    return set(
        session.rows(
            "select regexp_replace(pg_get_indexdef(indexrelid), '.*\\((.*)\\)', '\\1'), "
            "indisprimary from pg_index where indrelid = 'marts.leads'::regclass and indisunique"
        )
    )


LEADS = "select range as night, range % 2 as day, nullif(range, 0) as deal from range(4)"


def test_a_column_that_is_unique_and_never_null_is_the_primary_key(
    company: Company, database: Database
) -> None:
    project = _project(_held("unique", "night"), _held("never_null", columns=("night",)))
    _publish(company, database, project, LEADS)
    with database.session() as session:
        assert _indexes(session) == {("night", True)}


def test_a_column_that_may_be_null_has_a_unique_index(company: Company, database: Database) -> None:
    project = _project(_held("unique", "night"))
    _publish(company, database, project, "select unnest([1, null, null]) as night")
    with database.session() as session:
        assert _indexes(session) == {("night", False)}


def test_a_combination_of_columns_is_a_key_together(company: Company, database: Database) -> None:
    both = _held("unique_combination", columns=("day", "night"))
    project = _project(both, _held("never_null", columns=("day", "night")))
    _publish(company, database, project, LEADS)
    with database.session() as session:
        assert _indexes(session) == {("day, night", True)}


def test_a_test_that_may_fail_or_looks_at_some_rows_alone_makes_no_index(
    company: Company, database: Database
) -> None:
    warns = {**_held("unique", "night"), "config": {"severity": "warn"}}
    some = {**_held("unique", "day"), "config": {"severity": "error", "where": "day = 1"}}
    _publish(company, database, _project(warns, some), LEADS)
    with database.session() as session:
        assert _indexes(session) == set()


def test_a_value_that_is_too_long_for_an_index_costs_the_index_and_nothing_else(
    company: Company, database: Database
) -> None:
    project = _project(_held("unique", "night"), _held("never_null", columns=("night",)))
    # Of what repeats an index makes something short.
    long = "select string_agg(md5(range::varchar), '') as night from range(1000)"
    [told] = _publish(company, database, project, long)
    assert told.startswith("leads has no index on night")
    with database.session() as session:
        assert session.rows("select length(night) from marts.leads") == [(32_000,)]


def test_the_catalogue_has_keys_too(company: Company, database: Database) -> None:
    _publish(company, database, _project(), LEADS)
    with database.session() as session:
        keys = session.rows(
            "select indrelid::regclass::text from pg_index join pg_class on oid = indrelid "
            "where indisprimary and relname like 'catalogue%' order by 1"
        )
    assert keys == [
        ("marts.catalogue",), ("marts.catalogue_column",), ("marts.catalogue_source",)
    ]  # fmt: skip


def test_every_public_table_of_the_project_has_a_key(dbt_project: DbtProject) -> None:
    relations = public_relations(dbt_project, Gate(), recipes(dbt_project))
    assert [r.name for r in relations if not r.unique] == []


def test_every_key_of_the_project_is_made_of_columns_of_its_table(dbt_project: DbtProject) -> None:
    relations = public_relations(dbt_project, Gate(), recipes(dbt_project))
    for relation in relations:
        for columns in relation.unique:
            assert relation.columns.keys() >= set(columns), relation.name
