"""Run Tandem as a user does, in a process of its own, and look at what it published."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code and all that it said."""

    exit_code: int
    output: str


@dataclass(frozen=True)
class Published:
    """One company's published tables."""

    folder: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query over schema `marts`."""
        with duckdb.connect(self.folder / "tandem.duckdb", read_only=True) as connection:
            connection.execute("set schema = 'marts'")
            return connection.execute(query).fetchall()

    def tables(self) -> list[str]:
        """The names of the published tables."""
        query = "select table_name from information_schema.tables where table_schema = 'marts'"
        return sorted(str(name) for (name,) in self.rows(query))

    def one(self, query: str) -> Any:
        """The single value of a query."""
        [(value,)] = self.rows(query)
        return value


def run_tandem(
    company: Path,
    data: Path,
    source_data: Path | None = None,
    *options: str,
    command: str = "run",
    given: str = "",
) -> Outcome:
    """`python -m orchestration run`, or another command, for a company's folder.

    All state lies below `data`; `given` is what its standard input holds.
    """
    environment = {**os.environ, "TANDEM_COMPANY": str(company), "TANDEM_DATA": str(data)}
    environment.pop("TANDEM_SOURCE_DATA", None)
    if source_data:
        environment["TANDEM_SOURCE_DATA"] = str(source_data)
    result = subprocess.run(
        [sys.executable, "-m", "orchestration", command, *options],
        cwd=REPOSITORY,
        env=environment,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=540,
    )
    return Outcome(result.returncode, result.stdout)
