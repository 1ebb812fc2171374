"""Where the statistics read the counts that SQL made, and keep what Python makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from orchestration.warehouse.sql import identifier

STATISTICS: Final = "statistics"
"""The schema in which they lie."""


@dataclass(frozen=True)
class Store:
    """`read` gives columns of a dbt model of schema `intermediate`, `keep` keeps a statistic."""

    read: Callable[[str, Sequence[str]], pa.Table]
    keep: Callable[[str, pa.Table], None]


def warehouse_store(connection: duckdb.DuckDBPyConnection) -> Store:
    """Both lie in the warehouse."""

    def read(model: str, columns: Sequence[str]) -> pa.Table:
        chosen = ", ".join(identifier(column) for column in columns)
        address = identifier("intermediate", model)
        return connection.sql(f"select {chosen} from {address}").to_arrow_table()

    def keep(statistic: str, made: pa.Table) -> None:
        connection.execute(f"create schema if not exists {STATISTICS}")
        connection.register("made", made)
        try:
            address = identifier(STATISTICS, statistic)
            connection.execute(f"create or replace table {address} as select * from made")
        finally:
            connection.unregister("made")

    return Store(read, keep)
