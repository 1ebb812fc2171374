"""What starts a build, and which of the two kinds of it a night needs."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from orchestration.company import load_company
from orchestration.defs.log import READABLE_LOG
from orchestration.defs.naming import BUILT, REFRESHED
from orchestration.defs.raw.automation import NIGHTLY_JOB
from orchestration.publish.publish import nothing_new_since
from orchestration.warehouse.dbt_project import read_project

BUILD: Final = "build"
"""The job that binds, builds, tests and publishes."""

REFRESH: Final = "refresh"
"""The job of a night that brought nothing new."""

STARTED_BY: Final = "tandem/started_by"
"""A tag on runs. A load that was started in a terminal is followed by a build in that terminal."""

TERMINAL: Final = "terminal"


BUILD_JOB: Final = dg.define_asset_job(
    BUILD,
    selection=BUILT,
    config=READABLE_LOG,
    description="Bind what is loaded, build and test every model, publish: always all of it. "
    "Nothing is published where a required source is not ready or a check fails.",
)

REFRESH_JOB: Final = dg.define_asset_job(
    REFRESH,
    selection=REFRESHED,
    config=READABLE_LOG,
    description="For a night that brought nothing new: the tables stay as they are, the "
    "catalogue tells the state and age of each source.",
)


def build_sensors() -> Iterator[dg.SensorDefinition]:
    """After each load, well or failed, the build: it knows itself whether it may go on.

    A load that a person cancels is followed by none.
    """
    for name, status in (
        ("build_after_load", dg.DagsterRunStatus.SUCCESS),
        ("build_after_failed_load", dg.DagsterRunStatus.FAILURE),
    ):

        @dg.run_status_sensor(
            name=name,
            run_status=status,
            monitored_jobs=[NIGHTLY_JOB],
            request_jobs=[BUILD_JOB, REFRESH_JOB],
            default_status=dg.DefaultSensorStatus.RUNNING,
            minimum_interval_seconds=15,
            description="Starts the build once a load is over.",
        )
        def follow(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
            loaded = context.dagster_run
            if loaded.tags.get(STARTED_BY) == TERMINAL:
                return dg.SkipReason("The terminal that started this load builds after it.")
            # Read anew: this process may be older than the files of the company.
            company = load_company()
            job = REFRESH if nothing_new_since(company, read_project(company)) else BUILD
            return dg.RunRequest(
                run_key=f"after-{loaded.run_id}", job_name=job, tags={"tandem/load": loaded.run_id}
            )

        yield follow
