"""One asset per statistic: downstream of the models it reads, upstream of those that read it."""

from collections.abc import Iterator

import dagster as dg

from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import OWNERS, STATISTICS
from orchestration.measures.tables import STATISTICS as MEASURES
from orchestration.measures.tables import Statistic
from orchestration.publish.build import run_statistic
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.hold import hold_warehouse


def statistic_assets(company: Company, project: DbtProject) -> Iterator[dg.AssetsDefinition]:
    """The assets of all statistics that the dbt project reads."""
    for unique_id, node in project.statistics.items():
        yield _statistic(company, project, unique_id, MEASURES[node["name"]])


def _statistic(
    company: Company, project: DbtProject, unique_id: str, statistic: Statistic
) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey([STATISTICS, statistic.name]),
        deps=[dg.AssetKey(["intermediate", model]) for model in statistic.reads],
        group_name=STATISTICS,
        kinds={"python", "duckdb"},
        owners=OWNERS,
        description=statistic.description,
    )
    def made(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with explained(context.op_execution_context), hold_warehouse(company):
            statistics = run_statistic(company, project, unique_id, run_id=context.run.run_id)
        rows = statistics.table.num_rows
        why = f", since {statistics.why_none}" if statistics.why_none else ""
        context.log.info(f"{STATISTICS}.{statistic.name}: {rows:,} rows{why}")
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return made
