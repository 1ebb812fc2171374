"""Fixtures for tests over the dbt models."""

import fcntl
import json
from pathlib import Path

import pytest

from tests.dbt_project.compiled import CompiledProject, Database, compile_project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> CompiledProject:
    """The dbt project, compiled once for all workers of the test run."""
    base = tmp_path_factory.getbasetemp()
    folder: Path = (base if worker_id == "master" else base.parent) / "dbt"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manifest = folder / "target" / "manifest.json"
        if (folder / "compiled").exists():
            return CompiledProject(json.loads(manifest.read_text()))
        compiled = compile_project(folder)
        (folder / "compiled").touch()
        return compiled


@pytest.fixture
def database(project: CompiledProject) -> Database:
    """A fresh in-memory warehouse with every source typed and empty."""
    return project.database()
