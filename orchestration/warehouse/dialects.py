"""What the bound views say in other words on each engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from orchestration.warehouse.pins import Pin
from orchestration.warehouse.sql import identifier, literal


@dataclass(frozen=True)
class Dialect:
    """The words of an engine.

    `in_utc` makes of a column with a zone the same instant in UTC; `on_the_wall` does so of a time
    and the zone, both SQL, in whose days and hours it is told. `rows` is a pinned version.
    """

    identifier: Callable[..., str]
    literal: Callable[[str], str]
    in_utc: Callable[[str], str]
    on_the_wall: Callable[[str, str], str]
    rows: Callable[[Pin], str]


def _duckdb_rows(pin: Pin) -> str:
    files = ", ".join(literal(file) for file in pin.files)
    return f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)"


def _spark_identifier(*parts: str) -> str:
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def _spark_literal(text: str) -> str:
    return literal(text.replace("\\", "\\\\"))


def lake_table(pin: Pin) -> tuple[str, str]:
    """The schema and name under which an engine with a catalogue knows a raw table, unpinned."""
    source, stream = pin.address.split("/")[-2:]
    return f"lake_{source}", stream


def _spark_rows(pin: Pin) -> str:
    # By name: Sail loses the quotes around a folder's name inside a view.
    return f"{_spark_identifier(*lake_table(pin))} version as of {pin.version}"


DUCKDB: Final = Dialect(
    identifier=identifier,
    literal=literal,
    in_utc=lambda column: f"timezone('UTC', {column})",
    on_the_wall=lambda time, zone: f"timezone('UTC', timezone({zone}, {time}))",
    rows=_duckdb_rows,
)
"""DuckDB reads the files of a version; its instants have no zone."""

SPARK: Final = Dialect(
    identifier=_spark_identifier,
    literal=_spark_literal,
    # Its session's zone is UTC.
    in_utc=lambda column: column,
    on_the_wall=lambda time, zone: f"to_utc_timestamp({time}, {zone})",
    rows=_spark_rows,
)
"""Spark and what speaks its SQL read a version of a Delta table where it lies."""
