"""Where the statistics read counts and keep what comes of them, on a distributed engine."""

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import SparkSession

from orchestration.distributed.session import answer
from orchestration.distributed.tables import Tables
from orchestration.measures.store import STATISTICS, Store
from orchestration.warehouse.dialects import SPARK


def engine_store(session: SparkSession, tables: Tables) -> Store:
    """The engine counts; what comes of the counts lies among its tables."""

    def read(model: str, columns: Sequence[str]) -> pa.Table:
        chosen = ", ".join(SPARK.identifier(column) for column in columns)
        return answer(session, f"select {chosen} from {tables.rows_of(model)}")

    return Store(
        read=read,
        keep=lambda statistic, made: tables.write(made, STATISTICS, statistic),
    )
