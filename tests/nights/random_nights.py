"""A simulated company whose lake lives through nights that chance makes.

All that the company's systems tell is there; what of it is landed by which night, what changes then
and which values change places with another record's, is drawn. So people turn out to be one, leave
their firm, or are merged, their touches come late, and records vanish.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.scaled_company import make_small, scaled_company
from orchestration.nights.base import Base, Relation, loaded_at_of, present_clock, present_lake
from orchestration.nights.steps import Steps, steps_of
from orchestration.nights.ties import TIES, Tied
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.sql import identifier
from tests.dbt_project.compiled import CompiledProject, Database

FIRST_NIGHT = datetime(2027, 1, 1)
"""After all that the simulated company tells of."""

_BOUND = ("agreement", "bound", "bound_hubspot", "bound_salesforce", "raw_files")
_LEAST = 3
_CHANGED = 6
_OWN = ("_record_id", "_origin", "_run_id", "_extra", "source", "stream", "record_key")


def bound_company(folder: Path, prospects: int) -> Path:
    """A warehouse file with all that is bound of a simulated company, and nothing built."""
    make_small(folder, prospects)
    company = scaled_company(folder / "small")
    bind(company)
    copied = folder / "bound.duckdb"
    with open_warehouse(company.warehouse) as connection:
        connection.execute(f"attach '{copied}' as copied")
        for schema, name in _relations(connection):
            connection.execute(f"create schema if not exists copied.{identifier(schema)}")
            table = identifier(schema, name)
            connection.execute(f"create table copied.{table} as from {table}")
    return copied


class Nights:
    """A warehouse in memory, and what its company has not told yet."""

    def __init__(self, project: CompiledProject, bound: Path, seed: int) -> None:
        self.steps: Steps = steps_of(DbtProject(project.manifest))
        self._project = project
        self._random = random.Random(seed)
        self._loaded_at = FIRST_NIGHT
        self.database = project.database()
        self.connection.execute(f"attach '{bound}' as told (read_only)")
        self.connection.execute("use warehouse")
        for schema, name in _relations(self.connection, "warehouse"):
            self._copy(schema, name)
        [(first, last)] = self.connection.execute(
            "select min(occurred), max(occurred) from (select created as occurred "
            "from told.bound_hubspot.email_events union all "
            "select changed_at from told.bound_hubspot.contact_history)"
        ).fetchall()
        self._as_of = first + (last - first) * self._random.uniform(0.3, 0.9)
        self._set_clock()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of the warehouse."""
        return self.database.connection

    @property
    def base(self) -> Base:
        """What the tables stand on, if they are built now."""
        statements = {
            i: str(self._project.manifest["nodes"][i]["compiled_code"]) for i in self.steps.made
        }
        return Base(
            "rules", present_clock(self.connection), present_lake(self.connection), statements
        )

    def build(self) -> None:
        """Build in full what a night keeps, and all that it is made of."""
        self.database.build_with_parents(*(model.name for model in self.steps.kept))

    def build_the_rest(self) -> None:
        """Build in full what a night makes anew of the tables that it advanced."""
        kept = {model.name for model in self.steps.kept}
        made = (*self.steps.of_lake, *self.steps.context, *self.steps.of_records)
        self.database.build(*dict.fromkeys(model.name for model in made if model.name not in kept))

    def built_in_full(self) -> Database:
        """Another warehouse of the same lake, in which all was built in full."""
        other = self._project.database()
        for schema, name in _relations(self.connection, "warehouse"):
            table = identifier(schema, name)
            rows = self.connection.sql(f"from warehouse.{table}").to_arrow_table()
            other.connection.register("rows_there", rows)
            other.connection.execute(f"insert into warehouse.{table} by name from rows_there")
            other.connection.unregister("rows_there")
            other.has_changed(_name(schema, name))
        other.build_with_parents(*(model.name for model in self.steps.kept))
        return other

    def land(self) -> None:
        """Land what a night brings: what came late, what changed, and what is gone."""
        self._loaded_at += timedelta(days=1)
        for relation, how in TIES.items():
            if isinstance(how, Tied) and relation != ("raw_files", "rejects"):
                self._land_late(relation)
        for _ in range(self._random.randrange(1, _CHANGED)):
            self._change()
        self._change_a_rate()
        self._as_of += timedelta(hours=self._random.choice([0, 7, 24, 24, 24 * 20]))
        self._set_clock()

    def _copy(self, schema: str, name: str) -> None:
        """Copy a relation, but for some rows of what tells of people, which come later."""
        table = identifier(schema, name)
        how = TIES.get((schema, name))
        there = "true"
        if isinstance(how, Tied) and (schema, name) != ("raw_files", "rejects"):
            share = self._random.choice([0, 0, 1, 5])
            there = f"hash({how.own} || '{self._random.random()}') % 100 >= {share}"
        self.connection.execute(
            f"insert into {table} by name select * from told.{table} where {there}"
        )
        if how is not None:
            loaded_at = loaded_at_of((schema, name))
            self.connection.execute(f"update {table} set {loaded_at} = ?", [FIRST_NIGHT])
        self.database.has_changed(_name(schema, name))

    def _land_late(self, relation: Relation) -> None:
        table, how = identifier(*relation), TIES[relation]
        assert isinstance(how, Tied)
        chosen = f"hash({how.own} || '{self._random.random()}') % 3 = 0"
        self.connection.execute(
            f"insert into {table} by name select * replace (timestamp '{self._loaded_at}' as "
            f"_loaded_at) from told.{table} where {how.own} not in (select {how.own} from {table} "
            f"where {how.own} is not null) and {chosen}"
        )
        self.database.has_changed(_name(*relation))

    def _change(self) -> None:
        """Tell of a record anew: gone, or with a value of another record in one column."""
        relations = [
            relation
            for relation, how in TIES.items()
            if isinstance(how, Tied)
            and relation != ("raw_files", "rejects")
            and self._count(relation) >= _LEAST
        ]
        relation = self._random.choice(relations)
        table, how = identifier(*relation), TIES[relation]
        assert isinstance(how, Tied)
        columns = [
            name
            for (name,) in self.connection.execute(
                "select column_name from duckdb_columns() where database_name = 'warehouse' "
                "and schema_name = ? and table_name = ?",
                list(relation),
            ).fetchall()
            if not name.startswith("_") and name not in _OWN
        ]
        column = self._random.choice(columns)
        one, other = (f"hash({how.own} || '{self._random.random()}')" for _ in range(2))
        gone = self._random.random() < 0.15
        self.connection.execute(
            f"insert into {table} by name select one.* replace ("
            f"timestamp '{self._loaded_at}' as _loaded_at, one._seq + 1000000 as _seq, "
            f"{'true' if gone else 'one._deleted'} as _deleted, "
            f"{f'one.{identifier(column)}' if gone else f'other.{identifier(column)}'} "
            f"as {identifier(column)}) "
            f"from (select * from {table} where _record_id is not null order by {one} limit 1) one "
            f"cross join (select * from {table} order by {other} limit 1) other"
        )
        self.database.has_changed(_name(*relation))

    def _change_a_rate(self) -> None:
        """Tell of an exchange rate anew: amounts move, and no table that is advanced has any."""
        self.connection.execute(
            "insert into bound_salesforce.dated_conversion_rates by name select * replace ("
            f"timestamp '{self._loaded_at}' as _loaded_at, _seq + 1000000 as _seq, "
            "conversion_rate * 2 as conversion_rate) from bound_salesforce.dated_conversion_rates "
            f"order by hash(_record_id || '{self._random.random()}') limit 1"
        )
        self.database.has_changed("bound_salesforce.dated_conversion_rates")

    def _count(self, relation: Relation) -> int:
        [(count,)] = self.connection.execute(
            f"select count(*) from {identifier(*relation)}"
        ).fetchall()
        return int(count)

    def _set_clock(self) -> None:
        self.connection.execute(
            "update bound.clock set as_of = ?, known_at = ?, observed_from = null",
            [self._as_of, self._loaded_at],
        )
        self.database.has_changed("bound.clock")


def differing(nights: Nights, other: Database) -> Mapping[str, int]:
    """By table how many rows one of the two warehouses has alone, where there are any."""
    found = {}
    for model in nights.steps.kept:
        table = identifier(model.schema, model.name)
        query = f"select {model.listed} from warehouse.{table}"
        there = other.connection.sql(query).to_arrow_table()
        nights.connection.register("there", there)
        [(count,)] = nights.connection.execute(
            f"select count(*) from (({query} except all from there) union all "
            f"(from there except all {query}))"
        ).fetchall()
        nights.connection.unregister("there")
        if count:
            found[model.name] = int(count)
    return found


def _relations(
    connection: duckdb.DuckDBPyConnection, database: str | None = None
) -> list[Relation]:
    schemas = ", ".join(f"'{schema}'" for schema in _BOUND)
    of_database = f"'{database}'" if database else "current_database()"
    found = connection.execute(
        f"select table_schema, table_name from information_schema.tables "
        f"where table_catalog = {of_database} and table_schema in ({schemas})"
    ).fetchall()
    return [(schema, name) for schema, name in found]


def _name(schema: str, name: str) -> str:
    return f"{schema}.{name}"
