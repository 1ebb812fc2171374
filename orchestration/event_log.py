"""Dagster's storage: a PostgreSQL database where one is named, else SQLite.

Of SQLite's, the event log keeps its files open from event to event.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import dagster as dg
from dagster._config.config_schema import UserConfigSchema
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

from orchestration.instance import driver_address

_KEPT_OPEN: Final = 4


class Storage(DagsterSqliteStorage):
    """Dagster's own storage of runs, events and schedules, but for how events are written."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(str(Path(base_dir) / "history" / "runs"))

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """The folder, and the address of a database that stands in its place unless empty."""
        return {"base_dir": dg.StringSource, "postgres_url": dg.StringSource}

    # Dagster asks the class that dagster.yaml names for a storage, and takes any kind.
    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> DagsterStorage:
        """As dagster.yaml has it."""
        if config_value["postgres_url"]:
            return _in_postgres(config_value["postgres_url"], inst_data)
        return cls.from_local(config_value["base_dir"], inst_data)


def _in_postgres(url: str, inst_data: ConfigurableClassData | None) -> DagsterStorage:
    """Dagster's own storage in PostgreSQL, of a package that only who wants it installs."""
    from dagster_postgres import DagsterPostgresStorage  # noqa: PLC0415

    return DagsterPostgresStorage(driver_address(url), inst_data=inst_data)


class EventLog(SqliteEventLogStorage):
    """Dagster's own event log, the same files and rows, written in less than half the time.

    Dagster opens a database for each event, has the disk confirm it, and folds the journal into the
    file again; a build has some thousands of events. Here the files last used stay open, and the
    disk confirms where the journal is folded in. A process that is killed loses nothing by that; a
    machine that loses its power may lose the last events of the run that it cut off.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._present: set[str] = set()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of a shard, which is the one last used from now on."""
        engine = self._engines.pop(shard, None) or _new_engine(
            create_db_conn_string(self._base_dir, shard)
        )
        self._engines[shard] = engine
        while len(self._engines) > _KEPT_OPEN:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table. Dagster looks for one with each event; one stays."""
        if table_name in self._present:
            return True
        is_there = super().has_table(table_name)
        if is_there:
            self._present.add(table_name)
        return is_there

    def wipe(self) -> None:
        """Delete all events; no file that is deleted stays open."""
        self._close()
        self._present.clear()
        super().wipe()

    def dispose(self) -> None:
        """Close all files."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _new_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def confirm_where_the_journal_is_folded_in(connection: Any, _: Any) -> None:
        connection.execute("pragma synchronous = normal")

    return engine
