"""The nights in PostgreSQL: one schema each, the present one under the name that readers know.

    marts                          the present night
    marts__20261129t021503123456z  a night before it, as long as it is kept

Which version a schema holds stands in its comment, which is also how Tandem knows its own.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from orchestration.company import Company
from orchestration.publish.postgres.errors import PostgresAway, PostgresError
from orchestration.publish.versions import PublishedVersion
from orchestration.publish_settings import PostgresSettings
from orchestration.warehouse.sql import identifier, literal

_COMMENT: Final = re.compile(
    r"Tandem, company (\S+): version (\S+), tables of ([^\s,]+)(?:, pseudonyms (\S+))?"
)
_LOCKING_TAKES: Final = 500
"""Milliseconds for which a switch may keep readers waiting, each time that it tries."""

_TRY_AGAIN_AFTER: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between tries to switch, the last one from then on."""

_TABLES: Final = "relkind in ('r', 'p') and relowner = (select current_user::regrole)"


@dataclass(frozen=True)
class Night:
    """A schema of Tandem's: its name, and the version and the tables that it holds.

    `pseudonyms` tells under which ones its people stand; None where they are named.
    """

    schema: str
    version: str
    tables_at: str
    pseudonyms: str | None


def lock_key(schema: str) -> int:
    """The key of the advisory lock that whoever publishes to the schema holds."""
    return int.from_bytes(hashlib.sha256(f"tandem/{schema}".encode()).digest()[:8], signed=True)


async def hold_schema(connection: asyncpg.Connection, schema: str, until: float) -> None:
    """Be the one that publishes to the schema, until the transaction is over.

    `until` is an instant of the event loop. Raises PostgresAway where another one still is then.
    """
    lock = "select pg_try_advisory_xact_lock($1)"
    while not await connection.fetchval(lock, lock_key(schema)):
        if asyncio.get_running_loop().time() >= until:
            raise PostgresAway(f"Another run is publishing to the schema {schema}; wait for it.")
        await asyncio.sleep(_TRY_AGAIN_AFTER[0])


async def present_night(
    connection: asyncpg.Connection, settings: PostgresSettings, company: Company
) -> Night | None:
    """The night that readers see; None where there is none yet.

    Raises PostgresError where the schema is not Tandem's, or is another company's.
    """
    found = await connection.fetchrow(
        "select obj_description(oid, 'pg_namespace') as told from pg_namespace where nspname = $1",
        settings.schema_name,
    )
    if found is None:
        return None
    told = _COMMENT.match(found["told"] or "")
    if told is None:
        raise PostgresError(
            f"The schema {settings.schema_name} is there, and Tandem did not make it: it would be "
            "replaced. Drop it if it is of no use, or name another `schema` in publish.yml."
        )
    if told[1] != company.name:
        raise PostgresError(
            f"The schema {settings.schema_name} holds the tables of the company {told[1]}. Name "
            "another `schema` in publish.yml."
        )
    return Night(settings.schema_name, told[2], told[3], told[4])


async def mark(
    connection: asyncpg.Connection, schema: str, company: Company, version: PublishedVersion
) -> None:
    """Write into the schema's comment which version it holds."""
    told = (
        f"Tandem, company {company.name}: version {version.version}, tables of {version.tables_at}"
    )
    if version.pseudonyms:
        told += f", pseudonyms {version.pseudonyms}"
    await connection.execute(f"comment on schema {identifier(schema)} is {literal(told)}")


async def grant(connection: asyncpg.Connection, schema: str, roles: Sequence[str]) -> None:
    """Let roles read the schema's tables. Raises PostgresError where one of them is missing."""
    for role in roles:
        try:
            await connection.execute(
                f"grant usage on schema {identifier(schema)} to {identifier(role)}; "
                f"grant select on all tables in schema {identifier(schema)} to {identifier(role)}"
            )
        except asyncpg.UndefinedObjectError:
            raise PostgresError(
                f"There is no role {role}, which publish.yml lets read. Make it, as in "
                f"`create role {identifier(role)} nologin`, or take it out of `readers`."
            ) from None


async def switch(
    connection: asyncpg.Connection, made: str, present: Night | None, schema: str, until: float
) -> list[str]:
    """Have readers see the schema `made` from the end of the transaction on.

    What they saw is kept under the name of its version. A reader whose transaction has read a
    table keeps the whole night until it ends: it is waited for, and those who come meanwhile are
    not kept waiting for longer than a moment. Returns what people should know, in words. Raises
    PostgresError where somebody still reads at `until`, an instant of the event loop.
    """
    notes = []
    if present is not None:
        await _lock_tables(connection, schema, until)
        kept = await _free_name(connection, f"{schema}__{_in_a_name(present.version)}")
        notes = [
            f"{name} reads the night before from now on, since a view in PostgreSQL is tied to "
            "tables and not to names. Make it anew after each night."
            for name in await _views_over(connection, schema)
        ]
        await connection.execute(f"alter schema {identifier(schema)} rename to {identifier(kept)}")
    await connection.execute(f"alter schema {identifier(made)} rename to {identifier(schema)}")
    return notes


async def kept_nights(connection: asyncpg.Connection, schema: str, company: Company) -> list[Night]:
    """The nights before the present one that are kept, the newest first."""
    rows = await connection.fetch(
        "select nspname, obj_description(oid, 'pg_namespace') as told from pg_namespace "
        "where starts_with(nspname, $1)",
        f"{schema}__",
    )
    nights = [
        Night(row["nspname"], told[2], told[3], told[4])
        for row in rows
        if (told := _COMMENT.match(row["told"] or "")) and told[1] == company.name
    ]
    return sorted(nights, key=lambda night: night.version, reverse=True)


async def drop_night(connection: asyncpg.Connection, night: Night) -> str | None:
    """Drop a night with its tables, or say in words what is in the way: the next one tries again.

    Whoever reads it is not disturbed, and nothing is dropped that Tandem did not make.
    """
    schema = identifier(night.schema)
    try:
        async with connection.transaction():
            await connection.execute(f"set local lock_timeout = '{_LOCKING_TAKES}ms'")
            names = [
                row["table_name"]
                for row in await connection.fetch(f"select table_name from {schema}.catalogue")
            ]
            tables = ", ".join(identifier(night.schema, name) for name in names)
            await connection.execute(f"drop table if exists {tables}; drop schema {schema}")
    except asyncpg.LockNotAvailableError:
        return f"{night.schema} is still being read, and stays for another night."
    except (asyncpg.DependentObjectsStillExistError, asyncpg.UndefinedTableError) as error:
        told = error.detail or str(error)
        return f"{night.schema} stays, since others use it: {told} Drop it by hand."
    return None


async def _lock_tables(connection: asyncpg.Connection, schema: str, until: float) -> None:
    """Wait until no transaction that has read a table of the schema is open, and let none begin.

    Only so does a transaction see one night: else its next query would find the new one. A try
    ends before the server looks for deadlocks, which it might solve by cancelling a reader's query.
    """
    tables = await connection.fetch(
        f"select relname from pg_class where relnamespace = $1::regnamespace and {_TABLES}",
        identifier(schema),
    )
    names = ", ".join(identifier(schema, row["relname"]) for row in sorted(tables))
    if not names:
        return
    deadlocks_after = await connection.fetchval(
        "select setting::int from pg_settings where name = 'deadlock_timeout'"
    )
    takes = max(1, min(_LOCKING_TAKES, deadlocks_after // 2))
    tries = 0
    while True:
        try:
            async with connection.transaction():
                await connection.execute(f"set local statement_timeout = {takes}")
                await connection.execute(f"lock table {names} in access exclusive mode")
                await connection.execute("set local statement_timeout = 0")
        except asyncpg.QueryCanceledError:
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                raise PostgresError(await _who_reads(connection, schema)) from None
            await asyncio.sleep(min(left, _TRY_AGAIN_AFTER[min(tries, len(_TRY_AGAIN_AFTER) - 1)]))
            tries += 1
        else:
            return


async def _who_reads(connection: asyncpg.Connection, schema: str) -> str:
    rows = await connection.fetch(
        "select distinct a.pid, a.usename, a.application_name, a.state "
        "from pg_locks as l join pg_stat_activity as a using (pid) "
        "join pg_class as c on c.oid = l.relation "
        "where c.relnamespace = $1::regnamespace and l.granted and a.pid <> pg_backend_pid() "
        "order by a.pid",
        identifier(schema),
    )
    told = [
        f"process {row['pid']} of {row['usename']}"
        + (f" ({row['application_name']})" if row["application_name"] else "")
        + (f", {row['state']}" if row["state"] else "")
        for row in rows
    ]
    return (
        f"Somebody has been reading {schema} in one transaction all the while, and would have seen "
        f"two nights in it: {'; '.join(told) or 'who, has just gone'}. End that session, and have "
        "the server end such ones by itself: `alter role … set "
        "idle_in_transaction_session_timeout = '5min'`. Readers see what they saw, and the next "
        "run copies the tables by itself."
    )


async def _views_over(connection: asyncpg.Connection, schema: str) -> list[str]:
    rows = await connection.fetch(
        "select distinct v.oid::regclass::text as name from pg_depend as d "
        "join pg_rewrite as r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass "
        "join pg_class as v on v.oid = r.ev_class join pg_class as t on t.oid = d.refobjid "
        "where t.relnamespace = $1::regnamespace and v.relnamespace <> t.relnamespace order by 1",
        identifier(schema),
    )
    return [row["name"] for row in rows]


async def _free_name(connection: asyncpg.Connection, name: str) -> str:
    """The name, or where a schema has it (files were put back from a copy) a later one."""
    while await connection.fetchval("select to_regnamespace($1)", identifier(name)):
        name += "_"
    return name


def _in_a_name(version: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", version.lower())
