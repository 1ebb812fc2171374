"""The bind step on a distributed engine: pinned versions where they lie, under names for dbt."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import pyarrow as pa
from pyspark.sql import SparkSession

from connectors.source_parts import DeclaredStream
from orchestration.company import Company
from orchestration.distributed.session import answer
from orchestration.distributed.tables import Tables
from orchestration.warehouse.bind import Binding, bound_tables, settled
from orchestration.warehouse.bound_views import (
    bound_schemas,
    bound_views,
    state_query,
    stream_state,
)
from orchestration.warehouse.dialects import SPARK, lake_table
from orchestration.warehouse.freshness import StreamState, naive
from orchestration.warehouse.pins import Pin, Pins, pin_streams

STATEMENTS = ("bound", "statements")
"""Where the statements lie that make the bound names in a session's catalogue."""


def bind(
    company: Company,
    tables: Tables,
    session: SparkSession,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    failed: Collection[str] = (),
    now: datetime | None = None,
) -> Binding:
    """As `warehouse.bind.bind`, and of the same arguments; nothing is copied from the lake."""
    asked_as_of, asked_known_at = naive(as_of), naive(known_at)
    pins = pin_streams(company, at_hand=False)
    statements = [*_lake(pins), *_views(company, pins, asked_known_at)]
    for statement in statements:
        session.sql(statement)
    binding = settled(
        company,
        pins,
        {
            source.name: tuple(
                _state(session, stream, pins[source.name, stream.name], asked_known_at)
                for stream in source.streams
            )
            for source in company.sources.sources
        },
        as_of=asked_as_of,
        known_at=asked_known_at,
        failed=failed,
        present=naive(now) or datetime.now(UTC).replace(tzinfo=None),
    )
    for (schema, name), table in bound_tables(company, binding).items():
        tables.write(table, schema, name)
        statements += tables.made(schema, name, schema, name, columns=tables.columns(schema, name))
    numbered = {"place": range(len(statements)), "statement": statements}
    tables.write(pa.table({k: pa.array(v) for k, v in numbered.items()}), *STATEMENTS)
    return binding


def _lake(pins: Pins) -> Iterator[str]:
    for pin in pins.values():
        if pin.files:
            schema, name = lake_table(pin)
            yield f"create schema if not exists {SPARK.identifier(schema)}"
            yield (
                f"create table if not exists {SPARK.identifier(schema, name)} "
                f"using delta location {SPARK.literal(pin.address)}"
            )


def _views(company: Company, pins: Pins, known_at: datetime | None) -> Iterator[str]:
    sources = company.sources.sources
    for schema in bound_schemas(sources):
        yield f"create schema if not exists {SPARK.identifier(schema)}"
    for schema, name, query in bound_views(sources, pins, known_at, SPARK):
        yield f"create or replace view {SPARK.identifier(schema, name)} as {query}"


def _state(
    session: SparkSession, stream: DeclaredStream, pin: Pin, known_at: datetime | None
) -> StreamState:
    found = answer(session, state_query(stream, pin, known_at, SPARK))
    return stream_state(stream, pin, known_at, [column[0].as_py() for column in found.columns])
