"""The dbt models, compiled once and run in memory: what the model tests stand on.

A `CompiledProject` knows every model's SQL and every source's columns. `database()` gives a fresh
in-memory DuckDB in which all sources are there, typed and empty; a test fills the relations that
it needs (sources, or models further down) and builds the models that it asks about.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from orchestration.company import load_company
from orchestration.warehouse.dbt_project import dbt_environment, read_project

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOG = "warehouse"
_NOTHING = "nothing"
_CHANGES = count()

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Relation:
    """Where a model or source lies, its columns with their types, and (for models) its SQL."""

    address: str
    columns: Mapping[str, str]
    sql: str | None
    needs: tuple[str, ...]


class CompiledProject:
    """All models and sources of the project by name (`fct_funnel`, `bound.clock`)."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        named = {**manifest["sources"], **_models(manifest)}
        self._names = {node_id: _name(node) for node_id, node in named.items()}
        self.relations = {_name(node): self._relation(node) for node in named.values()}
        self.without_rows: dict[tuple[str, ...], dict[str, str]] = {}
        """The columns of models that came out without rows, by name and what all that they read
        held then."""

    def _relation(self, node: Mapping[str, Any]) -> Relation:
        table = node.get("alias") or node["identifier"]
        return Relation(
            address=f'{CATALOG}."{node["schema"]}"."{table}"',
            columns={name: column["data_type"] for name, column in node["columns"].items()},
            sql=node.get("compiled_code"),
            needs=tuple(
                self._names[parent]
                for parent in node.get("depends_on", {}).get("nodes", ())
                if parent in self._names
            ),
        )

    def database(self, file: Path | None = None) -> "Database":
        """A fresh warehouse with every source typed and empty: in memory, or in that new file."""
        connection = duckdb.connect()
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{file or ':memory:'}' as {CATALOG}")
        database = Database(self, connection)
        for name, relation in self.relations.items():
            if relation.sql is None:
                database.create(name)
        return database

    def data_tests(self, *models: str) -> dict[str, str]:
        """The queries of the data tests over these models alone, by name: rows are failures."""
        wanted = set(models)
        return {
            str(node["name"]): str(node["compiled_code"])
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "test"
            and {self._names[parent] for parent in node["depends_on"]["nodes"]} <= wanted
        }


class Database:
    """One warehouse of a test, `warehouse` in its connection; the models' schemas are made.

    It knows what was done to each relation and when, so that it need not do again what would change
    nothing. Whoever writes to a relation by the connection itself says so: `has_changed`.
    """

    def __init__(self, project: CompiledProject, connection: duckdb.DuckDBPyConnection) -> None:
        self.project = project
        self.connection = connection
        self._steps = 0
        self._changed: dict[str, int] = {}
        self._built: dict[str, int] = {}
        self._filled: dict[str, str] = {}
        self._held: dict[str, str] = {}
        schemas = {relation.address.rsplit(".", 1)[0] for relation in project.relations.values()}
        for schema in sorted(schemas):
            self.connection.execute(f"create schema if not exists {schema}")

    def create(self, name: str) -> None:
        """Make a relation, typed and empty."""
        self._create_empty(name, self.project.relations[name].columns)
        self.has_changed(name, _NOTHING)

    def fill(self, name: str, rows: Sequence[Row]) -> None:
        """Put rows into a source, or stand them in for a model; columns left out are null."""
        told = repr(rows)
        if self._filled.get(name) == told:
            return
        relation = self.project.relations[name]
        for row in rows:
            if unknown := row.keys() - relation.columns.keys():
                raise KeyError(f"{name} has no column {sorted(unknown)}")
        self.create(name)
        if rows:
            columns = sorted({column for row in rows for column in row})
            casts = ", ".join(f"cast(unnest(?) as {relation.columns[c]})" for c in columns)
            names = ", ".join(f'"{column}"' for column in columns)
            values = [[row.get(column) for row in rows] for column in columns]
            # A statement for each row would cost more than the models.
            self.change(name, f"insert into {{}} ({names}) select {casts}", values)
            self._held[name] = _digest(told)
        self._filled[name] = told

    def change(self, name: str, statement: str, values: Sequence[Any] = ()) -> None:
        """Change a relation: `{}` in the statement stands for its address."""
        address = self.project.relations[name].address
        self.connection.execute(statement.format(address), values)
        self.has_changed(name)

    def update(self, name: str, assignment: str) -> None:
        """Change all rows of a relation: `column = value`."""
        self.change(name, f"update {{}} set {assignment}")

    def has_changed(self, name: str, held: str | None = None) -> None:
        """Keep in mind that a relation is no longer what it was: no model is what was built.

        `held` tells what is in it now; without it, that is nothing which any other ever held.
        """
        self._changed[name] = self._next()
        self._built.pop(name, None)
        self._filled.pop(name, None)
        self._held[name] = _untold() if held is None else held

    def build(self, *names: str) -> None:
        """Build the models of these names, in this order, from what is there."""
        for name in names:
            relation = self.project.relations[name]
            if relation.sql is None:
                raise KeyError(f"{name} is a source, not a model")
            held = self._build(name, relation)
            if name not in self._built or held != self._held[name]:
                self.has_changed(name, held)
            self._built[name] = self._next()

    def _build(self, name: str, relation: Relation) -> str:
        """Build a model, and tell what it holds.

        A model is a function of what it reads. What came out without rows in one test does so in
        every other that has the same below it, as most have: planning it anew costs ten times as
        much as a table without rows.
        """
        read = (name, *(self._held.get(parent, _untold()) for parent in relation.needs))
        if read in self.project.without_rows:
            self._create_empty(name, self.project.without_rows[read])
            return _NOTHING
        query = f"create or replace table {relation.address} as {relation.sql}"
        [(rows,)] = self.connection.execute(query).fetchall()
        if rows:
            return _digest(*read)
        described = self.connection.execute(f"describe {relation.address}").fetchall()
        self.project.without_rows[read] = {column: type_ for column, type_, *_ in described}
        return _NOTHING

    def _create_empty(self, name: str, columns: Mapping[str, str]) -> None:
        address = self.project.relations[name].address
        typed = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
        self.connection.execute(f"create or replace table {address} ({typed})")

    def _next(self) -> int:
        self._steps += 1
        return self._steps

    def _is_up_to_date(self, name: str) -> bool:
        needs = self.project.relations[name].needs
        built = self._built.get(name)
        return built is not None and all(self._changed.get(parent, 0) < built for parent in needs)

    def build_with_parents(self, *names: str, given: Sequence[str] = ()) -> None:
        """Build these models and all that they stand on, except what was `given` by `fill`.

        What stands as it was built from what is still there is not built again.
        """
        done = set(given)

        def visit(name: str) -> None:
            relation = self.project.relations[name]
            if name in done or relation.sql is None:
                return
            done.add(name)
            for parent in relation.needs:
                visit(parent)
            if not self._is_up_to_date(name):
                self.build(name)

        for name in names:
            visit(name)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query; `{fct_funnel}` in it stands for that relation's address."""
        addresses = {
            name.replace(".", "__"): relation.address
            for name, relation in self.project.relations.items()
        }
        cursor = self.connection.execute(query.format(**addresses))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def compile_project(folder: Path) -> CompiledProject:
    """Compile the dbt project, parsed as every company has it, into `folder`, and read that.

    Raises DbtFailed where it does not parse, RuntimeError with dbt's own words where it does not
    compile.
    """
    company = load_company({"TANDEM_DATA": str(folder)})
    parsed = read_project(company).parsed
    environment = {**dbt_environment(company), "DBT_TARGET_PATH": str(folder / "target")}
    environment["TANDEM_WAREHOUSE"] = str(folder / f"{CATALOG}.duckdb")
    command = [sys.executable, "-m", "tests.dbt_project.compiling", str(parsed)]
    result = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if result.returncode:
        raise RuntimeError(f"dbt compile failed:\n{result.stdout}\n{result.stderr}")
    return CompiledProject(json.loads((folder / "target" / "manifest.json").read_text()))


def _untold() -> str:
    return f"change {next(_CHANGES)}"


def _digest(*texts: str) -> str:
    return hashlib.sha256(repr(texts).encode()).hexdigest()


def _models(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        node_id: node
        for node_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }


def _name(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "source":
        return f"{node['source_name']}.{node['name']}"
    return str(node["name"])
