"""Build models and statistics on what is bound, and keep in the gate what was built and passed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import duckdb

from orchestration.company import Company
from orchestration.measures.figures import settings_of
from orchestration.measures.store import warehouse_store
from orchestration.measures.tables import STATISTICS, Made, make_statistic
from orchestration.nights.night import advance_tables, forget_built, note_built
from orchestration.publish.gate import (
    opened_for,
    read_gate,
    with_results,
    with_statistic,
    without_statistic,
    write_gate,
)
from orchestration.statistics.suggest import check_installed
from orchestration.warehouse.bind import bound_fingerprint
from orchestration.warehouse.connection import (
    damaged,
    open_warehouse,
    remove_warehouse,
    tells_of_damage,
)
from orchestration.warehouse.dbt_project import DbtFailed, DbtProject
from orchestration.warehouse.dbt_run import DbtRun, run_dbt
from orchestration.warehouse.order import order_of


@dataclass(frozen=True)
class Wave:
    """What is built and tested in one run of dbt, and the statistics that are made of it then."""

    models: tuple[str, ...]
    tests: tuple[str, ...]
    statistics: tuple[str, ...]


def waves(project: DbtProject) -> list[Wave]:
    """All models, tests and statistics, by dbt's id, in the order in which they can be made."""
    place = order_of(project).waves
    parts = (project.models, project.tests, project.statistics)
    return [
        Wave(*(tuple(i for i in ids if place[i] == wave) for ids in parts))
        for wave in range(max(place.values(), default=0) + 1)
    ]


def run_nodes(
    company: Company,
    project: DbtProject,
    models: Sequence[str],
    tests: Sequence[str],
    *,
    lock: int,
    run_id: str,
    tell: Callable[[str], None],
) -> DbtRun:
    """Have dbt build these models and run these tests (by its ids), and keep the gate.

    Tables that can be brought to what is bound by what changed since they were built are, ahead of
    dbt, which builds the others.

    `lock` is the descriptor of whoever holds the warehouse. Raises DbtFailed where nothing is
    bound, SplinkMissing where the agreement asks for suggestions and what they need is missing.
    """
    # Opened here first, so that a file that is held or damaged is told as such.
    with open_warehouse(company.warehouse) as connection:
        fingerprint = _bound(connection)
    if company.agreement.identity.suggest is not None:
        check_installed()
    gate = opened_for(read_gate(company.gate), project, [*models, *tests])
    write_gate(company.gate, gate)
    advanced = advance_tables(company, project, models, tell)
    whole = sorted(set(models) - {result.unique_id for result in advanced})
    # dbt's own process keeps the lock where this one is killed.
    of_dbt = run_dbt(
        company,
        ["build" if whole else "test", "--indirect-selection", "empty"],
        tell,
        models=len(whole),
        parsed=project.parsed,
        nodes=[*whole, *tests],
        keep_open=[lock],
    )
    for problem in (*(result.message or "" for result in of_dbt.results), *of_dbt.errors):
        if tells_of_damage(problem):
            remove_warehouse(company.warehouse)
            raise damaged(company.warehouse, problem)
    run = replace(of_dbt, results=(*advanced, *of_dbt.results))
    if not advanced:
        note_built(company, project, run)
    elif not all(result.is_good for result in run.results if result.unique_id in project.models):
        forget_built(company)
    gate = with_results(gate, project, run.results, run_id=run_id, fingerprint=fingerprint)
    write_gate(company.gate, gate)
    return run


def run_statistic(company: Company, project: DbtProject, unique_id: str, *, run_id: str) -> Made:
    """Make a statistic of what is built, and keep the gate.

    Whoever calls holds the warehouse. Raises DbtFailed where nothing is bound.
    """
    write_gate(company.gate, without_statistic(read_gate(company.gate), unique_id))
    with open_warehouse(company.warehouse) as connection:
        fingerprint = _bound(connection)
        made = make_statistic(
            warehouse_store(connection),
            STATISTICS[project.statistics[unique_id]["name"]],
            settings_of(company.agreement),
        )
    gate = read_gate(company.gate)
    gate = with_statistic(gate, project, unique_id, run_id=run_id, fingerprint=fingerprint)
    write_gate(company.gate, gate)
    return made


def _bound(connection: duckdb.DuckDBPyConnection) -> str:
    fingerprint = bound_fingerprint(connection)
    if fingerprint is None:
        raise DbtFailed("Nothing is bound yet: run `bind`, or the whole build, first.")
    return fingerprint
