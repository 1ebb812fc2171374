"""Statistics made of the models in a test's warehouse, where the models look for them."""

from typing import Final

from orchestration.measures.figures import Settings
from orchestration.measures.store import warehouse_store
from orchestration.measures.tables import STATISTICS, make_statistic
from tests.dbt_project.compiled import CATALOG, Database

_USUAL: Final = Settings(0.95, 20)


def make(database: Database, name: str, settings: Settings = _USUAL) -> None:
    """Make a statistic of the models that it reads, which are built."""
    database.connection.execute(f"use {CATALOG}")
    make_statistic(warehouse_store(database.connection), STATISTICS[name], settings)
    database.has_changed(f"statistics.{name}")
