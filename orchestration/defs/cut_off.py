"""Runs of terminals that were cut off: no daemon knows their process, so none sees it end."""

from typing import Final

import dagster as dg

from orchestration.company import Company, load_company
from orchestration.defs.naming import pool_of, raw_key
from orchestration.defs.publish.automation import STARTED_BY, TERMINAL
from orchestration.loading.attempts import is_loading
from orchestration.locks import TerminalBusy, hold_terminal

CUT_OFF: Final = (
    "The process of this run ended before the run did, as when it is killed or the machine stops. "
    "Nothing is lost, and readers keep what was published: run it again."
)
"""Why such a run is marked as failed."""


def end_cut_off_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Mark terminals' runs that were cut off as failed and free their places in pools.

    Whoever calls holds the terminal, so that none of them is under way.
    """
    unfinished = [
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
    left = dg.RunsFilter(statuses=unfinished, tags={STARTED_BY: TERMINAL})
    runs = [*instance.get_runs(filters=left)]
    for run in runs:
        instance.report_run_failed(run, CUT_OFF)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return runs


def free_places(company: Company, instance: dg.DagsterInstance) -> None:
    """Free the places in the sources' pools that steps hold which no process is at any more.

    Dagster leaves them taken where a process is killed, and then nobody could load the source.
    """
    for source in company.sources.sources:
        steps = {"__".join(raw_key(source.name, s.name).path): s.name for s in source.streams}
        pool = instance.event_log_storage.get_concurrency_info(pool_of(source.name))
        for taken in pool.claimed_slots:
            stream = steps.get(taken.step_key)
            if stream is None or not is_loading(company, source.name, stream):
                instance.event_log_storage.free_concurrency_slot_for_step(
                    taken.run_id, taken.step_key
                )


def cut_off_sensor() -> dg.SensorDefinition:
    """The sensor that ends runs of terminals that were cut off, so that people are told."""

    @dg.sensor(
        name="end_cut_off_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=60,
        description="Marks runs of a terminal whose process has ended as failed.",
    )
    def end_cut_off(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        try:
            company = load_company()
            free_places(company, context.instance)
            with hold_terminal(company.data):
                ended = end_cut_off_runs(context.instance)
        except TerminalBusy:
            return dg.SkipReason("A command of a terminal is at work.")
        return dg.SkipReason(f"{len(ended)} runs were cut off.")

    return end_cut_off
