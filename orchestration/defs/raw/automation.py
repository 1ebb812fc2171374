"""When the lake is loaded and when it is tidied up."""

from typing import Final

import dagster as dg

from connectors.errors import LoadConflict
from connectors.lake_maintenance import maintain
from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.log import READABLE_LOG
from orchestration.defs.naming import LOADED

NIGHTLY: Final = "nightly"
"""The job that loads every source; a build follows it."""

MAINTAIN: Final = "maintain"
"""The job that keeps the lake small."""


NIGHTLY_JOB: Final = dg.define_asset_job(
    NIGHTLY,
    selection=LOADED,
    config=READABLE_LOG,
    description="Load what is new in every source. A build follows, whether an optional source "
    "failed or not.",
)


def nightly_schedule(company: Company) -> dg.ScheduleDefinition:
    """Half past two each night, by the clock of the agreement."""
    return dg.ScheduleDefinition(
        name="every_night",
        job=NIGHTLY_JOB,
        cron_schedule="30 2 * * *",
        execution_timezone=company.agreement.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Loads the sources; what follows a load is the build.",
    )


def maintain_job(company: Company) -> dg.JobDefinition:
    """Compact every raw table and clean its log; one that is being written to is left for later."""

    @dg.op(description="Compact raw tables, remove files that no recent version needs.")
    def maintain_lake(context: dg.OpExecutionContext) -> None:
        for source in company.sources.sources:
            for stream in source.streams:
                name = f"{source.name}.{stream.name}"
                with explained(context):
                    context.log.info(f"{name}: {_maintain(company, source.name, stream.name)}")

    @dg.job(
        name=MAINTAIN, config=READABLE_LOG, description="Keep the raw lake small and quick to open."
    )
    def maintain_the_lake() -> None:
        maintain_lake()

    return maintain_the_lake


def maintain_schedule(company: Company, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Half past four on Sundays, by the clock of the agreement."""
    return dg.ScheduleDefinition(
        name="every_sunday",
        job=job,
        cron_schedule="30 4 * * 0",
        execution_timezone=company.agreement.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Keeps the raw lake small.",
    )


def _maintain(company: Company, source: str, stream: str) -> str:
    try:
        done = maintain(company.lake, source, stream)
    except LoadConflict:
        return "a load is under way; left for the next time"
    if done is None:
        return "not loaded yet"
    removed = f"{done.files_removed} old ones removed"
    return f"{done.files_before} files, now {done.files_after}; {removed}"
