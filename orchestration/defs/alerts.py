"""When people are told: of a run that failed, of red checks, and of tables that are late."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import dagster as dg

from orchestration.alerts import (
    Alert,
    Trouble,
    alert_of_failure,
    alert_of_late_tables,
    alert_of_red_checks,
    send_alert,
)
from orchestration.company import Company, load_company
from orchestration.defs.failures import DISK_FULL
from orchestration.defs.raw.automation import NIGHTLY

TOLD: Final = "tandem/told"
"""A tag on runs whose failure or red checks people were told of: when."""

_EVERY_SECONDS: Final = 600


def alert_sensors() -> list[dg.SensorDefinition]:
    """The sensors of runs that fail, of checks that are red, and of tables that are late.

    Which company's receivers are told is read when something is to be told.
    """
    return [_of_failures(), _of_red_checks(), _of_late_tables()]


def tell_of_failure(
    company: Company, instance: dg.DagsterInstance, run: dg.DagsterRun, otherwise: str
) -> None:
    """Tell the company's receivers of a run that failed; `otherwise` is why, if no step did.

    The run is tagged with TOLD. Raises AlertNotSent where some of them could not be reached.
    """
    if company.operations.alerts.to:
        troubles = [*_troubles(instance, run.run_id)] or [Trouble(run.job_name, otherwise)]
        alert = alert_of_failure(company, run.job_name, run.run_id, troubles, _now())
        _tell(company, instance, run, alert)


def tell_of_red_checks(company: Company, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Tell the company's receivers of what checks of a run found wrong, where they did.

    What is only worth a look is told to nobody. The run is tagged, and raises, as for a failure.
    """
    if company.operations.alerts.to:
        troubles = [*_troubles(instance, run.run_id)]
        if troubles:
            alert = alert_of_red_checks(company, run.job_name, run.run_id, troubles, _now())
            _tell(company, instance, run, alert)


def tell_of_full_disk(company: Company) -> None:
    """Tell the company's receivers of a night of which nothing could be written down."""
    if company.operations.alerts.to:
        alert = alert_of_failure(company, NIGHTLY, "", [Trouble(NIGHTLY, DISK_FULL)], _now())
        send_alert(alert, company.operations.alerts.to)


def _tell(company: Company, instance: dg.DagsterInstance, run: dg.DagsterRun, alert: Alert) -> None:
    send_alert(alert, company.operations.alerts.to)
    instance.add_run_tags(run.run_id, {TOLD: f"{alert.at.isoformat()}Z"})


def _of_failures() -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="tell_of_failed_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=15,
        description="Tells those that operations.yml names what failed, and why.",
    )
    def tell_of_failed_runs(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        if TOLD not in run.tags:
            reason = str(context.failure_event.message)
            tell_of_failure(load_company(), context.instance, run, reason)

    return tell_of_failed_runs


def _of_red_checks() -> dg.SensorDefinition:
    @dg.run_status_sensor(
        name="tell_of_red_checks",
        run_status=dg.DagsterRunStatus.SUCCESS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=15,
        description="Tells those that operations.yml names what checks found wrong in a run that "
        "came to its end.",
    )
    def tell_of_red_checks_of_runs(context: dg.RunStatusSensorContext) -> None:
        run = context.dagster_run
        if TOLD not in run.tags:
            tell_of_red_checks(load_company(), context.instance, run)

    return tell_of_red_checks_of_runs


def _of_late_tables() -> dg.SensorDefinition:
    @dg.sensor(
        name="tell_of_late_tables",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=_EVERY_SECONDS,
        description="Tells those that operations.yml names that nothing is published for too long; "
        "once a day, until something is.",
    )
    def tell_of_late_tables(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        company = load_company()
        alert = alert_of_late_tables(company, _now())
        if alert is None:
            return dg.SkipReason("The published tables are not late.")
        today = f"{alert.at:%Y-%m-%d}"
        if context.cursor == today:
            return dg.SkipReason("The published tables are late, which was told today.")
        send_alert(alert, company.operations.alerts.to)
        context.update_cursor(today)
        return dg.SkipReason("The published tables are late; told now.")

    return tell_of_late_tables


def _troubles(instance: dg.DagsterInstance, run_id: str) -> Iterator[Trouble]:
    """The steps and checks that failed; not the steps that only wait for those."""
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    for record in instance.get_records_for_run(run_id, of_type=kinds).records:
        event = record.event_log_entry.get_dagster_event()
        if event.is_step_failure:
            yield Trouble(str(event.step_key), _reason(event))
        else:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR:
                yield Trouble(
                    f"{check.asset_key.to_user_string()}, check {check.check_name}",
                    check.description or "failed",
                )


def _reason(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    error = failure.error
    return error.message if error else str(event.message)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
