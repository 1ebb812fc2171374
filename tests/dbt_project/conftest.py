"""Fixtures for tests over the dbt models."""

import fcntl
import json
from pathlib import Path

import pytest

from orchestration.company import load_company
from orchestration.warehouse.dbt_project import project_digest, read_project
from tests.dbt_project.compiled import CompiledProject, Database, compile_project


@pytest.fixture(scope="session")
def project(pytestconfig: pytest.Config) -> CompiledProject:
    """The dbt project, compiled once for all workers, and once for as long as it stays as it is."""
    folder = pytestconfig.cache.mkdir("dbt")
    manifest, mark = folder / "target" / "manifest.json", folder / "digest"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        present = project_digest()
        if mark.exists() and mark.read_text() == present:
            return CompiledProject(json.loads(manifest.read_text()))
        mark.unlink(missing_ok=True)
        compiled = compile_project(folder)
        mark.write_text(present)
        return compiled


@pytest.fixture
def parsed(pytestconfig: pytest.Config) -> Path:
    """The project as dbt keeps it parsed."""
    data = str(pytestconfig.cache.mkdir("dbt"))
    found = read_project(load_company({"TANDEM_DATA": data})).parsed
    assert found is not None
    return found


@pytest.fixture
def database(project: CompiledProject) -> Database:
    """A fresh in-memory warehouse with every source typed and empty."""
    return project.database()
