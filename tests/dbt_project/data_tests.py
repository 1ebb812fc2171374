"""dbt's own data tests, run against an in-memory warehouse."""

from typing import Any

from tests.dbt_project.compiled import Database


def failures(database: Database, model: str) -> dict[str, int]:
    """How many rows each data test of the model returns, for those that return any.

    A test that also reads relations that are not there is passed over.
    """
    manifest = database.project.manifest
    model_id = f"model.tandem.{model}"
    found = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node") == model_id:
            if not _is_there(database, node):
                continue
            query = f"select count(*) from ({node['compiled_code']}) as failing"
            row = database.connection.execute(query).fetchone()
            if row and row[0]:
                found[node["name"]] = row[0]
    return found


def _is_there(database: Database, node: Any) -> bool:
    existing = {
        f'"{schema}"."{table}"'
        for schema, table in database.connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
    }
    named = database.project.manifest["nodes"]
    needed = [named[parent] for parent in node["depends_on"]["nodes"] if parent in named]
    return all(f'"{item["schema"]}"."{item["alias"]}"' in existing for item in needed)
