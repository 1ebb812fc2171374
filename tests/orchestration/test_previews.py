"""Rows of a table in the web UI, whose history an erasure of the tables does not reach."""

import duckdb

from orchestration.defs.previews import preview_of_table
from orchestration.publish.catalogue import PUBLIC_SCHEMA, personal_columns
from orchestration.warehouse.dbt_project import DbtProject


def test_a_preview_leaves_out_what_tells_who_somebody_is(dbt_project: DbtProject) -> None:
    worklist = dbt_project.models["model.tandem.handoff_worklist"]
    columns = ", ".join(f"'{name} is told' as {name}" for name in worklist["columns"])
    with duckdb.connect() as connection:
        connection.execute(f"create schema {PUBLIC_SCHEMA}")
        connection.execute(f"create table {PUBLIC_SCHEMA}.handoff_worklist as select {columns}")
        personal = personal_columns(worklist)
        shown = preview_of_table(connection, PUBLIC_SCHEMA, "handoff_worklist", personal).value
    assert "handoff_id is told" in shown
    assert "person_name" not in shown
    assert "owner_name" not in shown
