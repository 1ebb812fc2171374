"""A company that is built on both engines, step by step, and what was made of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from orchestration.company import Company, load_company
from orchestration.loading.load import load
from orchestration.publish.build import run_nodes, run_statistic, waves
from orchestration.sandbox import sandbox_servers
from orchestration.warehouse.bind import bind
from orchestration.warehouse.dbt_project import DbtProject, read_project
from orchestration.warehouse.dbt_run import check_run
from orchestration.warehouse.hold import hold_warehouse
from tests.spark.comparison import differing


@dataclass(frozen=True)
class Built:
    """A company's tables of both engines, and the dbt project on Spark."""

    data: Path
    manifest: dict[str, Any]

    @property
    def warehouse(self) -> Path:
        """DuckDB's tables."""
        return self.data / "warehouse.duckdb"

    @property
    def tables(self) -> Path:
        """Spark's."""
        return self.data / "tables"

    def unlike_models(self, both: duckdb.DuckDBPyConnection) -> dict[str, int]:
        """How many rows of each model differ, of those in which any do."""
        unlike = {
            node["name"]: differing(
                both, node["schema"], node["alias"], str(self.tables / node["alias"])
            )
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "model"
        }
        return {name: rows for name, rows in unlike.items() if rows}

    def unlike_statistics(self, both: duckdb.DuckDBPyConnection) -> dict[str, int]:
        """How many rows of each statistic differ, of those in which any do; KeyError: no such."""
        unlike = {
            source["name"]: differing(
                both, "statistics", source["name"], str(self.tables / "statistics" / source["name"])
            )
            for source in self.manifest["sources"].values()
            if source["schema"] == "statistics"
        }
        assert unlike
        return {name: rows for name, rows in unlike.items() if rows}


@contextmanager
def company_in(environment: dict[str, str]) -> Iterator[Company]:
    """A company whose servers run, and whose settings this process's environment has."""
    with patch.dict(os.environ, environment):
        company = load_company()
        with sandbox_servers(company):
            yield company


def build_on_duckdb(company: Company) -> None:
    """Load everything, and build every model and statistic, without data tests."""
    for source in company.sources.sources:
        for stream in sorted(source.streams, key=lambda one: bool(one.beside)):
            load(company, source.name, stream.name, "night", lambda *_: None)
    project = read_project(company)
    with hold_warehouse(company) as lock:
        bind(company)
        for wave in waves(project):
            run = run_nodes(
                company, project, wave.models, (), lock=lock, run_id="night", tell=print
            )
            check_run(company, project, run)
            for statistic in wave.statistics:
                run_statistic(company, project, statistic, run_id="night")


def with_a_test_of_each_kind(project: DbtProject) -> DbtProject:
    """The project with its own data tests, and of each kind that models share the first one."""
    taken: dict[str, str] = {}
    for unique_id, test in project.tests.items():
        kind = (test.get("test_metadata") or {}).get("name", unique_id)
        taken.setdefault(kind, unique_id)
    kept = set(taken.values())
    nodes = {
        unique_id: node
        for unique_id, node in project.manifest["nodes"].items()
        if unique_id not in project.tests or unique_id in kept
    }
    return DbtProject({**project.manifest, "nodes": nodes}, project.parsed)
