"""dbt's own data tests, run against an in-memory warehouse."""

from tests.dbt_project.compiled import Database


def failures(database: Database, model: str) -> dict[str, int]:
    """How many rows each data test of the model returns, for those that return any.

    A test that also reads relations that are not there is passed over.
    """
    nodes = database.project.manifest["nodes"]
    model_id = f"model.tandem.{model}"
    existing = _existing(database)
    found = {}
    for node in nodes.values():
        if node["resource_type"] == "test" and node.get("attached_node") == model_id:
            reads = [nodes[parent] for parent in node["depends_on"]["nodes"] if parent in nodes]
            if any((read["schema"], read["alias"]) not in existing for read in reads):
                continue
            query = f"select count(*) from ({node['compiled_code']}) as failing"
            row = database.connection.execute(query).fetchone()
            if row and row[0]:
                found[node["name"]] = row[0]
    return found


def _existing(database: Database) -> set[tuple[str, str]]:
    query = "select schema_name, table_name from duckdb_tables()"
    return set(database.connection.execute(query).fetchall())
