"""The names of tables in the engine's catalogue, which may live no longer than its session."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import SparkSession

from orchestration.distributed.bind import STATEMENTS
from orchestration.distributed.session import answer
from orchestration.distributed.tables import Tables
from orchestration.measures.store import STATISTICS

_AT_ONCE: Final = 8
_TYPES: Final = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def fill_catalogue(
    session: SparkSession, tables: Tables, nodes: Iterable[Mapping[str, Any]]
) -> None:
    """Name what is bound, the statistics that are made, and the models that are built.

    `nodes` are dbt's, by its manifest: models and sources.
    """
    query = f"select statement from {tables.rows_of(*STATEMENTS)} order by place"
    bound: list[str] = answer(session, query)["statement"].to_pylist()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        named = pool.map(lambda node: _named(tables, node), nodes)
        for statement in dict.fromkeys(chain(bound, *named)):
            session.sql(statement)


def _named(tables: Tables, node: Mapping[str, Any]) -> Iterable[str]:
    """The statements that name a node's table, where it is made."""
    is_model = node["resource_type"] == "model"
    if not is_model and node["schema"] != STATISTICS:
        return ()
    name = node["alias" if is_model else "identifier"]
    place = [name] if is_model else [STATISTICS, name]
    present = tables.columns(*place)
    if present is None:
        return ()
    promised = _promised(node)
    if is_model and _told(present) != _told(promised):
        # Not every engine lets a table be replaced by one of other columns.
        tables.write(promised.empty_table(), *place)
        present = tables.columns(*place)
    return tables.made(node["schema"], name, *place, columns=present)


def _told(columns: pa.Schema) -> set[tuple[str, str]]:
    return {(c.name, "instant" if pa.types.is_timestamp(c.type) else str(c.type)) for c in columns}


def _promised(node: Mapping[str, Any]) -> pa.Schema:
    """The columns of a table as its contract has them."""
    return pa.schema(
        [(column["name"], _type(column["data_type"])) for column in node["columns"].values()]
    )


def _type(promised: str) -> pa.DataType:
    if promised.startswith("decimal("):
        precision, scale = promised[len("decimal(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _TYPES[promised]
