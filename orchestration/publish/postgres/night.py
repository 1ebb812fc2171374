"""One night's way into PostgreSQL, in one transaction."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import duckdb

from connectors.secret import redact
from orchestration.company import Company
from orchestration.publish.catalogue import CATALOGUE_TABLES, Relation
from orchestration.publish.postgres.connection import connected
from orchestration.publish.postgres.errors import PostgresError
from orchestration.publish.postgres.schemas import (
    drop_night,
    grant,
    hold_schema,
    kept_nights,
    mark,
    present_night,
    switch,
)
from orchestration.publish.postgres.tables import (
    columns_of,
    copy_rows,
    create_keys,
    create_table,
    write_rows,
)
from orchestration.publish.postgres.target import Done, InPostgres
from orchestration.publish.relations import read_relations
from orchestration.publish.versions import PUBLISHED_FILE, current
from orchestration.publish_settings import PostgresSettings
from orchestration.warehouse.sql import identifier

_UNLIMITED: Final = "; ".join(
    f"set local {limit} = 0"
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
)
"""What a role's own limits may not cut off: this takes as long as `give_up_after` says."""

_WAITS_UP_TO: Final = 0.8
"""Of the time that a night may take, up to when others are waited for."""


@dataclass(frozen=True)
class _Run:
    """For whom, into what, whom to tell, and until when (of the event loop) to wait for others."""

    company: Company
    settings: PostgresSettings
    tell: Callable[[str], None]
    until: float


def publish_night(
    company: Company, tell: Callable[[str], None], environment: Mapping[str, str]
) -> InPostgres:
    """What `publish_to_postgres` does, in which it is explained."""
    settings = company.publishing.postgres
    if settings is None:
        raise PostgresError("publish.yml names no `postgres`")
    seconds = settings.give_up_after.total_seconds()

    async def within_its_time() -> InPostgres:
        until = asyncio.get_running_loop().time() + seconds * _WAITS_UP_TO
        async with asyncio.timeout(seconds), connected(settings, environment) as connection:
            return await _publish(connection, _Run(company, settings, tell, until))

    try:
        return asyncio.run(within_its_time())
    except TimeoutError:
        raise PostgresError(
            f"PostgreSQL took longer than {settings.give_up_after}, which `give_up_after` in "
            "publish.yml allows, and what was copied is undone. Look what keeps the server busy, "
            "or allow more."
        ) from None


def drop_kept(company: Company, environment: Mapping[str, str]) -> list[str]:
    """What `drop_kept_nights` does, in which it is explained."""
    settings = company.publishing.postgres
    if settings is None:
        return []

    async def dropped() -> list[str]:
        seconds = settings.give_up_after.total_seconds()
        async with asyncio.timeout(seconds), connected(settings, environment) as connection:
            kept = await kept_nights(connection, settings.schema_name, company)
            found = [await drop_night(connection, night) for night in kept]
        return [problem for problem in found if problem]

    return asyncio.run(dropped())


async def _publish(connection: asyncpg.Connection, run: _Run) -> InPostgres:
    async with connection.transaction():
        await connection.execute(_UNLIMITED)
        await hold_schema(connection, run.settings.schema_name, run.until)
        published = await _bring(connection, run)
    await _drop_what_is_over(connection, run)
    return published


async def _bring(connection: asyncpg.Connection, run: _Run) -> InPostgres:
    # Only now, since another run may have published while this one waited.
    found = current(run.company)
    if found is None:
        raise PostgresError("Nothing has been published yet: run the build.")
    folder, version = found
    relations = read_relations(folder)
    if relations is None:
        raise PostgresError("What is published does not say what it is of: run the build anew.")
    present = await present_night(connection, run.settings, run.company)
    schema, rows = run.settings.schema_name, 0
    if present is not None and present.version == version.version:
        done = Done.NOTHING
    elif present is not None and present.tables_at == version.tables_at:
        done = Done.CATALOGUE
        rows = await _renew_catalogue(connection, run, folder, relations)
        await mark(connection, schema, run.company, version)
    else:
        done = Done.TABLES
        made = f"{schema}__next"
        rows = await _make(connection, run, folder, relations, made)
        await mark(connection, made, run.company, version)
        for note in await switch(connection, made, present, schema, run.until):
            run.tell(note)
    # Each time, for who may read may have changed since.
    await grant(connection, schema, run.settings.readers)
    return InPostgres(version.version, done, rows)


async def _make(
    connection: asyncpg.Connection,
    run: _Run,
    folder: Path,
    relations: Sequence[Relation],
    made: str,
) -> int:
    """Make a schema of all tables; how many rows they have."""
    await connection.execute(f"create schema {identifier(made)}")
    rows = 0
    with _opened(run.company, folder) as (published, room):
        for relation in relations:
            columns = columns_of(published, relation.name)
            await create_table(connection, made, relation, columns)
            file = write_rows(published, relation.name, columns, room)
            rows += await copy_rows(connection, file, made, relation.name, freeze=True)
            for problem in await create_keys(connection, made, relation):
                run.tell(problem)
            await connection.execute(f"analyze {identifier(made, relation.name)}")
    return rows


async def _renew_catalogue(
    connection: asyncpg.Connection, run: _Run, folder: Path, relations: Sequence[Relation]
) -> int:
    """Replace the rows of the catalogue's tables: no reader waits, and each sees one of the two."""
    schema, rows = run.settings.schema_name, 0
    with _opened(run.company, folder) as (published, room):
        for name in (r.name for r in relations if r.name in CATALOGUE_TABLES):
            file = write_rows(published, name, columns_of(published, name), room)
            await connection.execute(f"delete from {identifier(schema, name)}")
            rows += await copy_rows(connection, file, schema, name, freeze=False)
    return rows


async def _drop_what_is_over(connection: asyncpg.Connection, run: _Run) -> None:
    # The night is in by now, so whatever goes wrong here is left to the next one.
    try:
        present = await present_night(connection, run.settings, run.company)
        kept = await kept_nights(connection, run.settings.schema_name, run.company)
        under = present.pseudonyms if present else None
        alike = [night for night in kept if night.pseudonyms == under]
        over = [night for night in kept if night.pseudonyms != under]
        for night in over + alike[run.company.publishing.keep_nights - 1 :]:
            problem = await drop_night(connection, night)
            if problem:
                run.tell(problem)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        run.tell(redact(f"Nights that are over are dropped after the next one: {error}"))


@contextmanager
def _opened(company: Company, folder: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """The version's DuckDB file, opened to read, and a folder for rows on their way."""
    room = company.built / "to_postgres"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    try:
        with duckdb.connect(str(folder / PUBLISHED_FILE), read_only=True) as published:
            yield published, room
    finally:
        shutil.rmtree(room, ignore_errors=True)
