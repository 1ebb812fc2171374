"""Run dbt on what is bound, and keep in the gate what was built and what passed."""

from collections.abc import Callable, Collection, Sequence

from orchestration.company import Company
from orchestration.publish.gate import (
    Gate,
    opened_for,
    read_gate,
    unit_tests_passed,
    with_results,
    write_gate,
)
from orchestration.publish.suggestions import make_suggestions, waiting
from orchestration.warehouse.bind import bound_fingerprint
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtFailed, DbtProject
from orchestration.warehouse.dbt_run import DbtRun, run_dbt


def everything(project: DbtProject, gate: Gate) -> tuple[list[str], list[str]]:
    """What to ask of dbt so that all is built and tested, and the models and tests of that."""
    if unit_tests_passed(gate, project):
        # They tell of code, not of data: once is enough.
        tests = [i for i, test in project.tests.items() if test["resource_type"] == "test"]
        return ["build", "--exclude-resource-type", "unit_test"], [*project.models, *tests]
    return ["build"], [*project.models, *project.tests]


def run_nodes(
    company: Company,
    project: DbtProject,
    arguments: Sequence[str],
    nodes: Collection[str],
    *,
    lock: int,
    run_id: str,
    tell: Callable[[str], None],
) -> DbtRun:
    """Run dbt with these arguments, which are of these models and tests, and keep the gate.

    `lock` is the descriptor of whoever holds the warehouse. Raises DbtFailed where nothing is
    bound.
    """
    # Opened here first, so that a file that is held or damaged is told as such.
    with open_warehouse(company.warehouse) as connection:
        fingerprint = bound_fingerprint(connection)
    if fingerprint is None:
        raise DbtFailed("Nothing is bound yet: run `bind`, or the whole build, first.")
    later = waiting(company, project, nodes)
    gate = opened_for(read_gate(company.gate), project, nodes)
    write_gate(company.gate, gate)
    run = _run(company, project, arguments, nodes, later, lock=lock, tell=tell)
    gate = with_results(gate, project, run.results, run_id=run_id, fingerprint=fingerprint)
    write_gate(company.gate, gate)
    return run


def _run(
    company: Company,
    project: DbtProject,
    arguments: Sequence[str],
    nodes: Collection[str],
    later: Collection[str],
    *,
    lock: int,
    tell: Callable[[str], None],
) -> DbtRun:
    """Run dbt once, or twice where some nodes wait for suggestions that are made in between."""

    def dbt(arguments: Sequence[str], nodes: Collection[str]) -> DbtRun:
        models = sum(unique_id in project.models for unique_id in nodes)
        # dbt's own process keeps the lock where this one is killed.
        return run_dbt(company, arguments, tell, models=models, keep_open=[lock])

    if not later:
        return dbt(arguments, nodes)
    names = sorted(str((project.node(unique_id) or {})["name"]) for unique_id in later)
    sooner = set(nodes).difference(later)
    first = DbtRun(0, (), ())
    if sooner:
        first = dbt([*arguments, "--exclude", *names], sooner)
    if first.exit_code:
        return first
    make_suggestions(company, tell)
    second = dbt([arguments[0], "--select", *names], later)
    return DbtRun(second.exit_code, first.results + second.results, first.errors + second.errors)
