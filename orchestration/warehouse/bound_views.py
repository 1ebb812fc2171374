"""What dbt reads of the lake: the views of pinned versions, and what those versions hold."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from connectors.entities import ENTITIES
from connectors.source_parts import DeclaredStream
from connectors.sources import API_STREAMS, Source
from orchestration.warehouse.dialects import Dialect
from orchestration.warehouse.entity_views import entity_view, rejects_view
from orchestration.warehouse.freshness import StreamState
from orchestration.warehouse.pins import Pin, Pins
from orchestration.warehouse.raw_views import instant, kind_view, raw_view

OWN_SCHEMAS: Final = ("raw_files", "bound", "agreement")
"""The schemas that binding makes for every company; each source and each API has one beside."""


def bound_schemas(sources: Sequence[Source]) -> tuple[str, ...]:
    """The schemas of everything that is bound."""
    kinds = (f"bound_{kind}" for kind in API_STREAMS)
    return (*OWN_SCHEMAS, *kinds, *(f"raw_{source.name}" for source in sources))


def bound_views(
    sources: Sequence[Source], pins: Pins, known_at: datetime | None, dialect: Dialect
) -> Iterator[tuple[str, str, str]]:
    """Schema, name and query of every view over the lake, each after those that it reads."""
    for source in sources:
        for stream in source.streams:
            query = raw_view(stream, pins[source.name, stream.name], known_at, dialect)
            yield f"raw_{source.name}", stream.name, query
    for kind, streams in API_STREAMS.items():
        for stream in streams:
            yield f"bound_{kind}", stream.name, kind_view(kind, stream, sources, dialect)
    for entity in ENTITIES.values():
        yield "raw_files", entity.name, entity_view(entity, sources, dialect)
    yield "raw_files", "rejects", rejects_view(sources, dialect)


def state_query(
    stream: DeclaredStream, pin: Pin, known_at: datetime | None, dialect: Dialect
) -> str:
    """The query of the one row that `stream_state` reads."""
    absent = "cast(null as timestamp)"
    watermark = instant(stream, stream.watermark, dialect) if stream.watermark else absent
    limit = f"timestamp {dialect.literal(str(known_at))}" if known_at else "_loaded_at"
    # A watermark after its own load is a slip of the pen, which must not move the clock.
    return f"""
        select
            min(_loaded_at),
            count(*) filter (where is_known and _reject_reason is null),
            count(*) filter (where is_known and _reject_reason is not null),
            max(_loaded_at) filter (where is_known),
            max({watermark}) filter (where is_known and {watermark} <= _loaded_at and not _deleted)
        from (
            select *, _loaded_at <= {limit} as is_known
            from ({raw_view(stream, pin, None, dialect)})
        )
        """


def stream_state(
    stream: DeclaredStream, pin: Pin, known_at: datetime | None, found: Sequence[Any]
) -> StreamState:
    """What a pinned version holds, by the row that `state_query` found."""
    first_load, rows, rejected, newest, greatest = found
    synced = pin.last_synced_at
    if synced is not None and known_at is not None and synced > known_at:
        synced = newest
    return StreamState(
        stream=stream.name,
        is_loaded=pin.last_synced_at is not None,
        version=pin.version,
        rows=rows,
        rejected=rejected,
        first_load=first_load,
        newest_load=newest,
        last_synced_at=synced,
        watermark=greatest,
        in_lake=pin.rows if known_at is None else None,
    )
