"""Fixtures for tests of nights that are built of what changed."""

from tests.dbt_project.conftest import project

__all__ = ["project"]
