"""Put what a night brought into the tables of the night before."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import duckdb

from orchestration.nights.base import Base, Clock, present_clock
from orchestration.nights.closure import NotByPieces, reach_rows
from orchestration.nights.sides import AFTER, BEFORE, Sides, among, databases, made_of_lake
from orchestration.nights.steps import Model, Steps
from orchestration.warehouse.sql import identifier

_THREADS: Final = 2


@dataclass(frozen=True)
class Advanced:
    """A table that was advanced: the seconds it took, the rows that went and those that came."""

    model: Model
    seconds: float
    went: int
    came: int


def advance(
    connection: duckdb.DuckDBPyConnection,
    steps: Steps,
    base: Base,
    tell: Callable[[str], None],
    most: float,
) -> list[Advanced]:
    """Bring the tables that are kept from what `base` says to what is bound.

    What the models make of the touched pieces is made twice, of what was known the night before
    and of what is known now: the former must be what the tables hold, the latter takes its place.
    All tables change in one transaction. Raises NotByPieces, and changes nothing, where they can't
    be brought there so, and where more than the share `most` of the lake's rows would be touched.
    """
    now = present_clock(connection)
    _check_clock(base.clock, now)
    with databases(connection):
        rows = reach_rows(connection, base.lake, base.clock, now)
        if rows.reached > most * rows.all:
            raise NotByPieces(
                f"{rows.reached:,} of {rows.all:,} rows hang together with what is new"
            )
        tell(
            f"{rows.changed:,} rows of the lake are new or newly seen; with all that they hang "
            f"together with, {rows.reached:,} of {rows.all:,}"
        )
        sides = Sides(connection, steps, base, now)
        sides.fill_lake()
        sides.make(steps.of_lake)
        sides.fill_records()
        sides.make(steps.of_records)
        return _keep(connection, steps, sides)


def _check_clock(since: Clock, now: Clock) -> None:
    if now.as_of < since.as_of or now.known_at < since.known_at:
        raise NotByPieces("the clock goes back")
    if now.observed_from != since.observed_from:
        raise NotByPieces("the sources are watched from another time on")


def _keep(connection: duckdb.DuckDBPyConnection, steps: Steps, sides: Sides) -> list[Advanced]:
    """Put the rows after in the place of those before, where the tables hold the latter."""

    def checked(model: Model) -> tuple[float, int]:
        started = time.monotonic()
        with connection.cursor() as cursor:
            went = _check(cursor, steps, model, sides.warehouse)
        return time.monotonic() - started, went

    with ThreadPoolExecutor(_THREADS) as pool:
        checks = list(pool.map(checked, steps.kept))
    done = []
    connection.begin()
    try:
        for model, (checking, went) in zip(steps.kept, checks, strict=True):
            started = time.monotonic()
            came = _put(connection, steps, model)
            seconds = sides.seconds[model.unique_id] + checking + time.monotonic() - started
            done.append(Advanced(model, seconds, went, came))
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return done


def _check(
    connection: duckdb.DuckDBPyConnection, steps: Steps, model: Model, warehouse: str
) -> int:
    """How many rows go; raises NotByPieces where the table has others than the pieces made."""
    before = f"{BEFORE}.{_made(steps, model)}"
    relation = identifier(warehouse, model.schema, model.name)
    [(differing, went)] = connection.execute(
        f"with held as materialized (select {model.listed} from {relation} "
        f"where {among(model, before)}), made as (select {model.listed} from {before}), "
        "other as ((from made except all from held) union all (from held except all from made)) "
        "select (select count(*) from other), (select count(*) from held)"
    ).fetchall()
    if differing:
        raise NotByPieces(
            f"{model.name} holds other rows than its pieces make: {differing:,} differ"
        )
    return int(went)


def _put(connection: duckdb.DuckDBPyConnection, steps: Steps, model: Model) -> int:
    """Put rows in the place of others; how many came."""
    relation, made = _relation(model), _made(steps, model)
    connection.execute(f"delete from {relation} where {among(model, f'{BEFORE}.{made}')}")
    [(came,)] = connection.execute(
        f"insert into {relation} ({model.listed}) select {model.listed} from {AFTER}.{made}"
    ).fetchall()
    return int(came)


def _made(steps: Steps, model: Model) -> str:
    # Of a table by records, the sides hold what all touched pieces have beside what is made anew.
    return made_of_lake(model) if model in steps.records else _relation(model)


def _relation(model: Model) -> str:
    return identifier(model.schema, model.name)
