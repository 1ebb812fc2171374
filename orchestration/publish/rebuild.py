"""The whole funnel as it stood at a past moment, beside what the nights publish."""

from collections.abc import Callable
from datetime import datetime

from orchestration.company import Company
from orchestration.publish.build import run_nodes, run_statistic, waves
from orchestration.publish.publish import publish, published_of
from orchestration.publish.versions import PublishedVersion, current_version
from orchestration.warehouse.bind import bind, check_clocks
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import check_run
from orchestration.warehouse.hold import hold_warehouse
from orchestration.warehouse.moments import name_of

REBUILD = "rebuild"
"""The run id of all that a rebuild makes."""


def rebuild(
    company: Company,
    project: DbtProject,
    as_of: datetime,
    known_at: datetime | None,
    tell: Callable[[str], None],
    *,
    folder: str | None = None,
) -> tuple[Company, PublishedVersion]:
    """Build, test and publish what had happened by `as_of`, as known at `known_at` (naive, UTC).

    Without a `known_at`, as known by the newest load. All of it lies in a folder of its own, named
    by the two clocks unless `folder` names it, that of the company that is returned; the night's
    warehouse and published tables are not touched.

    Raises BindError where a clock is set to what can't be known, DbtFailed where a model or test
    fails, GateClosed and PublishError as `publish` does.
    """
    known_at = check_clocks(company, as_of, known_at)
    rebuilt = _rebuilt(company, as_of, known_at, folder)
    tell(f"Rebuilding as of {as_of} UTC, as known at {known_at} UTC, in {rebuilt.built}")
    with hold_warehouse(rebuilt) as lock:
        bind(rebuilt, as_of, known_at)
        for wave in waves(project):
            run = run_nodes(
                rebuilt, project, wave.models, wave.tests, lock=lock, run_id=REBUILD, tell=tell
            )
            check_run(rebuilt, project, run)
            for statistic in wave.statistics:
                run_statistic(rebuilt, project, statistic, run_id=REBUILD)
    return rebuilt, publish(rebuilt, project, REBUILD)


def as_it_stood(
    company: Company,
    project: DbtProject,
    as_of: datetime,
    known_at: datetime,
    tell: Callable[[str], None],
    *,
    folder: str | None = None,
) -> Company:
    """The rebuild of these two clocks (naive, UTC), made unless what is there is still the same.

    Raises what `rebuild` raises.
    """
    known_at = check_clocks(company, as_of, known_at)
    rebuilt = _rebuilt(company, as_of, known_at, folder)
    if current_version(rebuilt) is not None:
        with hold_warehouse(rebuilt):
            bound = bind(rebuilt, as_of, known_at)
        if published_of(rebuilt, project, bound.fingerprint):
            return rebuilt
    return rebuild(company, project, as_of, known_at, tell, folder=folder)[0]


def _rebuilt(company: Company, as_of: datetime, known_at: datetime, folder: str | None) -> Company:
    if folder is not None:
        return company.rebuilt(folder)
    zone = company.agreement.zone
    return company.rebuilt(f"{name_of(as_of, zone)}_{name_of(known_at, zone)}")
