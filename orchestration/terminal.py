"""Run the jobs in this process, on the same instance as the web UI, and tell how it went."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import dagster as dg

from orchestration.alerts import AlertNotSent
from orchestration.company import Company
from orchestration.definitions import definitions_of
from orchestration.defs.alerts import tell_of_failure, tell_of_full_disk, tell_of_red_checks
from orchestration.defs.cut_off import CUT_OFF, end_cut_off_runs, free_places
from orchestration.defs.failures import DISK_FULL
from orchestration.defs.publish.automation import BUILD, REFRESH, STARTED_BY, TERMINAL
from orchestration.defs.raw.automation import MAINTAIN, NIGHTLY
from orchestration.erasure.forget import Hooks, check_addresses, forget
from orchestration.files import is_disk_full
from orchestration.loading.attempts import failed_sources, problems
from orchestration.locks import hold_terminal, hold_turn
from orchestration.nights.night import forget_built
from orchestration.publish.publish import nothing_new_since
from orchestration.publish.summary import summary
from orchestration.publish.versions import current_version
from orchestration.warehouse.dbt_project import read_project
from orchestration.warehouse.hold import hold_warehouse


def run_in_terminal(company: Company, *, must_build: bool) -> int:
    """Load, build and publish; 1 where nothing could be published, else 0.

    Where a build would make the tables that are published already, only the catalogue is made
    anew, unless it `must_build`: then all tables are built in full.

    Raises TerminalBusy where another command is at work. A run that Dagster started is waited for.
    """
    with _at_work(company):
        return _unless_disk_is_full(company, partial(_run_night, company, must_build=must_build))


def _run_night(company: Company, *, must_build: bool) -> int:
    started = time.monotonic()
    _say([f"Tandem: company {company.name}, data in {company.data}"])
    project = read_project(company)
    definitions = definitions_of(company, project)
    with dg.DagsterInstance.get() as instance:
        for run in end_cut_off_runs(instance):
            _say([f"The run of {run.job_name} before this one was cut off."])
            _tell(partial(tell_of_failure, company, instance, run, CUT_OFF))
        free_places(company, instance)
        is_loaded = _execute(company, definitions, NIGHTLY, instance)
        if not is_loaded:
            _say(_without(company))
        before = current_version(company)
        if must_build:
            with hold_warehouse(company):
                forget_built(company)
        current = None if must_build else nothing_new_since(company, project)
        if current:
            _say(
                [
                    f"Nothing new since {current.tables_at[:16]} UTC; "
                    "the published tables are current."
                ]
            )
        is_built = _execute(company, definitions, REFRESH if current else BUILD, instance)
    published = current_version(company)
    if published is None or (not is_built and published == before):
        _say(_refused(company))
        return 1
    _say(summary(company, time.monotonic() - started))
    if not is_loaded:
        _say(["", "Not all sources could be loaded; their last good version is published:"])
        _say(_problems(company))
    if published.report_problem:
        _say(["", f"The report could not be made of the tables: {published.report_problem}"])
    return 0 if is_built else 1


def _unless_disk_is_full(company: Company, work: Callable[[], int]) -> int:
    """What the work returns; 1 where not even the history of runs could be written to.

    A step that meets a full disk fails, and its run tells so. Here there is no run to tell.
    """
    try:
        return work()
    except Exception as error:
        if not is_disk_full(error):
            raise
        _say([f"{DISK_FULL} ({error})"])
        _tell(partial(tell_of_full_disk, company))
        return 1


def maintain_in_terminal(company: Company) -> int:
    """Compact the lake and clean its logs; 1 where that failed.

    Raises TerminalBusy as a run does.
    """
    definitions = definitions_of(company, read_project(company))
    with _at_work(company), dg.DagsterInstance.get() as instance:
        return 0 if _execute(company, definitions, MAINTAIN, instance) else 1


def migrate_in_terminal() -> int:
    """Bring what is kept of runs to the form that this version of Dagster has."""
    with dg.DagsterInstance.get() as instance:
        instance.upgrade(lambda line: _say([line]))
        instance.reindex(lambda line: _say([line]))
    _say(["Dagster's history has the form of this version."])
    return 0


def forget_in_terminal(company: Company, addresses: Sequence[str], *, is_sure: bool) -> int:
    """Forget people, and build and publish without them; 0 where nothing of them is left.

    Raises NotAnAddress where one is no address, TerminalBusy as a run does.
    """
    definitions = definitions_of(company, read_project(company))

    def build() -> bool:
        with dg.DagsterInstance.get() as instance:
            return _execute(company, definitions, BUILD, instance)

    hooks = Hooks(lambda line: _say([line]), lambda: is_sure or _is_confirmed(), build)
    with _at_work(company):
        return 0 if forget(company, check_addresses(addresses), hooks) else 1


@contextmanager
def _at_work(company: Company) -> Iterator[None]:
    with hold_terminal(company.data), hold_turn(company.data, lambda line: _say([line])):
        yield


def _is_confirmed() -> bool:
    if not sys.stdin.isatty():
        _say(["Nobody is here to confirm this: with --yes (in make: YES=1) it is done unasked."])
        return False
    _say(["This can't be undone, and rebuilds and earlier published versions go too."])
    return input("Type `forget` to go on: ").strip() == "forget"


def _execute(
    company: Company, definitions: dg.Definitions, job: str, instance: dg.DagsterInstance
) -> bool:
    result = definitions.resolve_job_def(job).execute_in_process(
        instance=instance, raise_on_error=False, tags={STARTED_BY: TERMINAL}
    )
    run = result.dagster_run
    if result.success:
        _tell(lambda: tell_of_red_checks(company, instance, run))
    else:
        _tell(lambda: tell_of_failure(company, instance, run, "see the run's log"))
    return result.success


def _tell(tell: Callable[[], None]) -> None:
    """Tell people what went wrong where nobody watches, as in a run that cron starts."""
    if sys.stdout.isatty():
        return
    try:
        tell()
    except AlertNotSent as error:
        _say([str(error)])


def _without(company: Company) -> Iterable[str]:
    failed = sorted(failed_sources(company))
    if failed:
        yield f"Not loaded: {', '.join(failed)}; going on without what is new there."


def _refused(company: Company) -> Iterable[str]:
    present = current_version(company)
    yield ""
    yield "Nothing was published: see the errors above, mend them and run again."
    yield from _problems(company)
    if present:
        yield f"What was published at {present.published_at[:16]} UTC still stands."


def _problems(company: Company) -> Iterable[str]:
    for source, told in problems(company).items():
        yield from (f"  {source}: {line}" for line in told.splitlines())


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
