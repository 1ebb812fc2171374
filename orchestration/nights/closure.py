"""Which rows hang together with those that changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import duckdb

from orchestration.nights.base import Clock, Lake, Relation, loaded_at_of, stream_of
from orchestration.nights.ties import TIES, Tied, Whole
from orchestration.warehouse.sql import identifier, literal

WORK: Final = "night_work"
"""The database in which the tables of this module stand."""

REACHED: Final = f"{WORK}.reached"
"""The hashes of all ties, or nodes, that hang together with what changed."""

_TIES: Final = f"{WORK}.ties"
_ASKED: Final = f"{WORK}.asked_for"
_FRONTIER: Final = f"{WORK}.frontier"
_NEXT: Final = f"{WORK}.next_frontier"

_ROWS: Final = 10**12
"""More than a relation has, so that the rows of several are told apart by number."""


class NotByPieces(Exception):
    """The night can't be built from what changed alone; says why."""


@dataclass(frozen=True)
class Rows:
    """Of the lake: how many rows changed, how many hang together with them, how many there are."""

    changed: int
    reached: int
    all: int


def reach_rows(
    connection: duckdb.DuckDBPyConnection, before: Lake, since: Clock, now: Clock
) -> Rows:
    """Find the rows of the lake that hang together with what came, or came to be seen.

    Leaves their ties in REACHED. Raises NotByPieces where something changed that everybody is told
    of, or where rows of the night before are gone.
    """
    _check_nothing_vanished(connection, before)
    connection.execute(f"create table {_ASKED} (tie ubigint)")
    for relation, how in TIES.items():
        if isinstance(how, Whole) and not how.is_apart:
            _ask(connection, relation, how, before)
    connection.execute(f"create table {_TIES} (place bigint, tie ubigint, is_changed boolean)")
    rows = sum(
        _tie(connection, relation, how, number * _ROWS, (before, since, now))
        for number, (relation, how) in enumerate(TIES.items())
        if isinstance(how, Tied)
    )
    connection.execute(
        f"create table {REACHED} as select tie from {_TIES} where is_changed group by tie"
    )
    _spread(connection)
    [(changed,)] = connection.execute(
        f"select count(distinct place) from {_TIES} where is_changed"
    ).fetchall()
    [(reached,)] = connection.execute(
        f"select count(distinct place) from {_TIES} where tie in (from {REACHED})"
    ).fetchall()
    return Rows(changed, reached, rows)


def reach_records(
    connection: duckdb.DuckDBPyConnection, ties: Iterable[str], seeds: Iterable[str]
) -> None:
    """Find the nodes that hang together with those of the queries `seeds`.

    The queries `ties` give pairs of a node and a tie. Leaves the hashes of both in REACHED.
    """
    connection.execute(
        f"create or replace table {_TIES} as "
        "select row_number() over () as place, unnest([hash(node), hash(tie)]) as tie "
        f"from ({' union all '.join(ties)})"
    )
    connection.execute(
        f"create or replace table {REACHED} as select hash(node) as tie "
        f"from ({' union all '.join(seeds)}) where node is not null group by 1"
    )
    _spread(connection)


def is_new(relation: Relation, before: Lake) -> str:
    """SQL that is true of a row of a relation of the lake that was not there before."""
    loaded_at = loaded_at_of(relation)
    known = [
        f"when {literal(stream)} then {loaded_at} > timestamp {literal(str(landed.until))}"
        for (schema, name, stream), landed in before.items()
        if (schema, name) == relation
    ]
    return f"case {stream_of(relation)} {' '.join(known)} else true end" if known else "true"


def came_to_be_seen(column: str, kind: str, since: Clock, now: Clock) -> str:
    """SQL that is true where a time of this kind is one that the clock has passed since.

    A day begins up to 14 hours earlier or later than in UTC.
    """
    margin = "interval 1 day" if kind == "DATE" else "interval 0 day"
    return (
        f"coalesce({identifier(column)} > timestamp {literal(str(since.as_of))} - {margin} "
        f"and {identifier(column)} <= timestamp {literal(str(now.as_of))} + {margin}, false)"
    )


def columns_of(connection: duckdb.DuckDBPyConnection, relation: Relation) -> dict[str, str]:
    """The columns of a relation of the warehouse, with the engine's names of their types."""
    found = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = "
        "current_database() and schema_name = ? and table_name = ? order by column_index",
        list(relation),
    ).fetchall()
    return dict(found)


def _check_nothing_vanished(connection: duckdb.DuckDBPyConnection, before: Lake) -> None:
    for (schema, name, stream), landed in before.items():
        relation = (schema, name)
        [(rows,)] = connection.execute(
            f"select count(*) from {identifier(*relation)} where {stream_of(relation)} = ? "
            f"and {loaded_at_of(relation)} <= ?",
            [stream, landed.until],
        ).fetchall()
        if rows != landed.rows:
            raise NotByPieces(
                f"{name} of {stream} had {landed.rows:,} rows the night before; of those, "
                f"{rows:,} are there"
            )


def _ask(
    connection: duckdb.DuckDBPyConnection, relation: Relation, how: Whole, before: Lake
) -> None:
    """Note which records of what is read whole changed, for those who ask for them."""
    told = [
        column
        for column in columns_of(connection, relation)
        if not column.startswith("_") or column in ("_deleted", "_reject_reason")
    ]
    columns = ", ".join(identifier(column) for column in told)
    table, new = identifier(*relation), is_new(relation, before)
    changed = (
        f"(select {columns} from {table} where {new} except "
        f"select {columns} from {table} where not ({new}))"
    )
    if how.named is None:
        [(count,)] = connection.execute(f"select count(*) from {changed}").fetchall()
        if count:
            raise NotByPieces(f"{count:,} of {relation[1]} changed, which all records are read by")
        return
    connection.execute(f"insert into {_ASKED} select hash(unnest({how.named})) from {changed}")


def _tie(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    how: Tied,
    first: int,
    night: tuple[Lake, Clock, Clock],
) -> int:
    """Note what ties the rows of a relation, and which of them changed; how many there are."""
    before, since, now = night
    loaded_at = loaded_at_of(relation)
    seen = [
        came_to_be_seen(column, kind, since, now)
        for column, kind in columns_of(connection, relation).items()
        if kind in ("TIMESTAMP", "DATE") and column != loaded_at
    ]
    # When it was loaded decides among the versions of a record alone.
    loaded = came_to_be_seen(loaded_at, "TIMESTAMP", since, now)
    several = (
        f"coalesce({how.own} in (select {how.own} from {identifier(*relation)} where {how.own} in "
        f"(select {how.own} from {identifier(*relation)} where {loaded}) "
        "group by 1 having count(*) > 1), false)"
    )
    asked = [f"coalesce(hash({ask}) in (from {_ASKED}), false)" for ask in how.asks]
    ties = ", ".join(f"coalesce({tie}, [])" for tie in (f"[{how.own}]", *how.ties))
    connection.execute(
        f"insert into {_TIES} select place, hash(unnest(ties)), is_changed from ("
        f"select {first} + row_number() over () as place, "
        f"list_filter(flatten([{ties}]), lambda one: one is not null) as ties, "
        f"{' or '.join([is_new(relation, before), *seen, several, *asked])} as is_changed "
        f"from {identifier(*relation)})"
    )
    [(rows,)] = connection.execute(f"select count(*) from {identifier(*relation)}").fetchall()
    return int(rows)


def _spread(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to what is reached all that it hangs together with."""
    connection.execute(f"create or replace table {_FRONTIER} as from {REACHED}")
    while True:
        connection.execute(
            f"create or replace table {_NEXT} as select tie from {_TIES} "
            f"where place in (select place from {_TIES} where tie in (from {_FRONTIER})) "
            f"and tie not in (from {REACHED}) group by tie"
        )
        [(count,)] = connection.execute(f"select count(*) from {_NEXT}").fetchall()
        if not count:
            return
        connection.execute(f"insert into {REACHED} from {_NEXT}")
        connection.execute(f"create or replace table {_FRONTIER} as from {_NEXT}")
