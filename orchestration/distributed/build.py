"""Build every table of a company on a distributed engine, from the lake to the marts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from orchestration.company import Company
from orchestration.distributed.bind import bind
from orchestration.distributed.session import connected
from orchestration.distributed.store import engine_store
from orchestration.distributed.tables import Tables
from orchestration.measures.figures import settings_of
from orchestration.measures.tables import STATISTICS, make_statistic
from orchestration.publish.build import Wave, waves
from orchestration.warehouse.bind import Binding
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import check_run, run_dbt

_PARTS: Final = ("models", "statistics", "tests")


@dataclass(frozen=True)
class Built:
    """What was built on what: so many models, statistics and data tests, all of them well."""

    binding: Binding
    models: int
    statistics: int
    tests: int


def build(
    company: Company,
    project: DbtProject,
    tell: Callable[[str], None],
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> Built:
    """Bind the newest version of every raw table, then make and test all models and statistics.

    `company` is one `on_spark`. Raises NoEngine, what `bind` raises, and DbtFailed where a model or
    test fails.
    """
    tables = Tables(company.tables)
    with connected() as session:
        binding = bind(company, tables, session, as_of, known_at)
    settings = settings_of(company.agreement)
    every = waves(project)
    for wave in every:
        _run(company, project, wave, tell)
        with connected() as session:
            store = engine_store(session, tables)
            for statistic in wave.statistics:
                name = project.statistics[statistic]["name"]
                made = make_statistic(store, STATISTICS[name], settings)
                tell(f"statistics.{name}: {made.table.num_rows:,} rows")
    return Built(
        binding,
        *(sum(len(getattr(wave, part)) for wave in every) for part in _PARTS),
    )


def _run(company: Company, project: DbtProject, wave: Wave, tell: Callable[[str], None]) -> None:
    run = run_dbt(
        company,
        ["build" if wave.models else "test", "--indirect-selection", "empty"],
        tell,
        models=len(wave.models),
        parsed=project.parsed,
        nodes=[*wave.models, *wave.tests],
    )
    check_run(company, project, run)
