"""What the tables that a night advances were made of, so that the next one can go on from there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import duckdb

from orchestration.company import Company
from orchestration.nights.ties import TIES
from orchestration.warehouse.dbt_project import project_digest
from orchestration.warehouse.fingerprint import code_digest, digest
from orchestration.warehouse.sql import identifier, literal

_SCHEMA: Final = "night"

Relation = tuple[str, str]
"""Schema and name."""


@dataclass(frozen=True)
class Clock:
    """As bound: naive in UTC."""

    as_of: datetime
    known_at: datetime
    observed_from: datetime | None


@dataclass(frozen=True)
class Landed:
    """Of one stream in a relation of the lake: how many rows, and when the last of them came."""

    rows: int
    until: datetime


Lake = Mapping[tuple[str, str, str], Landed]
"""What is landed, by schema and name of the relation and by the stream in it."""


@dataclass(frozen=True)
class Base:
    """What the tables stand on. `rules` is a digest of all that is neither lake nor clock."""

    rules: str
    clock: Clock
    lake: Lake
    statements: Mapping[str, str]


def stream_of(relation: Relation) -> str:
    """SQL that tells the streams in a relation of the lake apart."""
    return "source || ' ' || stream" if relation[0] == "raw_files" else "source"


def loaded_at_of(relation: Relation) -> str:
    """The column of a relation of the lake that says when a row was loaded."""
    return "loaded_at" if relation == ("raw_files", "rejects") else "_loaded_at"


def rules_of(company: Company) -> str:
    """A digest of the company's two files, the models and the code."""
    parts = (
        json.dumps(_sources_but_how_far_they_tell(company), sort_keys=True),
        company.agreement.model_dump_json(),
        project_digest(),
        code_digest(),
        duckdb.__version__,
    )
    return digest("\n".join(parts))


def _sources_but_how_far_they_tell(company: Company) -> dict[str, Any]:
    """That is the clock's; and so is the day until which a simulated company has lived."""
    told = company.sources.model_dump(mode="json", exclude={"simulate"})
    for source in told["sources"]:
        source.pop("complete_until")
    return told


def present_clock(connection: duckdb.DuckDBPyConnection) -> Clock:
    """The clock of what is bound."""
    [row] = connection.execute("select as_of, known_at, observed_from from bound.clock").fetchall()
    return Clock(*row)


def present_lake(connection: duckdb.DuckDBPyConnection) -> Lake:
    """What is bound of the lake."""
    landed: dict[tuple[str, str, str], Landed] = {}
    for relation in TIES:
        found = connection.execute(
            f"select {stream_of(relation)}, count(*), max({loaded_at_of(relation)}) "
            f"from {identifier(*relation)} group by 1"
        ).fetchall()
        for stream, rows, until in found:
            landed[*relation, stream] = Landed(rows, until)
    return landed


def forget_base(connection: duckdb.DuckDBPyConnection) -> None:
    """Say that the tables stand on nothing that is known."""
    connection.execute(f"drop schema if exists {_SCHEMA} cascade")


def keep_base(connection: duckdb.DuckDBPyConnection, base: Base) -> None:
    """Say what the tables stand on now."""
    forget_base(connection)
    connection.execute(f"create schema {_SCHEMA}")
    connection.execute(
        f"create table {_SCHEMA}.stands_on "
        "(rules text, as_of timestamp, known_at timestamp, observed_from timestamp)"
    )
    clock = base.clock
    connection.execute(
        f"insert into {_SCHEMA}.stands_on values (?, ?, ?, ?)",
        [base.rules, clock.as_of, clock.known_at, clock.observed_from],
    )
    connection.execute(
        f"create table {_SCHEMA}.landed "
        "(schema_name text, relation text, stream text, row_count bigint, until timestamp)"
    )
    rows = [[*key, one.rows, one.until] for key, one in base.lake.items()]
    if rows:
        connection.executemany(f"insert into {_SCHEMA}.landed values (?, ?, ?, ?, ?)", rows)
    connection.execute(f"create table {_SCHEMA}.statement (model text, query text)")
    connection.executemany(
        f"insert into {_SCHEMA}.statement values (?, ?)", [list(i) for i in base.statements.items()]
    )


def kept_base(connection: duckdb.DuckDBPyConnection) -> Base | None:
    """What the tables stand on; None where that is not known."""
    [(count,)] = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() "
        f"and schema_name = {literal(_SCHEMA)}"
    ).fetchall()
    if count != 3:  # noqa: PLR2004 - the tables that keep_base makes
        return None
    [(rules, *clock)] = connection.execute(f"from {_SCHEMA}.stands_on").fetchall()
    landed = connection.execute(f"from {_SCHEMA}.landed").fetchall()
    statements = connection.execute(f"from {_SCHEMA}.statement").fetchall()
    return Base(
        rules,
        Clock(*clock),
        {(schema, name, stream): Landed(n, until) for schema, name, stream, n, until in landed},
        dict(statements),
    )
