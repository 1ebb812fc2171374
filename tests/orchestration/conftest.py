"""Fixtures for tests of the orchestration."""

import pytest

from orchestration.warehouse.dbt_project import DbtProject
from tests.dbt_project.compiled import CompiledProject
from tests.dbt_project.conftest import project as compiled_project

__all__ = ["compiled_project", "dbt_project"]


@pytest.fixture(scope="session")
def dbt_project(compiled_project: CompiledProject) -> DbtProject:
    """The repository's dbt project, parsed."""
    return DbtProject(compiled_project.manifest)
