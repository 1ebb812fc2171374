"""Bulk 2.0: a query that the server answers as a job, whose results are CSV.

A job is named in the cursor before it is waited for, and with each page the mark of the next: a run
that is cut off goes on with the same job, which the server keeps for seven days. A job that failed,
and one that was read to its end, is deleted.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from connectors.errors import PermanentError, TransientError
from connectors.http import Refused
from connectors.salesforce.errors import Shortfall
from connectors.salesforce.org import Org
from connectors.salesforce.records import of_csv

Wait = Callable[[float], None]
"""Waits so many seconds."""

_log = logging.getLogger(__name__)
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0
_LONGEST_JOB: Final = 4 * 3600.0
_LARGEST_PAGE: Final = 10_000
_SMALLEST_PAGE: Final = 1_000
# So many values fit in memory well, whatever they are.
_VALUES_A_PAGE: Final = 250_000
_COMPLETE: Final = "JobComplete"
_ENDED: Final = frozenset({"Failed", "Aborted", _COMPLETE})
# Reasons for which REST would be refused too.
_FOR_ALL: Final = frozenset({"REQUEST_LIMIT_EXCEEDED", "INVALID_SESSION_ID"})


class BulkRefused(Exception):
    """The Bulk API does not do this query; asking again is of no use."""


class JobFailed(Exception):
    """A job came to no good end, or is gone; another one may."""


@dataclass(frozen=True)
class Step:
    """What a job brought: a page's values, the mark of the page after, and how many came so far.

    `values` is None for the first step of a job, at which there is nothing but its id. `total` is
    how many records the job has, None as long as it runs.
    """

    job: str
    values: pa.Table | None
    locator: str | None
    landed: int
    total: int | None


def read_by_job(org: Org, soql: str, fields: int, wait: Wait) -> Iterator[Step]:
    """Start a job for a query and read it. `fields`: how many it asks for.

    Raises BulkRefused and JobFailed, and what the requests raise.
    """
    try:
        job = org.create_job(soql)
    except Refused as error:
        if error.code in _FOR_ALL:
            raise
        raise BulkRefused(str(error)) from error
    yield Step(job, None, None, 0, None)
    yield from read_job(org, job, fields, wait)


def read_job(
    org: Org, job: str, fields: int, wait: Wait, *, locator: str | None = None, landed: int = 0
) -> Iterator[Step]:
    """Wait for a job and read its results from `locator` on, before which `landed` records came.

    Raises JobFailed, TransientError where fewer records come than were announced, and what the
    requests raise.
    """
    total = _completed(org, job, wait)
    most = max(_SMALLEST_PAGE, min(_LARGEST_PAGE, _VALUES_A_PAGE // fields))
    while landed < total:
        try:
            page = org.job_page(job, locator, most)
        except Refused as error:
            raise _lost(org, job, error) from error
        values = of_csv(page.body, page.where)
        if len(values) != page.records:
            raise TransientError(
                f"a page of results has {len(values):,} records, and the server announced "
                f"{page.records:,}",
                where=page.where,
                fix="The page is asked for again at the next try",
            )
        landed, locator = landed + len(values), page.locator
        yield Step(job, values, locator, landed, total)
        if locator is None:
            break
    discard(org, job)
    if landed != total:
        raise Shortfall("a Bulk job", landed, total, where=f"Bulk job {job}")


def discard(org: Org, job: str) -> None:
    """Delete a job. That it can't be is only said: the server forgets it after seven days."""
    try:
        org.delete_job(job)
    except (PermanentError, TransientError) as error:
        _log.warning("Bulk job %s could not be deleted: %s", job, error)


def _completed(org: Org, job: str, wait: Wait) -> int:
    """Wait until a job is complete; how many records it has."""
    waited, pause = 0.0, _FIRST_WAIT
    while True:
        try:
            found = org.job_state(job)
        except Refused as error:
            raise _lost(org, job, error) from error
        if found.state == _COMPLETE and found.records is not None:
            return found.records
        if found.state in _ENDED:
            discard(org, job)
            raise JobFailed(f"it ended as {found.state}: {found.problem or 'no reason given'}")
        if waited >= _LONGEST_JOB:
            org.abort_job(job)
            discard(org, job)
            raise JobFailed(f"it is {found.state} after {waited / 3600:.0f} hours")
        wait(pause)
        waited, pause = waited + pause, min(pause * 2, _LONGEST_WAIT)


def _lost(org: Org, job: str, error: Refused) -> Exception:
    """What an error at a job means: for every request, or for this job alone."""
    if error.code in _FOR_ALL:
        return error
    discard(org, job)
    return JobFailed(str(error))
