"""A session with the engine, and what its queries give."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
from pyspark.sql import SparkSession

from orchestration.distributed import NoEngine

ADDRESS: Final = "SPARK_REMOTE"
"""The environment variable that says where the engine is; pyspark reads it too."""


def connect() -> SparkSession:
    """The session of this process, made where there is none; its time zone is UTC.

    Raises NoEngine where nobody says where the engine is.
    """
    if not os.environ.get(ADDRESS):
        raise NoEngine(f"Say in {ADDRESS} where the engine is, such as sc://127.0.0.1:50051.")
    session = SparkSession.builder.getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@contextmanager
def connected() -> Iterator[SparkSession]:
    """A session for a piece of work, ended after it: the engine gives up one that is idle long."""
    session = connect()
    try:
        yield session
    finally:
        session.stop()


def answer(session: SparkSession, query: str) -> pa.Table:
    """The rows of a query. Instants are naive in UTC, as DuckDB gives them."""
    table = session.sql(query).toArrow()
    return table.cast(pa.schema([field.with_type(_naive(field.type)) for field in table.schema]))


def _naive(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind
