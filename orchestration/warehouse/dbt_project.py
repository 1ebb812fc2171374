"""The dbt project as a company runs it: what it holds, parsed only when its files changed."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from orchestration.company import Company
from orchestration.files import replace_text
from orchestration.warehouse.fingerprint import digest_of_files

PROJECT: Final = Path(__file__).resolve().parents[2] / "dbt_project"
"""Where the dbt project lies."""

_PARTS: Final = ("dbt_project.yml", "profiles.yml", "macros/**/*", "models/**/*", "tests/**/*")
_SEMANTIC: Final = "semantic_manifest.json"
# What the project asks of the environment while it is parsed, the warehouse's place apart.
_PARSED_BY: Final = ("TANDEM_DBT_TARGET", "TANDEM_TABLES")


class DbtFailed(Exception):
    """dbt ended in error: says which models or tests, and what to do."""


@dataclass(frozen=True)
class DbtProject:
    """A parsed dbt project; `parsed` is the file in which dbt keeps it, where there is one."""

    manifest: Mapping[str, Any]
    parsed: Path | None = None

    @property
    def semantic_manifest(self) -> str:
        """The semantic models and metrics, as dbt hands them to MetricFlow."""
        assert self.parsed is not None  # noqa: S101 - a project that was read has a file
        return self.parsed.with_name(_SEMANTIC).read_text(encoding="utf-8")

    @cached_property
    def models(self) -> Mapping[str, Mapping[str, Any]]:
        """The models, by dbt's id."""
        return self._of_type("model")

    @cached_property
    def tests(self) -> Mapping[str, Mapping[str, Any]]:
        """The data tests, by dbt's id. Unit tests tell of code: the test suite runs them."""
        return self._of_type("test")

    @cached_property
    def statistics(self) -> Mapping[str, Mapping[str, Any]]:
        """The sources that Python makes of models, by dbt's id; `reads_of` says of which."""
        sources = self.manifest.get("sources", {})
        return {i: node for i, node in sources.items() if node["source_name"] == "statistics"}

    def reads_of(self, statistic: str) -> list[str]:
        """The models, by dbt's id, of which a statistic (by dbt's id) is made."""
        names = set(self.statistics[statistic]["config"]["meta"]["reads"])
        return sorted(i for i, node in self.models.items() if node["name"] in names)

    def node(self, unique_id: str) -> Mapping[str, Any] | None:
        """A model or test; None where there is none of that id."""
        return self.models.get(unique_id) or self.tests.get(unique_id)

    def _of_type(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        nodes = self.manifest["nodes"]
        return {i: node for i, node in nodes.items() if node["resource_type"] == kind}


def read_project(company: Company) -> DbtProject:
    """The project; parsed by dbt where its files have changed since it last was.

    On DuckDB what is parsed is of no company, so all share it, where the project's folder can be
    written to; on a distributed engine it says where a company's tables lie.
    Processes that ask at the same time wait for one of them to parse. Raises DbtFailed where dbt
    can't parse it.
    """
    is_shared = company.engine == "duckdb" and os.access(PROJECT, os.W_OK)
    folder = (PROJECT / "target" if is_shared else company.dbt) / "parsed"
    folder.mkdir(parents=True, exist_ok=True)
    manifest, parsed = folder / "manifest.json", folder / "partial_parse.msgpack"
    mark = folder / "digest"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asked = dbt_environment(company)
        present = " ".join([project_digest(), *(asked[name] for name in _PARSED_BY)])
        is_there = manifest.exists() and parsed.exists() and mark.exists()
        if not is_there or mark.read_text() != present:
            mark.unlink(missing_ok=True)
            run_dbt(company, folder / "new", "parse", "--no-partial-parse")
            for file in (manifest, parsed, folder / _SEMANTIC):
                (folder / "new" / file.name).replace(file)
            replace_text(mark, present)
        return DbtProject(json.loads(manifest.read_text(encoding="utf-8")), parsed)


def project_digest() -> str:
    """A fingerprint of the project's files and of the dbt that reads them."""
    files = [file for part in _PARTS for file in PROJECT.glob(part) if file.is_file()]
    return f"{digest_of_files(files, PROJECT)} dbt {version('dbt-core')}"


def _dbt_executable() -> str:
    """The dbt of this virtual environment."""
    return str(Path(sys.executable).with_name("dbt"))


def dbt_environment(company: Company) -> dict[str, str]:
    """The environment in which dbt runs for a company: its engine, nothing sent anywhere."""
    return {
        **os.environ,
        "TANDEM_DBT_TARGET": company.engine,
        "TANDEM_WAREHOUSE": str(company.warehouse),
        "TANDEM_TABLES": company.tables if company.engine == "spark" else "",
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(company.dbt / "target"),
        "DBT_LOG_PATH": str(company.dbt / "logs"),
        # What dbt would tell of each of thousands of queries costs a tenth of a night.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def run_dbt(company: Company, target: Path, *command: str) -> None:
    """Run a command of dbt that leaves its files in `target`.

    Raises DbtFailed, with all that dbt said, where it ends in error.
    """
    done = subprocess.run(  # noqa: S603
        [_dbt_executable(), "--quiet", "--no-use-colors", *command],
        env={**dbt_environment(company), "DBT_TARGET_PATH": str(target)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DbtFailed(
            f"dbt {' '.join(command)} of {PROJECT} failed; mend it and run again.\n{done.stdout}"
        )
