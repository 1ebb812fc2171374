"""A warehouse file with every source typed and empty, for dbt itself to build on.

`python -m tests.dbt_project.warehouse FILE MANIFEST` makes one by hand.
"""

import json
import sys
from pathlib import Path

import duckdb

from tests.dbt_project.compiled import CompiledProject


def create_empty_warehouse(project: CompiledProject, path: Path) -> None:
    """Create `path`, a DuckDB file in which every source is there, typed and empty."""
    with duckdb.connect(path) as connection:
        for relation in project.relations.values():
            if relation.sql is None:
                _, schema, table = relation.address.split(".")
                columns = ", ".join(f'"{name}" {type_}' for name, type_ in relation.columns.items())
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f"create table {schema}.{table} ({columns})")


if __name__ == "__main__":
    _, file, manifest = sys.argv
    create_empty_warehouse(CompiledProject(json.loads(Path(manifest).read_text())), Path(file))
