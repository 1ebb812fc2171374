"""The touched pieces of the funnel, as they were the night before and as they are now."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import duckdb

from orchestration.nights.base import Base, Clock, Relation
from orchestration.nights.closure import (
    REACHED,
    WORK,
    NotByPieces,
    came_to_be_seen,
    columns_of,
    is_new,
    reach_records,
)
from orchestration.nights.steps import Model, Steps
from orchestration.nights.ties import TIES, Tied
from orchestration.warehouse.sql import identifier, literal

BEFORE: Final = "night_before"
AFTER: Final = "night_after"

_SIDES: Final = (BEFORE, AFTER)
_PIECE_TIES: Final = "int_piece_tie"


@contextmanager
def databases(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The databases of the two sides, and one to work in, in memory while it lasts."""
    attached = []
    try:
        for name in (*_SIDES, WORK):
            connection.execute(f"attach ':memory:' as {name}")
            attached.append(name)
        yield
    finally:
        for name in attached:
            connection.execute(f"detach {name}")


class Sides:
    """Two small copies of the warehouse that hold the touched pieces alone: before, and after.

    `seconds` says by model what making it on both sides took, `warehouse` is the name of what they
    are copies of.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, steps: Steps, base: Base, now: Clock
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._connection = connection
        self._steps = steps
        self._base = base
        self._now = now
        [(self.warehouse,)] = connection.execute("select current_database()").fetchall()

    def fill_lake(self) -> None:
        """Both sides of the lake, of the rows that are reached, and what is bound beside it."""
        bound = self._tables("bound", "agreement")
        for schema in {schema for schema, _ in (*TIES, *bound)}:
            for side in _SIDES:
                self._connection.execute(f"create schema {side}.{identifier(schema)}")
        for relation, how in TIES.items():
            name = identifier(*relation)
            reached = f"hash({how.own}) in (from {REACHED})" if isinstance(how, Tied) else "true"
            self._connection.execute(
                f"create table {AFTER}.{name} as select * from {name} where {reached}"
            )
            self._connection.execute(
                f"create table {BEFORE}.{name} as select * from {AFTER}.{name} "
                f"where not ({is_new(relation, self._base.lake)})"
            )
        for relation in bound:
            for side in _SIDES:
                self._copy(side, *relation)
        before = self._base.clock
        self._connection.execute(
            f"update {BEFORE}.bound.clock set as_of = ?, known_at = ?",
            [before.as_of, before.known_at],
        )

    def make(self, models: Sequence[Model]) -> None:
        """Make models on both sides at a time, each of what is there on its own."""

        def make_side(side: str) -> dict[str, float]:
            with self._connection.cursor() as cursor:
                cursor.execute("set TimeZone = 'UTC'")
                return {model.unique_id: self._make(cursor, side, model) for model in models}

        with ThreadPoolExecutor(len(_SIDES)) as pool:
            for took in pool.map(make_side, _SIDES):
                for unique_id, seconds in took.items():
                    self.seconds[unique_id] = self.seconds.get(unique_id, 0.0) + seconds

    def fill_records(self) -> None:
        """Both sides of the tables by records, of all pieces that what changed in them touches.

        What was made of the lake stays beside them, as `made_of_lake` names it.
        """
        self._make_context()
        [ties] = [_relation(model) for model in self._steps.records if model.name == _PIECE_TIES]
        seeds = [seed for model in self._steps.records for seed in self._changed(model)]
        reach_records(
            self._connection,
            [f"select node, tie from {ties}", f"select node, tie from {AFTER}.{ties}"],
            [*seeds, *self._told_of_context()],
        )
        for model in self._steps.records:
            self._fill_records_of(model)

    def _make(self, cursor: duckdb.DuckDBPyConnection, side: str, model: Model) -> float:
        started = time.monotonic()
        query = self._query(model).replace(f"{identifier(self.warehouse)}.", f"{side}.")
        cursor.execute(f"create schema if not exists {side}.{identifier(model.schema)}")
        cursor.execute(
            f"create or replace table {side}.{_relation(model)} as "
            f"select {model.listed} from ({query}\n)"
        )
        return time.monotonic() - started

    def _make_context(self) -> None:
        """What all pieces read: as the warehouse has it, and as it is made of all records now."""
        for model in self._steps.context:
            if model.unique_id in self._steps.shared:
                self._copy(BEFORE, model.schema, model.name)
            query = self._query(model)
            for other in self._steps.records:
                made = identifier(self.warehouse, other.schema, other.name)
                query = query.replace(made, f"({self._all_records_of(other)})")
            query = query.replace(f"{identifier(self.warehouse)}.", f"{AFTER}.")
            self._connection.execute(
                f"create or replace table {AFTER}.{_relation(model)} as "
                f"select {model.listed} from ({query}\n)"
            )

    def _all_records_of(self, model: Model) -> str:
        """What a table by records will hold, as a query."""
        name = _relation(model)
        return (
            f"select {model.listed} from {name} where not {among(model, f'{BEFORE}.{name}')} "
            f"union all select {model.listed} from {AFTER}.{name}"
        )

    def _changed(self, model: Model) -> Iterator[str]:
        """Queries of the nodes whose rows changed, or came to be seen."""
        name = _relation(model)
        columns = columns_of(self._connection, (model.schema, model.name))
        seen = " or ".join(
            came_to_be_seen(column, kind, self._base.clock, self._now)
            for column, kind in columns.items()
            if kind in ("TIMESTAMP", "DATE") and not column.endswith("loaded_at")
        )
        for node in _nodes(model):
            yield f"select {node} as node from {_difference(model)}"
            if seen:
                yield f"select {node} as node from {name} where {seen}"

    def _told_of_context(self) -> Iterator[str]:
        """Queries of the nodes that read what changed in the context."""
        for model in self._steps.context:
            if model.unique_id not in self._steps.shared:
                continue
            changed = _difference(model)
            told = [m for m in self._steps.records if set(model.key) <= set(m.columns)]
            [(count,)] = self._connection.execute(f"select count(*) from {changed}").fetchall()
            if count and not told:
                raise NotByPieces(f"{model.name} changed, which all records are read by")
            key = _listed(model.key)
            for other in told:
                for side in ("", f"{AFTER}."):
                    for node in _nodes(other):
                        yield (
                            f"select {node} as node from {side}{_relation(other)} "
                            f"where ({key}) in (select ({key}) from {changed})"
                        )

    def _fill_records_of(self, model: Model) -> None:
        name, lake = _relation(model), made_of_lake(model)
        reached = (f"hash({node}) in (from {REACHED})" for node in _nodes(model))
        touched = f"({' or '.join(reached)})"
        staying = f"{WORK}.staying"
        self._connection.execute(
            f"create or replace table {staying} as select {model.listed} from {name} "
            f"where {touched} and not {among(model, f'{BEFORE}.{name}')}"
        )
        for side in _SIDES:
            self._connection.execute(
                f"alter table {side}.{name} rename to {identifier(_lake_name(model))}"
            )
            self._connection.execute(
                f"create table {side}.{name} as select {model.listed} from {side}.{lake} "
                f"where {touched} union all select {model.listed} from {staying}"
            )

    def _query(self, model: Model) -> str:
        try:
            return self._base.statements[model.unique_id]
        except KeyError as missing:
            raise NotByPieces(f"the query of {model.name} was not kept") from missing

    def _copy(self, side: str, schema: str, name: str) -> None:
        self._connection.execute(f"create schema if not exists {side}.{identifier(schema)}")
        copied = identifier(schema, name)
        self._connection.execute(f"create or replace table {side}.{copied} as from {copied}")

    def _tables(self, *schemas: str) -> list[Relation]:
        found = self._connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = "
            f"current_database() and schema_name in ({', '.join(map(literal, schemas))})"
        ).fetchall()
        return [(schema, name) for schema, name in found]


def made_of_lake(model: Model) -> str:
    """The name under which a side has what was made of the lake of a table by records."""
    return identifier(model.schema, _lake_name(model))


def among(model: Model, other: str) -> str:
    """SQL that is true of a row of the model whose key a relation has, too."""
    key = _listed(model.key)
    told = key if len(model.key) == 1 else f"row({key})"
    return f"({told} in (select {told} from {other}))"


def _lake_name(model: Model) -> str:
    return f"{model.name} of the lake"


def _relation(model: Model) -> str:
    return identifier(model.schema, model.name)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(identifier(column) for column in columns)


def _difference(model: Model) -> str:
    """The rows that are on one side alone, as a query in brackets."""
    name = _relation(model)
    parts = (
        f"(select {model.listed} from {one}.{name} except "
        f"select {model.listed} from {other}.{name})"
        for one, other in ((BEFORE, AFTER), (AFTER, BEFORE))
    )
    return f"({' union all '.join(parts)})"


def _nodes(model: Model) -> list[str]:
    """SQL of the nodes that a row of a table by records belongs to, as int_piece_tie names them.

    The last one is the row's own, for those that belong to nobody.
    """
    if model.name == _PIECE_TIES:
        return ["node"]
    kinds = ("person", "deal", "account")
    nodes = [f"'{kind} ' || {kind}_key" for kind in kinds if f"{kind}_key" in model.columns]
    return [*nodes, f"'{model.name} ' || {identifier(model.columns[0])}"]
