"""Publish what passed the gate, or only the catalogue where the tables are as they were."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.company import Company
from orchestration.loading.attempts import problems
from orchestration.publish.catalogue import (
    AGREEMENT_CHANGE,
    AGREEMENT_CHANGES,
    CATALOGUE_TABLES,
    OWN_RELATIONS,
    PUBLIC_SCHEMA,
    SOURCES_QUERY,
    Relation,
    Stamp,
    catalogue_table,
    column_table,
    problem_table,
    public_relations,
)
from orchestration.publish.gate import check_gate, read_gate
from orchestration.publish.parquet import write_parquet
from orchestration.publish.pseudonyms import (
    WITHHELD,
    Pseudonyms,
    pseudonyms_of,
    rows_under,
    to_replace,
)
from orchestration.publish.recipes import recipes
from orchestration.publish.relations import write_relations
from orchestration.publish.versions import (
    PUBLISHED_FILE,
    REPORT,
    PublishedVersion,
    current_folder,
    current_version,
    new_version_name,
    switch_to,
    unfinished_version,
)
from orchestration.report.report import write_report
from orchestration.warehouse.bind import bound_fingerprint
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.fingerprint import digest, present_fingerprint
from orchestration.warehouse.hold import hold_warehouse
from orchestration.warehouse.sql import identifier, literal

_STORAGE: Final = "v1.0.0"
"""What every DuckDB client of version 1 can read."""


class PublishError(Exception):
    """What was written can't be read back as it was meant; says what, and nothing is published."""


def publish(
    company: Company, project: DbtProject, run_id: str, change: pa.Table | None = None
) -> PublishedVersion:
    """Publish the warehouse's public tables as a new version, and switch readers to it.

    `change` is what another agreement than before moved; without it, readers keep what the last
    one moved.

    Raises GateClosed unless every model is built and every test passed on what is bound, and
    PublishError where a table can't be read back. Readers then keep what they have.
    """
    under = pseudonyms_of(company)
    mark = under.mark(project) if under else None
    with hold_warehouse(company), open_warehouse(company.warehouse) as connection:
        fingerprint = bound_fingerprint(connection)
        gate = read_gate(company.gate)
        check_gate(gate, project, fingerprint)
        made = recipes(project)
        relations = public_relations(project, gate, made)
        version = new_version_name(company)
        stamp = _stamp(connection, version, run_id)
        with unfinished_version(company, version) as folder:
            _attach(connection, folder / PUBLISHED_FILE)
            rows = {r.name: _copy(connection, r, folder, under) for r in relations}
            _add(connection, folder, AGREEMENT_CHANGE, _changes(company, change, mark), rows)
            _write_catalogue(connection, company, folder, relations, rows=rows, stamp=stamp)
            connection.execute("detach published")
            _read_back(folder, rows)
            problem = _write_report(folder, company)
            published = PublishedVersion(
                **_stamped(stamp),
                tables_at=stamp.published_at.isoformat(),
                fingerprint=str(fingerprint),
                recipes=_digest(project),
                report_problem=problem,
                pseudonyms=mark,
            )
            switch_to(company, folder, published)
    return published


def refresh_catalogue(company: Company, project: DbtProject, run_id: str) -> PublishedVersion:
    """Publish the tables that readers have once more, with a catalogue of today.

    For a night that brought nothing new, and where only the state of a source changed. Raises
    PublishError where nothing has been published, or where the tables are not of what is bound.
    """
    with hold_warehouse(company), open_warehouse(company.warehouse) as connection:
        present = current_version(company)
        if present is None or bound_fingerprint(connection) != present.fingerprint:
            raise PublishError(
                "The published tables are not of what is bound, so their catalogue can't be made "
                "anew alone. Run the build."
            )
        if present.pseudonyms != _mark(company, project):
            raise PublishError(
                "The published tables name people otherwise than publish.yml now says, so their "
                "catalogue can't be made anew alone. Run the build."
            )
        gate = read_gate(company.gate)
        if not gate.models:
            raise PublishError(
                "The warehouse that the published tables were made in is gone, and with it what is "
                "known of them; readers keep what they have. Run the build."
            )
        relations = public_relations(project, gate, recipes(project))
        version = new_version_name(company)
        stamp = _stamp(connection, version, run_id)
        with unfinished_version(company, version) as folder:
            rows = _copy_version(connection, current_folder(company), folder)
            _write_catalogue(connection, company, folder, relations, rows=rows, stamp=stamp)
            connection.execute("detach published")
            _read_back(folder, rows)
            problem = _write_report(folder, company)
            published = replace(present, **_stamped(stamp), report_problem=problem)
            switch_to(company, folder, published)
    return published


def nothing_new_since(company: Company, project: DbtProject) -> PublishedVersion | None:
    """The published version, where a build would make the same tables again; else None.

    Where the warehouse is gone, or was made anew, it would make more than that.
    """
    if not company.warehouse.exists() or not read_gate(company.gate).models:
        return None
    return published_of(company, project, present_fingerprint(company))


def published_of(
    company: Company, project: DbtProject, fingerprint: str
) -> PublishedVersion | None:
    """The published version, where it is of what has this fingerprint and of these models."""
    present = current_version(company)
    if present is None or present.recipes != _digest(project):
        return None
    if present.pseudonyms != _mark(company, project):
        return None
    return present if present.fingerprint == fingerprint else None


def _mark(company: Company, project: DbtProject) -> str | None:
    under = pseudonyms_of(company)
    return under.mark(project) if under else None


def _digest(project: DbtProject) -> str:
    return digest(repr(sorted(recipes(project).items())))


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    connection.execute(
        f"attach {literal(str(file))} as published (storage_version {literal(_STORAGE)})"
    )
    connection.execute(f"create schema if not exists published.{PUBLIC_SCHEMA}")


def _copy(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    folder: Path,
    under: Pseudonyms | None,
) -> int:
    """Copy one table into the file and into Parquet; a view stays one in the file.

    A view shows what the published tables hold, so its people stand under the same pseudonyms.
    """
    source = identifier(PUBLIC_SCHEMA, relation.name)
    target = identifier("published", PUBLIC_SCHEMA, relation.name)
    if relation.is_view:
        [(statement,)] = connection.execute(
            "select sql from duckdb_views() where database_name = current_database() "
            "and schema_name = ? and view_name = ?",
            [PUBLIC_SCHEMA, relation.name],
        ).fetchall()
        body = statement.split(" AS ", 1)[1]
        try:
            connection.execute(f"create view {target} as {body}")
        except duckdb.CatalogException as error:
            raise PublishError(
                f"The view {relation.name} reads what is not published, so readers could not use "
                f"it. Make it a table, or let it read public tables only. ({error})"
            ) from error
    else:
        query, key = rows_under(under, source, to_replace(relation))
        connection.execute(f"create table {target} as {query}", key)
    kind = "view" if relation.is_view else "table"
    connection.execute(f"comment on {kind} {target} is {literal(relation.description)}")
    for column, description in relation.columns.items():
        if description:
            of_column = f"{target}.{identifier(column)}"
            connection.execute(f"comment on column {of_column} is {literal(description)}")
    parquet = folder / "parquet" / relation.name
    write_parquet(connection, target, parquet, relation.dated_by)
    return _count(connection, source)


def _copy_version(
    connection: duckdb.DuckDBPyConnection, present: Path, folder: Path
) -> dict[str, int]:
    """Copy the present version but for its catalogue; its rows by table."""
    shutil.copyfile(present / PUBLISHED_FILE, folder / PUBLISHED_FILE)
    _attach(connection, folder / PUBLISHED_FILE)
    for table in sorted(CATALOGUE_TABLES):
        connection.execute(f"drop table published.{PUBLIC_SCHEMA}.{identifier(table)}")
    names = sorted({path.name for path in (present / "parquet").iterdir()} - CATALOGUE_TABLES)
    for name in names:
        (folder / "parquet" / name).mkdir()
        for file in (present / "parquet" / name).iterdir():
            # A published file never changes, so both versions may have the same one.
            (folder / "parquet" / name / file.name).hardlink_to(file)
    return {
        name: _count(connection, identifier("published", PUBLIC_SCHEMA, name)) for name in names
    }


def _changes(company: Company, change: pa.Table | None, mark: str | None) -> pa.Table:
    """What the last other agreement moved: as given, else as readers have it.

    Nothing where readers have it under other pseudonyms than those of this mark.
    """
    if change is not None:
        return change.cast(AGREEMENT_CHANGES)
    present = current_version(company)
    if present is not None and present.pseudonyms == mark:
        kept = current_folder(company) / "parquet" / AGREEMENT_CHANGE
        if kept.exists():
            return pq.read_table(kept / f"{AGREEMENT_CHANGE}.parquet").cast(AGREEMENT_CHANGES)
    return AGREEMENT_CHANGES.empty_table()


def _write_catalogue(
    connection: duckdb.DuckDBPyConnection,
    company: Company,
    folder: Path,
    relations: Sequence[Relation],
    *,
    rows: dict[str, int],
    stamp: Stamp,
) -> None:
    """Write the catalogue's tables, and count them into `rows`."""
    told = problems(company)
    if pseudonyms_of(company):
        told = dict.fromkeys(told, WITHHELD)
    connection.register("problems", problem_table(told))
    sources = connection.sql(SOURCES_QUERY, params={"now": stamp.published_at}).to_arrow_table()
    connection.unregister("problems")
    _add(connection, folder, "catalogue_source", sources, rows)
    listed = [*relations, *OWN_RELATIONS]
    described = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'published' and schema_name = ? "
        "and not list_contains(?, table_name) order by table_name, column_index",
        [PUBLIC_SCHEMA, sorted(CATALOGUE_TABLES)],
    ).fetchall()
    _add(connection, folder, "catalogue_column", column_table(described, listed), rows)
    write_relations(folder, listed)
    rows["catalogue"] = len(listed)
    _add(connection, folder, "catalogue", catalogue_table(listed, rows, stamp), rows)


def _add(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    table: pa.Table,
    rows: dict[str, int],
) -> None:
    connection.register("_added", table)
    connection.execute(f"create table published.{PUBLIC_SCHEMA}.{identifier(name)} as from _added")
    write_parquet(connection, "_added", folder / "parquet" / name)
    connection.unregister("_added")
    rows[name] = len(table)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(count,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)


def _read_back(folder: Path, rows: dict[str, int]) -> None:
    """Read all that was written as a reader would, and hold it against what should be there."""
    with duckdb.connect(str(folder / PUBLISHED_FILE), read_only=True) as connection:
        for name, expected in rows.items():
            files = literal(str(folder / "parquet" / name / "*.parquet"))
            for place in (identifier(PUBLIC_SCHEMA, name), f"read_parquet({files})"):
                try:
                    found = _count(connection, place)
                except duckdb.Error as error:
                    raise PublishError(f"{name} can't be read from {place}: {error}") from error
                if found != expected:
                    raise PublishError(f"{place} has {found} rows where {name} has {expected}")


def _write_report(folder: Path, company: Company) -> str | None:
    return write_report(folder / PUBLISHED_FILE, folder / REPORT, company.name, company.agreement)


def _stamp(connection: duckdb.DuckDBPyConnection, version: str, run_id: str) -> Stamp:
    [(as_of, known_at, agreement_version)] = connection.execute(
        "select as_of, known_at, agreement_version from bound.clock"
    ).fetchall()
    now = datetime.now(UTC).replace(tzinfo=None)
    return Stamp(version, now, as_of, known_at, agreement_version, run_id)


def _stamped(stamp: Stamp) -> dict[str, str]:
    """What a version takes of its stamp."""
    return {
        "version": stamp.version,
        "published_at": stamp.published_at.isoformat(),
        "agreement_version": stamp.agreement_version,
        "as_of": stamp.as_of.isoformat(),
        "known_at": stamp.known_at.isoformat(),
        "run_id": stamp.run_id,
    }
