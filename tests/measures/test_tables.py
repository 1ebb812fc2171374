"""The tables of schema statistics are what dbt is told of them."""

import duckdb
import pyarrow as pa

from orchestration.measures.figures import Settings
from orchestration.measures.store import warehouse_store
from orchestration.measures.tables import STATISTICS, make_statistic
from tests.dbt_project.compiled import CompiledProject

TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}


def test_dbt_knows_each_statistic_its_columns_and_what_it_is_made_of(
    project: CompiledProject,
) -> None:
    declared = {
        node["name"]: (
            tuple(node["config"]["meta"]["reads"]),
            pa.schema([(n, TYPES[c["data_type"]]) for n, c in node["columns"].items()]),
        )
        for node in project.manifest["sources"].values()
        if node["source_name"] == "statistics"
    }
    assert declared == {
        name: (tuple(statistic.reads), statistic.schema) for name, statistic in STATISTICS.items()
    }


def test_each_statistic_is_made_of_models_that_do_not_stand_on_it(
    project: CompiledProject,
) -> None:
    parents = project.manifest["parent_map"]
    ids = {node["name"]: i for i, node in project.manifest["nodes"].items()}
    for statistic in STATISTICS.values():
        seen, ahead = set(), [ids[name] for name in statistic.reads]
        while ahead:
            node = ahead.pop()
            seen.add(node)
            ahead += [parent for parent in parents.get(node, []) if parent not in seen]
        assert f"source.tandem.statistics.{statistic.name}" not in seen


def test_every_statistic_of_an_empty_company_is_an_empty_table(project: CompiledProject) -> None:
    database = project.database()
    reads = sorted({model for statistic in STATISTICS.values() for model in statistic.reads})
    database.build_with_parents(*reads)
    for statistic in STATISTICS.values():
        made = make_statistic(
            warehouse_store(_plain(database.connection)), statistic, Settings(0.95, 20, 0.9)
        )
        assert made.table.num_rows == 0


def _plain(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("use warehouse")
    return connection
