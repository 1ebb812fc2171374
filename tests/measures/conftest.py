"""Fixtures for tests of the statistics of a company."""

from tests.dbt_project.conftest import project

__all__ = ["project"]
