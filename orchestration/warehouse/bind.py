"""The bind step: one consistent state of all sources, under the names that dbt reads."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from connectors.source_parts import DeclaredStream
from connectors.sources import Source
from orchestration.company import Company
from orchestration.warehouse.agreement_tables import agreement_tables
from orchestration.warehouse.bound_views import (
    OWN_SCHEMAS,
    bound_schemas,
    bound_views,
    state_query,
    stream_state,
)
from orchestration.warehouse.connection import WarehouseDamaged, open_warehouse
from orchestration.warehouse.dialects import DUCKDB
from orchestration.warehouse.fingerprint import digest, fingerprint
from orchestration.warehouse.freshness import (
    BoundSource,
    StreamState,
    bound_source,
    check_as_of,
    check_known_at,
    check_not_to_come,
    check_required,
    default_as_of,
    default_known_at,
    naive,
    observed_from,
)
from orchestration.warehouse.pins import Pin, Pins, forget_other_copies, pin_streams
from orchestration.warehouse.sql import identifier


@dataclass(frozen=True)
class Binding:
    """What a night is bound to. Instants are naive in UTC.

    Of two bindings with the same fingerprint the models make the same tables. `damage` is what was
    wrong with the warehouse that this one takes the place of.
    """

    as_of: datetime
    known_at: datetime
    observed_from: datetime | None
    agreement_version: str
    sources: tuple[BoundSource, ...]
    fingerprint: str
    damage: str | None = None


def bind(
    company: Company,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    failed: Collection[str] = (),
    now: datetime | None = None,
) -> Binding:
    """Pin a version of every raw table and make what dbt reads of it, in one transaction.

    `as_of` and `known_at` are the two clocks (aware, or naive in UTC); by default the least
    watermark of the required sources and the newest load. `failed` names the sources whose last
    load failed. `now` is by what sources grow stale, by default the present; a past `known_at` is
    not held against their freshness.

    Raises SourcesNotReady where a required source is down, too old or not loaded yet, and
    BindError where nothing has been loaded, or where a clock is set to what can't be known:
    `known_at` before the first load, `as_of` after `known_at` or the present. What an earlier night
    bound then stays. A warehouse that is damaged is made anew.
    """
    try:
        return _bind(company, as_of, known_at, failed, now)
    except WarehouseDamaged as damage:
        return replace(_bind(company, as_of, known_at, failed, now), damage=str(damage))


def _bind(
    company: Company,
    as_of: datetime | None,
    known_at: datetime | None,
    failed: Collection[str],
    now: datetime | None,
) -> Binding:
    if not company.warehouse.exists():
        # What was built went with it.
        company.gate.unlink(missing_ok=True)
    asked_as_of, asked_known_at = naive(as_of), naive(known_at)
    present = naive(now) or datetime.now(UTC).replace(tzinfo=None)
    pins = pin_streams(company)
    with open_warehouse(company.warehouse) as connection, _transaction(connection):
        _make_views(connection, company.sources.sources, pins, asked_known_at)
        states = _states(connection, company.sources.sources, pins, asked_known_at)
        binding = settled(
            company,
            pins,
            states,
            as_of=asked_as_of,
            known_at=asked_known_at,
            failed=failed,
            present=present,
        )
        _make_tables(connection, company, binding)
    forget_other_copies(company, pins)
    return binding


def settled(
    company: Company,
    pins: Pins,
    states: Mapping[str, Sequence[StreamState]],
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    failed: Collection[str],
    present: datetime,
) -> Binding:
    """What a night is bound to, from what the pinned versions hold. Raises as `bind` does."""
    # How fresh the sources were at an earlier time is no question of tonight's.
    judged_at = None if known_at else present
    sources = tuple(
        bound_source(source, states[source.name], judged_at, source.name in failed)
        for source in company.sources.sources
    )
    if known_at is not None:
        check_known_at(known_at, sources)
    if as_of is not None:
        check_as_of(as_of, known_at or present)
    check_required(sources)
    bound_known_at = known_at or default_known_at(sources)
    return Binding(
        as_of=as_of or default_as_of(sources, bound_known_at),
        known_at=bound_known_at,
        observed_from=observed_from(sources),
        agreement_version=company.agreement.version,
        sources=sources,
        fingerprint=_fingerprint(company, pins, as_of, known_at),
    )


def check_clocks(company: Company, as_of: datetime, known_at: datetime | None) -> datetime:
    """The `known_at` that a rebuild as of `as_of` is of: the one asked for, else the newest load.

    Nothing is written. Raises BindError where a clock is set to what can't be known, or where
    nothing has been loaded.
    """
    present = datetime.now(UTC).replace(tzinfo=None)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        states = _states(connection, company.sources.sources, pin_streams(company), known_at)
    sources = [bound_source(s, states[s.name], None, False) for s in company.sources.sources]
    if known_at is None:
        known_at = default_known_at(sources)
    check_not_to_come(known_at, present)
    check_known_at(known_at, sources)
    check_as_of(as_of, known_at)
    check_required(sources)
    return known_at


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _make_views(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    pins: Pins,
    known_at: datetime | None,
) -> None:
    present = connection.execute(
        "select schema_name from duckdb_schemas() where database_name = current_database()"
    ).fetchall()
    for (schema,) in present:
        if schema in OWN_SCHEMAS or schema.startswith(("raw_", "bound_")):
            connection.execute(f"drop schema {identifier(schema)} cascade")
    for schema in bound_schemas(sources):
        connection.execute(f"create schema {identifier(schema)}")
    for schema, name, query in bound_views(sources, pins, known_at, DUCKDB):
        connection.execute(f"create view {identifier(schema, name)} as {query}")


def _states(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    pins: Pins,
    known_at: datetime | None,
) -> dict[str, tuple[StreamState, ...]]:
    return {
        source.name: tuple(
            _state(connection, stream, pins[source.name, stream.name], known_at)
            for stream in source.streams
        )
        for source in sources
    }


def _state(
    connection: duckdb.DuckDBPyConnection,
    stream: DeclaredStream,
    pin: Pin,
    known_at: datetime | None,
) -> StreamState:
    [found] = connection.execute(state_query(stream, pin, known_at, DUCKDB)).fetchall()
    return stream_state(stream, pin, known_at, found)


def _make_tables(connection: duckdb.DuckDBPyConnection, company: Company, binding: Binding) -> None:
    for (schema, name), table in bound_tables(company, binding).items():
        connection.register("_bound_table", table)
        connection.execute(f"create table {identifier(schema, name)} as select * from _bound_table")
        connection.unregister("_bound_table")


def bound_tables(company: Company, binding: Binding) -> Mapping[tuple[str, str], pa.Table]:
    """What dbt reads of a binding beside the lake, by schema and name."""
    tables = {
        ("bound", "clock"): _clock(binding),
        ("bound", "sources"): _sources(binding),
        ("bound", "chosen_fields"): _chosen_fields(company.sources.sources),
        ("bound", "binding"): pa.table({"fingerprint": [binding.fingerprint]}),
    }
    for name, table in agreement_tables(company.agreement, binding.as_of.date()).items():
        tables["agreement", name] = table
    return tables


def _fingerprint(
    company: Company, pins: Pins, as_of: datetime | None, known_at: datetime | None
) -> str:
    """Clocks that nobody sets follow from what is pinned; those that somebody sets do not."""
    of_pins = fingerprint(company, pins)
    if as_of is None and known_at is None:
        return of_pins
    return digest(f"{of_pins} {as_of} {known_at}")


def bound_fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The fingerprint of what the warehouse is bound to; None where nothing is bound yet."""
    try:
        [(found,)] = connection.execute("select fingerprint from bound.binding").fetchall()
    except duckdb.CatalogException:
        return None
    return str(found)


def _clock(binding: Binding) -> pa.Table:
    instant_type, text = pa.timestamp("us"), pa.string()
    return pa.table(
        {
            "as_of": pa.array([binding.as_of], instant_type),
            "known_at": pa.array([binding.known_at], instant_type),
            "agreement_version": pa.array([binding.agreement_version], text),
            "observed_from": pa.array([binding.observed_from], instant_type),
        }
    )


def _chosen_fields(sources: Sequence[Source]) -> pa.Table:
    """Which field of a source stands in a column for which the source's settings name one."""
    names = ("source", "stream", "column_name", "field")
    rows = [
        dict(zip(names, (source.name, stream.name, column, field), strict=True))
        for source in sources
        for stream in source.streams
        for column, field in stream.chosen.items()
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))


def _sources(binding: Binding) -> pa.Table:
    kinds: dict[str, pa.DataType] = {
        "source": pa.string(),
        "required": pa.bool_(),
        "state": pa.string(),
        "observed_from": pa.timestamp("us"),
        "watermark": pa.timestamp("us"),
        "last_synced_at": pa.timestamp("us"),
        "stale_after_minutes": pa.int64(),
        "rows": pa.int64(),
        "rejected": pa.int64(),
        "versions": pa.string(),
    }
    rows = [
        {
            **{name: getattr(source, name) for name in kinds},
            "versions": json.dumps(source.versions, sort_keys=True),
        }
        for source in binding.sources
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))
