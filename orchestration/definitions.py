"""All that Dagster knows of a company: the definitions of the parts, put together."""

import dagster as dg

from orchestration.company import Company, load_company
from orchestration.defs.alerts import alert_sensors
from orchestration.defs.cut_off import cut_off_sensor
from orchestration.defs.log import readable_logger
from orchestration.defs.publish.assets import published_assets
from orchestration.defs.publish.automation import BUILD_JOB, REFRESH_JOB, build_sensors
from orchestration.defs.publish.past import past_assets
from orchestration.defs.raw.assets import raw_assets
from orchestration.defs.raw.automation import (
    NIGHTLY_JOB,
    maintain_job,
    maintain_schedule,
    nightly_schedule,
)
from orchestration.defs.statistics.assets import statistic_assets
from orchestration.defs.turn import executor_in_turn
from orchestration.defs.warehouse.bound import bound_assets
from orchestration.defs.warehouse.checks import unmatched_check
from orchestration.defs.warehouse.models import model_assets
from orchestration.warehouse.dbt_project import DbtProject, read_project


def definitions_of(company: Company, project: DbtProject) -> dg.Definitions:
    """The definitions of a company and a parsed dbt project. Nothing is read or written."""
    maintain = maintain_job(company)
    return dg.Definitions(
        assets=[
            *raw_assets(company),
            bound_assets(company, project),
            model_assets(company, project),
            *statistic_assets(company, project),
            *published_assets(company, project),
            past_assets(company, project),
        ],
        asset_checks=[unmatched_check(company)],
        jobs=[NIGHTLY_JOB, BUILD_JOB, REFRESH_JOB, maintain],
        schedules=[nightly_schedule(company), maintain_schedule(company, maintain)],
        sensors=[*build_sensors(), *alert_sensors(), cut_off_sensor()],
        executor=executor_in_turn(company),
        loggers={"console": readable_logger},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the company that TANDEM_COMPANY names.

    Raises ConfigurationError where one of its files is wrong, DbtFailed where dbt can't parse the
    project, so that Dagster shows it and nothing runs.
    """
    company = load_company()
    return definitions_of(company, read_project(company))
