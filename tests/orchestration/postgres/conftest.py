"""One PostgreSQL server for all these tests, and a company that publishes into it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.company import Company
from orchestration.publish_settings import PostgresSettings, PublishSettings
from tests.orchestration.nights import make_company
from tests.orchestration.postgres.server import Database, Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def database(server: Server) -> Database:
    return server.make_database()


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company, loaded and bound, with PostgreSQL in its settings."""
    settings = PostgresSettings(url_env="ACME_POSTGRES", readers=("dashboards",))
    return replace(make_company(tmp_path), publishing=PublishSettings(postgres=settings))
