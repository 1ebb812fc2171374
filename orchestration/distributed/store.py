"""Where the statistics read counts and keep what comes of them, on a distributed engine."""

from pyspark.sql import SparkSession

from orchestration.distributed.session import answer
from orchestration.distributed.tables import Tables
from orchestration.measures.store import STATISTICS, Store


def engine_store(session: SparkSession, tables: Tables) -> Store:
    """The engine counts; what comes of the counts lies among its tables."""
    return Store(
        read=lambda model: answer(session, f"select * from {tables.rows_of(model)}"),
        keep=lambda statistic, made: tables.write(made, STATISTICS, statistic),
    )
